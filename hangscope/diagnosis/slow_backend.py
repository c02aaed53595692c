"""Most workers wait for a cache, a broker, a directory or another remote service.

What it is: the waits of most workers end in a client's read of a reply that is neither a
database's nor an HTTP server's: Redis, memcached, MongoDB, Cassandra, LDAP, mail, RMI, gRPC, Kafka,
RabbitMQ, JMS, ZooKeeper.

How it is recognised: threads in such a client, by its frames; the endpoint by the process's
connections. Where another thread of the process reads the socket for all (Lettuce, JNDI, gRPC), the
waiting threads are told by their frames alone.

What it is mistaken for: a full worker pool of one's own (which is its effect), or idle consumers,
which wait in the same client by trade.

What to do now: look at that backend; take it out, or fail fast.

What to do for good: a timeout for each call and for connecting; a limit of how many workers may be
in such calls at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from hangscope.diagnosis.blame import hanging_on, slow_dependency
from hangscope.diagnosis.model import Finding, Kind, Layer, Remedy, When
from hangscope.interpret import Interpretation

ID = "slow-backend"
KIND = Kind.SLOW_DEPENDENCY
LAYER = Layer.APPLICATION

_KINDS = {
    "redis": "Redis",
    "memcached": "memcached",
    "mongo": "MongoDB",
    "cassandra": "Cassandra",
    "ldap": "LDAP server",
    "mail": "mail server",
    "ftp": "FTP server",
    "rmi": "RMI server",
    "rpc": "RPC server",
    "kafka": "Kafka",
    "amqp": "AMQP broker",
    "jms": "JMS broker",
    "zookeeper": "ZooKeeper",
}
"""Kinds of waits, and what stands at the other end, in words."""

REMEDIES = (
    Remedy(
        When.NOW,
        "Look at the backend behind that endpoint: does it answer others, and what does it do? If"
        " it is a Java process, take a thread dump there too and give both to hangscope together.",
    ),
    Remedy(
        When.LASTING,
        "Set a timeout for each call and for connecting, and limit how many workers may be in such"
        " calls at once (bulkhead, circuit breaker).",
    ),
)


def find(interpretation: Interpretation) -> Iterator[Finding]:
    """One finding a backend that most workers wait for."""
    for group, end, behind in hanging_on(interpretation, _KINDS, unseen=True):
        yield slow_dependency(
            interpretation,
            group,
            end,
            behind,
            finding=ID,
            layer=LAYER,
            what=_KINDS[group.protocol],
            remedies=REMEDIES,
        )
