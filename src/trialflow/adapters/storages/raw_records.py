"""Records of any store as the seal covers them: undecoded where the store can give them so."""

from __future__ import annotations

from collections.abc import Iterable

from trialflow.adapters.ports import RawRecord, Storage, SupportsRaw
from trialflow.model.codec import dumps
from trialflow.model.moments import micros
from trialflow.model.recorded import Recorded

__all__ = ["raw_record", "raw_records"]


def raw_records(storage: Storage, *, after: int = 0) -> Iterable[RawRecord]:
    """Every record above position ``after``, in order. Raises ``StorageError`` where one cannot be read."""
    return storage.raw(after=after) if isinstance(storage, SupportsRaw) else map(raw_record, storage.scan(after=after))


def raw_record(record: Recorded) -> RawRecord:
    """One decoded record, written out again."""
    event = record.event
    return RawRecord(
        record.position,
        record.stream,
        record.version,
        micros(record.recorded_at),
        dumps(event),
        record.prev_hash,
        record.hash,
        event.idempotency_key,
    )
