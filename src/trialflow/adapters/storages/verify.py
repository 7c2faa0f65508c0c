"""Check a ledger: every link of the hash chain, every position and version, and the head."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, cast

import attrs

from trialflow.adapters.ports import Storage, SupportsHead
from trialflow.model.codec import dumps
from trialflow.model.moments import micros
from trialflow.model.recorded import GENESIS, next_head, seal

__all__ = ["Verification", "verify"]

Row = tuple[int, str, int, int, str, str, str]


@attrs.frozen(kw_only=True)
class Verification:
    """What was found. ``first_bad_position`` is the first record that does not fit; ``code`` says how.

    Without an anchor noted elsewhere, a cut tail with a rewritten head, or a ledger rewritten as a whole, cannot be
    told from an honest one.
    """

    ok: bool
    records: int
    streams: int
    head: str
    first_bad_position: int | None = None
    code: str = "intact"
    message: str = "every link holds"


class _Raw(Protocol):
    def raw(self) -> Iterable[Row]: ...


def verify(storage: Storage, *, expected_head: tuple[int, str] | None = None) -> Verification:
    """Recompute the whole chain. ``expected_head`` is (position, head) noted earlier, outside the store."""
    tails: dict[str, tuple[int, str]] = {}
    head, count = GENESIS, 0
    anchored = expected_head is None or expected_head == (0, GENESIS)
    for row in _rows(storage):
        position, stream, version, recorded_us, payload, before, digest = row
        count += 1
        last, link = tails.get(stream, (0, GENESIS))
        fault = _fault(position, count, version, last, before, link)
        if not fault and digest != seal(before, stream, version, position, recorded_us, payload):
            fault = ("record_changed", "this record is not what was sealed")
        if fault:
            return _bad(count, tails, head, position, *fault)
        tails[stream] = (version, digest)
        head = next_head(head, digest)
        if expected_head is not None and position == expected_head[0]:
            if head != expected_head[1]:
                return _bad(count, tails, head, position, "anchor_mismatch", "the ledger differs from the noted head")
            anchored = True
    if not anchored:
        return _bad(count, tails, head, count + 1, "tail_cut", "records up to the noted head are missing")
    if isinstance(storage, SupportsHead) and storage.head() != (count, head):
        return _bad(count, tails, head, count + 1, "head_mismatch", "the stored head does not fit the records")
    return Verification(ok=True, records=count, streams=len(tails), head=head)


def _fault(position: int, count: int, version: int, last: int, before: str, link: str) -> tuple[str, str] | None:
    if position != count:
        return "position_gap", f"position {count} is missing"
    if version != last + 1:
        return "version_gap", f"version {last + 1} of its stream is missing"
    if before != link:
        return "link_broken", "it does not follow the record before it"
    return None


def _bad(
    count: int, tails: dict[str, tuple[int, str]], head: str, position: int, code: str, message: str
) -> Verification:
    return Verification(
        ok=False,
        records=count,
        streams=len(tails),
        head=head,
        first_bad_position=position,
        code=code,
        message=f"position {position}: {message}",
    )


def _rows(storage: Storage) -> Iterable[Row]:
    if hasattr(storage, "raw"):
        return cast(_Raw, storage).raw()
    return (
        (r.position, r.stream, r.version, micros(r.recorded_at), dumps(r.event), r.prev_hash, r.hash)
        for r in storage.scan()
    )
