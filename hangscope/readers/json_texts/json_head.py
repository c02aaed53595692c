"""What a JSON text starts with: enough to tell whose it is, however it is laid out."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from hangscope.readers.json_texts.json_lines import CutError, DamageError, JsonLines

_FAR: Final = 1 << 16
"""Characters that are looked at, of texts that do not say sooner what they are."""
_MEMBERS: Final = 64
_WALKED: Final = frozenset({"threadDump", "threadContainers", "threads", "processes", "files"})
"""Members that are opened to see what is in them; those of all shapes."""


class Head(NamedTuple):
    """The way to the first innermost object, and the members of that."""

    path: tuple[str, ...]
    top: frozenset[str]
    """Names of the members of the outermost object."""
    keys: frozenset[str]
    """Names of the members of the innermost object that was come to."""
    first: tuple[str, ...]
    """Name of the first of these; none if there is none."""
    decided: bool
    """False if the text ended too early to know more."""
    is_array: bool
    """Whether the text is an array."""
    title: Any = None
    """The first value that is no object and no array."""

    @property
    def is_lone(self) -> bool:
        """Whether the text is one object, and the innermost one."""
        return not self.path and not self.is_array


def head_of(text: JsonLines, place: int) -> Head | None:
    """The head of the JSON text at ``place``; None if it is none."""
    reader = _HeadReader(text)
    text.limit = place + _FAR
    try:
        reader.read(place)
    except CutError:
        reader.decided = False
    except DamageError as error:
        if not reader.path and not reader.keys:
            return None
        reader.decided = not error.hopeless
    finally:
        text.limit = None
    inner = frozenset(reader.keys)
    return Head(
        tuple(reader.path),
        inner if reader.top is None else reader.top,
        inner,
        tuple(reader.keys[:1]),
        reader.decided,
        reader.is_array,
        reader.title,
    )


class _HeadReader:
    def __init__(self, text: JsonLines) -> None:
        self._text = text
        self.path: list[str] = []
        self.top: frozenset[str] | None = None
        self.keys: list[str] = []
        self.decided = True
        self.is_array = False
        self.title: Any = None

    def read(self, place: int) -> None:
        text = self._text
        place = text.skip(place)
        self._char(place)
        self.is_array = text.text[place] == "["
        end = place + _FAR
        place = self._into(place)
        while len(self.keys) < _MEMBERS and place < end:
            place = text.skip(place)
            char = self._char(place)
            if char == "}":
                return
            if char == ",":
                place += 1
                continue
            if char != '"':
                raise DamageError(place)
            key, place = text.value(place)
            place = text.skip(place)
            if self._char(place) != ":":
                raise DamageError(place)
            self.keys.append(key)
            place = text.skip(place + 1)
            if key in _WALKED and self._char(place) in "[{":
                self.path.append(key)
                self.top = frozenset(self.keys) if self.top is None else self.top
                self.keys = []
                place = self._into(place)
                continue
            value, place = text.value(place)
            if self.title is None and not isinstance(value, dict | list):
                self.title = value

    def _into(self, place: int) -> int:
        """Past the opening bracket, or the two of an array of objects."""
        char = self._char(place)
        if char == "[":
            place = self._text.skip(place + 1)
            char = self._char(place)
        if char != "{":
            raise DamageError(place)
        return place + 1

    def _char(self, place: int) -> str:
        if place >= len(self._text.text):
            raise CutError
        return self._text.text[place]
