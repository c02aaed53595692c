"""Directories, archives and compressed files: the same facts as their texts, and never too much."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import zstandard

from hangscope.facts import InputFacts
from hangscope.readers import ReadError, Source, read_input
from hangscope.readers.content import archives
from hangscope.readers.content.archives import Found, Unpacked

CASE = Path(__file__).resolve().parents[2] / "fixtures" / "tomcat-self-call"
DUMP = (CASE / "dump.txt").read_bytes()
TABLE = (CASE / "sockets.txt").read_bytes()
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.compress,
}


def tar_of(members: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, BytesIO(content))
    return out.getvalue()


def zip_of(members: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def facts_at(path: Path) -> dict[str, InputFacts | str]:
    """What each text at a place says, or why it says nothing, by its name below the place."""

    def told(found: Found) -> InputFacts | str:
        if isinstance(found, Source):
            try:
                return read_input(found)
            except ReadError as error:
                return str(error)
        return str(found)

    with Unpacked() as unpacked:
        return {one.name.removeprefix(f"{path}"): told(one) for one in unpacked.at(path)}


def same(facts: InputFacts | str, content: bytes) -> bool:
    """Whether these are the facts of ``content`` itself, names of inputs aside."""
    assert isinstance(facts, InputFacts), facts
    plain = read_input(Source.from_bytes(facts.name, content))
    if plain.tables:
        assert list(facts.tables[0].sockets) == list(plain.tables[0].sockets)
    return replace(facts, tables=()) == replace(plain, tables=())


@pytest.mark.parametrize("packer", PACKERS)
def test_a_compressed_file_says_what_its_text_says(packer: str, tmp_path: Path) -> None:
    path = tmp_path / "dump"
    path.write_bytes(PACKERS[packer](DUMP))
    (facts,) = facts_at(path).values()
    assert same(facts, DUMP)


def test_several_compressed_streams_in_one_file_are_one_text(tmp_path: Path) -> None:
    """As ``cat a.gz b.gz`` makes them, and log rotation does."""
    half = len(DUMP) // 2
    for pack in PACKERS.values():
        path = tmp_path / "dump"
        path.write_bytes(pack(DUMP[:half]) + pack(DUMP[half:]))
        (facts,) = facts_at(path).values()
        assert same(facts, DUMP)


@pytest.mark.parametrize("make", [tar_of, zip_of])
def test_members_are_named_after_their_archive(
    make: Callable[[dict[str, bytes]], bytes], tmp_path: Path
) -> None:
    inner = gzip.compress(tar_of({"b/sockets.txt": TABLE}))
    path = tmp_path / "case"
    path.write_bytes(make({"dump.txt": DUMP, "inner.tgz": inner, "dump.xz": lzma.compress(DUMP)}))
    facts = facts_at(path)
    assert list(facts) == ["!dump.txt", "!inner.tgz!b/sockets.txt", "!dump.xz"]
    assert same(facts["!dump.txt"], DUMP)
    assert same(facts["!inner.tgz!b/sockets.txt"], TABLE)
    assert same(facts["!dump.xz"], DUMP)


def test_a_directory_is_all_files_below_it_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "dump.txt").write_bytes(DUMP)
    (tmp_path / "a.txt").write_bytes(TABLE)
    (tmp_path / "c.gz").write_bytes(gzip.compress(DUMP))
    assert list(facts_at(tmp_path)) == ["/a.txt", "/c.gz", "/b/dump.txt"]


def test_an_empty_directory_and_a_missing_file_say_so(tmp_path: Path) -> None:
    assert "there is no file in this directory" in str(facts_at(tmp_path)[""])
    assert "there is no such file" in str(facts_at(tmp_path / "nothing")[""])


@pytest.mark.parametrize(
    "name", ["../../escaped", "/hangscope-escaped", "..\\escaped", "a\x1b[2J\nb", "x" * 3000]
)
def test_names_of_members_are_names_and_no_places(name: str, tmp_path: Path) -> None:
    path = tmp_path / "inner" / "case.tar"
    path.parent.mkdir()
    path.write_bytes(tar_of({name: DUMP}))
    ((found, facts),) = facts_at(path).items()
    assert found == f"!{name}"
    assert same(facts, DUMP)
    assert sorted(tmp_path.rglob("*")) == [path.parent, path]
    assert not Path("/hangscope-escaped").exists()


def test_links_and_devices_in_archives_are_no_texts(tmp_path: Path) -> None:
    path = tmp_path / "case.tar"
    with tarfile.open(path, "w") as tar:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo(f"member{kind!r}")
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
    assert facts_at(path) == {}


def test_nothing_stays_behind() -> None:
    with Unpacked() as unpacked:
        (source,) = unpacked.stream("x", BytesIO(gzip.compress(DUMP)))
        assert isinstance(source, Source)
        assert next(iter(source.lines()))
        folder = Path(unpacked._folder.name)  # noqa: SLF001 - where else would it be seen
        assert list(folder.iterdir())
    assert not folder.exists()


@pytest.mark.parametrize("packer", PACKERS)
def test_what_is_cut_keeps_what_was_readable_and_says_so(packer: str, tmp_path: Path) -> None:
    many = b"".join(DUMP.replace(b"main", str(i).encode()) for i in range(30))
    packed = PACKERS[packer](many)
    path = tmp_path / "dump"
    path.write_bytes(packed[: len(packed) * 9 // 10])
    (facts,) = facts_at(path).values()
    if isinstance(facts, str):  # bzip2 and xz give nothing of a block that is not whole
        assert "damaged" in facts
        assert packer != "gzip"
    else:
        assert facts.dumps
        assert any("cut or damaged" in one.why for one in facts.not_understood)


@pytest.mark.parametrize("at", range(0, 2000, 97))
@pytest.mark.parametrize("make", ["tgz", "zip", *PACKERS])
def test_damage_anywhere_raises_nothing(make: str, at: int, tmp_path: Path) -> None:
    members = {"dump.txt": DUMP, "sockets.txt": TABLE}
    if make == "tgz":
        packed = gzip.compress(tar_of(members))
    else:
        packed = zip_of(members) if make == "zip" else PACKERS[make](DUMP)
    path = tmp_path / "case"
    at = at * len(packed) // 2000
    path.write_bytes(packed[:at] + bytes([packed[at] ^ 0x55]) + packed[at + 1 :])
    facts_at(path)
    path.write_bytes(packed[:at])
    facts_at(path)


def test_a_bomb_is_refused_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_HARMLESS", 1 << 20)
    monkeypatch.setattr(archives, "HIGHEST_RATIO", 100)
    path = tmp_path / "bomb"
    for pack in PACKERS.values():
        path.write_bytes(pack(b"0" * (8 << 20)))
        told = " ".join(str(one) for one in facts_at(path).values())
        assert "more than 100 times its size" in told
    path.write_bytes(zip_of({"a": DUMP, "b": b"0" * (8 << 20)}))
    facts = facts_at(path)
    assert same(facts["!a"], DUMP)
    assert "not all of it was read" in str(facts[""])


def test_too_much_in_total_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 3 * len(DUMP))
    path = tmp_path / "case"
    path.write_bytes(tar_of({f"{i}.txt": DUMP for i in range(9)}))
    facts = facts_at(path)
    assert len(facts) == 4  # three members and the refusal
    assert "unpacks to more than" in str(facts[""])


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 5)
    path = tmp_path / "case"
    path.write_bytes(zip_of({f"{i}.txt": TABLE for i in range(9)}))
    facts = facts_at(path)
    assert len(facts) == 6
    assert "more than 5 members" in str(facts[""])


def test_archives_in_each_other_end_somewhere(tmp_path: Path) -> None:
    packed = DUMP
    for _ in range(archives.DEEPEST + 1):
        packed = gzip.compress(packed)
    path = tmp_path / "case"
    path.write_bytes(packed)
    assert "archives in each other" in str(facts_at(path)[""])


def test_members_with_a_password_are_told(tmp_path: Path) -> None:
    packed = bytearray(zip_of({"dump.txt": DUMP}))
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    path = tmp_path / "case.zip"
    path.write_bytes(bytes(packed))
    assert "cannot be unpacked" in str(facts_at(path)["!dump.txt"])
