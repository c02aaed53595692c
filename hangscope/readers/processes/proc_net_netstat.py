"""``/proc/net/netstat``: pairs of lines like those of ``/proc/net/snmp``, of other groups."""

from __future__ import annotations

from hangscope.readers.processes.proc_net_snmp import ProcNetSnmp


class ProcNetNetstat(ProcNetSnmp):
    """The reader."""

    name = "proc-net-netstat"
    starts = ("TcpExt: ", "IpExt: ", "MPTcpExt: ")
