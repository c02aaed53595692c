"""Rounds: what looks like several hosts and is one, captured several times.

One JVM is on one host. Folders that hold dumps of the same run of it are rounds of one capture;
taken for several hosts, a thread that moved from one round to the next would look stuck in each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from heapq import nsmallest
from operator import itemgetter

from hangscope.facts import HostFacts, ThreadDump
from hangscope.interpret.identity import same_run

Mark = tuple[int, int | None]
_MARKS = 20
"""Threads that are looked at to tell which dumps may be of one JVM."""


def joined(
    hosts: Sequence[HostFacts], *, among_others: bool = False
) -> tuple[tuple[HostFacts, ...], Mapping[str, str]]:
    """The hosts, rounds of one being one, and the new name of each that was given.

    A host has the name of its first round, and none if it is the only one; ``among_others`` says
    that there are more than these.
    """
    if len(hosts) == 1:
        return tuple(hosts), {hosts[0].name: hosts[0].name}
    same = _same(hosts)
    firsts = sorted(set(same))
    alone = len(firsts) == 1 and not among_others
    made = tuple(
        replace(
            _sum([host for host, first in zip(hosts, same, strict=True) if first == at]),
            name="" if alone else hosts[at].name,
        )
        for at in firsts
    )
    names = {
        host.name: "" if alone else hosts[at].name for host, at in zip(hosts, same, strict=True)
    }
    return made, names


def _same(hosts: Sequence[HostFacts]) -> list[int]:
    """For each host the place of the first one that is the same."""
    same = list(range(len(hosts)))
    seen: dict[Mark, list[tuple[int, ThreadDump]]] = {}
    for at, host in enumerate(hosts):
        for dump in host.dumps:
            marks = eldest(dump)
            known = {id(d): (place, d) for mark in marks for place, d in seen.get(mark, ())}
            for place, other in known.values():
                if same[at] != same[place] and same_run(other, dump):
                    first, later = sorted((same[at], same[place]))
                    same = [first if one == later else one for one in same]
            for mark in marks:
                seen.setdefault(mark, []).append((at, dump))
    return same


def eldest(dump: ThreadDump) -> set[Mark]:
    """Marks of the first threads of the JVM, which live as long as it does."""
    known = ((t.id, t.tid, t.nid) for t in dump.threads if t.id is not None and t.tid is not None)
    return {(tid, nid) for _, tid, nid in nsmallest(_MARKS, known, key=itemgetter(0))}


def _sum(hosts: Sequence[HostFacts]) -> HostFacts:
    return HostFacts(
        hosts[0].name,
        tuple(dump for host in hosts for dump in host.dumps),
        tuple(table for host in hosts for table in host.tables),
        tuple(process for host in hosts for process in host.processes),
        tuple(table for host in hosts for table in host.translations),
    )
