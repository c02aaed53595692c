"""What several ask of one subject is worked out once and kept with it, as ``cached_property`` does.

For functions that do not belong into the class of their subject.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec, TypeVar

_Subject = TypeVar("_Subject")
_Asked = ParamSpec("_Asked")
_Known = TypeVar("_Known")
_KEPT: Final = "_remembered"
"""The attribute of a subject that keeps what was worked out."""


def remembered(
    work_out: Callable[Concatenate[_Subject, _Asked], _Known],
) -> Callable[Concatenate[_Subject, _Asked], _Known]:
    """Let ``work_out`` run once for each subject, which never changes, and each further argument.

    What it returns must not change either: all who ask are given the same.
    """

    @wraps(work_out)
    def known(subject: _Subject, /, *asked: _Asked.args, **more: _Asked.kwargs) -> _Known:
        kept: dict[object, _Known] = vars(subject).setdefault(_KEPT, {})
        key = (work_out, asked, *more.items())
        if key not in kept:
            kept[key] = work_out(subject, *asked, **more)
        return kept[key]

    return known
