"""What ``netstat -s`` calls the counters of TCP, and what the kernel calls them.

From net-tools 2.10 (statistics.c); ``N`` stands for the number. 1.60 wrote some otherwise.
"""

from __future__ import annotations

from typing import Final

NAMES: Final = {
    "Tcp": {
        "N active connection openings": "ActiveOpens",
        "N active connections openings": "ActiveOpens",
        "N passive connection openings": "PassiveOpens",
        "N failed connection attempts": "AttemptFails",
        "N connection resets received": "EstabResets",
        "N connections established": "CurrEstab",
        "N segments received": "InSegs",
        "N segments sent out": "OutSegs",
        "N segments send out": "OutSegs",
        "N segments retransmitted": "RetransSegs",
        "N segments retransmited": "RetransSegs",
        "N bad segments received": "InErrs",
        "N resets sent": "OutRsts",
    },
    "TcpExt": {
        "N SYN cookies sent": "SyncookiesSent",
        "N SYN cookies received": "SyncookiesRecv",
        "N invalid SYN cookies received": "SyncookiesFailed",
        "N resets received for embryonic SYN_RECV sockets": "EmbryonicRsts",
        "N packets pruned from receive queue because of socket buffer overrun": "PruneCalled",
        "N packets pruned from receive queue": "RcvPruned",
        "N packets dropped from out-of-order queue because of socket buffer overrun": "OfoPruned",
        "N TCP sockets finished time wait in fast timer": "TW",
        "N TCP sockets finished time wait in slow timer": "TWKilled",
        "N time wait sockets recycled by time stamp": "TWRecycled",
        "N passive connections rejected because of time stamp": "PAWSPassive",
        "N active connections rejected because of time stamp": "PAWSActive",
        "N packets rejected in established connections because of timestamp": "PAWSEstab",
        "N packets rejects in established connections because of timestamp": "PAWSEstab",
        "N delayed acks sent": "DelayedACKs",
        "N delayed acks further delayed because of locked socket": "DelayedACKLocked",
        "Quick ack mode was activated N times": "DelayedACKLost",
        "N times the listen queue of a socket overflowed": "ListenOverflows",
        "N SYNs to LISTEN sockets dropped": "ListenDrops",
        "N SYNs to LISTEN sockets ignored": "ListenDrops",
        "N packet headers predicted": "TCPHPHits",
        "N acknowledgments not containing data payload received": "TCPPureAcks",
        "N acknowledgments not containing data received": "TCPPureAcks",
        "N predicted acknowledgments": "TCPHPAcks",
        "N times recovered from packet loss by selective acknowledgements": "TCPSackRecovery",
        "N fast retransmits": "TCPFastRetrans",
        "N forward retransmits": "TCPForwardRetrans",
        "N retransmits in slow start": "TCPSlowStartRetrans",
        "N retransmits lost": "TCPLostRetransmit",
        "N other TCP timeouts": "TCPTimeouts",
        "N timeouts in loss state": "TCPLossFailures",
        "N timeouts after SACK recovery": "TCPSackFailures",
        "N packets collapsed in receive queue due to low socket buffer": "TCPRcvCollapsed",
        "N DSACKs sent for old packets": "TCPDSACKOldSent",
        "N DSACKs received": "TCPDSACKRecv",
        "N connections reset due to unexpected SYN": "TCPAbortOnSyn",
        "N connections reset due to unexpected data": "TCPAbortOnData",
        "N connections reset due to early user close": "TCPAbortOnClose",
        "N connections aborted due to memory pressure": "TCPAbortOnMemory",
        "N connections aborted due to timeout": "TCPAbortOnTimeout",
        "N connections aborted after user close in linger timeout": "TCPAbortOnLinger",
        "N times unable to send RST due to no memory": "TCPAbortFailed",
        "TCP ran low on memory N times": "TCPMemoryPressures",
        "Ran N times out of system memory during packet sending": "SockMallocOOM",
    },
}
"""By section, then by phrase."""
