"""Lines are numbered as ``sed -n`` does, and quotes are those of the file that was read."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangscope.readers import Source, SourceChanged, UnreadableInput
from hangscope.readers.content.text import LONGEST_LINE


def lines(content: bytes) -> list[str]:
    return list(Source.from_bytes("x", content).lines())


def test_only_line_feeds_end_lines() -> None:
    """str.splitlines would see nine lines here."""
    text = "a\vb\fc\x1cd\x1de\x1ef\x85g\u2028h\u2029i\nj\rk"
    assert lines(text.encode()) == text.split("\n")


def test_one_carriage_return_is_part_of_the_line_end() -> None:
    assert lines(b"a\r\n\r\nb\r\r\nc\r") == ["a", "", "b\r", "c"]


def test_a_missing_last_line_feed_makes_no_difference() -> None:
    assert lines(b"a\nb") == lines(b"a\nb\n") == ["a", "b"]
    assert lines(b"") == []
    assert lines(b"\n\n") == ["", ""]


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffa\nb".encode(),
        "a\nb".encode("utf-16"),
        "a\nb".encode("utf-16-le"),
        "\ufeffa\nb".encode("utf-16-be"),
        "a\nb".encode("utf-16-be"),
    ],
)
def test_byte_order_marks_and_utf_16(content: bytes) -> None:
    assert lines(content) == ["a", "b"]


def test_utf_16_of_any_size_is_cut_into_the_same_lines() -> None:
    text = "\n".join(f"Zeile {number} äöü 한국어" for number in range(30_000))
    source = Source.from_bytes("x", text.encode("utf-16"))
    assert list(source.lines()) == text.split("\n")
    assert source.excerpt(29_000, 29_001) == "\n".join(text.split("\n")[28_999:29_001])


def test_bytes_that_are_not_utf_8_stay_visible_and_apart() -> None:
    first, second = lines('"öß-1"\n"äß-1"'.encode("latin-1"))
    assert "\\x" in first
    assert first != second


@given(st.binary(max_size=200))
def test_any_bytes_give_lines_or_an_error(content: bytes) -> None:
    source = Source.from_bytes("x", content)
    assert source.size == len(content)
    assert source.sha256 == hashlib.sha256(content).hexdigest()
    try:
        found = list(source.lines())
    except UnreadableInput:
        return
    for number, line in enumerate(found, 1):
        assert source.excerpt(number, number) == line


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x1f\x8b\x08\x00rest", "gzip"),
        (b"PK\x03\x04rest", "zip"),
        (b"JAVA PROFILE 1.0.2\x00", "heap dump"),
        (bytes(range(256)) * 9 + bytes(2000) + b"x", "not text"),
    ],
)
def test_what_is_no_text_is_said_to_be_none(content: bytes, what: str) -> None:
    with pytest.raises(UnreadableInput, match=what):
        lines(content)


def test_a_log_with_a_hole_at_its_start_is_text() -> None:
    """copytruncate of logrotate leaves one while the JVM goes on writing."""
    assert lines(bytes(5000) + b"\na\n")[1:] == ["a"]


def test_a_file_without_line_feeds_does_not_fill_the_memory() -> None:
    (line,) = lines(b"x" * (3 * LONGEST_LINE))
    assert len(line) == LONGEST_LINE
    long, after = lines(b"x" * (3 * LONGEST_LINE) + b"\nafter")
    assert len(long) <= LONGEST_LINE
    assert after == "after"


def test_excerpts_of_a_large_file_are_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    numbered = [f"line {number} " + "x" * (number % 97) for number in range(1, 60_001)]
    path.write_text("\n".join(numbered), encoding="utf-8")
    source = Source.from_path(path)
    assert sum(1 for _ in source.lines()) == len(numbered)
    for first in (1, 2, 999, 30_000, 59_999, 60_000):
        assert source.excerpt(first, first + 1) == "\n".join(numbered[first - 1 : first + 1])


def test_excerpt_before_reading_reads(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("a\nb\n", encoding="utf-8")
    assert Source.from_path(path).excerpt(2, 2) == "b"


def test_a_file_that_changed_is_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("a\nb\n", encoding="utf-8")
    source = Source.from_path(path)
    assert list(source.lines()) == ["a", "b"]
    path.write_text("a\nc\n", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    with pytest.raises(SourceChanged, match="not what it was"):
        source.excerpt(1, 1)


def test_a_log_that_grew_is_quoted(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text("a\nb\n", encoding="utf-8")
    source = Source.from_path(path)
    assert list(source.lines()) == ["a", "b"]
    with path.open("a", encoding="utf-8") as log:
        log.write("c\n")
    assert source.excerpt(2, 2) == "b"
    assert source.size == 4


@pytest.mark.parametrize(("name", "what"), [("missing.txt", "no such file"), (".", "a directory")])
def test_what_cannot_be_opened_is_told_in_words(tmp_path: Path, name: str, what: str) -> None:
    source = Source.from_path(tmp_path / name)
    with pytest.raises(UnreadableInput, match=what):
        list(source.lines())
