"""A recorded event and the hash chain: each record seals the one before it in its stream and its place in the store."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from trialflow.model.events import Event

__all__ = ["GENESIS", "Recorded", "next_head", "seal"]

GENESIS = "0" * 64
"""What the first record of a stream, and the head of an empty store, point to."""

_DOMAIN = "trialflow.record/1"


class Recorded(NamedTuple):
    """One event as stored: ``position`` counts over the store from 1, ``version`` over the stream from 1.

    ``recorded_at`` is the store's clock, UTC; no caller can set it. ``prev_hash`` is the hash of the stream's
    previous record, ``hash`` seals this one (64 hex digits).
    """

    position: int
    stream: str
    version: int
    recorded_at: datetime
    event: Event
    prev_hash: str
    hash: str


def seal(prev_hash: str, stream: str, version: int, position: int, recorded_us: int, payload: str) -> str:
    """SHA-256 over length-prefixed fields and the canonical payload: no two records share one pre-image."""
    size = len(payload) if payload.isascii() else len(payload.encode())
    text = f"{_DOMAIN}{prev_hash}|{len(stream)}:{stream}|{version}|{position}|{recorded_us}|{size}:{payload}"
    return sha256(text.encode()).hexdigest()


def next_head(head: str, record_hash: str) -> str:
    """The head of the store after one more record: a chain over all streams in the order of positions."""
    return sha256((head + record_hash).encode()).hexdigest()
