"""The installed command end to end: streams, exit statuses, hostile and broken input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

CASE = ROOT / "fixtures" / "tomcat-self-call"
DUMP, SOCKETS = CASE / "dump.txt", CASE / "sockets.txt"
HANGSCOPE = (sys.executable, "-m", "hangscope")


def hangscope(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    command = [*HANGSCOPE, *map(str, arguments)]
    done = subprocess.run(
        command, input=stdin, env=environment, capture_output=True, timeout=60, check=False
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


def test_report_goes_to_stdout_with_status_0() -> None:
    done = hangscope("correlate", DUMP, SOCKETS)
    assert done.returncode == 0
    assert done.stderr == b""
    assert b"self-call-deadlock" in done.stdout
    assert b"\x1b" not in done.stdout


def test_inputs_are_told_apart_by_content_in_any_order() -> None:
    first = hangscope("correlate", DUMP, SOCKETS, "--format", "json")
    second = hangscope("correlate", SOCKETS, DUMP, "--format", "json")
    verdicts = [json.loads(done.stdout)["verdict"] for done in (first, second)]
    assert verdicts[0] == verdicts[1]


def test_standard_input_is_an_input() -> None:
    done = hangscope("correlate", "-", SOCKETS, "--format", "json", stdin=DUMP.read_bytes())
    assert json.loads(done.stdout)["verdict"]["finding"] == "self-call-deadlock"


def test_exit_code_tells_a_hang_only_when_asked() -> None:
    idle = ROOT / "fixtures" / "tomcat-idle"
    assert hangscope("correlate", DUMP, SOCKETS, "--exit-code").returncode == 1
    healthy = hangscope("correlate", idle / "dump.txt", idle / "sockets.txt", "--exit-code")
    assert healthy.returncode == 0


def test_json_is_valid_against_the_published_schema() -> None:
    import jsonschema

    schema = json.loads(hangscope("schema").stdout)
    report = json.loads(hangscope("correlate", DUMP, SOCKETS, "--format", "json").stdout)
    jsonschema.validate(report, schema, cls=jsonschema.Draft202012Validator)


def test_markdown_is_written_to_a_file(tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    done = hangscope("correlate", DUMP, SOCKETS, "--format", "markdown", "-o", out)
    assert done.returncode == 0
    assert out.read_text().startswith("# ")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "nothing in it"),
        (b"\n\n  \n", ""),
        (b"\x00\x01\x02\xff" * 500, "not text"),
        (b"\x1f\x8b\x08\x00" + b"\x00\xff" * 100, "compressed data"),
        (b"the quick brown fox\njumps\n", ""),
        ("숫자가 없다\n".encode("cp949"), ""),
    ],
)
def test_an_unreadable_input_is_told_in_a_sentence_with_status_2(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "what.txt"
    path.write_bytes(content)
    done = hangscope("correlate", path)
    assert done.returncode == 2
    assert done.stdout == b""
    message = done.stderr.decode()
    assert "what.txt" in message
    assert says in message
    assert len(message.strip().split("\n")) == 1


def test_missing_files_and_directories_are_told(tmp_path: Path) -> None:
    for path in (tmp_path / "no-such.txt", tmp_path):
        done = hangscope("correlate", path)
        assert done.returncode == 2
        assert path.name in done.stderr.decode()


def test_what_can_be_read_is_analysed_and_the_rest_reported(tmp_path: Path) -> None:
    bad = tmp_path / "bad.bin"
    bad.write_bytes(b"\x00" * 1000)
    done = hangscope("correlate", DUMP, SOCKETS, bad, "--format", "json")
    assert done.returncode == 0
    assert "bad.bin" in done.stderr.decode()
    report = json.loads(done.stdout)
    assert report["verdict"]["finding"] == "self-call-deadlock"
    assert [one["kind"] for one in report["inputs"]] == ["thread-dump", "socket-table", "unknown"]


def test_no_input_at_all_is_wrong_usage() -> None:
    done = hangscope("correlate")
    assert done.returncode == 2
    assert "--pid" in done.stderr.decode()


def test_a_process_that_is_not_there_is_told() -> None:
    done = hangscope("correlate", "--pid", "999999999")
    assert done.returncode == 2
    assert "999999999" in done.stderr.decode()


def test_a_process_that_is_no_jvm_is_left_alone() -> None:
    """The JDK's tools attach with SIGQUIT, which would end any other process."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        done = hangscope("correlate", "--pid", str(process.pid))
        assert done.returncode == 2
        assert "no JVM" in done.stderr.decode()
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("half", [DUMP, SOCKETS])
def test_half_of_the_inputs_says_what_the_other_half_would_decide(half: Path) -> None:
    report = json.loads(hangscope("correlate", half, "--format", "json").stdout)
    assert report["verdict"]["kind"] != "deadlock"
    missing = " ".join(gap["what"] for gap in report["not_recorded"])
    assert ("socket table" if half is DUMP else "thread dump") in missing


