"""Wrappings of characters: colours of a terminal, HTML, control characters as ``#011``."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from typing import Final

from hangscope.readers.interface import Batch
from hangscope.readers.wrappings.wrapping import Carrier, Tagged

_COLOUR: Final = re.compile("\x1b\\[[0-9;?]*[A-Za-z]|\x1b\\][^\x07\x1b\n]*\x07")
_BREAK: Final = re.compile(r"<br ?/?>(?!\n|$)", re.IGNORECASE)
_TAG: Final = re.compile(
    r"</?(?:a|b|body|br|code|div|em|font|head|html|i|li|p|pre|s|span|strong|table|tbody|td|tr|tt|u"
    r"|ul)(?: [^<>\n]*)?/?>",
    re.IGNORECASE,
)
_OCTAL: Final = re.compile("#(0[0-3][0-7]|177)")


class Markup:
    """Characters that stand for others, or for none; a line may become several."""

    def __init__(
        self, carrier: Carrier, sign: re.Pattern[str], plain: Callable[[str], str]
    ) -> None:
        self.carrier = carrier
        self._sign = sign
        self._plain = plain

    def text(self, line: str) -> str | None:
        """What ``line`` is without the markup; None if it has none."""
        return self._plain(line) if self._sign.search(line) else None

    def unwrap(self, batch: Batch) -> Iterable[Tagged]:
        """The lines as they were before."""
        plain = self._plain
        texts = plain("\n".join(batch.texts)).split("\n")
        if len(texts) == len(batch.texts):
            return [Tagged("", Batch(batch.numbers, texts))]
        texts = list(map(plain, batch.texts))
        split = [
            (number, line)
            for number, text in zip(batch.numbers, texts, strict=True)
            for line in text.split("\n")
        ]
        return [Tagged("", Batch([number for number, _ in split], [line for _, line in split]))]

    def rest(self) -> Iterable[Tagged]:
        """What is still to come at the end: nothing."""
        return ()


def colours() -> Markup:
    """Escape sequences of a terminal."""
    carrier = Carrier("ansi-colours", "lines are coloured for a terminal")
    return Markup(carrier, re.compile("\x1b"), lambda line: _COLOUR.sub("", line))


def html_text() -> Markup:
    """Text that was copied from the source of a web page."""
    carrier = Carrier("html", "its signs < > & and quotes are those of a web page's source")
    return Markup(carrier, re.compile("[&<]"), _from_html)


def escaped_controls() -> Markup:
    """Control characters as rsyslog writes them (rsyslog: EscapeControlCharactersOnReceive)."""
    carrier = Carrier("rsyslog-escapes", "its tabs are written as #011, as rsyslog does")
    return Markup(carrier, _OCTAL, lambda line: _OCTAL.sub(lambda m: chr(int(m[1], 8)), line))


def _from_html(line: str) -> str:
    text = _TAG.sub("", _BREAK.sub("\n", line)) if "<" in line else line
    return html.unescape(text).replace("\xa0", " ")
