"""The report on a terminal, or in a file that is read like one.

Lines are laid out here and not by Rich: they must be the same with and without colour and in every
version of Rich, and a report without colour does not wait for Rich to load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, assert_never

from hangscope.report import picture
from hangscope.report.document import Document
from hangscope.report.escape import for_terminal
from hangscope.report.glyphs import ASCII, UNICODE
from hangscope.report.layout import Line, Role, Span, cells, trimmed, wrap, wrap_verbatim
from hangscope.report.outline import (
    Block,
    Bullets,
    Chain,
    Command,
    Exhibit,
    Headline,
    Item,
    Outline,
    Paragraph,
    Rows,
    Section,
    Tally,
    cleaned,
)
from hangscope.report.story import outline

_NARROWEST: Final = 40
_USUAL: Final = 80
_WIDEST_PROSE: Final = 100
"""Longer lines of prose are hard to read, however wide the terminal is."""
_INDENT: Final = 2

_BADGES: Final = {"healthy": Role.BADGE_GOOD, "inconclusive": Role.BADGE_UNSURE}
_STYLES: Final = {
    Role.TITLE: "bold cyan",
    Role.STRONG: "bold",
    Role.FAINT: "dim",
    Role.REFERENCE: "cyan",
    Role.GOOD: "green",
    Role.BAD: "red",
    Role.UNSURE: "yellow",
    Role.BADGE_GOOD: "bold green",
    Role.BADGE_BAD: "bold red",
    Role.BADGE_UNSURE: "bold yellow",
}


def render(
    document: Document, *, width: int | None = None, color: bool = False, unicode: bool = True
) -> str:
    """The report as lines of text.

    Args:
        document: The report.
        width: Columns of the terminal; None where there is none: then prose is wrapped as for 80
            columns and quoted lines stay whole, so that they can be searched for.
        color: Whether ANSI colours are understood.
        unicode: Whether more than ASCII can be shown.
    """
    return lay_out(outline(document), width=width, color=color, unicode=unicode)


def lay_out(
    sections: Outline, *, width: int | None = None, color: bool = False, unicode: bool = True
) -> str:
    """Any outline as lines of text; the arguments are those of :func:`render`."""
    harmless = cleaned(sections, lambda text: for_terminal(text, unicode=unicode))
    lines = _Page(width, unicode=unicode).lines(harmless)
    paint = _painter() if color else _unpainted
    return "".join(f"{paint(trimmed(line))}\n" for line in lines)


class _Page:
    """Lays out blocks in one width and one set of characters."""

    def __init__(self, width: int | None, *, unicode: bool) -> None:
        self._glyphs = UNICODE if unicode else ASCII
        self._width = max(width or _USUAL, _NARROWEST)
        self._prose = min(self._width, _WIDEST_PROSE)
        self._whole = width is None

    def lines(self, sections: Iterable[Section]) -> Iterator[Line]:
        for section in sections:
            if section.title:
                yield ()
                yield self._title(section.title)
            before: Block | None = None
            for block in section.blocks:
                if self._parted(before, block):
                    yield ()
                yield from self._block(block)
                before = block

    def _title(self, title: str) -> Line:
        rule = self._glyphs.rule
        start = f"{rule * 2} {title} "
        return (Span(start + rule * (self._prose - cells(start)), Role.TITLE),)

    def _parted(self, before: Block | None, block: Block) -> bool:
        """Whether an empty line stands between two blocks."""
        if before is None:
            return False
        if isinstance(block, Command):
            return False
        return not (isinstance(before, Item) and not isinstance(block, Chain))

    def _block(self, block: Block) -> Iterator[Line]:
        match block:
            case Headline():
                return self._headline(block)
            case Paragraph():
                return self._paragraph(block)
            case Item():
                return self._item(block)
            case Rows():
                return self._rows(block)
            case Bullets():
                return self._bullets(block)
            case Chain():
                return self._chain(block)
            case Tally():
                return self._tally(block)
            case Exhibit():
                return self._exhibit(block)
            case Command():
                return self._command(block)
        assert_never(block)

    def _hanging(
        self, start: str, text: str, *, role: Role = Role.PLAIN, start_role: Role = Role.PLAIN
    ) -> Iterator[Line]:
        """Wrapped text behind ``start``, its further lines as far in as the first."""
        margin = cells(start)
        for line in wrap(text, self._prose - margin, self._glyphs.continued):
            yield (Span(start, start_role), Span(line, role))
            start = " " * margin

    def _headline(self, block: Headline) -> Iterator[Line]:
        label = f"{block.label.upper()}:"
        first, *rest = wrap(f"{label} {block.text}", self._prose, self._glyphs.continued)
        badge = _BADGES.get(block.kind, Role.BADGE_BAD)
        yield (Span(first[: len(label)], badge), Span(first[len(label) :], Role.STRONG))
        for line in rest:
            yield (Span(line, Role.STRONG),)

    def _paragraph(self, block: Paragraph) -> Iterator[Line]:
        return self._hanging(" " * _INDENT, block.text)

    def _item(self, block: Item) -> Iterator[Line]:
        note = f"({block.note})" if block.note else ""
        if cells(block.title) + cells(note) + 2 <= self._prose:
            yield (Span(block.title, Role.STRONG), Span(f"  {note}" if note else "", Role.UNSURE))
            return
        yield from self._hanging("", block.title, role=Role.STRONG)
        if note:
            yield from self._hanging(" " * _INDENT, note, role=Role.UNSURE)

    def _rows(self, block: Rows) -> Iterator[Line]:
        indent = " " * _INDENT
        column = max((cells(label) for label, _ in block.rows), default=0)
        column = min(column, self._prose // 3)
        before = None
        for label, text in block.rows:
            shown = "" if label == before else label
            if cells(shown) > column:
                yield from self._hanging(indent, shown, role=Role.FAINT)
                shown = ""
            start = indent + shown + " " * (column - cells(shown) + 2)
            yield from self._hanging(start, text, start_role=Role.FAINT)
            before = label

    def _bullets(self, block: Bullets) -> Iterator[Line]:
        for item in block.items:
            yield from self._hanging(f"{' ' * _INDENT}{self._glyphs.bullet} ", item)

    def _chain(self, block: Chain) -> Iterator[Line]:
        indent = Span(" " * _INDENT)
        for line in picture.draw(block.arrows, self._glyphs, self._prose - _INDENT):
            yield (indent, *line)

    def _tally(self, block: Tally) -> Iterator[Line]:
        yield from self._hanging("", block.name, role=Role.STRONG)
        column = 2 * _INDENT + block.column
        for label, count in block.entries:
            yield from self._hanging(f"{count:>{column},}  ", label)
        if len(block.entries) != 1:
            yield (Span(" " * 2 * _INDENT + self._glyphs.rule * block.column, Role.FAINT),)
            yield (Span(f"{block.total:>{column},}  {block.unit}", Role.STRONG),)

    def _exhibit(self, block: Exhibit) -> Iterator[Line]:
        start = f"{block.reference} {block.place}"
        says = wrap(block.says, self._prose - 2 * _INDENT, self._glyphs.continued)
        if len(says) == 1 and cells(start) + 2 + cells(says[0]) <= self._prose:
            yield (Span(start, Role.REFERENCE), Span(f"  {says[0]}", Role.STRONG))
        else:
            yield from self._hanging("", start, role=Role.REFERENCE)
            yield from self._hanging(" " * 2 * _INDENT, block.says, role=Role.STRONG)
        yield from self._quoted(block)

    def _quoted(self, block: Exhibit) -> Iterator[Line]:
        glyphs = self._glyphs
        column = block.column
        margin = " " * (2 * _INDENT)
        room = self._width - 2 * _INDENT - column - 3
        for number, text in block.lines:
            gutter = glyphs.gap if number is None else glyphs.gutter
            start = f"{margin}{number or '':>{column}} {gutter} "
            role = Role.FAINT if number is None else Role.PLAIN
            pieces = [text] if self._whole else wrap_verbatim(text, room, glyphs.continued)
            for piece in pieces:
                yield (Span(start, Role.FAINT), Span(piece, role))
                start = f"{margin}{'':>{column}} {gutter} "

    def _command(self, block: Command) -> Iterator[Line]:
        start = " " * (2 * _INDENT) + "$ "
        room = self._prose - cells(start)
        whole = [block.command] if self._whole else None
        for piece in whole or wrap_verbatim(block.command, room, self._glyphs.continued):
            yield (Span(start, Role.FAINT), Span(piece, Role.STRONG))
            start = " " * cells(start)
        if block.note:
            yield from self._hanging(start, f"({block.note})")


def _unpainted(line: Line) -> str:
    return "".join(span.text for span in line)


def _painter() -> Callable[[Line], str]:
    # Rich takes 20 ms to load, which only colour is worth.
    from rich.color import ColorSystem
    from rich.style import Style

    styles = {role: Style.parse(style) for role, style in _STYLES.items()}

    def painted(span: Span) -> str:
        style = styles.get(span.role)
        if style is None or not span.text.strip(" "):
            return span.text
        return style.render(span.text, color_system=ColorSystem.STANDARD)

    return lambda line: "".join(map(painted, line))
