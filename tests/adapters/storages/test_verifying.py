"""What ``verify`` says of rows as they lie in a store: which record does not fit, why, and what was whole up to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from ledger_samples import contacted
from trialflow.adapters.ports import RawRecord
from trialflow.adapters.storages.verify import Verification, verify
from trialflow.model.codec import dumps
from trialflow.model.errors import StorageError
from trialflow.model.recorded import GENESIS, next_head, seal

SECOND = 1_000_000
HEAD = tuple[int, str]


def sealed(*rows: tuple[str, int, str, str | None]) -> list[RawRecord]:
    """Sound rows of (stream, seconds, payload, key)."""
    tails: dict[str, tuple[int, str]] = {}
    found = list[RawRecord]()
    for position, (stream, seconds, payload, key) in enumerate(rows, start=1):
        version, before = tails.get(stream, (0, GENESIS))
        digest = seal(before, stream, version + 1, position, seconds * SECOND, payload)
        tails[stream] = (version + 1, digest)
        found.append(RawRecord(position, stream, version + 1, seconds * SECOND, payload, before, digest, key))
    return found


def head_of(rows: Sequence[RawRecord]) -> HEAD:
    head = GENESIS
    for row in rows:
        head = next_head(head, row.hash)
    return len(rows), head


KEYED = dumps(contacted(1, key="k-1"))
SOUND = sealed(
    ("lead:a", 10, "{}", None),
    ("lead:b", 20, KEYED, "k-1"),
    ("lead:a", 20, '{"n":1}', None),
    ("lead:a", 30, "{}", None),
)


class Rows:
    """A store of these rows. ``heads`` are given one after the other, the last one again and again."""

    def __init__(self, rows: Sequence[RawRecord], *heads: HEAD, faults: Sequence[str] = (), broken: int = 0) -> None:
        self.rows, self.heads, self._faults, self._broken = rows, list(heads or [head_of(rows)]), faults, broken

    def append(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    read = scan = append

    def head(self) -> HEAD:
        return self.heads.pop(0) if len(self.heads) > 1 else self.heads[0]

    def raw(self, *, after: int = 0) -> Iterator[RawRecord]:
        for number, row in enumerate(self.rows, start=1):
            if number == self._broken:
                raise StorageError("not stored", "the disk failed")
            if row.position > after:
                yield row

    def faults(self) -> Sequence[str]:
        return self._faults


def told(found: Verification) -> tuple[bool, int | None, str, int]:
    return found.ok, found.first_bad_position, found.code, found.records


def test_a_sound_ledger_is_told_with_its_size_and_head() -> None:
    assert verify(Rows(SOUND)) == Verification(ok=True, records=4, streams=2, head=head_of(SOUND)[1])
    assert verify(Rows([])) == Verification(ok=True, records=0, streams=0, head=GENESIS)


def changed(number: int, **to: object) -> list[RawRecord]:
    return [row._replace(**to) if n == number else row for n, row in enumerate(SOUND, start=1)]  # type: ignore[arg-type]


FAULTS = {
    "a record less": ([SOUND[0], *SOUND[2:]], 2, "position_gap"),
    "a position twice": (changed(2, position=1), 2, "position_gap"),
    "a version less": (changed(3, version=3), 3, "version_gap"),
    "a version twice": (changed(3, version=1), 3, "version_gap"),
    "another lead's": (changed(3, stream="lead:b"), 3, "link_broken"),
    "a link": (changed(4, prev_hash=SOUND[0].hash), 4, "link_broken"),
    "a first link": (changed(1, prev_hash=SOUND[0].hash), 1, "link_broken"),
    "a payload": (changed(3, payload='{"n":2}'), 3, "record_changed"),
    "a stamp": (changed(3, recorded_us=21 * SECOND), 3, "record_changed"),
    "a hash": (changed(4, hash=SOUND[0].hash), 4, "record_changed"),
    "a key": (changed(2, key="k-2"), 2, "key_changed"),
    "a key less": (changed(2, key=None), 2, "key_changed"),
    "a key more": (changed(3, key="k-1"), 3, "key_changed"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_first_record_that_does_not_fit_is_named_and_what_was_whole_before_it(name: str) -> None:
    rows, position, code = FAULTS[name]
    found = verify(Rows(rows, head_of(SOUND)))
    assert told(found) == (False, position, code, position - 1)
    assert found.head == head_of(SOUND[: position - 1])[1]
    assert found.streams == len({row.stream for row in SOUND[: position - 1]})
    assert found.message.startswith(f"position {position}: ")


def test_a_gap_names_what_is_missing() -> None:
    """The position of the store, the version of the stream."""
    assert "position 2 is missing" in verify(Rows([SOUND[0], *SOUND[2:]])).message
    assert "version 2 of its stream is missing" in verify(Rows(changed(3, version=3))).message


def test_a_text_that_speaks_of_a_key_is_no_key() -> None:
    """Within a value, and in a record that cannot be decoded: the seal holds, and that is what counts."""
    inner = '{"at":"2026-03-02T09:00:00Z","by":{"id":"a"},"kind":"later_kind","more":{"idempotency_key":"k"},"v":1}'
    assert verify(Rows(sealed(("lead:a", 1, inner, None), ("lead:a", 2, '{"idempotency_key":"k"', None)))).ok


def test_stamps_that_go_back_are_counted_and_no_fault() -> None:
    stamps = (50, 40, 40, 60, 59, 61)
    found = verify(Rows(sealed(*((f"lead:{n}", at, "{}", None) for n, at in enumerate(stamps)))))
    assert (found.ok, found.clock_steps_back) == (True, 2)
    assert verify(Rows(SOUND)).clock_steps_back == 0


def test_an_anchor_holds_at_its_own_position() -> None:
    for number in range(len(SOUND) + 1):
        anchor = head_of(SOUND[:number])
        assert verify(Rows(SOUND), expected_head=anchor).ok
        if number:
            found = verify(Rows(SOUND), expected_head=(number, GENESIS))
            assert told(found) == (False, number, "anchor_mismatch", number)
    assert told(verify(Rows(SOUND), expected_head=(5, GENESIS))) == (False, 5, "tail_cut", 4)
    assert told(verify(Rows([]), expected_head=(1, GENESIS))) == (False, 1, "tail_cut", 0)


def test_what_comes_behind_the_stored_head_is_forged_unless_the_head_moves_on() -> None:
    before, after = head_of(SOUND[:3]), head_of(SOUND)
    assert told(verify(Rows(SOUND, before))) == (False, 4, "head_mismatch", 3)
    assert told(verify(Rows(SOUND, before, after))) == (True, None, "intact", 3)
    assert told(verify(Rows(SOUND, (0, GENESIS)))) == (False, 1, "head_mismatch", 0)


@pytest.mark.parametrize("head", [(4, GENESIS), (5, head_of(SOUND)[1])])
def test_a_stored_head_that_does_not_fit_is_told_behind_the_last_record(head: HEAD) -> None:
    assert told(verify(Rows(SOUND, head))) == (False, 5, "head_mismatch", 4)


def test_a_record_that_cannot_be_read_is_told_with_its_place_and_cause() -> None:
    found = verify(Rows(SOUND, broken=3))
    assert told(found) == (False, 3, "unreadable", 2)
    assert found.message.startswith("position 3: ")
    assert "the disk failed" in found.message


def test_an_altered_store_has_no_bad_position_and_names_what_is_missing() -> None:
    found = verify(Rows(SOUND, faults=["trigger x is missing", "index y"]))
    assert told(found) == (False, None, "guard_missing", 4)
    assert "trigger x is missing" in found.message
    assert "position" not in found.message
