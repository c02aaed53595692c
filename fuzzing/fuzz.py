"""Fuzz the readers with atheris, guided by what each input makes them do; see README.md."""

from __future__ import annotations

import argparse
import hashlib
import importlib
import random
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fuzzing.seeds import Seed

Check = Callable[[bytes], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz until time is over, or check some files: 1 if anything is wrong with them."""
    options, rest = _parser().parse_known_args(arguments)
    if options.minimise or options.replay:
        return _again(options)
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        sys.stderr.write("fuzzing needs atheris, for Linux: pip install atheris\n")
        return 2
    with atheris.instrument_imports(include=["hangscope.readers", "hangscope.report"]):
        from fuzzing.target import check
    _fuzz(atheris, partial(check, slowest=options.slowest), options, rest)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fuzzing.fuzz", description=__doc__)
    parser.add_argument("--reader", help="a family or a format: only its seeds")
    parser.add_argument("--seconds", type=int, default=0, help="how long; for ever by default")
    parser.add_argument("--seeds", type=Path, help="a folder of further samples")
    parser.add_argument("--corpus", type=Path, help="where to keep the inputs that showed more")
    parser.add_argument("--found", type=Path, default=Path("build/fuzz"), help="where failures go")
    parser.add_argument("--slowest", type=float, default=2.0, help="seconds an input may take")
    parser.add_argument("--replay", type=Path, nargs="+", help="check these files instead")
    parser.add_argument("--minimise", type=Path, help="make a failing input small, to stdout")
    return parser


def _fuzz(atheris: Any, check: Check, options: argparse.Namespace, rest: list[str]) -> None:
    from fuzzing.mutations import changed
    from fuzzing.seeds import literals, seeds

    chosen = seeds(options.reader, more=options.seeds)
    if not chosen:
        sys.exit(f"there are no seeds of {options.reader}")
    corpus = options.corpus or Path(tempfile.mkdtemp(prefix="fuzz-"))
    _write(corpus, chosen)
    words = corpus.with_name(f"{corpus.name}.words")
    words.write_text("\n".join(_quoted(one) for one in literals()), "utf-8")
    options.found.mkdir(parents=True, exist_ok=True)
    lines = sorted({line for seed in chosen for line in seed.content.split(b"\n")})
    known: set[str] = set()

    def mutated(content: bytes, longest: int, seed: int) -> bytes:
        if random.Random(seed).random() < 0.4:  # noqa: S311, PLR2004 - a share of all
            new: bytes = atheris.Mutate(content, longest)
            return new
        return changed(content, seed, lines, longest)

    def one_input(content: bytes) -> None:
        failure = _failure(check, content)
        if failure and failure not in known:
            known.add(failure)
            name = hashlib.sha256(failure.encode()).hexdigest()[:12]
            (options.found / name).write_bytes(content)
            (options.found / f"{name}.why").write_text(failure, "utf-8")
            sys.stderr.write(f"FOUND {name}: {failure}\n")

    flags = ["-timeout=10", "-rss_limit_mb=2048", "-max_len=16384", "-len_control=0"]
    flags += [f"-dict={words}", f"-artifact_prefix={options.found}/", *rest]
    if options.seconds:
        flags.append(f"-max_total_time={options.seconds}")
    atheris.Setup(["fuzz", *flags, str(corpus)], one_input, custom_mutator=mutated)
    atheris.Fuzz()


def _write(folder: Path, chosen: Sequence[Seed]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for seed in chosen:
        (folder / hashlib.sha256(seed.content).hexdigest()[:20]).write_bytes(seed.content)


def _quoted(text: str) -> str:
    """An entry of libFuzzer's dictionary."""
    content = text.encode().decode("unicode_escape").encode("latin-1", "replace")[:60]
    return '"' + "".join(f"\\x{byte:02x}" for byte in content) + '"'


def _failure(check: Check, content: bytes) -> str:
    """What went wrong and where; empty if nothing did."""
    try:
        check(content)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a failure
        if type(error).__name__ == "TooSlowError":
            return f"TooSlowError, {content[:20]!r}"
        places = [
            f"{Path(frame.filename).name}:{frame.lineno}"
            for frame in traceback.extract_tb(error.__traceback__)[-4:]
        ]
        return f"{type(error).__name__} {str(error)[:100]!r} at {' > '.join(places)}"
    return ""


def _again(options: argparse.Namespace) -> int:
    from fuzzing.target import check

    if options.minimise:
        sys.stdout.buffer.write(
            _smallest(partial(check, slowest=options.slowest), options.minimise.read_bytes())
        )
        return 0
    found = 0
    for path in options.replay:
        failure = _failure(partial(check, slowest=options.slowest), path.read_bytes())
        if failure:
            found = 1
            sys.stdout.write(f"{path}: {failure}\n")
    return found


def _smallest(check: Check, content: bytes) -> bytes:
    """The input with all parts left out that the failure does not need."""
    kind = _failure(check, content).split(" ")[0]
    if not kind:
        sys.exit("nothing is wrong with this input")
    for cut in (_lines, _bytes):
        parts = cut(content)
        size = len(parts) // 2
        while size:
            place = 0
            while place < len(parts):
                fewer = parts[:place] + parts[place + size :]
                if _failure(check, b"".join(fewer)).split(" ")[0] == kind:
                    parts = fewer
                else:
                    place += size
            size //= 2
        content = b"".join(parts)
    return content


def _lines(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


def _bytes(content: bytes) -> list[bytes]:
    return [content[place : place + 1] for place in range(len(content))]


if __name__ == "__main__":
    sys.exit(main())
