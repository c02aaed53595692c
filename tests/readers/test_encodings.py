"""Codecs are told from a text's bytes, and what is in doubt stays visible as escapes."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangscope.readers import Source
from hangscope.readers.content.encodings import UTF_8, Codec, codec_of

CARRIERS = Path(__file__).resolve().parents[2] / "fixtures" / "formats" / "carriers"
ASCII = '" #12 prio=5 os_prio=0 tid=0x00007f17480aa660 nid=0x5489 runnable\n\tat a.B.c(B.java:1)\n'


def name_of(head: bytes) -> str:
    codec = codec_of(head)
    return codec.name if codec else ""


@pytest.mark.parametrize(
    ("names", "codec"),
    [
        (("작업-스레드-1", "요청 처리"), "cp949"),
        (("데이터베이스-연결",), "cp949"),
        (("スレッド-1", "要求の処理"), "cp932"),
        (("スレッド-1", "要求の処理"), "euc_jp"),
        (("线程-1", "请求处理", "数据库连接"), "gb18030"),
    ],
)
def test_east_asian_names_are_read(names: tuple[str, ...], codec: str) -> None:
    text = "".join(f'"{name}{ASCII}' for name in names)
    found = codec_of(text.encode(codec))
    assert found == Codec(codec)
    assert found.decode(text.encode(codec)) == text


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("Größe-Übergabe", "latin-1"),
        ("tâche créée à côté", "cp1252"),
        ("Обработчик запросов", "cp1251"),
        ("Επεξεργασία", "cp1253"),
        ("한", "cp949"),
    ],
)
def test_what_is_in_doubt_stays_escapes(name: str, encoding: str) -> None:
    head = f'"{name}{ASCII}'.encode(encoding)
    assert name_of(head) == "utf-8"
    assert "\\x" in UTF_8.decode(head)


def test_one_bad_byte_leaves_utf_8_alone() -> None:
    good = f'"작업-스레드-1{ASCII}'.encode()
    for bad in (b"\xb0", b"\xff", b"\xb0\xa1\xb0", good[:3]):
        assert name_of(good + bad + b"\n" + good) == "utf-8"


def test_a_few_spoilt_characters_leave_a_legacy_codec_alone() -> None:
    good = f'"작업-스레드-1{ASCII}'.encode("cp949") * 20
    assert name_of(good + b'"\xc0"\n') == "cp949"


def test_modified_utf_8_becomes_characters() -> None:
    """HotSpot writes U+1F600 as two surrogates, U+0000 as C0 80."""
    block = b'"a \xed\xa0\xbd\xed\xb8\x80 \xc0\x80 \xed\xa0\xbd \xff"\n'
    assert UTF_8.decode(block) == '"a \U0001f600 \0 \\ud83d \\xff"\n'


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_utf_16_with_and_without_mark(encoding: str, mark: str) -> None:
    found = codec_of((mark + '"main' + ASCII).encode(encoding))
    assert found == Codec(encoding, 2 if mark else 0)


def test_lone_carriage_returns_end_lines_where_nothing_else_does() -> None:
    assert list(Source.from_bytes("x", b"a\rb\r\rc").lines()) == ["a", "b", "", "c"]
    assert list(Source.from_bytes("x", b"a\rb\n").lines()) == ["a\rb"]
    assert list(Source.from_bytes("x", "a\rb\r".encode("utf-16")).lines()) == ["a", "b"]
    assert Source.from_bytes("x", b"a\rb\r\rc").excerpt(2, 3) == "b\n"


def test_an_encoding_can_be_given() -> None:
    head = "Обработчик\n".encode("cp1251")
    found = codec_of(head, "windows-1251")
    assert found is not None
    assert found.decode(head) == "Обработчик\n"
    assert codec_of("a\n".encode("utf-16-be"), "UTF-16BE") == Codec("utf-16-be")
    assert codec_of(codecs.BOM_UTF8 + b"a", "cp949") == Codec("utf-8", 3)
    for unfit in ("no such", "utf-32", "cp037", "hex", "undefined", "idna"):
        with pytest.raises(LookupError):
            codec_of(head, unfit)


@given(st.binary(max_size=300), st.sampled_from(["utf-8", "cp949", "cp932", "euc_jp", "gb18030"]))
def test_any_bytes_become_as_many_lines(block: bytes, name: str) -> None:
    """Excerpts start elsewhere, so each line must be the same by itself."""
    lines = Codec(name).decode(block + b"\n").split("\n")
    apart = [Codec(name).decode(line + b"\n")[:-1] for line in block.split(b"\n")]
    assert lines[:-1] == apart


@pytest.mark.parametrize("name", ["sigquit", "jstack-euc-kr", "jstack-utf-16le"])
def test_names_of_a_real_jvm_are_read(name: str) -> None:
    lines = list(Source.from_path(CARRIERS / f"{name}.txt").lines())
    names = [line.split('"')[1] for line in lines if line.startswith('"') and "prio=5 " in line]
    assert {"작업-스레드-1", "요청-처리-2"} < set(names)
    assert any(name.startswith("결제 ") for name in names)
    assert ("결제 \U0001f600" in names) == (name == "sigquit")
