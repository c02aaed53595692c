"""Which socket tables of one host are of one network namespace.

Each namespace has addresses and loopback connections of its own; a host with containers has
several. Tables of one namespace share its addresses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from hangscope.facts import HostFacts, SocketTable, TcpState
from hangscope.interpret.hosts import Host
from hangscope.interpret.snapshots import host_sockets
from hangscope.interpret.sockets import is_loopback
from hangscope.knowledge import Knowledge

_Addresses = tuple[frozenset[str], frozenset[str]]
"""Own addresses of IPv4 and of IPv6, but for loopback."""


def hosts_of(facts: HostFacts, knowledge: Knowledge, ports: AbstractSet[int]) -> tuple[Host, ...]:
    """The host, or each of its network namespaces, named after the first table that shows it."""
    translations = tuple(
        one for table in facts.translations for one in table.translations if one.is_translated
    )
    processes = tuple(facts.processes)
    if not facts.tables:
        return (Host(facts.name, None, processes, translations),)
    groups = namespaces(facts.tables)
    sockets = [host_sockets(tables, knowledge, ports, facts.dumps) for tables in groups]
    if len(groups) == 1:
        return (Host(facts.name, sockets[0], processes, translations),)
    first = [of.tables[0].evidence for of in sockets]
    alike = len({evidence.input for evidence in first}) < len(first)
    names = (f"the network of {evidence if alike else evidence.input}" for evidence in first)
    return tuple(
        Host(", ".join(filter(None, (facts.name, name))), of, processes, translations)
        for name, of in zip(names, sockets, strict=True)
    )


def namespaces(tables: Sequence[SocketTable]) -> tuple[tuple[SocketTable, ...], ...]:
    """``tables`` by network namespace, in the order given; unless they differ, they are of one."""
    if len(tables) < 2:  # noqa: PLR2004 - one is of one
        return (tuple(tables),)
    groups: list[list[tuple[SocketTable, _Addresses]]] = []
    for table in tables:
        addresses = _addresses(table)
        fitting = [g for g in groups if not any(_differ(addresses, other) for _, other in g)]
        shared = [g for g in fitting if any(_share(addresses, other) for _, other in g)]
        (shared or fitting or _another(groups))[0].append((table, addresses))
    return tuple(tuple(table for table, _ in group) for group in groups)


def _another(
    groups: list[list[tuple[SocketTable, _Addresses]]],
) -> list[list[tuple[SocketTable, _Addresses]]]:
    groups.append([])
    return groups[-1:]


def _addresses(table: SocketTable) -> _Addresses:
    """Empty for a table without listeners: a filtered one shows some of the addresses only."""
    own: set[str] = set()
    listens = False
    for socket in table.sockets:
        listens = listens or socket.state is TcpState.LISTEN
        if not socket.local.is_wildcard and not is_loopback(socket.local.address):
            own.add(socket.local.address)
    if not listens:
        return frozenset(), frozenset()
    return frozenset(a for a in own if ":" not in a), frozenset(a for a in own if ":" in a)


def _differ(one: _Addresses, other: _Addresses) -> bool:
    both = tuple(_in_both(one, other))
    return bool(both) and all(mine.isdisjoint(theirs) for mine, theirs in both)


def _share(one: _Addresses, other: _Addresses) -> bool:
    return any(not mine.isdisjoint(theirs) for mine, theirs in _in_both(one, other))


def _in_both(one: _Addresses, other: _Addresses) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """The addresses of each family in which both have some."""
    for mine, theirs in zip(one, other, strict=True):
        if mine and theirs:
            yield mine, theirs
