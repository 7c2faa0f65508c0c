"""The outside, as protocols. The surface is frozen: it grows only by new ``Supports*`` protocols.

Clauses of the storage contract, quoted by the checks:

S1  ``append`` is atomic: all of its events are stored, or none; so is ``append_batch`` over all of its parts.
S2  ``append`` succeeds only when the stream is at ``expected_version``; else ``Conflict`` with both versions. An append
    of no events checks the version and stores nothing.
S3  Positions grow by the order of appends; versions count 1, 2, 3 ... in each stream without gaps.
S4  ``read`` gives one stream in the order of versions; an unknown stream is empty.
S5  ``scan(after=p)`` gives every record above p in the order of positions, and never a late arrival: once position p
    was seen, nothing at or below p appears later.
S6  What was stored is returned equal, unknown kinds included.
S7  Idempotency keys are unique over the store. An append that is stored already, recognised by a key of its events, is
    not stored again: the stored records are returned, whatever ``expected_version`` says, so that a retry is safe.
    A key that stands for anything else (another stream, other events) is refused with ``KeyReused``.
S8  ``recorded_at`` comes from the store's clock; no caller can set it. It is what the clock said, also when the clock
    was set back: the order of records is their position, never their time.
S9  History is never changed: a store refuses updates and deletes of what it holds, and what a caller does later to an
    event it gave changes nothing stored.
S10 Every record seals itself and the one before it in its stream (:func:`trialflow.model.recorded.seal`), so that
    ``verify`` passes; ``head``, where the store has it, is the chain over all records.
S11 What a store says of itself is true: ``raw`` gives what the seals cover, ``faults`` is empty where nothing was
    altered.
S12 Every handle on one store, in whatever thread or process, reads at once what another appended, and keeps to the
    versions and keys that another used.
S13 What ``append`` returned is there after the process is killed at any moment, where the store outlives its process;
    an append that was under way is there as a whole or not at all.
S14 A write that fails raises ``StorageError``. Outcome "not stored": nothing of it is there; "unknown": all of it or
    nothing. The store works again once its medium does, and the same append with the same key is then stored once.
S15 On a host's connection a store joins the host's transaction: it commits and rolls back nothing but its own, is
    there when the host commits and gone when it rolls back, and what it refuses leaves the transaction usable.
    ``pending``, where it has that, says whether such a transaction is open.
S16 Whatever the order of calls, a store answers them as :class:`~trialflow.adapters.storages.memory.MemoryStorage`.
S17 ``subscribe``, where a store has it, gives every record above a position once and in order: first those there are,
    then each new one. It ends when nothing came for the time given, or when it is told to.

No protocol lets a store erase. It would contradict S9, and break every seal after what was erased; nor is there need,
since a ledger holds codes and opaque ids. Who somebody is lies in the :class:`Vault`, and ``forget`` erases it there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable

from trialflow.adapters.lead_source import Batch, Inquiry, LeadSource
from trialflow.adapters.renderer import Renderer
from trialflow.adapters.vault import Entry, Vault
from trialflow.model.events import Event
from trialflow.model.recorded import Recorded

__all__ = [
    "Append",
    "Batch",
    "Clock",
    "Entry",
    "Inquiry",
    "LeadSource",
    "RawRecord",
    "Renderer",
    "Storage",
    "SupportsBatch",
    "SupportsHead",
    "SupportsPending",
    "SupportsRaw",
    "SupportsSelfCheck",
    "SupportsSubscribe",
    "Vault",
]

Clock = Callable[[], datetime]
"""Gives the present instant, aware."""


class Storage(Protocol):
    """Append-only streams of events. Streams are named ``lead:<id>``, ``site:<id>``, ``study:<id>``. The clauses S1 to
    S17 above are its contract; :mod:`trialflow.adapters.checks` tests them."""

    def append(self, stream: str, events: Sequence[Event], *, expected_version: int) -> Sequence[Recorded]:
        """Store ``events`` after version ``expected_version`` of ``stream`` (0: it must not exist yet).

        Raises ``Conflict`` when the stream is elsewhere, ``KeyReused`` when an idempotency key is taken,
        ``StorageError`` when the store fails.
        """
        ...

    def read(self, stream: str) -> Sequence[Recorded]:
        """All records of ``stream`` in the order of versions; empty when there is none."""
        ...

    def scan(self, *, after: int = 0) -> Iterable[Recorded]:
        """All records above position ``after`` in the order of positions, streamed."""
        ...


class Append(NamedTuple):
    """One stream's part of a batch."""

    stream: str
    events: tuple[Event, ...]
    expected_version: int


@runtime_checkable
class SupportsBatch(Protocol):
    """Many streams in one atomic append: all parts, or none."""

    def append_batch(self, parts: Sequence[Append]) -> Sequence[Recorded]:
        """Store every part. Raises ``Conflict`` of the first part that does not fit; then nothing is stored."""
        ...


@runtime_checkable
class SupportsHead(Protocol):
    """A running seal over the whole store, to anchor elsewhere."""

    def head(self) -> tuple[int, str]:
        """The last position and the head of the chain over all records up to it (0 and GENESIS when empty)."""
        ...


@runtime_checkable
class SupportsPending(Protocol):
    """A store that may take part in a host's transaction."""

    def pending(self) -> bool:
        """Whether a host's transaction is open, so that what was appended last is not committed yet."""
        ...


class RawRecord(NamedTuple):
    """One record as it lies in a store: what the seal covers, undecoded. ``recorded_us`` is microseconds UTC."""

    position: int
    stream: str
    version: int
    recorded_us: int
    payload: str
    prev_hash: str
    hash: str
    key: str | None


@runtime_checkable
class SupportsRaw(Protocol):
    """Records as they lie in the store, so that ``verify`` checks what is there and not what a decoder makes of it."""

    def raw(self, *, after: int = 0) -> Iterable[RawRecord]:
        """Every record above position ``after``, in order. Raises ``StorageError`` where one cannot be read."""
        ...


@runtime_checkable
class SupportsSelfCheck(Protocol):
    """A store that can look at itself."""

    def faults(self) -> Sequence[str]:
        """What is wrong beside the records (a guard removed, an index damaged); empty when nothing is."""
        ...


@runtime_checkable
class SupportsSubscribe(Protocol):
    """A store that tells of appends as they come."""

    def subscribe(
        self, *, after: int = 0, timeout: float | None = None, stop: Callable[[], bool] = ...
    ) -> Iterator[Recorded]:
        """Every record above position ``after`` in the order of positions, first those there are, then each new one
        as it is appended; none is missed, none comes twice, connections may be lost meanwhile.

        Ends when nothing came for ``timeout`` seconds (None: it goes on), or when ``stop()``, asked at least once a
        second, is true. Raises ``StorageError`` when the store cannot be reached for long; go on after the last
        position.
        """
        ...
