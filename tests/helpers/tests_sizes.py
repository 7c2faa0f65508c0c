"""How much a test does: little by default, much under ``make long`` (the environment variable ``TRIALFLOW_LONG``)."""

from __future__ import annotations

import os

__all__ = ["LONG", "size"]

LONG = os.environ.get("TRIALFLOW_LONG", "") not in ("", "0")
"""Whether this is a long run."""


def size(*, ci: int, long: int) -> int:
    """``ci`` in an ordinary run, ``long`` in a long one: numbers of examples, rows, kills."""
    return long if LONG else ci
