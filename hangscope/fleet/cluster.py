"""Bundles read by the workers of a Dask cluster that is there already.

The cluster gives what a dead worker had to another one; a result that it had and nobody fetched is
made again. Workers need hangscope, and to see the bundles at the same paths.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from hangscope.fleet.bundle import Bundle, Read, lost, read_bundle

if TYPE_CHECKING:
    from distributed import Client

_AHEAD: Final = 2
"""Bundles that are handed out for each thread of the cluster."""
_ANSWER_S: Final = 10
_DIED: Final = (
    "every worker of the cluster that read this bundle died, as when memory runs out; nothing of it"
    " was read"
)


class NoCluster(Exception):  # noqa: N818 - told to people as it stands
    """There is no cluster to use; the message says what to do."""


def on_cluster(bundles: Sequence[Bundle], scheduler: str | None) -> Iterator[Read]:
    """Read the bundles on the cluster of ``scheduler``, by default of the one Dask is set to use.

    Raises:
        NoCluster: Dask is not installed, or no scheduler is told or answers.
    """
    with _client(scheduler) as client:
        yield from _read_by(client, bundles)


def _client(scheduler: str | None) -> Client:
    try:
        import dask
        from distributed import Client
    except ImportError as error:
        raise NoCluster("--engine dask needs Dask: pip install 'hangscope[fleet]'") from error
    address = scheduler or dask.config.get("scheduler-address", None)
    if address is None:
        raise NoCluster(
            "--engine dask: on which cluster? Give --scheduler ADDRESS, or set"
            " DASK_SCHEDULER_ADDRESS"
        )
    try:
        return Client(address, timeout=_ANSWER_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise NoCluster(f"{address}: no Dask scheduler answers there") from error


def _read_by(client: Client, bundles: Sequence[Bundle]) -> Iterator[Read]:
    """Few are handed out at once, so that results do not pile up in the cluster."""
    from distributed import KilledWorker, as_completed

    def handed_out() -> Iterator[object]:
        for number, bundle in enumerate(bundles):
            future = client.submit(read_bundle, bundle, pure=False)
            numbers[future.key] = number
            yield future

    numbers: dict[str, int] = {}
    futures = handed_out()
    ahead = _AHEAD * max(sum(client.nthreads().values()), 1)
    completed = as_completed(list(islice(futures, ahead)))
    for future in completed:
        number = numbers.pop(future.key)
        try:
            reading = future.result()
        except (KilledWorker, MemoryError):
            reading = lost(bundles[number], _DIED)
        future.release()
        yield number, reading
        for another in islice(futures, 1):
            completed.add(another)
