"""Claims of threads that wait for a class which another thread initialises.

Such a thread is RUNNABLE by its state. Who runs ``X.<clinit>`` initialises X. A class without such
a frame is being initialised all the same while its superclass is: by a thread that is in, or waits
for, some other initialiser, or that the JVM has not yet let into the class's own code.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.facts import Evidence, LockAction, LockLine
from hangscope.interpret.case import Case, Jvm, Thread
from hangscope.knowledge import Activity, Role
from hangscope.waits import Certainty, Claim, Need, Node, NodeKind, Until

_INITIALISES = ".<clinit>"
_LOADS = (".loadClass", ".findClass")
"""A class is loaded, too, on the way to its initialiser."""
_PRIMITIVE = "class-initialization"


def claims(case: Case) -> Iterator[Claim]:
    """What threads wait for that need a class, and who initialises it."""
    for jvm in case.jvms:
        told: set[Node] = set()
        for view in jvm.views:
            if not view.dump.atomic:
                continue
            for waiter in view.threads:
                if waits_for_class(waiter) and waiter.node not in told | jvm.moved:
                    told.add(waiter.node)
                    yield from _claims_of(view, waiter, told)


def waits_for_class(thread: Thread) -> bool:
    """Whether it waits until another thread has initialised a class."""
    primitive = thread.profile.primitive
    return primitive is not None and primitive.id == _PRIMITIVE


def class_node(jvm: Jvm, waiter: Thread) -> Node:
    """The class that a thread waits for; one of its own where the dump does not name it."""
    found = _class_of(waiter)
    name = f"class {found[0]}" if found else f'the class that "{waiter.name}" needs'
    return Node(NodeKind.CLASS, name, jvm.scope)


def line_of_class(waiter: Thread) -> Evidence:
    """The line that names the class; where none does, the top of the stack."""
    found = _class_of(waiter)
    return found[1] if found else waiter.top()


def _class_of(waiter: Thread) -> tuple[str, Evidence] | None:
    for index, entry in enumerate(waiter.java.entries):
        if isinstance(entry, LockLine) and entry.action is LockAction.CLASS_INITIALIZATION:
            return entry.class_name, waiter.java.line_of(index)
    return None


def _claims_of(jvm: Jvm, waiter: Thread, told: set[Node]) -> Iterator[Claim]:
    node = class_node(jvm, waiter)
    yield Claim(
        waiter.node,
        Need.ALL,
        (node,),
        "waits for the initialisation of",
        Certainty.PROVEN,
        Until.NEVER,
        (line_of_class(waiter),),
    )
    if node in told:
        return
    told.add(node)
    found = _class_of(waiter)
    running = _running(jvm, found[0]) if found else []
    if running:
        yield Claim(
            node,
            Need.ANY,
            tuple(thread.node for thread, _ in running),
            "is being initialised by",
            Certainty.PROVEN,
            Until.NEVER,
            tuple(line for _, line in running),
        )
        return
    others = [thread for thread in jvm.threads if thread is not waiter and _may(jvm, thread)]
    if others:
        yield _inferred(jvm, node, others, found[0] if found else None)


def _running(jvm: Jvm, name: str) -> list[tuple[Thread, Evidence]]:
    """Who runs the class's own initialiser; several where several loaders have the class."""
    found = []
    for thread in jvm.threads:
        for index, entry in enumerate(thread.java.entries):
            if getattr(entry, "method", None) == name + _INITIALISES:
                found.append((thread, thread.java.line_of(index)))
                break
    return found


def _may(jvm: Jvm, thread: Thread) -> bool:
    """Whether it may be on the way to initialise a class, of which no frame tells."""
    if thread.node in jvm.moved or thread.profile.role is Role.JVM:
        return False
    if waits_for_class(thread):
        return True
    methods = [frame.method for frame in thread.java.frames()]
    runs = thread.profile.activity is Activity.RUNNING and thread.profile.io is None
    return (runs and bool(methods)) or any(
        method.endswith((_INITIALISES, *_LOADS)) for method in methods
    )


def _inferred(jvm: Jvm, node: Node, others: list[Thread], name: str | None) -> Claim:
    what = f"No thread runs {name}{_INITIALISES}" if name else "The dump does not name the class"
    return Claim(
        node,
        Need.ANY,
        (*(thread.node for thread in others), *jvm.unseen, *jvm.unseen_virtual),
        "is being initialised by",
        Certainty.INFERRED,
        Until.NEVER,
        tuple(thread.header for thread in others),
        f"{what}: it is being initialised by a thread that initialises its superclass first, and"
        f" only {' or '.join(_quoted(others))} can be that one",
    )


def _quoted(threads: list[Thread]) -> list[str]:
    shown = [f'"{thread.name}"' for thread in threads[:3]]
    more = len(threads) - len(shown)
    return [*shown, f"{more} more"] if more else shown
