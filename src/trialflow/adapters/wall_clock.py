"""The machine's clock: what a store or a tracker goes by when nobody gives it another."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["wall_clock"]


def wall_clock() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)
