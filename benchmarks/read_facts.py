"""Reads the facts of one input and prints how many there are: ``read_facts.py FILE``.

A process of its own, so that its peak memory is that of reading alone.
"""

from __future__ import annotations

import sys

from hangscope.readers import ReadError, Source, read_input


def main(path: str) -> str:
    """Counts of records and of lines that were not understood, or why nothing was read."""
    try:
        facts = read_input(Source.from_path(path))
    except ReadError as error:
        return f"nothing: {error}"
    threads = sum(len(dump.threads) for dump in facts.dumps)
    sockets = sum(len(table.sockets) for table in facts.tables)
    unknown = sum(span.last_line - span.first_line + 1 for span in facts.not_understood)
    return f"{threads + sockets} {unknown}"


if __name__ == "__main__":
    print(main(sys.argv[1]))
