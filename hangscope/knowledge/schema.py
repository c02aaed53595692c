"""What an entry of a data file may and must say, and clear words for one that says it wrongly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from hangscope.knowledge.patterns import PatternError, check
from hangscope.knowledge.profile import Activity, Phase, Purpose, Role

RULE_FIELDS = ("top", "near", "any", "all", "none", "io")
"""The fields of a frame rule, in the order of ``FrameRule``."""

ACTIVITIES = {
    "idle": Activity.IDLE,
    "accepting": Activity.ACCEPTING,
    "polling": Activity.POLLING,
    "inbound": Activity.INBOUND_IO,
}
"""What ``is`` of an activity entry may be."""

_POSITIVE = ("top", "near", "any", "all")
_GROUPS = frozenset({"pool", "pool2", "port", "address", "address2"})


class KnowledgeError(ValueError):
    """A data file that cannot be used; the message names file, entry and field."""


class Field(NamedTuple):
    """What a field of an entry must be."""

    type: str
    required: bool = False
    choices: tuple[str, ...] = ()


def _choice(*choices: str) -> Field:
    return Field("text", required=True, choices=choices)


_TEXT = Field("text")
_TEXTS = Field("texts")
_FRAMES = Field("frames")
_NEEDED_TEXT = Field("text", required=True)
_NEEDED_FRAMES = Field("frames", required=True)
_ROLE = _choice(*(role.value for role in Role))
_RULE = {name: _TEXTS if name == "io" else _FRAMES for name in RULE_FIELDS}
_SOURCE = Field("texts", required=True)

FIELDS: dict[str, dict[str, Field]] = {
    "pool": {
        "name": Field("regex", required=True),
        "role": _ROLE,
        "starts": _TEXTS,
        "server": _TEXT,
        "size_key": _TEXT,
        "default_max": Field("number"),
        "by_stack": Field("flag"),
        "self_tuning": Field("flag"),
        "with_acceptor": Field("flag"),
        "frames": _FRAMES,
        "examples": _TEXTS,
        "misses": _TEXTS,
    },
    "base": {"frames": _NEEDED_FRAMES, "role": _ROLE, "server": _TEXT},
    "request": {"frames": _NEEDED_FRAMES, "server": _NEEDED_TEXT},
    "task": {"frames": _NEEDED_FRAMES, "runs": _choice("executor", "forkjoin")},
    "holds": {"frames": _NEEDED_FRAMES},
    "sign": {"frames": _NEEDED_FRAMES},
    "native": {"names": Field("texts", required=True)},
    "transaction": {"frames": _NEEDED_FRAMES},
    "plumbing": {"frames": _NEEDED_FRAMES},
    "activity": {
        "is": _choice(*ACTIVITIES),
        "op": Field("text", choices=("read", "write")),
        **_RULE,
    },
    "wait": {
        "kind": _NEEDED_TEXT,
        "phase": _choice(*(phase.value for phase in Phase)),
        "library": _NEEDED_TEXT,
        "who": _choice("peer", "io-thread", "holders"),
        "ports": Field("numbers"),
        "timeout": _TEXT,
        "size": _TEXT,
        "borrow": _FRAMES,
        **_RULE,
    },
    "primitive": {"frames": _NEEDED_FRAMES, "final": Field("flag")},
    "socket": {"op": _NEEDED_TEXT, "timed": _choice("yes", "no", "unknown"), **_RULE},
    "purpose": {
        "is": _choice(*(purpose.value for purpose in Purpose)),
        "frames": _NEEDED_FRAMES,
    },
    "code": {
        "kind": _choice("platform", "library", "application", "shaded"),
        "prefixes": Field("texts", required=True),
    },
    "rename": {"strip": Field("regex", required=True), "examples": _TEXTS},
    "service": {"names": Field("ports by name", required=True)},
    "proxy": {"name": _NEEDED_TEXT, "commands": Field("texts", required=True)},
    "protocol": {
        "kind": _NEEDED_TEXT,
        "ports": Field("numbers", required=True),
        "own_servers": Field("flag"),
    },
}
"""Every kind of entry and its fields; ``source`` belongs to all of them."""


def check_entry(where: str, kind: str, values: Any, *, compile_names: bool) -> dict[str, Any]:
    """The fields of one entry, once they are found to be right.

    Args:
        where: File and entry, for the message.
        kind: A key of ``FIELDS``.
        values: What the file says.
        compile_names: Whether to compile regular expressions too; the built-in ones are tested.

    Raises:
        KnowledgeError: A field is unknown, missing or wrong.
    """
    if not isinstance(values, dict):
        raise KnowledgeError(f"{where}: must be a table")
    fields = FIELDS[kind]
    for name, value in values.items():
        field = _SOURCE if name == "source" else fields.get(name)
        if field is None:
            known = ", ".join((*fields, "source"))
            raise KnowledgeError(f"{where}: {name}: no such field; there are {known}")
        problem = _problem(field, value, compile_names=compile_names)
        if problem:
            raise KnowledgeError(f"{where}: {name}: {problem}")
    _check_complete(where, fields, values)
    if compile_names and kind == "pool":
        _check_examples(where, values)
    return values


def _check_complete(where: str, fields: Mapping[str, Field], values: Mapping[str, Any]) -> None:
    if not values.get("source"):
        raise KnowledgeError(f"{where}: source: is missing: where was this read?")
    for name, field in fields.items():
        if field.required and not values.get(name):
            raise KnowledgeError(f"{where}: {name}: is missing")
    if "top" in fields and not any(values.get(name) for name in _POSITIVE):
        raise KnowledgeError(f"{where}: one of {', '.join(_POSITIVE)} is needed")


def _check_examples(where: str, values: Mapping[str, Any]) -> None:
    name, starts = re.compile(values["name"], re.DOTALL), tuple(values.get("starts", ("",)))
    for field, wanted in (("examples", True), ("misses", False)):
        for text in values.get(field, ()):
            if (name.fullmatch(text) is not None and text.startswith(starts)) is not wanted:
                how = "is not matched" if wanted else "is matched"
                raise KnowledgeError(f"{where}: {field}: {text!r} {how} by name and starts")


def _problem(field: Field, value: Any, *, compile_names: bool) -> str | None:
    wrong = _wrong_type(field.type, value)
    if wrong:
        return wrong
    if field.choices and value not in field.choices:
        return f"{value!r} is none of {', '.join(field.choices)}"
    if field.type == "frames":
        return next((why for pattern in value if (why := _frame_problem(pattern))), None)
    if field.type == "regex" and compile_names:
        return _regex_problem(value)
    return None


def _wrong_type(expected: str, value: Any) -> str | None:
    match expected:
        case "text" | "regex":
            return None if isinstance(value, str) else "must be a string"
        case "texts" | "frames":
            return None if _all_of(value, str) else "must be a list of strings"
        case "numbers":
            return None if _all_of(value, int) else "must be a list of numbers"
        case "number":
            return None if type(value) is int else "must be a number"
        case "flag":
            return None if isinstance(value, bool) else "must be true or false"
    named = isinstance(value, dict) and _all_of([*value.values()], int)
    return None if named else "must be a table of numbers"


def _all_of(value: Any, of: type) -> bool:
    return isinstance(value, list) and all(type(item) is of for item in value)


def _frame_problem(pattern: str) -> str | None:
    try:
        check(pattern)
    except PatternError as error:
        return str(error)
    return None


def _regex_problem(text: str) -> str | None:
    try:
        compiled = re.compile(text)
    except re.error as error:
        return f"is no regular expression: {error}"
    unknown = compiled.groupindex.keys() - _GROUPS
    if unknown:
        return f"has the unknown group {min(unknown)!r}; there are {', '.join(sorted(_GROUPS))}"
    return None
