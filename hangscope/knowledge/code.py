"""Whose code a method is: the platform's, a library's or the application's own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from hangscope.knowledge.entries import Code


class CodeOwners:
    """Tells methods apart by the beginnings of their names."""

    def __init__(self, code: Sequence[Code]) -> None:
        platform = _prefixes(code, "platform")
        application = _prefixes(code, "application")
        library = (*platform, *_prefixes(code, "library"))
        shaded = _prefixes(code, "shaded")

        @cache
        def plain(method: str) -> str:
            if "/" in method and "$$Lambda" not in method and "LambdaForm" not in method:
                method = method.replace("/", ".")  # JRockit
            prefix = next((p for p in shaded if method.startswith(p)), "")
            return method.removeprefix(prefix)

        @cache
        def is_application(method: str) -> bool:
            method = plain(method)
            return method.startswith(application) or not method.startswith(library)

        @cache
        def is_platform(method: str) -> bool:
            return method.startswith(platform)

        self.plain = plain
        """The method as its own project names it: no relocation prefix, dots."""
        self.is_application = is_application
        """Whether a method belongs to no known library."""
        self.is_platform = is_platform
        """Whether a (plain) method is the platform's own: I/O, TLS, collections."""


def _prefixes(code: Sequence[Code], kind: str) -> tuple[str, ...]:
    return tuple(prefix for entry in code if entry.kind == kind for prefix in entry.prefixes)
