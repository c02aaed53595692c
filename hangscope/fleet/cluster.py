"""Work done by the workers of a Dask cluster that is there already.

The cluster gives what a dead worker had to another one, results included that nobody had fetched.
Scheduler and workers need hangscope, and workers to see the bundles at the same paths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

from hangscope.fleet.engine import Lost, R, T

if TYPE_CHECKING:
    from distributed import Client, Future

_AHEAD: Final = 2
"""Things that are handed out for each thread of the cluster."""
_ANSWER_S: Final = 10
_DIED: Final = Lost("each worker of the cluster that read it died, as when memory runs out")


class NoCluster(Exception):  # noqa: N818 - told to people as it stands
    """There is no cluster to use; the message says what to do."""


def on_cluster(
    work: Callable[[T], R], things: Iterable[T], *, scheduler: str | None
) -> Iterator[tuple[int, R | Lost]]:
    """Do it on the cluster of ``scheduler``, by default of the one that Dask is set to use.

    Raises:
        NoCluster: Dask is not installed, or no scheduler is told or answers.
    """
    with _client(scheduler) as client:
        yield from _done_by(client, work, things)


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


def _done_by(
    client: Client, work: Callable[[T], R], things: Iterable[T]
) -> Iterator[tuple[int, R | Lost]]:
    """Few are handed out at once, so that results do not pile up in the cluster."""
    from distributed import KilledWorker, as_completed

    def handed_out() -> Iterator[Future]:
        for number, thing in enumerate(things):
            future = client.submit(work, thing, pure=False)
            numbers[future.key] = number
            yield future

    numbers: dict[object, int] = {}
    futures = handed_out()
    ahead = _AHEAD * max(sum(client.nthreads().values()), 1)
    completed = as_completed(list(islice(futures, ahead)), loop=client.loop)
    for future in completed:
        number = numbers.pop(future.key)
        try:
            result: R | Lost = future.result()
        except KilledWorker:
            result = _DIED
        except MemoryError:
            result = Lost("there is not enough memory to read it")
        except (ImportError, RuntimeError) as error:
            missing = error if isinstance(error, ImportError) else error.__cause__
            if not isinstance(missing, ImportError):
                raise
            raise NoCluster(
                f"hangscope must be installed where the scheduler and the workers run: {missing}"
            ) from error
        future.release()
        yield number, result
        for another in islice(futures, 1):
            completed.add(another)
