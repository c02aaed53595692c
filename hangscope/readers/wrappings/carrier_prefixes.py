"""Wrappings that put something before each line: known ones, and one learned from a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice
from operator import methodcaller
from typing import Any, Final, NamedTuple

from hangscope.readers.interface import Batch
from hangscope.readers.syntax.derive import Derivation
from hangscope.readers.syntax.grammar import load_grammar
from hangscope.readers.wrappings.partial_lines import PartialLines
from hangscope.readers.wrappings.wrapping import Carrier, Tagged

_NAMES: Final = {
    "cri": "the container runtime",
    "pod": "kubectl logs --prefix",
    "kubernetes_time": "the times of kubectl logs or docker logs",
    "tanuki": "the Java Service Wrapper",
    "websphere": "WebSphere's SystemOut",
    "stdout_logger": "WildFly's logger of stdout",
    "syslog": "journald or syslog",
    "syslog_5424": "syslog",
    "compose": "docker compose",
    "stern": "stern",
    "quoted": "the mark of a quote",
}
"""Rules of the grammar, in its order, and what makes such lines."""


class _Rule(NamedTuple):
    expression: re.Pattern[str]
    fields: tuple[str, ...]


@cache
def _rules() -> dict[str, _Rule]:
    derivation = Derivation(load_grammar("carriers"))
    derived = (derivation.of(rule) for rule in _NAMES)
    return {one.rule: _Rule(re.compile(one.expression), one.fields) for one in derived}


class _Template:
    """The prefix of the line before: that of the next differs in its time at most.

    So most lines need no expression. It is a head and a tail that prefixes of one unit have in
    common, with a time of fixed length in between.
    """

    def __init__(self) -> None:
        self.head = self.tail = "\n"
        self.tail_at = self.length = 0

    def learn(self, line: str, length: int) -> None:
        """Take note of ``line``, whose prefix has that ``length``."""
        if line.startswith(self.head) and line.startswith(self.tail, self.tail_at):
            return
        prefix = line[:length]
        head = _common(self.head, prefix)
        tail = _common(self.tail[::-1], prefix[::-1])[::-1]
        varies = prefix[len(head) : len(prefix) - len(tail)]
        if length != self.length or not _TIME.fullmatch(varies):
            head = tail = prefix
        self.head, self.tail = head, tail
        self.tail_at, self.length = length - len(tail), length

    def texts(self, lines: Sequence[str]) -> list[str] | None:
        """The texts of all ``lines`` but the first, if all of them have such a prefix."""
        head, tail, tail_at, length = self.head, self.tail, self.tail_at, self.length
        for line in (lines[-1], lines[len(lines) // 2]):
            if not line.startswith(head) or not line.startswith(tail, tail_at):
                return None
        texts = [
            line[length:]
            for line in islice(lines, 1, None)
            if line.startswith(head) and line.startswith(tail, tail_at)
        ]
        return texts if len(texts) == len(lines) - 1 else None


def _common(one: str, other: str) -> str:
    """What both start with."""
    pairs = enumerate(zip(one, other, strict=False))
    return one[: next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))]


_REMEMBERED: Final = 1000
"""Units whose prefixes are kept."""
_TIME: Final = re.compile("[0-9:.,]*")


class Prefixed:
    """Lines of one rule of the grammar ``carriers``; each unit that it names is a stream.

    Other lines are those of the stream ``""``, or stay in their place where no unit is named.
    """

    def __init__(self, rule: str, line: str) -> None:
        self._expression, fields = _rules()[rule]
        self._text = len(fields)
        self._unit = methodcaller("group", *range(1, len(fields))) if len(fields) > 1 else None
        self._templates: dict[Any, _Template] = {}
        found = self._expression.fullmatch(line)
        unit = _joined(self._unit(found)) if found and self._unit else ""
        told = f" ({unit})" if unit and rule != "cri" else ""
        self.carrier = Carrier(
            rule.replace("_", "-"), f"each line is prefixed by {_NAMES[rule]}{told}"
        )

    @staticmethod
    def of(line: str) -> list[Prefixed]:
        """The wrappings that ``line`` may be in."""
        found = [rule for rule, (expression, _) in _rules().items() if expression.fullmatch(line)]
        return [CriLines(line) if rule == "cri" else Prefixed(rule, line) for rule in found]

    def text(self, line: str) -> str | None:
        """What is wrapped in ``line``; None if it is not wrapped."""
        found = self._expression.fullmatch(line)
        return None if found is None else found[self._text] or ""

    def unwrap(self, batch: Batch) -> Iterable[Tagged]:
        """The lines of ``batch`` without the prefix."""
        units, texts = self._split(batch.texts)
        if self._unit is None:
            return [Tagged("", Batch(batch.numbers, texts))]
        different = set(units)
        if len(different) == 1:
            return [Tagged(_joined(different.pop()), Batch(batch.numbers, texts))]
        parts: dict[Any, tuple[list[int], list[str]]] = {unit: ([], []) for unit in units}
        for number, unit, text in zip(batch.numbers, units, texts, strict=True):
            part = parts[unit]
            part[0].append(number)
            part[1].append(text)
        return [Tagged(_joined(unit), Batch(*part)) for unit, part in parts.items()]

    def rest(self) -> Iterable[Tagged]:
        """What is still to come at the end: nothing."""
        return ()

    def _split(self, lines: Sequence[str]) -> tuple[list[Any], list[str]]:
        """The units and the texts of ``lines``; a line that is not wrapped has the unit ``""``."""
        fullmatch, unit_of, templates = self._expression.fullmatch, self._unit, self._templates
        units: list[Any] = []
        texts: list[str] = []
        unit: Any = ""
        head = tail = "\n"
        tail_at = length = 0
        for line in lines:
            if line.startswith(head) and line.startswith(tail, tail_at):
                units.append(unit)
                texts.append(line[length:])
                continue
            found = fullmatch(line)
            if found is None:
                units.append("")
                texts.append(line)
                continue
            unit = unit_of(found) if unit_of else ""
            units.append(unit)
            texts.append(found[self._text] or "")
            template = templates.get(unit)
            if template is None:
                if len(templates) >= _REMEMBERED:
                    templates.clear()
                template = templates[unit] = _Template()
            if found[self._text]:
                template.learn(line, found.start(self._text))
            head, tail = template.head, template.tail
            tail_at, length = template.tail_at, template.length
            if len(texts) == 1 and (rest := template.texts(lines)) is not None:
                return [unit] * len(lines), [*texts, *rest]
        return units, texts


class CriLines(Prefixed):
    """Files of containerd and CRI-O, which cut lines of more than 16 KiB into parts.

    Kubernetes: pkg/kubelet/cri-api, "CRI log format".
    """

    def __init__(self, line: str) -> None:
        super().__init__("cri", line)
        self._partial = PartialLines()

    def unwrap(self, batch: Batch) -> Iterable[Tagged]:
        """The lines of ``batch``, their parts joined."""
        units, texts = self._split(batch.texts)
        if self._partial.is_empty and all(unit == "" or unit[1][0] == "F" for unit in set(units)):
            return [Tagged("", Batch(batch.numbers, texts))]
        partial = self._partial
        for number, unit, text in zip(batch.numbers, units, texts, strict=True):
            stream, tag = unit or ("", "F")
            partial.add(stream, number, text, is_whole=tag[0] == "F")
        return [Tagged("", partial.taken())]

    def rest(self) -> Iterable[Tagged]:
        """A last line whose end is missing."""
        return [Tagged("", self._partial.rest())]


_DIGITS: Final = re.compile(
    r"(?P<id>(?=[a-z-]*[0-9])[0-9a-f-]{8,64}(?![\w-]))|(?P<digits>[0-9]+)"
    r"|(?P<word>(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b)"
    r"|(?P<level>(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|SEVERE|NOTICE)\b)|(?P<blanks>[ \t]+)"
)
_SHAPES: Final = {
    "id": "[0-9a-fA-F-]{1,64}",
    "digits": "[0-9]+",
    "word": "[A-Z][a-z]{2}",
    "level": "[A-Z]+",
    "blanks": "[ \\t]+",
}
_LONGEST_PREFIX: Final = 300


class Learned:
    """A prefix of the same shape: digits, times and levels differ from line to line."""

    def __init__(self, prefix: str) -> None:
        self._match = re.compile(_shape(prefix)).match
        self.carrier = Carrier("prefix", f"each line starts as this one: {prefix.rstrip()[:80]}")

    @staticmethod
    def of(prefix: str) -> Learned | None:
        """The wrapping of lines that start like ``prefix``, which stands before a dump's line."""
        if not prefix.strip() or len(prefix) > _LONGEST_PREFIX:
            return None
        return Learned(prefix)

    def text(self, line: str) -> str | None:
        """What is wrapped in ``line``; None if it is not wrapped."""
        found = self._match(line)
        return None if found is None else line[found.end() :]

    def unwrap(self, batch: Batch) -> Iterable[Tagged]:
        """The lines without the prefix; those that have none stay in their place."""
        match = self._match
        texts = [line[m.end() :] if (m := match(line)) else line for line in batch.texts]
        return [Tagged("", Batch(batch.numbers, texts))]

    def rest(self) -> Iterable[Tagged]:
        """What is still to come at the end: nothing."""
        return ()


def _shape(prefix: str) -> str:
    body = prefix.rstrip(" \t")
    gap = re.escape(prefix[len(body) :])
    parts: list[str] = []
    at = 0
    for found in _DIGITS.finditer(body):
        parts += re.escape(body[at : found.start()]), _SHAPES[found.lastgroup or ""]
        at = found.end()
    parts.append(re.escape(body[at:]))
    return "".join(parts) + (f"(?:{gap}|[ \\t]*$)" if gap else "")


def _joined(unit: str | tuple[str, ...]) -> str:
    return unit if isinstance(unit, str) else " ".join(unit)
