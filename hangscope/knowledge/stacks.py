"""A stack as the rules see it: which patterns occur, and what stands on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hangscope.knowledge.code import CodeOwners
from hangscope.knowledge.entries import FrameRule, Frames
from hangscope.knowledge.patterns import Patterns


@dataclass(frozen=True, slots=True)
class Reading:
    """What the patterns found in one stack; positions count frames from the top."""

    masks: tuple[int, ...]
    """The patterns of each frame."""
    all: int
    """The patterns of all frames together."""
    top: int | None
    """The first frame that is not plumbing."""
    near: int | None
    """The first frame that is neither plumbing nor the platform's."""
    application: int | None
    """The first frame that is no library's."""

    @property
    def top_mask(self) -> int:
        """The patterns of the top frame."""
        return 0 if self.top is None else self.masks[self.top]

    @property
    def near_mask(self) -> int:
        """The patterns of the near frame."""
        return 0 if self.near is None else self.masks[self.near]


class Stacks:
    """Reads stacks: matches every frame and finds those that stand out."""

    def __init__(self, patterns: Patterns, plumbing: Sequence[Frames], owners: CodeOwners) -> None:
        self._patterns = patterns
        self._plumbing = patterns.mask(p for entry in plumbing for p in entry.frames)
        self._owners = owners

    def read(self, methods: Sequence[str]) -> Reading:
        """Match every frame of a stack, top first."""
        owners = self._owners
        masks = []
        together = 0
        top = near = application = None
        for index, method in enumerate(methods):
            plain = owners.plain(method)
            mask = self._patterns.match(plain)
            masks.append(mask)
            together |= mask
            if not mask & self._plumbing:
                if top is None:
                    top = index
                if near is None and not owners.is_platform(plain):
                    near = index
            if application is None and owners.is_application(method):
                application = index
        return Reading(tuple(masks), together, top, near, application)

    def is_plumbing(self, mask: int) -> bool:
        """Whether a frame with these patterns is plumbing."""
        return bool(mask & self._plumbing)


class Rule:
    """A frame rule, ready to be asked."""

    __slots__ = ("_all", "_any", "_io", "_near", "_none", "_top", "seen")

    def __init__(self, rule: FrameRule, patterns: Patterns) -> None:
        self._top = patterns.mask(rule.top)
        self._near = patterns.mask(rule.near)
        self._any = patterns.mask(rule.any)
        self._all = [patterns.mask((pattern,)) for pattern in rule.all]
        self._none = patterns.mask(rule.none)
        self._io = rule.io
        self.seen = self._top | self._near | self._any or patterns.mask(rule.all)
        """Patterns of which at least one occurs wherever the rule holds."""

    def holds(self, reading: Reading, op: str | None = None) -> bool:
        """Whether a stack, in socket operation ``op``, satisfies the rule."""
        occur = reading.all
        return (
            (not self._top or bool(reading.top_mask & self._top))
            and (not self._near or bool(reading.near_mask & self._near))
            and (not self._any or bool(occur & self._any))
            and all(occur & one for one in self._all)
            and not occur & self._none
            and (not self._io or op in self._io)
        )

    def reach(self, reading: Reading) -> int:
        """How far down the stack one must look to see that the rule holds."""
        wanted = [self._any, *self._all] if self._any else self._all
        below = [
            next(index for index, mask in enumerate(reading.masks) if mask & one) for one in wanted
        ]
        return max(below, default=0)

    def first(self, reading: Reading) -> int:
        """The first frame, from the top, that the rule speaks of."""
        return next(index for index, mask in enumerate(reading.masks) if mask & self.seen)
