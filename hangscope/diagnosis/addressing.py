"""Commands that name the process, or the peer, that they are meant for."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace

from hangscope.diagnosis.model import Diagnosis, Finding, Gap
from hangscope.facts import Endpoint
from hangscope.interpret import Interpretation

_PLACE = re.compile(r"\bPID\b")


def addressed(interpretation: Interpretation, diagnosis: Diagnosis) -> Diagnosis:
    """``diagnosis`` with the process id in its commands, where one process alone can be meant."""
    pids = [jvm.pid for jvm in interpretation.case.jvms]
    if len(pids) != 1 or pids[0] is None:
        return diagnosis
    pid = str(pids[0])
    return replace(
        diagnosis,
        findings=tuple(_finding(one, pid) for one in diagnosis.findings),
        gaps=tuple(_gap(one, pid) for one in diagnosis.gaps),
    )


def for_shells(endpoint: Endpoint) -> str:
    """The address as a word of a command: tables may print any text for it."""
    return shlex.quote(endpoint.address)


def for_ss(endpoint: Endpoint) -> str:
    """The address as filters of ``ss`` take it, quoted for a shell."""
    address = f"[{endpoint.address}]" if ":" in endpoint.address else endpoint.address
    return shlex.quote(address)


def _finding(finding: Finding, pid: str) -> Finding:
    return replace(
        finding,
        refuted_by=_PLACE.sub(pid, finding.refuted_by),
        remedies=tuple(
            replace(remedy, text=_PLACE.sub(pid, remedy.text)) for remedy in finding.remedies
        ),
    )


def _gap(gap: Gap, pid: str) -> Gap:
    return replace(gap, command=_PLACE.sub(pid, gap.command))
