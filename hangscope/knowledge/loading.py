"""Reads data files into entries.

A file is TOML; its tables are ``[KIND.ID]`` (see ``schema``). Users' files have the same form:
their entries count before the built-in ones, and one with a built-in entry's kind and id replaces
it. Of several files the first counts first.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hangscope.knowledge.entries import (
    ActivityRule,
    Base,
    Code,
    Entries,
    FrameRule,
    Frames,
    Natives,
    PrimitiveRule,
    ProtocolPorts,
    Proxy,
    PurposeFrames,
    Rename,
    ServiceNames,
    SocketRule,
    ThreadName,
    WaitRule,
)
from hangscope.knowledge.profile import Phase, Purpose, Role, Wait
from hangscope.knowledge.schema import ACTIVITIES, FIELDS, RULE_FIELDS, KnowledgeError, check_entry

_DATA = Path(__file__).with_name("data")
_BUILT_IN = (
    "pools.toml",
    "activity.toml",
    "clients.toml",
    "connection_pools.toml",
    "primitives.toml",
    "purposes.toml",
    "ports.toml",
    "proxies.toml",
    "jvm.toml",
)


def read(*extra: Path) -> Entries:
    """Read the built-in files, users' files in front of them.

    Raises:
        KnowledgeError: A file cannot be read, or an entry of it cannot be used.
    """
    reader = _Reader()
    for path in dict.fromkeys(extra):
        reader.add(str(path), _text(path), built_in=False)
    for name in _BUILT_IN:
        reader.add(name, _text(_DATA / name), built_in=True)
    return reader.entries


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise KnowledgeError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        message = f"{path}: is not UTF-8: {error.reason} at byte {error.start}"
        raise KnowledgeError(message) from error


class _Reader:
    """Collects the entries of several files and keeps their ids apart."""

    def __init__(self) -> None:
        self.entries = Entries()
        self._where: dict[str, str] = {}
        self._users: set[tuple[str, str]] = set()

    def add(self, name: str, text: str, *, built_in: bool) -> None:
        try:
            kinds = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise KnowledgeError(f"{name}: is not TOML: {error}") from error
        for kind, table in kinds.items():
            if kind not in FIELDS:
                known = ", ".join(FIELDS)
                raise KnowledgeError(f"{name}: {kind}: no such kind of entry; there are {known}")
            if not isinstance(table, dict):
                raise KnowledgeError(f"{name}: {kind}: must be tables [{kind}.ID]")
            for entry_id, values in table.items():
                if built_in and (kind, entry_id) in self._users:
                    continue
                if not built_in:
                    self._users.add((kind, entry_id))
                where = f"{name}: {kind}.{entry_id}"
                other = self._where.setdefault(entry_id, where)
                if other != where:
                    raise KnowledgeError(f"{other}: {where} has the same id")
                fields = check_entry(where, kind, values, compile_names=not built_in)
                self.entries.sources[entry_id] = tuple(fields["source"])
                _PUT[kind](self.entries, entry_id, fields)


def _thread_name(entry_id: str, fields: Mapping[str, Any]) -> ThreadName:
    return ThreadName(
        entry_id,
        fields["name"],
        Role(fields["role"]),
        starts=tuple(fields.get("starts", ())),
        server=fields.get("server"),
        size_key=fields.get("size_key"),
        default_max=fields.get("default_max"),
        by_stack=fields.get("by_stack", False),
        self_tuning=fields.get("self_tuning", False),
        with_acceptor=fields.get("with_acceptor", False),
        frames=tuple(fields.get("frames", ())),
        examples=tuple(fields.get("examples", ())),
        misses=tuple(fields.get("misses", ())),
    )


def _wait(entry_id: str, fields: Mapping[str, Any]) -> WaitRule:
    wait = Wait(
        entry_id,
        fields["kind"],
        Phase(fields["phase"]),
        fields["library"],
        fields["who"],
        tuple(fields.get("ports", ())),
        fields.get("timeout"),
        fields.get("size"),
    )
    return WaitRule(wait, _rule(fields), tuple(fields.get("borrow", ())))


def _rule(fields: Mapping[str, Any]) -> FrameRule:
    return FrameRule(*(tuple(fields.get(name, ())) for name in RULE_FIELDS))


def _frames(fields: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(fields["frames"])


_PUT: dict[str, Callable[[Entries, str, Mapping[str, Any]], None]] = {
    "pool": lambda to, i, of: to.names.append(_thread_name(i, of)),
    "base": lambda to, i, of: to.bases.append(
        Base(i, _frames(of), Role(of["role"]), of.get("server"))
    ),
    "request": lambda to, i, of: to.requests.append(Frames(i, _frames(of), server=of["server"])),
    "task": lambda to, i, of: to.tasks.append(Frames(i, _frames(of), runs=of["runs"])),
    "holds": lambda to, i, of: to.holds.append(Frames(i, _frames(of))),
    "sign": lambda to, i, of: to.signs.append(Frames(i, _frames(of))),
    "native": lambda to, i, of: to.natives.append(Natives(i, tuple(of["names"]))),
    "transaction": lambda to, i, of: to.transactions.append(Frames(i, _frames(of))),
    "plumbing": lambda to, i, of: to.plumbing.append(Frames(i, _frames(of))),
    "activity": lambda to, i, of: to.activities.append(
        ActivityRule(i, ACTIVITIES[of["is"]], _rule(of), of.get("op"))
    ),
    "wait": lambda to, i, of: to.waits.append(_wait(i, of)),
    "primitive": lambda to, i, of: to.primitives.append(
        PrimitiveRule(i, _frames(of), of.get("final", False))
    ),
    "socket": lambda to, i, of: to.sockets.append(SocketRule(i, of["op"], of["timed"], _rule(of))),
    "purpose": lambda to, i, of: to.purposes.append(
        PurposeFrames(i, Purpose(of["is"]), _frames(of))
    ),
    "code": lambda to, i, of: to.code.append(Code(i, of["kind"], tuple(of["prefixes"]))),
    "rename": lambda to, i, of: to.renames.append(
        Rename(i, of["strip"], tuple(of.get("examples", ())))
    ),
    "service": lambda to, i, of: to.services.append(ServiceNames(i, of["names"])),
    "proxy": lambda to, i, of: to.proxies.append(Proxy(i, of["name"], tuple(of["commands"]))),
    "protocol": lambda to, i, of: to.protocols.append(
        ProtocolPorts(i, of["kind"], tuple(of["ports"]), of.get("own_servers", False))
    ),
}
"""How a checked entry of each kind is kept."""
