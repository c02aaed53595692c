"""Large dumps that HotSpot itself does not print: ``jhsdb jstack --mixed``, OpenJ9's javacores."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from dumps import FIXTURES

_MIXED: Final = FIXTURES / "formats" / "jhsdb" / "jdk17" / "jhsdb-jstack-mixed.txt"
_CUT: Final = re.compile(r"(?=^-{17} \d+ -{17}$)", re.MULTILINE)
_IDS: Final = re.compile(r"tid=0x[0-9a-f]{16} nid=0x[0-9a-f]+")

_JAVACORE_HEAD: Final = """\
NULL           ------------------------------------------------------------------------
0SECTION       TITLE subcomponent dump routine
NULL           ===============================
1TICHARSET     UTF-8
1TISIGINFO     Dump Event "user" (00004000) received
1TIDATETIMEUTC Date: 2026/11/18 at 18:20:39:414 (UTC)
1TIPREPSTATE   Prep State: 0x84 (exclusive_vm_access+trace_disabled)
NULL           ------------------------------------------------------------------------
0SECTION       ENVINFO subcomponent dump routine
NULL           =================================
1CIJAVAVERSION JRE 17 Linux amd64-64 (build 17.0.9+9)
1CIPROCESSID   Process ID: 37560 (0x92B8)
NULL           ------------------------------------------------------------------------
0SECTION       THREADS subcomponent dump routine
NULL           =================================
1XMTHDINFO     Thread Details
NULL
"""
_JAVACORE_THREAD: Final = """\
3XMTHREADINFO      "worker-{number}" J9VMThread:{vm_thread:#018X}, omrthread_t:{os_thread:#018X}, \
java/lang/Thread:{java_thread:#018X}, state:P, prio=5
3XMJAVALTHREAD            (java/lang/Thread getId:{id:#X}, isDaemon:true)
3XMTHREADINFO1            (native thread ID:{native:#X}, native priority:0x5, \
native policy:UNKNOWN, vmstate:P, vm thread flags:0x000a0001)
3XMTHREADINFO2            (native stack address range from:0x00002AE398B00000, \
to:0x00002AE398B40000, size:0x40000)
3XMCPUTIME               CPU usage total: 0.{number:06} secs, current category="Application"
3XMTHREADBLOCK     Parked on: java/util/concurrent/locks/AbstractQueuedSynchronizer\
$ConditionObject@{condition:#018X} Owned by: <unknown>
3XMHEAPALLOC             Heap bytes allocated since last GC cycle=0 (0x0)
3XMTHREADINFO3           Java callstack:
4XESTACKTRACE                at jdk/internal/misc/Unsafe.park(Native Method)
4XESTACKTRACE                at java/util/concurrent/locks/LockSupport.park(LockSupport.java:341)
{frames}\
4XESTACKTRACE                at java/lang/Thread.run(Thread.java:857(Compiled Code))
3XMTHREADINFO3           Native callstack:
4XENATIVESTACK               (0x00002AE37D322962 [libj9prt29.so+0x4f962])
4XENATIVESTACK               clone+0x43 (0x00002AE37BE88643 [libc.so.6+0x101643])
NULL
"""
_JAVACORE_END: Final = """\
NULL           ------------------------------------------------------------------------
0SECTION       Javadump End section
NULL           ---------------------- END OF DUMP -------------------------------------
"""
_DEPTH: Final = 20
_SERVICES: Final = 500


def write_mixed(path: Path, size: int) -> int:
    """``jhsdb``'s dump with its Java threads repeated until ``size`` bytes; returns how many."""
    head, *blocks = _CUT.split(_MIXED.read_text())
    java = [block for block in blocks if block.count("\n") > _DEPTH // 2 and '\n"' in block]
    with path.open("w", newline="") as out:
        written = out.write(head)
        number = 0
        while written < size:
            ids = f"tid={0x7F79_0000_0000 + 0x1000 * number:#018x} nid={20_000 + number:#x}"
            block = _IDS.sub(ids, java[number % len(java)], count=1)
            written += out.write(re.sub(r"-{17} \d+ ", f"{'-' * 17} {20_000 + number} ", block))
            number += 1
        out.write("".join(blocks))
    return len(blocks) + number


def write_javacore(path: Path, size: int) -> int:
    """One javacore, its threads those of a pool, until ``size`` bytes; returns how many."""
    calls = [
        f"4XESTACKTRACE                at com/acme/app{n % 40}/Service{n}.call"
        f"(Service{n}.java:{n % 900}{'(Compiled Code)' if n % 3 else ''})\n"
        for n in range(_SERVICES)
    ]
    with path.open("w", newline="") as out:
        written = out.write(_JAVACORE_HEAD)
        number = 0
        while written < size:
            thread = _JAVACORE_THREAD.format(
                number=number,
                vm_thread=0x2AE3_0000_0000 + 0x100 * number,
                os_thread=0x2AE4_0000_0000 + 0x100 * number,
                java_thread=0xE5_0000_0000 + 0x40 * number,
                condition=0xE6_0000_0000 + 0x40 * (number // 10),
                id=number + 30,
                native=number + 4000,
                frames="".join(calls[(number * 7 + n * 13) % _SERVICES] for n in range(_DEPTH)),
            )
            written += out.write(thread.replace("0X", "0x"))
            number += 1
        out.write(_JAVACORE_END)
    return number
