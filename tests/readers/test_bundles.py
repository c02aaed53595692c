"""Which FILEs are of which host."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path

import pytest

from hangscope.readers.content.bundles import OF_HOST, UnclearHost, by_host, rewritten


def directory(tmp_path: Path, name: str) -> Path:
    made = tmp_path / name
    made.mkdir(parents=True)
    (made / "dump.txt").write_text("text\n")
    return made


def plain(tmp_path: Path, name: str, content: bytes = b"text\n") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def tar(tmp_path: Path, name: str, mode: str = "w:gz") -> Path:
    path = tmp_path / name
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        member = tarfile.TarInfo("dump.txt")
        member.size = 5
        archive.addfile(member, io.BytesIO(b"text\n"))
    return path


def grouped(*files: Path) -> dict[str, tuple[Path, ...]]:
    return dict(by_host(files))


def test_files_alone_are_of_one_host(tmp_path: Path) -> None:
    files = plain(tmp_path, "dump.txt"), plain(tmp_path, "sockets.txt")
    assert grouped(*files) == {"": files}


def test_one_directory_or_archive_and_files_beside_it_are_of_one_host(tmp_path: Path) -> None:
    for bundle in (directory(tmp_path, "a"), tar(tmp_path, "b.tar.gz")):
        files = bundle, plain(tmp_path, "more.txt")
        assert grouped(*files) == {"": files}


def test_several_directories_and_archives_are_a_host_each(tmp_path: Path) -> None:
    one, two = directory(tmp_path, "web.1"), tar(tmp_path, "db.example.tar.gz")
    three, four = tar(tmp_path, "c.tgz"), tar(tmp_path, "d.tar.xz", "w:xz")
    five = tmp_path / "e.zip"
    with zipfile.ZipFile(five, "w") as archive:
        archive.writestr("dump.txt", "text\n")
    assert grouped(one, two, three, four, five) == {
        "web.1": (one,),
        "db.example": (two,),
        "c": (three,),
        "d": (four,),
        "e": (five,),
    }


def test_an_archive_is_told_by_its_content(tmp_path: Path) -> None:
    one, two = tar(tmp_path, "a.bin"), tar(tmp_path, "b.bin", "w")
    assert set(grouped(one, two)) == {"a.bin", "b.bin"}


def test_one_compressed_text_is_no_host_of_its_own(tmp_path: Path) -> None:
    one = plain(tmp_path, "dump.txt.gz", gzip.compress(b"text\n" * 500))
    two = plain(tmp_path, "sockets.txt.xz", lzma.compress(b"text\n" * 500))
    three = plain(tmp_path, "cut.tar.gz", gzip.compress(b"")[:9])
    assert grouped(one, two, three) == {"": (one, two, three)}


def test_equal_names_are_told_apart_by_their_places(tmp_path: Path) -> None:
    one, two = directory(tmp_path, "x/logs"), directory(tmp_path, "y/logs")
    assert set(grouped(one, two)) == {str(one), str(two)}


def test_a_file_beside_several_directories_is_of_an_unclear_host(tmp_path: Path) -> None:
    left = plain(tmp_path, "left.txt")
    with pytest.raises(UnclearHost, match=r"left\.txt: of which of the 2 hosts"):
        grouped(directory(tmp_path, "a"), directory(tmp_path, "b"), left)


def test_a_named_host_has_the_files_that_follow() -> None:
    arguments = rewritten(
        ["--host", "a", "1", "2", "--host=b", "3", "--pid", "5", "--host", "a", "4"]
    )
    assert arguments == [
        f"{OF_HOST}a",
        "1",
        "2",
        f"{OF_HOST}b",
        "3",
        "--pid",
        "5",
        f"{OF_HOST}a",
        "4",
    ]
    files = [Path(one) for one in arguments if one not in {"--pid", "5"}]
    one, two, three, four = map(Path, "1234")
    assert grouped(*files) == {"a": (one, two, four), "b": (three,)}


def test_directories_of_a_named_host_are_of_that_host(tmp_path: Path) -> None:
    one, two = directory(tmp_path, "x"), directory(tmp_path, "y")
    assert grouped(Path(f"{OF_HOST}a"), one, two) == {"a": (one, two)}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["1", "--host", "a", "2"], "1: of which host"),
        (["--host", "a", "1", "--host", "b", "1"], "1: is given for two hosts"),
        (["--host", "a", "--host", "b", "1"], "--host a: no FILE follows"),
    ],
)
def test_what_is_unclear_is_refused(arguments: list[str], says: str) -> None:
    with pytest.raises(UnclearHost, match=says):
        grouped(*map(Path, rewritten(arguments)))


def test_a_host_needs_a_name() -> None:
    for arguments in (["--host"], ["1", "--host", "--pid", "5"], ["--host="]):
        with pytest.raises(UnclearHost, match="needs the name"):
            rewritten(arguments)


def test_behind_two_dashes_all_is_files() -> None:
    assert rewritten(["--", "--host", "a"]) == ["--", "--host", "a"]
