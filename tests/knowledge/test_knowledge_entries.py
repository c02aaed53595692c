"""Every entry of the data files: a source, an example that resolves to it, a near miss."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from hangscope.facts.threads import JavaThread, ThreadState
from hangscope.knowledge import Knowledge, Purpose, load
from hangscope.knowledge.entries import (
    Code,
    Frames,
    ProtocolPorts,
    PurposeFrames,
    Rename,
    ServiceNames,
    ThreadName,
    WaitRule,
)

MakeThread = Callable[..., JavaThread]

_STATES = {
    "R": ThreadState.RUNNABLE,
    "W": ThreadState.WAITING,
    "B": ThreadState.BLOCKED,
}
_ENTRIES = load().entries
_BY_STACK = {
    *(entry.id for entry in _ENTRIES.bases),
    *(entry.id for entry in _ENTRIES.requests),
    *(entry.id for entry in _ENTRIES.tasks),
    *(entry.id for entry in _ENTRIES.activities),
    *(rule.wait.id for rule in _ENTRIES.waits),
    *(entry.id for entry in _ENTRIES.primitives),
    *(entry.id for entry in _ENTRIES.sockets),
}


class Sample(NamedTuple):
    entry: str
    state: str
    frames: tuple[str, ...]
    hit: bool


def _samples() -> Iterator[Sample]:
    pieces: dict[str, tuple[str, ...]] = {}
    entry = state = ""
    frames: tuple[str, ...] = ()
    for line in (Path(__file__).with_name("stacks.txt")).read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition(" ")
        if line.startswith("["):
            entry = line.strip("[]")
        elif kind == "let":
            name, _, stack = rest.partition(" = ")
            pieces[name] = _frames(stack, pieces)
        elif kind == "+":
            state, _, stack = rest.partition(" ")
            frames = _frames(stack, pieces)
            yield Sample(entry, state, frames, hit=True)
        elif kind == "-" and " -> " in rest:
            old, new = rest.split(" -> ")
            assert old in frames, f"{entry}: {old} is not in the stack above"
            yield Sample(entry, state, tuple(new if f == old else f for f in frames), hit=False)
        elif kind == "-" and rest in _STATES:
            yield Sample(entry, rest, frames, hit=False)
        elif kind == "-":
            other, _, stack = rest.partition(" ")
            yield Sample(entry, other, _frames(stack, pieces), hit=False)


def _frames(stack: str, pieces: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    found: list[str] = []
    for part in stack.split(" < "):
        found.extend(pieces.get(part, (part,)))
    return tuple(found)


_SAMPLES = tuple(_samples())


@pytest.mark.parametrize("sample", _SAMPLES, ids=lambda s: f"{s.entry}{'+' if s.hit else '-'}")
def test_a_stack_resolves_to_its_entry_and_a_near_miss_does_not(
    knowledge: Knowledge, make_thread: MakeThread, sample: Sample
) -> None:
    thread = make_thread("some thread", *sample.frames, state=_STATES[sample.state])
    used = knowledge.profile(thread).entries
    assert (sample.entry in used) is sample.hit, used


def test_every_entry_for_stacks_has_an_example_and_a_near_miss() -> None:
    assert {sample.entry for sample in _SAMPLES if sample.hit} == _BY_STACK
    assert {sample.entry for sample in _SAMPLES if not sample.hit} == _BY_STACK


def test_every_entry_has_a_source(knowledge: Knowledge) -> None:
    for entry_id, source in knowledge.entries.sources.items():
        assert source, entry_id
        assert all(line.strip() for line in source), entry_id
        assert knowledge.source_of(entry_id) == source


def test_an_unknown_entry_has_no_source(knowledge: Knowledge) -> None:
    assert knowledge.source_of("no-such-entry") == ()


@pytest.mark.parametrize("entry", _ENTRIES.names, ids=lambda entry: entry.id)
def test_a_name_resolves_to_its_entry_and_a_near_miss_does_not(
    knowledge: Knowledge, make_thread: MakeThread, entry: ThreadName
) -> None:
    assert entry.examples
    assert entry.misses
    below = tuple(pattern.replace("*", "Some.run") for pattern in entry.frames[:1])
    for name in entry.examples:
        assert knowledge.profile(make_thread(name, *below)).entries[:1] == (entry.id,), name
    for name in entry.misses:
        assert entry.id not in knowledge.profile(make_thread(name, *below)).entries, name
    if below:
        alone = knowledge.profile(make_thread(entry.examples[0])).entries
        assert entry.id not in alone, "it must count only above its own frames"


@pytest.mark.parametrize("entry", _ENTRIES.plumbing, ids=lambda entry: entry.id)
def test_plumbing_is_looked_through(
    knowledge: Knowledge, make_thread: MakeThread, entry: Frames
) -> None:
    for pattern in entry.frames:
        above = pattern.replace("*", "x")
        stack = (above, "java.util.concurrent.CyclicBarrier.await", "com.acme.Shop.buy")
        profile = knowledge.profile(make_thread("t", *stack, state=ThreadState.WAITING))
        assert profile.primitive is not None
        assert profile.primitive.id == "barrier", above
    near = ("com.acme.Gate.park", "java.util.concurrent.CyclicBarrier.await")
    assert knowledge.profile(make_thread("t", *near, state=ThreadState.WAITING)).primitive is None


@pytest.mark.parametrize("entry", _ENTRIES.purposes, ids=lambda entry: entry.id)
def test_a_purpose_is_that_of_the_code_on_top(
    knowledge: Knowledge, make_thread: MakeThread, entry: PurposeFrames
) -> None:
    for pattern in entry.frames:
        frame = pattern.replace("*", "x")
        on_top = knowledge.profile(make_thread("t", frame, "com.acme.Shop.buy"))
        below = knowledge.profile(make_thread("t", "com.acme.Order.toString", frame))
        assert entry.purpose in on_top.purposes, frame
        assert (entry.purpose in below.purposes) is (entry.purpose is Purpose.LOG_WRITER), frame


@pytest.mark.parametrize("entry", _ENTRIES.code, ids=lambda entry: entry.id)
def test_code_belongs_to_who_the_prefixes_say(knowledge: Knowledge, entry: Code) -> None:
    for prefix in entry.prefixes:
        inside = "com.acme." if entry.kind == "shaded" else ""
        assert knowledge.is_application(f"{prefix}{inside}Some.run") is (
            entry.kind in ("application", "shaded")
        )
        assert knowledge.is_application(f"com.acme.{prefix}Some.run"), "a package further down"


@pytest.mark.parametrize("entry", _ENTRIES.holds, ids=lambda entry: entry.id)
def test_frames_that_hold_a_connection(knowledge: Knowledge, entry: Frames) -> None:
    for pattern in entry.frames:
        assert knowledge.holds_connection(pattern.replace("*", "x"))


@pytest.mark.parametrize("entry", _ENTRIES.signs, ids=lambda entry: entry.id)
def test_a_sign_is_seen_anywhere_in_a_stack(
    knowledge: Knowledge, make_thread: MakeThread, entry: Frames
) -> None:
    for pattern in entry.frames:
        shown = make_thread("t", "com.acme.A.b", pattern.replace("*", "x"), "com.acme.C.d")
        assert entry.id in knowledge.profile(shown).signs
    assert not knowledge.profile(make_thread("t", "com.acme.A.b")).signs


def test_functions_of_the_jvm_are_told_without_their_parameters(knowledge: Knowledge) -> None:
    for entry in _ENTRIES.natives:
        for name in entry.names:
            assert knowledge.is_native(entry.id, f"{name}(JavaThread*, bool)")
            assert not knowledge.is_native(entry.id, f"{name}_not(JavaThread*)")
    assert not knowledge.is_native("no-such-entry", "SafepointSynchronize::block")


@pytest.mark.parametrize("rule", _ENTRIES.waits, ids=lambda rule: rule.wait.id)
def test_methods_that_borrow_a_connection(knowledge: Knowledge, rule: WaitRule) -> None:
    for pattern in rule.borrow:
        assert knowledge.is_borrow(pattern.replace("*", ""))
        assert not knowledge.is_borrow(pattern.replace("*", "") + "Name")


@pytest.mark.parametrize("entry", _ENTRIES.renames, ids=lambda entry: entry.id)
def test_what_others_add_to_a_name_is_taken_off(
    knowledge: Knowledge, make_thread: MakeThread, entry: Rename
) -> None:
    assert entry.examples
    for name in entry.examples:
        assert knowledge.profile(make_thread(name, "jeus.servlet.engine.X.run")).entries, name


def test_a_name_that_only_looks_renamed_is_left_alone(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    assert knowledge.profile(make_thread("Thread-7 [container]")).entries == ()
    assert knowledge.profile(make_thread("Handling it : qtp123-45")).entries == ()


@pytest.mark.parametrize("entry", _ENTRIES.services, ids=lambda entry: entry.id)
def test_service_names_stand_for_their_ports(knowledge: Knowledge, entry: ServiceNames) -> None:
    for name, port in entry.names.items():
        found = knowledge.port_of_service(name)
        assert found is not None
        assert found[0] == port
        assert found[1]


@pytest.mark.parametrize("entry", _ENTRIES.protocols, ids=lambda entry: entry.id)
def test_ports_speak_their_protocol(knowledge: Knowledge, entry: ProtocolPorts) -> None:
    assert {knowledge.protocol_of_port(port) for port in entry.ports} == {entry.kind}


def test_ports_and_services_that_nobody_knows(knowledge: Knowledge) -> None:
    assert knowledge.port_of_service("webcache2") is None
    assert knowledge.protocol_of_port(54321) is None


def test_ports_of_waits_speak_the_kind_of_the_wait(knowledge: Knowledge) -> None:
    """A client's default port leads to its own protocol, or to none; H2 shares 9092 with Kafka."""
    for rule in knowledge.entries.waits:
        if rule.wait.id == "h2":
            continue
        for port in rule.wait.ports:
            assert knowledge.protocol_of_port(port) in (None, rule.wait.kind), rule.wait.id
