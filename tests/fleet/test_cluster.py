"""A real Dask cluster on this machine: a scheduler and two workers, one of which is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from hangscope.fleet.bundle import Bundle, Digest, read_bundle
from hangscope.fleet.cluster import NoCluster, on_cluster
from hangscope.fleet.correlating import correlate_fleet
from hangscope.fleet.engine import Engine, here
from hangscope.report import render
from tests.fleet.bundles import CIRCLE, CREATED, fleet, slowly

pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.xdist_group("dask"),
    # Dask's own threads and sockets end when they like.
    pytest.mark.filterwarnings("ignore"),
]
ROOT = Path(__file__).resolve().parents[2]
_HOST = ("--host", "127.0.0.1", "--no-dashboard")


class Cluster:
    """Processes of a cluster; ``address`` is its scheduler's."""

    def __init__(self, folder: Path, resources: ExitStack) -> None:
        self._folder = folder
        self._resources = resources
        place = folder / "scheduler.json"
        self._start("scheduler", *_HOST, "--port", "0", "--scheduler-file", str(place))
        self.workers = [
            self._start(
                "worker", *_HOST, "--no-nanny", "--nthreads", "1", "--scheduler-file", str(place)
            )
            for _ in range(2)
        ]
        self.address = _address(place)

    def _start(self, kind: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "distributed.cli.dask_" + kind, *arguments]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        if kind == "worker":
            command += ["--local-directory", str(self._folder)]
        log = self._resources.enter_context((self._folder / f"{kind}.log").open("ab"))
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        self._resources.callback(process.wait)
        self._resources.callback(process.kill)
        return process

    def ready(self) -> None:
        from distributed import Client

        with Client(self.address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)


def _address(place: Path) -> str:
    import json

    for _ in range(600):
        try:
            return str(json.loads(place.read_text())["address"])
        except (OSError, ValueError):
            time.sleep(0.1)
    raise AssertionError("the scheduler did not start")


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    with ExitStack() as resources:
        made = Cluster(folder, resources)
        made.ready()
        yield made


def test_a_worker_that_dies_half_way_loses_nothing_and_nothing_comes_twice(tmp_path: Path) -> None:
    of = [CIRCLE / name for name in "abc"] * 20
    bundles = [Bundle(str(number), (path,), ROOT) for number, path in enumerate(of)]
    came: list[int] = []
    with cluster(tmp_path) as running:
        for number, found in on_cluster(slowly, bundles, scheduler=running.address):
            came.append(number)
            assert isinstance(found, Digest)
            assert found.reading.name == str(number)
            if len(came) == len(bundles) // 2:
                running.workers[0].kill()
    assert sorted(came) == list(range(len(bundles)))


def test_a_cluster_says_what_this_process_says(tmp_path: Path) -> None:
    bundles = fleet(tmp_path)

    def text(engine: Engine) -> str:
        with ExitStack() as resources:
            told = correlate_fleet(bundles, engine, own=(), created=CREATED, resources=resources)
        return render(told.document, "json", width=None, color=False, unicode=True)

    (tmp_path / "cluster").mkdir()
    with cluster(tmp_path / "cluster") as running:
        told = text(cast("Engine", partial(on_cluster, scheduler=running.address)))
        command = [sys.executable, "-m", "hangscope", "correlate", "--engine", "dask"]
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "DASK_SCHEDULER_ADDRESS": running.address,
        }
        done = subprocess.run(
            [*command, *(str(CIRCLE / name) for name in "abc")],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    assert told == text(here)
    assert "mutual-call-deadlock" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_cluster_that_is_not_told_or_not_there_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import dask

    monkeypatch.setattr("hangscope.fleet.cluster._ANSWER_S", 1)
    with dask.config.set({"scheduler-address": None}), pytest.raises(NoCluster, match="which"):
        list(on_cluster(read_bundle, [], scheduler=None))
    with pytest.raises(NoCluster, match="no Dask scheduler answers"):
        list(on_cluster(read_bundle, [], scheduler="tcp://127.0.0.1:9"))
