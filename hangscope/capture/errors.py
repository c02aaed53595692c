"""What can go wrong while a live process is captured."""

from __future__ import annotations


class CaptureError(Exception):
    """A capture failed; the message says what was tried and what to do, for people."""