@pytest.mark.parametrize("format_", ["terminal", "markdown", "json"])
def test_escape_sequences_in_thread_names_reach_no_output(tmp_path: Path, format_: str) -> None:
    evil = "http-nio-8080-exec-1\x1b]0;pwned\x07\x1b[31m\u202e"
    text = DUMP.read_text().replace('http-nio-8080-exec-1"', f'{evil}"')
    path = tmp_path / "dump.txt"
    path.write_text(text)
    done = hangscope("correlate", path, SOCKETS, "--format", format_)
    assert done.returncode == 0
    for raw in (b"\x1b", b"\x07", "\u202e".encode()):
        assert raw not in done.stdout


@pytest.mark.parametrize("share", [0.1, 0.35, 0.5, 0.8, 0.99])
def test_a_truncated_dump_is_read_as_far_as_it_goes(tmp_path: Path, share: float) -> None:
    content = DUMP.read_bytes()
    path = tmp_path / "dump.txt"
    path.write_bytes(content[: int(len(content) * share)])
    done = hangscope("correlate", path, SOCKETS, "--format", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["inputs"][0]["kind"] == "thread-dump"


def test_knowledge_of_ones_own_counts(tmp_path: Path) -> None:
    """Renamed workers are nobody's until a file says whose they are."""
    text = DUMP.read_text().replace("http-nio-8080-exec-", "shop-")
    dump = tmp_path / "dump.txt"
    dump.write_text(text)
    own = tmp_path / "own.toml"
    own.write_text(
        "[pool.shop]\nname = '(?P<pool>shop)-\\d+'\nrole = 'worker'\nserver = 'tomcat'\n"
        "source = ['us']\n"
    )
    done = hangscope("correlate", dump, SOCKETS, "--knowledge", own, "--format", "json")
    pools = json.loads(done.stdout)["summary"]["threads"]["by_pool"]
    assert ("shop", "worker") in {(pool["name"], pool["role"]) for pool in pools}


def test_wrong_knowledge_is_told_by_file_entry_and_field(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[pool.shop]\nname = 'shop'\nrole = 'boss'\nsource = ['us']\n")
    done = hangscope("correlate", DUMP, SOCKETS, "--knowledge", own)
    assert done.returncode == 2
    assert done.stdout == b""
    message = done.stderr.decode()
    assert f"{own}: pool.shop: role: 'boss' is none of worker, acceptor" in message
    missing = hangscope("correlate", DUMP, "--knowledge", tmp_path / "none.toml")
    assert missing.returncode == 2
    assert "none.toml: cannot be read" in missing.stderr.decode()


CIRCLE = ROOT / "fixtures" / "three-hosts-circle"


def test_several_directories_are_a_host_each() -> None:
    done = hangscope("correlate", *(CIRCLE / name for name in "abc"), "--format", "json")
    report = json.loads(done.stdout)
    assert report["verdict"]["finding"] == "mutual-call-deadlock"
    assert {one["host"] for one in report["inputs"]} == {"a", "b", "c"}


def test_hosts_are_named_before_their_files(tmp_path: Path) -> None:
    archive = tmp_path / "bundle.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(CIRCLE / "b", "captured")
    arguments: list[str | Path] = ["correlate", "--host", "web", CIRCLE / "a" / "dump.txt"]
    arguments += [CIRCLE / "a" / "sockets.txt", "--format", "json", "--host=stock", archive]
    arguments += ["--host", "tax", CIRCLE / "c"]
    report = json.loads(hangscope(*arguments).stdout)
    assert report["verdict"]["finding"] == "mutual-call-deadlock"
    assert {one["host"] for one in report["inputs"]} == {"web", "stock", "tax"}
    assert any("captured/dump.txt" in one["name"] for one in report["inputs"])


def test_a_report_over_hosts_is_valid_and_one_over_a_host_names_none() -> None:
    import jsonschema

    schema = json.loads(hangscope("schema").stdout)
    several = json.loads(
        hangscope("correlate", CIRCLE / "a", CIRCLE / "b", "--format", "json").stdout
    )
    jsonschema.validate(several, schema, cls=jsonschema.Draft202012Validator)
    one = json.loads(hangscope("correlate", CIRCLE / "a", "--format", "json").stdout)
    assert all("host" not in given for given in one["inputs"])


def test_a_file_of_an_unclear_host_is_wrong_usage() -> None:
    for arguments in (
        [DUMP, "--host", "a", SOCKETS],
        [CIRCLE / "a", CIRCLE / "b", DUMP],
        [DUMP, "--host"],
    ):
        done = hangscope("correlate", *arguments)
        assert done.returncode == 2
        assert b"host" in done.stderr
        assert done.stdout == b""
