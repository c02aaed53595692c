"""Profiles of stacks that were checked by hand; their shapes are those of real dumps."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from hangscope.facts.threads import JavaThread, ThreadState
from hangscope.knowledge import Activity, Knowledge, Phase, Role

MakeThread = Callable[..., JavaThread]

PARK = ("jdk.internal.misc.Unsafe.park", "java.util.concurrent.locks.LockSupport.park")
CONDITION = (
    *PARK,
    "java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionNode.block",
    "java.util.concurrent.ForkJoinPool.unmanagedBlock",
    "java.util.concurrent.ForkJoinPool.managedBlock",
    "java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionObject.await",
)
TAKE = (*CONDITION, "java.util.concurrent.LinkedBlockingQueue.take")
READ = (
    "sun.nio.ch.SocketDispatcher.read0",
    "sun.nio.ch.SocketDispatcher.read",
    "sun.nio.ch.NioSocketImpl.tryRead",
    "sun.nio.ch.NioSocketImpl.implRead",
    "sun.nio.ch.NioSocketImpl.read",
    "sun.nio.ch.NioSocketImpl$1.read",
    "java.net.Socket$SocketInputStream.read",
)
TIMED_READ = (
    "sun.nio.ch.Net.poll",
    "sun.nio.ch.NioSocketImpl.park",
    "sun.nio.ch.NioSocketImpl.timedRead",
    "sun.nio.ch.NioSocketImpl.implRead",
    "java.net.Socket$SocketInputStream.read",
)
OLD_READ = (
    "java.net.SocketInputStream.socketRead0",
    "java.net.SocketInputStream.read",
    "java.io.BufferedInputStream.fill",
)
HTTP_URL_CONNECTION = (
    "java.io.BufferedInputStream.fill",
    "- locked java.io.BufferedInputStream",
    "sun.net.www.http.HttpClient.parseHTTPHeader",
    "sun.net.www.http.HttpClient.parseHTTP",
    "sun.net.www.protocol.http.HttpURLConnection.getInputStream0",
    "- locked sun.net.www.protocol.http.HttpURLConnection",
    "sun.net.www.protocol.http.HttpURLConnection.getInputStream",
)
TOMCAT = (
    "jakarta.servlet.http.HttpServlet.service",
    "org.apache.catalina.core.ApplicationFilterChain.doFilter",
    "org.apache.catalina.connector.CoyoteAdapter.service",
    "org.apache.coyote.http11.Http11Processor.service",
    "org.apache.tomcat.util.net.SocketProcessorBase.run",
    "org.apache.tomcat.util.threads.ThreadPoolExecutor.runWorker",
    "org.apache.tomcat.util.threads.ThreadPoolExecutor$Worker.run",
    "org.apache.tomcat.util.threads.TaskThread$WrappingRunnable.run",
    "java.lang.Thread.run",
)
WORKER = (
    "java.util.concurrent.ThreadPoolExecutor.runWorker",
    "java.util.concurrent.ThreadPoolExecutor$Worker.run",
    "java.lang.Thread.run",
)
JETTY = (
    "org.eclipse.jetty.util.thread.QueuedThreadPool.runJob",
    "org.eclipse.jetty.util.thread.QueuedThreadPool$Runner.doRunJob",
    "org.eclipse.jetty.util.thread.QueuedThreadPool$Runner.run",
    "java.lang.Thread.run",
)
EPOLL = ("sun.nio.ch.EPoll.wait", "sun.nio.ch.SelectorImpl.select")
WAITING = ThreadState.WAITING
BLOCKED = ThreadState.BLOCKED


def test_a_tomcat_worker_that_calls_over_http(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    stack = (*READ, *HTTP_URL_CONNECTION, "com.acme.Report.fetch", *TOMCAT)
    profile = knowledge.profile(make_thread("http-nio-8080-exec-24", *stack))
    assert (profile.pool, profile.role, profile.server) == (
        "http-nio-8080-exec",
        Role.WORKER,
        "tomcat",
    )
    assert (profile.port, profile.address) == (8080, None)
    assert profile.default_max == 200
    assert profile.pool_key is not None
    assert profile.pool_key.startswith("Connector@maxThreads")
    assert profile.activity is Activity.REPLY
    assert profile.wait is not None
    assert (profile.wait.id, profile.wait.kind, profile.wait.phase, profile.wait.who) == (
        "huc-reply",
        "http",
        Phase.REPLY,
        "peer",
    )
    assert profile.io is not None
    assert (profile.io.op, profile.io.timed) == ("read", "no")
    assert profile.serves_request
    assert profile.application_frame == stack.index("com.acme.Report.fetch")
    assert set(profile.entries) >= {"tomcat-worker", "huc-reply", "read-untimed", "tomcat-request"}


@pytest.mark.parametrize(
    ("read", "timed"), [(READ, "no"), (TIMED_READ, "yes"), (OLD_READ, "unknown")]
)
def test_whether_a_read_has_a_timeout(
    knowledge: Knowledge, make_thread: MakeThread, read: tuple[str, ...], timed: str
) -> None:
    profile = knowledge.profile(make_thread("t", *read, "com.acme.Client.call"))
    assert profile.io is not None
    assert (profile.io.op, profile.io.timed) == ("read", timed)
    assert profile.activity is Activity.REPLY


def test_poll_alone_is_no_timeout(knowledge: Knowledge, make_thread: MakeThread) -> None:
    """A socket that was non-blocking once polls without a timeout (pgjdbc on JDK 17 and later)."""
    stack = ("sun.nio.ch.Net.poll", "sun.nio.ch.NioSocketImpl.park") * 2
    profile = knowledge.profile(
        make_thread("t", *stack, "sun.nio.ch.NioSocketImpl.implRead", "com.acme.Client.call")
    )
    assert profile.io is not None
    assert (profile.io.op, profile.io.timed) == ("read", "no")


def test_an_idle_worker(knowledge: Knowledge, make_thread: MakeThread) -> None:
    stack = (
        *TAKE,
        "org.apache.tomcat.util.threads.TaskQueue.take",
        "org.apache.tomcat.util.threads.ThreadPoolExecutor.getTask",
        *TOMCAT[-4:],
    )
    profile = knowledge.profile(make_thread("http-nio-8080-exec-3", *stack, state=WAITING))
    assert profile.activity is Activity.IDLE
    assert not profile.serves_request
    assert profile.runs_task is None
    assert profile.application_frame is None


def test_an_idle_executor_thread(knowledge: Knowledge, make_thread: MakeThread) -> None:
    stack = (*TAKE, "java.util.concurrent.ThreadPoolExecutor.getTask", *WORKER)
    profile = knowledge.profile(make_thread("pool-2-thread-7", *stack, state=WAITING))
    assert (profile.pool, profile.role) == ("pool-2-thread", Role.EXECUTOR)
    assert (profile.activity, profile.runs_task) == (Activity.IDLE, None)


def test_a_queue_alone_is_not_idle(knowledge: Knowledge, make_thread: MakeThread) -> None:
    """JNDI waits for its reply in a queue, and so may the application."""
    ldap = (*TAKE, "com.sun.jndi.ldap.LdapRequest.getReplyBer", "com.acme.Users.find", *TOMCAT)
    profile = knowledge.profile(make_thread("http-nio-8080-exec-1", *ldap, state=WAITING))
    assert profile.activity is Activity.REPLY
    assert profile.wait is not None
    assert (profile.wait.kind, profile.wait.who) == ("ldap", "io-thread")
    own = knowledge.profile(make_thread("t", *TAKE, "com.acme.Mailbox.next", state=WAITING))
    assert own.activity is Activity.OTHER_WAIT
    assert own.primitive is not None
    assert own.primitive.id == "queue-take"


def test_fork_join_frames_under_a_condition_make_no_fork_join_worker(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    profile = knowledge.profile(make_thread("t", *CONDITION, "com.acme.Gate.pass", state=WAITING))
    assert (profile.role, profile.runs_task) == (Role.UNKNOWN, None)
    assert profile.activity is Activity.OTHER_WAIT
    assert profile.primitive is not None
    assert (profile.primitive.id, profile.primitive.frame_index) == ("condition", 5)


def test_a_task_of_an_executor(knowledge: Knowledge, make_thread: MakeThread) -> None:
    stack = (
        *PARK,
        "java.util.concurrent.FutureTask.awaitDone",
        "java.util.concurrent.FutureTask.get",
        "com.acme.Invoices.write",
        "java.util.concurrent.FutureTask.run",
        *WORKER,
    )
    profile = knowledge.profile(make_thread("pool-1-thread-4", *stack, state=WAITING))
    assert (profile.activity, profile.runs_task) == (Activity.OTHER_WAIT, "executor")
    assert profile.primitive is not None
    assert (profile.primitive.id, profile.primitive.frame_index) == ("futuretask", 3)
    assert profile.application_frame == 4


def test_the_outermost_primitive_says_what_is_waited_for(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    stack = (
        *PARK,
        "java.util.concurrent.FutureTask.awaitDone",
        "java.util.concurrent.FutureTask.get",
        "java.util.concurrent.AbstractExecutorService.invokeAll",
        "com.acme.Search.all",
        *TOMCAT,
    )
    profile = knowledge.profile(make_thread("http-nio-8080-exec-1", *stack, state=WAITING))
    assert profile.primitive is not None
    assert profile.primitive.id == "invokeall"


def test_a_lock_inside_a_queue_is_a_lock(knowledge: Knowledge, make_thread: MakeThread) -> None:
    stack = (
        *PARK,
        "java.util.concurrent.locks.AbstractQueuedSynchronizer.acquire",
        "java.util.concurrent.locks.ReentrantLock.lock",
        "java.util.concurrent.ArrayBlockingQueue.put",
        "com.acme.Mailbox.send",
    )
    profile = knowledge.profile(make_thread("t", *stack, state=WAITING))
    assert profile.primitive is not None
    assert profile.primitive.id == "reentrantlock"


def test_a_fork_join_task(knowledge: Knowledge, make_thread: MakeThread) -> None:
    stack = (
        "com.acme.Index.merge",
        "java.util.concurrent.ForkJoinTask.doExec",
        "java.util.concurrent.ForkJoinPool.runWorker",
        "java.util.concurrent.ForkJoinWorkerThread.run",
    )
    profile = knowledge.profile(make_thread("ForkJoinPool.commonPool-worker-3", *stack))
    assert (profile.role, profile.runs_task) == (Role.EXECUTOR, "forkjoin")
    assert profile.activity is Activity.RUNNING


def test_threads_of_a_jetty_pool_are_told_by_their_stacks(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    selector = (*EPOLL, "org.eclipse.jetty.io.ManagedSelector.select", *JETTY)
    idle = (
        *CONDITION,
        "org.eclipse.jetty.util.thread.QueuedThreadPool$Runner.idleJobPoll",
        *JETTY[2:],
    )
    reserved = (
        *CONDITION,
        "org.eclipse.jetty.util.thread.ReservedThreadExecutor$ReservedThread.reservedWait",
        *JETTY,
    )
    request = (
        *READ,
        *HTTP_URL_CONNECTION,
        "com.acme.Handler.handle",
        "org.eclipse.jetty.server.Server.handle",
        *JETTY,
    )
    roles = {
        stack: knowledge.profile(make_thread("qtp1469821799-21", *stack))
        for stack in (selector, idle, reserved, request)
    }
    assert {(p.pool, p.server) for p in roles.values()} == {("qtp1469821799", "jetty")}
    assert [(p.role, p.activity) for p in roles.values()] == [
        (Role.POLLER, Activity.POLLING),
        (Role.WORKER, Activity.IDLE),
        (Role.WORKER, Activity.IDLE),
        (Role.WORKER, Activity.REPLY),
    ]


def test_a_jetty_acceptor_names_the_port_of_its_pool(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    name = (
        "qtp1469821799-22-acceptor-0@66659b95-ServerConnector@68a27929"
        "{HTTP/1.1, (http/1.1)}{0.0.0.0:8080}"
    )
    stack = ("sun.nio.ch.Net.accept", "sun.nio.ch.ServerSocketChannelImpl.accept", *JETTY)
    profile = knowledge.profile(make_thread(name, *stack))
    assert (profile.pool, profile.role) == ("qtp1469821799", Role.ACCEPTOR)
    assert (profile.address, profile.port) == ("0.0.0.0", 8080)  # noqa: S104 - text of a name
    assert (profile.activity, profile.runs_task) == (Activity.ACCEPTING, None)


def test_a_blocking_worker_on_a_kept_alive_connection_is_idle(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    stack = (
        *OLD_READ,
        "org.apache.coyote.ajp.AjpProcessor.read",
        "org.apache.coyote.ajp.AjpProcessor.readMessage",
        "org.apache.coyote.ajp.AjpProcessor.process",
        "org.apache.tomcat.util.net.JIoEndpoint$Worker.run",
        "java.lang.Thread.run",
    )
    for name in ("ajp-/127.0.0.1:8009-30", "ajp-bio-8009-exec-69"):
        profile = knowledge.profile(make_thread(name, *stack))
        assert (profile.role, profile.activity) == (Role.WORKER, Activity.IDLE)
        assert (profile.port, profile.serves_request) == (8009, False)


def test_a_worker_that_waits_for_its_own_client(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    """The monitor is that of a Semaphore: no bulkhead, but a slow client."""
    stack = (
        "java.lang.Object.wait0",
        "- waiting on java.util.concurrent.Semaphore",
        "java.lang.Object.wait",
        "org.apache.tomcat.util.net.NioEndpoint$NioSocketWrapper.fillReadBuffer",
        "com.acme.Upload.read",
        *TOMCAT,
    )
    profile = knowledge.profile(make_thread("http-nio-8080-exec-1", *stack, state=WAITING))
    assert profile.activity is Activity.INBOUND_IO
    assert profile.wait is None


def test_acceptors_that_take_turns_are_accepting(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    sap = (
        "com.sap.bc.proj.jstartup.fca.FCAServer.accept",
        "- waiting to lock com.sap.bc.proj.jstartup.fca.FCAServer",
        "com.sap.engine.core.thread.impl3.SingleThread.run",
    )
    parked = (
        *PARK,
        "java.util.concurrent.locks.ReentrantLock.lock",
        "sun.nio.ch.ServerSocketChannelImpl.accept",
        "com.acme.Listener.run",
    )
    muxer = (
        "weblogic.socket.NTSocketMuxer.processSockets",
        "- waiting to lock java.lang.String",
        "weblogic.kernel.ExecuteThread.run",
    )
    muxer_name = "ExecuteThread: '0' for queue: 'weblogic.socket.Muxer'"
    accepting = [
        knowledge.profile(make_thread("HTTP Worker [3]", *sap, state=BLOCKED)),
        knowledge.profile(make_thread("listener-2", *parked, state=WAITING)),
        knowledge.profile(make_thread(muxer_name, *muxer, state=BLOCKED)),
    ]
    assert [profile.activity for profile in accepting] == [
        Activity.ACCEPTING,
        Activity.ACCEPTING,
        Activity.POLLING,
    ]


def test_an_acceptor_blocked_elsewhere_is_stuck(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    stack = (
        "org.apache.log4j.Category.callAppenders",
        "- waiting to lock org.apache.log4j.Logger",
        "org.apache.tomcat.util.net.Acceptor.run",
        "java.lang.Thread.run",
    )
    profile = knowledge.profile(make_thread("http-nio-8080-Acceptor", *stack, state=BLOCKED))
    assert (profile.role, profile.port) == (Role.ACCEPTOR, 8080)
    assert profile.activity is Activity.OTHER_WAIT


def test_an_acceptor_without_a_free_connection_slot(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    stack = (
        *PARK,
        "java.util.concurrent.locks.AbstractQueuedSynchronizer.acquire",
        "org.apache.tomcat.util.threads.LimitLatch.countUpOrAwait",
        "org.apache.tomcat.util.net.Acceptor.run",
    )
    profile = knowledge.profile(make_thread("http-nio-8080-Acceptor", *stack, state=WAITING))
    assert profile.activity is Activity.ACCEPTING
    assert profile.primitive is not None
    assert profile.primitive.id == "connection-limit"


def test_a_blocked_thread(knowledge: Knowledge, make_thread: MakeThread) -> None:
    stack = ("com.acme.Cache.get", "- waiting to lock com.acme.Cache", *TOMCAT)
    profile = knowledge.profile(make_thread("http-nio-8080-exec-1", *stack, state=BLOCKED))
    assert profile.activity is Activity.OTHER_WAIT
    assert profile.primitive is not None
    assert (profile.primitive.id, profile.primitive.frame_index) == ("monitor", 0)


def test_blocked_inside_a_client_is_no_reply(knowledge: Knowledge, make_thread: MakeThread) -> None:
    """Two threads on one JDBC connection: the second waits for the first, not for the database."""
    stack = (
        "org.mariadb.jdbc.client.impl.StandardClient.execute",
        "- waiting to lock java.lang.Object",
        "com.acme.Orders.find",
    )
    profile = knowledge.profile(make_thread("t", *stack, state=BLOCKED))
    assert (profile.activity, profile.wait) == (Activity.OTHER_WAIT, None)


def test_a_class_being_initialised_elsewhere(knowledge: Knowledge, make_thread: MakeThread) -> None:
    said = make_thread(
        "t",
        "com.acme.Registry.lookup",
        "- waiting on the Class initialization monitor for com.acme.Registry",
        os_state="in Object.wait()",
    )
    silent = make_thread("t", "com.acme.Registry.lookup", os_state="in Object.wait()")
    for thread in (said, silent):
        profile = knowledge.profile(thread)
        assert profile.activity is Activity.OTHER_WAIT
        assert profile.primitive is not None
        assert profile.primitive.id == "class-initialization"


def test_java_net_http_waits_for_its_io_thread(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    stack = (
        *PARK,
        "java.util.concurrent.CompletableFuture$Signaller.block",
        "java.util.concurrent.ForkJoinPool.managedBlock",
        "java.util.concurrent.CompletableFuture.waitingGet",
        "java.util.concurrent.CompletableFuture.get",
        "jdk.internal.net.http.HttpClientImpl.send",
        "jdk.internal.net.http.HttpClientFacade.send",
        "com.acme.Report.fetch",
        *TOMCAT,
    )
    profile = knowledge.profile(make_thread("http-nio-8080-exec-1", *stack, state=WAITING))
    assert profile.activity is Activity.REPLY
    assert profile.wait is not None
    assert (profile.wait.kind, profile.wait.who) == ("http", "io-thread")
    assert profile.primitive is not None
    assert profile.primitive.id == "completablefuture"
    assert profile.io is None


def test_a_lease_names_its_pool(knowledge: Knowledge, make_thread: MakeThread) -> None:
    stack = (
        "jdk.internal.misc.Unsafe.park",
        "java.util.concurrent.locks.LockSupport.parkNanos",
        "java.util.concurrent.SynchronousQueue.poll",
        "com.zaxxer.hikari.util.ConcurrentBag.borrow",
        "com.zaxxer.hikari.pool.HikariPool.getConnection",
        "com.zaxxer.hikari.HikariDataSource.getConnection",
        "com.acme.Orders.place",
        *TOMCAT,
    )
    profile = knowledge.profile(
        make_thread("http-nio-8080-exec-1", *stack, state=ThreadState.TIMED_WAITING)
    )
    assert profile.activity is Activity.LEASE
    assert profile.wait is not None
    assert (profile.wait.kind, profile.wait.who, profile.wait.library) == (
        "jdbc",
        "holders",
        "HikariCP",
    )
    assert profile.wait.pool_size == "10 (maximumPoolSize)"
    assert [m for m in stack if knowledge.is_borrow(m)] == list(stack[4:6])
    assert not any(knowledge.holds_connection(m) for m in stack)


def test_a_connection_made_while_borrowing_is_no_lease(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    stack = (
        *READ,
        "org.postgresql.core.PGStream.receiveChar",
        "org.postgresql.core.v3.ConnectionFactoryImpl.doAuthentication",
        "org.postgresql.jdbc.PgConnection.<init>",
        "org.apache.tomcat.jdbc.pool.PooledConnection.connectUsingDriver",
        "org.apache.tomcat.jdbc.pool.ConnectionPool.borrowConnection",
        "com.acme.Orders.place",
    )
    profile = knowledge.profile(make_thread("t", *stack))
    assert profile.activity is Activity.HANDSHAKE
    assert profile.wait is not None
    assert profile.wait.id == "postgresql-login"


def test_only_callbacks_of_spring_jdbc_hold_a_connection(knowledge: Knowledge) -> None:
    """JdbcTemplate.execute is on the stack of a thread that borrows its first one, too."""
    assert not knowledge.holds_connection("org.springframework.jdbc.core.JdbcTemplate.execute")
    assert not knowledge.holds_connection("org.springframework.jdbc.core.JdbcTemplate.query")
    assert knowledge.holds_connection(
        "org.springframework.jdbc.core.JdbcTemplate$1.doInPreparedStatement"
    )


def test_what_a_jdbc_thread_waits_for(knowledge: Knowledge, make_thread: MakeThread) -> None:
    driver = (
        "org.postgresql.core.VisibleBufferedInputStream.readMore",
        "org.postgresql.core.v3.QueryExecutorImpl.processResults",
        "org.postgresql.jdbc.PgStatement.executeUpdate",
        "com.zaxxer.hikari.pool.ProxyStatement.executeUpdate",
        "com.acme.Stock.reserve",
        *TOMCAT,
    )
    reply = knowledge.profile(make_thread("http-nio-8080-exec-1", *READ, *driver))
    assert reply.wait is not None
    assert (reply.activity, reply.wait.kind, reply.wait.ports) == (
        Activity.REPLY,
        "jdbc",
        (5432,),
    )
    write = ("sun.nio.ch.SocketDispatcher.write0", "sun.nio.ch.NioSocketImpl.implWrite")
    writing = knowledge.profile(make_thread("http-nio-8080-exec-1", *write, *driver))
    assert writing.activity is Activity.WRITE
    assert writing.wait is not None
    assert writing.wait.kind == "jdbc"


def test_a_client_that_computes_is_running(knowledge: Knowledge, make_thread: MakeThread) -> None:
    stack = ("com.acme.Rows.map", "okhttp3.internal.http.CallServerInterceptor.intercept", *TOMCAT)
    profile = knowledge.profile(make_thread("http-nio-8080-exec-1", *stack))
    assert (profile.activity, profile.wait) == (Activity.RUNNING, None)


def test_connecting(knowledge: Knowledge, make_thread: MakeThread) -> None:
    connect = (
        "sun.nio.ch.Net.connect0",
        "sun.nio.ch.NioSocketImpl.connect",
        "java.net.Socket.connect",
    )
    named = (
        *connect,
        "org.postgresql.core.v3.ConnectionFactoryImpl.tryConnect",
        "com.acme.Db.open",
    )
    profile = knowledge.profile(make_thread("t", *named))
    assert profile.activity is Activity.CONNECT
    assert profile.wait is not None
    assert profile.wait.kind == "jdbc"
    raw = knowledge.profile(make_thread("t", *connect, "com.acme.Probe.run"))
    assert (raw.activity, raw.wait) == (Activity.CONNECT, None)


def test_a_tls_handshake_keeps_the_client_beneath_it(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    handshake = (
        *READ,
        "sun.security.ssl.SSLSocketInputRecord.read",
        "sun.security.ssl.SSLSocketImpl.readHandshakeRecord",
        "sun.security.ssl.SSLSocketImpl.startHandshake",
    )
    bare = knowledge.profile(make_thread("t", *handshake, "com.acme.Client.call"))
    assert bare.activity is Activity.HANDSHAKE
    assert bare.wait is not None
    assert (bare.wait.kind, bare.wait.library) == ("tls", "JSSE")
    https = (
        *handshake,
        "sun.net.www.protocol.https.HttpsClient.afterConnect",
        "sun.net.www.protocol.http.HttpURLConnection.getInputStream0",
        "com.acme.Client.call",
    )
    over = knowledge.profile(make_thread("t", *https))
    assert over.activity is Activity.HANDSHAKE
    assert over.wait is not None
    assert (over.wait.kind, over.wait.library) == ("http", "HttpURLConnection over JSSE")


def test_the_client_under_a_wrapper_decides(knowledge: Knowledge, make_thread: MakeThread) -> None:
    wrapper = ("org.springframework.web.client.RestTemplate.doExecute", "com.acme.Shop.buy")
    profile = knowledge.profile(make_thread("t", *READ, *HTTP_URL_CONNECTION, *wrapper))
    assert profile.wait is not None
    assert profile.wait.id == "huc-reply"


def test_the_innermost_of_two_clients_decides(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    inner = (
        "org.postgresql.core.PGStream.receiveChar",
        "org.postgresql.core.v3.QueryExecutorImpl.x",
    )
    outer = ("com.acme.Rows.map", "okhttp3.internal.http.CallServerInterceptor.intercept")
    profile = knowledge.profile(make_thread("t", *READ, *inner, *outer))
    assert profile.wait is not None
    assert profile.wait.id == "postgresql"


def test_readers_of_client_connections_rest_in_a_read(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    for name, frames in (
        ("AMQP Connection 10.0.0.9:5672", ("com.rabbitmq.client.impl.AMQConnection$MainLoop.run",)),
        ("Thread-6", ("com.sun.jndi.ldap.Connection.run",)),
        ("Monitor Ctrl-Break", ("com.intellij.rt.execution.application.AppMainV2$1.run",)),
    ):
        profile = knowledge.profile(make_thread(name, *READ, *frames, "java.lang.Thread.run"))
        assert profile.activity is Activity.IDLE, name


def test_a_selector_under_a_request_is_not_at_rest(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    serving = knowledge.profile(make_thread("t", *EPOLL, "com.acme.OwnClient.await", *TOMCAT))
    assert serving.activity is Activity.OTHER_WAIT
    loop = knowledge.profile(make_thread("loop", *EPOLL, "com.acme.Loop.run"))
    assert (loop.activity, loop.role) == (Activity.POLLING, Role.POLLER)


def test_a_virtual_thread_reads_through_the_poller(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    stack = (
        "java.lang.VirtualThread.park",
        "java.lang.System$1.parkVirtualThread",
        "java.util.concurrent.locks.LockSupport.park",
        "sun.nio.ch.Poller.poll",
        "sun.nio.ch.NioSocketImpl.park",
        "sun.nio.ch.NioSocketImpl.implRead",
        *HTTP_URL_CONNECTION,
        "com.acme.Shop.buy",
        "java.lang.VirtualThread.run",
    )
    for state in (WAITING, None):
        profile = knowledge.profile(make_thread("tomcat-handler-17", *stack, state=state))
        assert profile.activity is Activity.REPLY
        assert profile.io is not None
        assert (profile.io.op, profile.io.timed) == ("read", "no")
        assert profile.wait is not None
        assert profile.wait.id == "huc-reply"


def test_a_dump_without_states(knowledge: Knowledge, make_thread: MakeThread) -> None:
    """JRockit and JDK 5 print no state line; the top frame tells."""
    idle = (
        "jrockit/vm/Threads.waitForSignal",
        "java/lang/Object.wait",
        "weblogic/kernel/ExecuteThread.waitForRequest",
    )
    name = "ExecuteThread: '4' for queue: 'weblogic.kernel.Default'"
    profile = knowledge.profile(make_thread(name, *idle, state=None))
    assert (profile.pool, profile.activity) == ("weblogic.kernel.Default", Activity.IDLE)
    waits = make_thread("t", "java.lang.Object.wait", "com.acme.Gate.pass", state=None)
    assert knowledge.profile(waits).activity is Activity.OTHER_WAIT
    runs = make_thread("t", "com.acme.Gate.spin", state=None)
    assert knowledge.profile(runs).activity is Activity.RUNNING
    blocked = make_thread("t", "com.acme.Gate.x", state=None, os_state="waiting for monitor entry")
    assert knowledge.profile(blocked).activity is Activity.OTHER_WAIT


def test_relocated_libraries_are_the_same_libraries(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    stack = (
        *TAKE,
        "io.grpc.netty.shaded.io.netty.util.concurrent.SingleThreadEventExecutor.takeTask",
    )
    profile = knowledge.profile(make_thread("t", *stack, state=WAITING))
    assert profile.activity is Activity.IDLE
    assert profile.application_frame is None


def test_a_thread_of_no_stated_state_that_sleeps_waits(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    """``Thread.dump_to_file`` of JDK 21 prints no states."""
    for top in ("java.lang.Thread.sleep0", "java.lang.Thread.sleepNanos0"):
        profile = knowledge.profile(make_thread("t", top, "com.acme.Nap.take", state=None))
        assert profile.activity is Activity.OTHER_WAIT
        assert profile.primitive is not None
        assert profile.primitive.id == "sleep"
    future = knowledge.profile(make_thread("t", "java.util.concurrent.FutureTask.get", state=None))
    assert future.primitive is None


def test_object_wait_of_openj9(knowledge: Knowledge, make_thread: MakeThread) -> None:
    waits = ("java.lang.Object.waitImpl", "java.lang.Object.wait", "java.lang.Object.wait")
    profile = knowledge.profile(make_thread("t", *waits, "com.acme.Gate.pass", state=WAITING))
    assert profile.primitive is not None
    assert profile.primitive.id == "object-wait"
    timer = ("java.util.TimerThread.mainLoop", "java.util.TimerThread.run")
    idle = knowledge.profile(make_thread("Timer-1", *waits, *timer, state=WAITING))
    assert idle.activity is Activity.IDLE


def test_virtual_threads_of_the_jdk_itself_are_at_rest(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    loop = (
        "java.lang.VirtualThread.park",
        "java.lang.System$1.parkVirtualThread",
        "java.util.concurrent.locks.LockSupport.park",
        "sun.nio.ch.Poller.poll",
        "sun.nio.ch.Poller.subPollerLoop",
        "java.lang.VirtualThread.run",
    )
    profile = knowledge.profile(make_thread("SubPoller-0", *loop, state=WAITING))
    assert (profile.role, profile.activity) == (Role.BACKGROUND, Activity.IDLE)


def test_threads_without_a_name_are_no_pool(knowledge: Knowledge, make_thread: MakeThread) -> None:
    profile = knowledge.profile(make_thread("", "com.acme.Work.run", "java.lang.VirtualThread.run"))
    assert (profile.role, profile.pool) == (Role.EXECUTOR, None)


def test_a_jvm_thread_without_frames(knowledge: Knowledge, make_thread: MakeThread) -> None:
    profile = knowledge.profile(make_thread("GC Thread#0", state=None, is_java=False))
    assert (profile.role, profile.activity) == (Role.JVM, Activity.IDLE)


def test_an_unknown_name_is_told_by_its_outermost_frames(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    tomcat = knowledge.profile(make_thread("shop-12", "com.acme.Shop.buy", *TOMCAT))
    assert (tomcat.pool, tomcat.role, tomcat.server) == ("shop", Role.WORKER, "tomcat")
    plain = knowledge.profile(make_thread("mailer #3", "com.acme.Mail.send", *WORKER))
    assert (plain.pool, plain.role, plain.server) == ("mailer", Role.EXECUTOR, None)
    alone = knowledge.profile(make_thread("indexer", "com.acme.Index.run", "java.lang.Thread.run"))
    assert (alone.pool, alone.role, alone.server) == (None, Role.UNKNOWN, None)


def test_a_server_without_an_executor_serves_on_its_dispatcher(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    serving = ("com.acme.Page.handle", "sun.net.httpserver.ServerImpl$Exchange.run")
    profile = knowledge.profile(make_thread("HTTP-Dispatcher", *serving))
    assert (profile.role, profile.default_max) == (Role.WORKER, 1)
    polling = knowledge.profile(make_thread("HTTP-Dispatcher", *EPOLL))
    assert polling.role is Role.POLLER


def test_idle_siblings_of_a_serving_thread_could_serve_too(
    knowledge: Knowledge, make_thread: MakeThread
) -> None:
    """Told apart, an idle thread would be missed as a free worker and a deadlock be claimed."""
    serving = ("com.acme.Page.handle", "sun.net.httpserver.ServerImpl$Exchange.run", *WORKER)
    idle = (*TAKE, "java.util.concurrent.ThreadPoolExecutor.getTask", *WORKER)
    threads = (
        make_thread("pool-1-thread-1", *serving),
        make_thread("pool-1-thread-2", *idle, state=WAITING),
        make_thread("pool-2-thread-1", *idle, state=WAITING),
    )
    assert knowledge.profile(threads[1]).role is Role.EXECUTOR
    together = knowledge.profiles(threads)
    assert [(p.role, p.server) for p in together] == [
        (Role.WORKER, "jdk.httpserver"),
        (Role.WORKER, "jdk.httpserver"),
        (Role.EXECUTOR, None),
    ]


_NAMES: dict[str, tuple[str | None, str | None, int | None]] = {
    "http-nio-8080-exec-1": ("http-nio-8080-exec", None, 8080),
    "http-nio-127.0.0.1-8080-exec-1": ("http-nio-127.0.0.1-8080-exec", "127.0.0.1", 8080),
    "http-nio-0:0:0:0:0:0:0:1-8080-exec-2": (
        "http-nio-0:0:0:0:0:0:0:1-8080-exec",
        "0:0:0:0:0:0:0:1",
        8080,
    ),
    "https-openssl-ffm-nio-8443-exec-1": ("https-openssl-ffm-nio-8443-exec", None, 8443),
    "http-nio-auto-1-54321-exec-2": ("http-nio-auto-1-54321-exec", None, 54321),
    "http-nio-auto-1-exec-2": ("http-nio-auto-1-exec", None, None),
    "http-nio-main-connector-exec-2": ("http-nio-main-connector-exec", None, None),
    "http-8080-12": ("http-8080", None, 8080),
    "http-8080-exec-3": ("http-8080-exec", None, 8080),
    "http-/10.0.0.1:8080-5": ("http-/10.0.0.1:8080", "10.0.0.1", 8080),
    "http-localhost/127.0.0.1:8080-5": ("http-localhost/127.0.0.1:8080", "127.0.0.1", 8080),
    "http-%2F10.0.0.1-8080-3": ("http-%2F10.0.0.1-8080", "10.0.0.1", 8080),
    "ajp-nio-8009-exec-3": ("ajp-nio-8009-exec", None, 8009),
    "XNIO-1 task-3": ("XNIO-1 task", None, None),
    "default task-12": ("default task", None, None),
    "qtp1193442318-24": ("qtp1193442318", None, None),
    "pool-2-thread-1": ("pool-2-thread", None, None),
    "Default Executor-thread-12": ("Default Executor-thread", None, None),
    "WebContainer : 5": ("WebContainer", None, None),
    "[STUCK] ExecuteThread: '4' for queue: 'weblogic.kernel.Default (self-tuning)'": (
        "weblogic.kernel.Default (self-tuning)",
        None,
        None,
    ),
    "http-thread-pool::http-listener-1(3)": ("http-listener-1", None, None),
    "httpSSLWorkerThread-8181-19": ("httpSSLWorkerThread-8181", None, 8181),
    "nioEventLoopGroup-3-1": ("nioEventLoopGroup-3", None, None),
    "reactor-http-epoll-3": ("reactor-http-epoll", None, None),
    "vert.x-worker-thread-3": ("vert.x-worker-thread", None, None),
    "DubboServerHandler-10.0.0.5:20880-thread-17": (
        "DubboServerHandler-10.0.0.5:20880-thread",
        "10.0.0.5",
        20880,
    ),
    "RMI TCP Accept-1099": ("RMI TCP Accept", None, 1099),
    "RMI TCP Accept-0": ("RMI TCP Accept", None, None),
    "AMQP Connection 127.0.0.1:5672": (None, None, None),
    "main-SendThread(zk1:2181)": (None, None, None),
    "Handling GET /job/a from 10.0.0.9 : qtp123-45": ("qtp123", None, None),
}
"""Thread names: pool, address and port that they say."""


@pytest.mark.parametrize("name", _NAMES)
def test_what_a_name_says(knowledge: Knowledge, make_thread: MakeThread, name: str) -> None:
    profile = knowledge.profile(make_thread(name))
    assert (profile.pool, profile.address, profile.port) == _NAMES[name]


@pytest.mark.parametrize("name", ["", "\n", "a" * 1_000_000, "listener" * 50_000, "1-" * 100_000])
def test_a_name_may_be_anything(knowledge: Knowledge, make_thread: MakeThread, name: str) -> None:
    began = time.monotonic()
    assert knowledge.profile(make_thread(name)).role is Role.UNKNOWN
    assert time.monotonic() - began < 1


def test_no_serving_thread_is_idle(knowledge: Knowledge, make_thread: MakeThread) -> None:
    """Whatever an idle rule says, a request on the stack is not free capacity."""
    rest = (*TAKE, "java.util.concurrent.ThreadPoolExecutor.getTask")
    for state in ThreadState:
        profile = knowledge.profile(make_thread("t", *rest, *TOMCAT, state=state))
        assert profile.activity not in {Activity.IDLE, Activity.ACCEPTING, Activity.POLLING}
