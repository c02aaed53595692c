"""Each kind of peer that the knowledge names belongs to one finding of slow dependencies."""

from __future__ import annotations

import pytest

from hangscope.diagnosis.slow_backend import _KINDS
from hangscope.knowledge import load
from hangscope.knowledge.profile import Phase

from .altered import ids, told

OTHERS = {"jdbc", "http", "tls", "dns", "process", "accept"}
"""Kinds with findings of their own, and what no peer is: a child process, a failed accept()."""


def test_every_kind_of_peer_has_a_finding() -> None:
    waits = [rule.wait for rule in load().entries.waits]
    kinds = {wait.kind for wait in waits if wait.phase is not Phase.LEASE and wait.who != "holders"}
    assert kinds - OTHERS == set(_KINDS)


@pytest.mark.parametrize(
    ("case", "frame", "finding"),
    [
        ("slow-redis", "redis.clients.jedis", "slow-backend"),
        ("slow-names", "java.net.Inet6AddressImpl.lookupAllHostAddr", "slow-name-lookup"),
        ("entropy-empty", "sun.security.provider.NativePRNG", "entropy-wait"),
    ],
)
def test_the_frames_tell_what_is_waited_for(case: str, frame: str, finding: str) -> None:
    def otherwise(text: str) -> str:
        assert frame in text
        return text.replace(frame, "com.acme.client")

    assert finding in ids(told(case))
    assert finding not in ids(told(case, otherwise))
