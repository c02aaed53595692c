"""Wrappings of one JSON object a line: Docker's files, ``journalctl -o json``, log shippers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from hangscope.readers.content.encodings import UTF_8
from hangscope.readers.interface import Batch
from hangscope.readers.wrappings.partial_lines import PartialLines
from hangscope.readers.wrappings.wrapping import Carrier, Tagged

_FIELDS: Final = (
    "log",
    "MESSAGE",
    "message",
    "msg",
    "@message",
    "textPayload",
    "line",
    "body",
    "text",
    "event",
)
"""Where the text stands, the most telling first."""
_UNIT_FIELDS: Final = ("hostname", "host", "pod", "pod_name", "container_name", "container_id")
_PLACES: Final = ("namespace_name", "pod_name", "container_name")
_DECODER: Final = json.JSONDecoder()
_DOCKER: Final = re.compile(r'\{"log": ?"')
_AFTER_LOG: Final = re.compile(r', ?"stream": ?"[a-z]{1,10}", ?"time": ?"')
_REMEMBERED: Final = 20_000
"""Texts kept, of logs that do not repeat themselves."""
_PARTS_OF_DOCKER: Final = {"stream", "time"}


class Records:
    """Lines that are JSON objects with the text in ``field``."""

    def __init__(self, field: str, record: Mapping[str, Any]) -> None:
        self._field = field
        self._partial: dict[str, PartialLines] = {}
        self._head = ""
        self._known: dict[str, str] = {}
        """Texts of Docker's lines by what they start with: dumps repeat themselves."""
        self._is_of_docker = _is_of_docker(record) and field == "log"
        unit = _unit(record)
        name = {"MESSAGE": "journald-json"}.get(
            field, "docker-json-file" if _is_of_docker(record) else "json-lines"
        )
        maker = {
            "journald-json": "an object of journald",
            "docker-json-file": "an object of Docker's log",
        }.get(name, "a JSON object")
        told = f" ({unit})" if unit else ""
        self.carrier = Carrier(name, f"each line is in the field {field} of {maker}{told}")

    @staticmethod
    def of(line: str) -> list[Records]:
        """The wrapping that ``line`` may be in."""
        record = _record(line)
        if record is None:
            return []
        return [Records(field, record) for field in _FIELDS if _text(record, field) is not None]

    def text(self, line: str) -> str | None:
        """What is wrapped in ``line``; None if it is not wrapped."""
        record = _record(line)
        return None if record is None else _text(record, self._field)

    def unwrap(self, batch: Batch) -> Iterable[Tagged]:
        """The lines in the field, by unit; a line that is no such object is of no unit."""
        texts = self._plain_docker(batch.texts)
        if texts is not None:
            return [Tagged("", Batch(batch.numbers, texts))]
        for number, line, record in zip(
            batch.numbers, batch.texts, _records(batch.texts), strict=True
        ):
            text = None if record is None else _text(record, self._field)
            if record is None or text is None:
                self._of("").add("", number, line, is_whole=True)
                continue
            partial = self._of(_unit(record))
            source = str(record.get("stream", ""))
            *whole, last = text.split("\n")
            for one in whole:
                partial.add(source, number, one.removesuffix("\r"), is_whole=True)
            if last or not whole:
                partial.add(source, number, last, is_whole=not _goes_on(record))
        return [
            Tagged(unit, taken)
            for unit, partial in self._partial.items()
            if (taken := partial.taken()).texts
        ]

    def rest(self) -> Iterable[Tagged]:
        """Last lines whose ends are missing."""
        return [Tagged(unit, partial.rest()) for unit, partial in self._partial.items()]

    def _plain_docker(self, lines: list[str]) -> list[str] | None:
        """The texts of Docker's lines if each record is one whole line of one source."""
        start = _DOCKER.match(lines[0]) if self._is_of_docker else None
        if start is None or any(not partial.is_empty for partial in self._partial.values()):
            return None
        head, after = start[0], _after_log(lines[0], start.end() - 1)
        if head != self._head:
            self._head = head
            self._known.clear()
        known, texts = self._known, []
        for line in lines:
            end = line.rfind(after)
            text = known.get(line[:end]) if end >= 0 else None
            if text is None:
                text = self._plain_text(line, after)
                if text is None:
                    return None
            texts.append(text)
        return texts

    def _plain_text(self, line: str, after: str) -> str | None:
        """The text of a line like those before it; told by all that stands before ``after``."""
        if not line.startswith(self._head):
            return None
        try:
            text, end = _DECODER.raw_decode(line, len(self._head) - 1)
        except ValueError:
            return None
        if text[-1:] != "\n" or text.count("\n") > 1 or not line.startswith(after, end):
            return None
        text = text[:-1] if text.isascii() else _sound(text[:-1])
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[line[:end]] = text
        return text

    def _of(self, unit: str) -> PartialLines:
        found = self._partial.get(unit)
        if found is None:
            found = self._partial[unit] = PartialLines()
        return found


def _after_log(line: str, place: int) -> str:
    """What follows the text at ``place`` in a line of Docker's, up to its time."""
    try:
        _, end = _DECODER.raw_decode(line, place)
    except ValueError:
        return "\n"
    found = _AFTER_LOG.match(line, end)
    return found[0] if found else "\n"


def _records(lines: list[str]) -> list[dict[str, Any] | None]:
    """The object of each line; parsed at one go where all lines are objects."""
    try:
        found = json.loads(f"[{','.join(lines)}]")
    except (ValueError, RecursionError):
        found = []
    if len(found) == len(lines) and all(isinstance(one, dict) for one in found):
        return found  # type: ignore[no-any-return]
    return [_record(line) for line in lines]


def _record(line: str) -> dict[str, Any] | None:
    if not line.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _text(record: Mapping[str, Any], field: str) -> str | None:
    found = record.get(field)
    if isinstance(found, list):  # journald: bytes that are not UTF-8, or too many
        try:
            return UTF_8.decode(bytes(found))
        except (ValueError, TypeError):
            return None
    if not isinstance(found, str):
        return None
    return found if found.isascii() else _sound(found)


def _sound(text: str) -> str:
    """``text`` without halves of pairs of surrogates, which JSON may hold."""
    return text.encode("utf-8", "backslashreplace").decode()


def _is_of_docker(record: Mapping[str, Any]) -> bool:
    return "log" in record and record.keys() >= _PARTS_OF_DOCKER


def _goes_on(record: Mapping[str, Any]) -> bool:
    """Whether the next record of the source has the rest of the line."""
    if "logtag" in record:
        return bool(record["logtag"] == "P")
    return _is_of_docker(record)


def _unit(record: Mapping[str, Any]) -> str:
    if "MESSAGE" in record:
        name = record.get("SYSLOG_IDENTIFIER") or record.get("_COMM") or ""
        return f"{record.get('_HOSTNAME', '')} {name}[{record.get('_PID', '')}]".strip()
    place = record.get("kubernetes")
    if isinstance(place, dict):
        return " ".join(str(place[key]) for key in _PLACES if key in place)
    for key in _UNIT_FIELDS:
        if isinstance(record.get(key), str):
            return str(record[key])
    return ""
