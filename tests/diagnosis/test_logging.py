"""Standard output that blocks, and appenders that threads queue behind."""

from __future__ import annotations

import re

import pytest

from .altered import ids, told

BLOCKED = (
    "stdout-blocked-println",
    "stdout-blocked-logback",
    "stdout-blocked-logback-async",
    "stdout-blocked-log4j-async",
)


@pytest.mark.parametrize("case", BLOCKED)
def test_a_write_to_a_file_is_not_one_to_standard_output(case: str) -> None:
    def to_a_file(text: str) -> str:
        text = text.replace("java.lang.System$Out.write", "java.io.FileOutputStream.write")
        return text.replace("at java.io.PrintStream.", "at java.io.FilterOutputStream.")

    assert "output-blocked" in ids(told(case))
    assert "output-blocked" not in ids(told(case, to_a_file))


@pytest.mark.parametrize("case", BLOCKED)
def test_a_thread_that_prints_without_being_in_a_write_is_not_held_up(case: str) -> None:
    def running(text: str) -> str:
        return re.sub(r"\tat java\.io\.FileOutputStream\.writeBytes.*\n", "", text).replace(
            "at java.io.FileOutputStream.write(", "at java.io.FileOutputStream.encode("
        )

    assert "output-blocked" not in ids(told(case, running))


def test_the_lock_of_an_appender_is_told_apart_from_other_locks() -> None:
    def of_the_application(text: str) -> str:
        return text.replace("at ch.qos.logback.core.", "at com.acme.ledger.")

    assert ids(told("log-file-stalled")) == {"logging-bottleneck"}
    assert ids(told("log-file-stalled", of_the_application)) == {"lock-convoy"}


def test_a_full_queue_without_its_writer_is_told_and_nobody_is_accused() -> None:
    def died(text: str) -> str:
        return text.replace("AsyncAppenderBase$Worker.run", "SomethingElse.run")

    found = told("stdout-blocked-logback-async", died)
    assert ids(found) == {"logging-bottleneck"}
    assert "may have died" in found.findings[0].explanation


def descriptors(output: str, errors: str) -> str:
    """What ``ls -l /proc/PID/fd`` prints."""
    link = "l-wx------ 1 app app 64 Nov 25 11:29"
    return f"total 0\n{link} 1 -> {output}\n{link} 2 -> {errors}\n"


@pytest.mark.parametrize(
    ("output", "errors", "blocked"),
    [
        ("pipe:[183402]", "/var/log/err", True),
        ("/dev/pts/3", "/dev/pts/3", True),
        ("/var/log/out", "/var/log/err", False),
    ],
)
def test_files_need_no_reader(output: str, errors: str, *, blocked: bool) -> None:
    found = told("stdout-blocked-println", also=descriptors(output, errors))
    assert ("output-blocked" in ids(found)) is blocked
    if blocked:
        assert f"standard output is {output}" in found.findings[0].explanation
