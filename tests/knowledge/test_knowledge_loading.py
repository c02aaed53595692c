"""Data files: what a user's file may say, and what is said of a wrong one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hangscope.facts.threads import JavaThread
from hangscope.knowledge import Activity, KnowledgeError, Role, load
from hangscope.knowledge.schema import FIELDS

MakeThread = Callable[..., JavaThread]

_POOL = """
[pool.acme-worker]
name = '(?P<pool>acme-(?P<port>\\d+))-\\d+'
role = 'worker'
server = 'acme'
source = ['runbook 12']
"""


@pytest.fixture
def extra(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "own.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_users_entry_counts(extra: Callable[[str], Path], make_thread: MakeThread) -> None:
    knowledge = load(extra(_POOL))
    profile = knowledge.profile(make_thread("acme-9000-3"))
    assert (profile.pool, profile.role, profile.server, profile.port) == (
        "acme-9000",
        Role.WORKER,
        "acme",
        9000,
    )
    assert knowledge.source_of("acme-worker") == ("runbook 12",)
    assert load().profile(make_thread("acme-9000-3")).server is None


def test_a_users_entry_counts_before_a_built_in_one(
    extra: Callable[[str], Path], make_thread: MakeThread
) -> None:
    text = "[pool.ours]\nname = 'http-nio-.*-exec-.*'\nrole = 'executor'\nsource = ['me']"
    profile = load(extra(text)).profile(make_thread("http-nio-8080-exec-1"))
    assert (profile.role, profile.server) == (Role.EXECUTOR, None)


def test_a_users_entry_replaces_one_with_its_id(
    extra: Callable[[str], Path], make_thread: MakeThread
) -> None:
    text = "[activity.jetty-idle]\nis = 'polling'\nany = ['com.acme.Rest.rest']\nsource = ['me']"
    knowledge = load(extra(text))
    jetty = make_thread("t", "org.eclipse.jetty.util.thread.QueuedThreadPool$Runner.idleJobPoll")
    assert knowledge.profile(jetty).activity is Activity.RUNNING
    rests = make_thread("t", "com.acme.Rest.rest")
    assert knowledge.profile(rests).activity is Activity.POLLING
    assert knowledge.source_of("jetty-idle") == ("me",)


def test_a_users_wait_port_and_service(
    extra: Callable[[str], Path], make_thread: MakeThread
) -> None:
    knowledge = load(
        extra(
            "[wait.acme-db]\nkind = 'jdbc'\nphase = 'reply'\nlibrary = 'AcmeDB'\nwho = 'peer'\n"
            "any = ['com.acme.db.Wire.*']\nports = [4711]\nsource = ['me']\n"
            "[protocol.acme-ports]\nkind = 'jdbc'\nports = [4711, 8080]\nsource = ['me']\n"
            "[service.acme-services]\nnames = { acmedb = 4711, webcache = 9999 }\n"
            "source = ['/etc/services']\n"
        )
    )
    thread = make_thread("t", "java.net.SocketInputStream.socketRead0", "com.acme.db.Wire.read")
    wait = knowledge.profile(thread).wait
    assert wait is not None
    assert (wait.kind, wait.library) == ("jdbc", "AcmeDB")
    assert knowledge.protocol_of_port(4711) == "jdbc"
    assert knowledge.protocol_of_port(8080) == "jdbc"
    assert knowledge.port_of_service("acmedb") == (4711, "/etc/services")
    assert knowledge.port_of_service("webcache") == (9999, "/etc/services")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[pool.x", "is not TOML"),
        ("[thread.x]\nname = 'a'", "thread: no such kind of entry; there are pool, base"),
        ("pool = 1", "pool: must be tables [pool.ID]"),
        ("[pool]\nx = 1", "pool.x: must be a table"),
        ("[pool.x]\nname = 'a'\nrole = 'worker'", "pool.x: source: is missing"),
        ("[pool.x]\nrole = 'worker'\nsource = ['me']", "pool.x: name: is missing"),
        ("[pool.x]\nname = 'a'\nrole = 'boss'\nsource = ['me']", "role: 'boss' is none of worker"),
        ("[pool.x]\nname = 'a('\nrole = 'main'\nsource = ['me']", "name: is no regular expression"),
        (
            "[pool.x]\nname = '(?P<prot>a)'\nrole = 'main'\nsource = ['me']",
            "has the unknown group 'prot'",
        ),
        ("[pool.x]\nnames = 'a'\nsource = ['me']", "pool.x: names: no such field; there are name"),
        ("[pool.x]\nname = 1\nsource = ['me']", "pool.x: name: must be a string"),
        ("[pool.x]\ndefault_max = '9'\nsource = ['me']", "default_max: must be a number"),
        ("[pool.x]\ndefault_max = true\nsource = ['me']", "default_max: must be a number"),
        ("[pool.x]\nby_stack = 1\nsource = ['me']", "by_stack: must be true or false"),
        ("[pool.x]\nstarts = 'a'\nsource = ['me']", "starts: must be a list of strings"),
        (
            "[pool.x]\nname = 'a-\\d+'\nrole = 'main'\nsource = ['me']\nexamples = ['a-1', 'a-b']",
            "pool.x: examples: 'a-b' is not matched by name and starts",
        ),
        (
            "[pool.x]\nname = 'a-.*'\nrole = 'main'\nsource = ['me']\nmisses = ['a-b']",
            "pool.x: misses: 'a-b' is matched by name and starts",
        ),
        ("[wait.x]\nports = ['80']\nsource = ['me']", "ports: must be a list of numbers"),
        ("[service.x]\nnames = { a = 'b' }\nsource = ['me']", "names: must be a table of numbers"),
        (
            "[activity.x]\nis = 'idle'\nany = ['*.run']\nsource = ['me']",
            "any: '*.run' must begin with two segments",
        ),
        ("[activity.x]\nis = 'idle'\nany = ['run']\nsource = ['me']", "'run' names no method"),
        ("[activity.x]\nis = 'idle'\nany = [' a.b ']\nsource = ['me']", "is no frame pattern"),
        (
            "[activity.x]\nis = 'idle'\nnone = ['a.b.c']\nsource = ['me']",
            "one of top, near, any, all is needed",
        ),
        (
            "[request.jetty-idle]\nframes = ['a.b.c']\nserver = 'a'\nsource = ['me']",
            "request.jetty-idle: activity.toml: activity.jetty-idle has the same id",
        ),
    ],
)
def test_a_wrong_file_is_told_by_file_entry_and_field(
    extra: Callable[[str], Path], text: str, said: str
) -> None:
    path = extra(text)
    with pytest.raises(KnowledgeError) as raised:
        load(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert said in str(raised.value)


def test_of_several_files_the_first_counts_first(tmp_path: Path, make_thread: MakeThread) -> None:
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    text = "[pool.{id}]\nname = '{name}'\nrole = '{role}'\nsource = ['me']\n"
    first.write_text(text.format(id="ours", name="ours-.*", role="worker"))
    second.write_text(
        text.format(id="any", name=".*", role="background")
        + text.format(id="theirs", name="theirs", role="main")
    )
    knowledge = load(first, second, first)
    assert knowledge.profile(make_thread("ours-1")).role is Role.WORKER
    assert knowledge.profile(make_thread("http-nio-8080-exec-1")).role is Role.BACKGROUND
    assert load(second, first).profile(make_thread("ours-1")).role is Role.BACKGROUND


def test_two_files_with_one_id_contradict_each_other(tmp_path: Path) -> None:
    paths = tmp_path / "first.toml", tmp_path / "second.toml"
    for path in paths:
        path.write_text("[pool.ours]\nname = 'ours'\nrole = 'worker'\nsource = ['me']\n")
    with pytest.raises(KnowledgeError, match=r"first\.toml: pool\.ours: .*second.* the same id"):
        load(*paths)


def test_the_example_of_the_docs_is_right(
    extra: Callable[[str], Path], make_thread: MakeThread
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "knowledge.md").read_text(encoding="utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    knowledge = load(extra(example))
    assert knowledge.profile(make_thread("orders-9000-worker-3")).port == 9000
    thread = make_thread(
        "orders-9000-worker-3",
        "java.net.SocketInputStream.socketRead0",
        "com.acme.ledger.client.Wire.readFrame",
    )
    wait = knowledge.profile(thread).wait
    assert wait is not None
    assert (wait.library, wait.ports) == ("the ledger client", (7010,))
    for kind in FIELDS:
        assert f"`{kind}`" in page


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"none\.toml: cannot be read: No such file"):
        load(tmp_path / "none.toml")


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(KnowledgeError, match="is not UTF-8"):
        load(path)


def test_the_built_in_regular_expressions_are_right(extra: Callable[[str], Path]) -> None:
    """The built-in files are held to what a user's file is held to."""
    data = Path(__file__).parents[2] / "hangscope" / "knowledge" / "data"
    for path in data.glob("*.toml"):
        assert load(extra(path.read_text(encoding="utf-8"))).entries.sources, path
