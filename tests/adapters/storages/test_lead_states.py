"""One lead as a store keeps it: what is written and read again, taken on event by event, and taken back."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from kept_leads import equal, wild_batches
from ledger_samples import ANNA, Ticking, contacted, day, moved, received
from trialflow.adapters.queries import LeadQuery
from trialflow.adapters.storages.lead_changes import little, row_of, state_of, turned
from trialflow.adapters.storages.lead_columns import KeptRows, columns_from
from trialflow.adapters.storages.lead_state import followed, made, packed
from trialflow.adapters.storages.lead_words import LeadWords
from trialflow.adapters.storages.memory import MemoryStorage
from trialflow.adapters.storages.sqlite import SqliteStorage
from trialflow.model import events as e
from trialflow.model.parties import UNASSIGNED
from trialflow.model.recorded import Recorded
from trialflow.reports.columns import CODE, CONTACT, MOVED, RECEIVED, Words
from trialflow.rules.loading import default_workflow

DEFAULT = default_workflow()
DAY = 86_400_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStorage]:
    with SqliteStorage(tmp_path / "site.db", clock=Ticking()) as made:
        yield made


def wild_streams() -> list[tuple[Recorded, ...]]:
    """Streams of a wild history: merges, corrections, second arrivals among them."""
    ledger = MemoryStorage(clock=Ticking())
    for batch in wild_batches(7, 400, DEFAULT, leads=20):
        ledger.append_batch(batch)
    return [tuple(ledger.read(stream)) for stream in sorted({record.stream for record in ledger.scan()})]


def test_a_row_holds_the_whole_state() -> None:
    words = LeadWords()
    states = [made(records, words) for records in wild_streams()]
    assert {state.plain for state in states} == {True, False}
    assert any(state.withdrawn for state in states)
    for state in states:
        row = row_of(state, words)
        assert state_of(row.filled, row.latest, row.plain, row.lead, row.rows, row.withdrawn) == state


def test_a_state_that_follows_another_is_the_one_made_of_all_events() -> None:
    """Wherever the stream was cut; and events before the cut are read again only where one changes what they say."""
    words, reads = LeadWords(), 0
    for records in wild_streams():
        for cut in range(len(records)):
            asked: list[str] = []

            def read(
                stream: str, asked: list[str] = asked, before: int = cut, all_of: tuple[Recorded, ...] = records
            ) -> tuple[Recorded, ...]:
                asked.append(stream)
                return all_of[:before]

            before = made(records[:cut], words) if cut else None
            whole = made(records, words)
            assert followed(before, records[cut:], read, words) == whole
            assert bool(asked) == bool(cut and not whole.plain)
            reads += len(asked)
    assert reads


def test_a_handoff_that_is_taken_back_leaves_nothing(store: SqliteStorage) -> None:
    assigned = e.Assigned(at=day(1), by=ANNA, from_owner="anna", to_owner="bo")
    store.append("lead:a", [received(), assigned, moved("closed")], expected_version=0)
    store.fill()
    equal(store, DEFAULT, day(9), day(0))
    position = store.read("lead:a")[1].position
    store.append("lead:a", [e.Corrected(at=day(2), by=ANNA, reason="typo", position=position)], expected_version=3)
    equal(store, DEFAULT, day(9), day(0))
    store.fill()
    assert list(store.differences()) == []
    equal(store, DEFAULT, day(9), day(0))
    assert store.board(DEFAULT, day(9), day(0)).ended.spells == []


def test_dates_before_1970_are_dates(store: SqliteStorage) -> None:
    """Somebody's mistake, and recorded all the same."""
    long_ago = datetime(1969, 7, 20, 20, 17, tzinfo=UTC)
    store.append("lead:a", [received(at=long_ago), contacted(1, long_ago)], expected_version=0)
    store.fill()
    assert list(store.differences()) == []
    assert [lead.attempts for lead in store.find(LeadQuery(), long_ago)] == [1]
    equal(store, DEFAULT, long_ago, long_ago)
    equal(store, DEFAULT, day(1), long_ago)


def test_how_long_each_handoff_took_is_kept_of_a_lead_that_ended(store: SqliteStorage) -> None:
    """(microseconds, 1: taken over, 2: the lead ended before)."""
    events = [
        received(),
        e.Assigned(at=day(1), by=ANNA, from_owner="anna", to_owner="bo"),
        e.HandoffAccepted(at=day(1.25), by=ANNA, owner="bo"),
        e.Assigned(at=day(2), by=ANNA, from_owner="bo", to_owner="cy"),
        e.Moved(at=day(4), by=ANNA, from_status="new", to_status="closed"),
    ]
    store.append("lead:a", events, expected_version=0)
    store.fill()
    spells = store.board(DEFAULT, day(9), day(8)).ended.spells
    assert spells == [(DAY // 4, 1), (2 * DAY, 2)]
    equal(store, DEFAULT, day(9), day(8))


def test_a_lead_that_was_merged_away_adds_nothing(store: SqliteStorage) -> None:
    """Neither to the counts nor to how long handoffs took, though it ended and had some."""
    store.append("lead:a", [received()], expected_version=0)
    assigned = e.Assigned(at=day(0), by=ANNA, from_owner="anna", to_owner="bo")
    over = [received(), assigned, moved("closed"), e.Merged(at=day(1), by=ANNA, into="a")]
    store.append("lead:b", over, expected_version=0)
    store.fill()
    assert list(store.differences()) == []
    found = store.board(DEFAULT, day(2), day(0), ordered=True)
    assert [lead.id for lead in found.leads] == ["a"]
    ended = found.ended
    assert (ended.ends, ended.reaches, ended.places, ended.handoffs) == ({}, {}, {}, 0)
    assert (list(ended.spells), ended.order) == ([], [])
    equal(store, DEFAULT, day(2), day(0))


def test_rows_of_a_renamed_status_have_the_number_of_its_successor() -> None:
    """Arrivals and moves; what another row holds is no status, though its number may be that of one."""
    words = LeadWords()
    events = [
        e.Received(at=day(0), by=ANNA, source=received().source, status="old"),
        moved("older", before="old"),
        contacted(1),
        contacted(2),
    ]
    ledger = MemoryStorage(clock=Ticking())
    records = ledger.append("lead:a", events, expected_version=0)
    rows = packed(made(records, words).rows)
    assert len(words.columns.statuses) == 2
    carried = attrs.evolve(DEFAULT, renamed={"old": "new", "older": "closed"})
    for workflow, first, then in ((DEFAULT, "old", "older"), (carried, "new", "closed")):
        columns = columns_from([KeptRows("a", rows)], words, workflow)
        statuses = [
            columns.statuses.words[a & CODE] for kind, _, a, _, _ in columns.rows() if kind in (RECEIVED, MOVED)
        ]
        assert statuses == [first, then]
        assert [a for kind, _, a, _, _ in columns.rows() if kind == CONTACT] == [1, 2]
        assert columns.a.typecode == "i"


def test_numbers_lie_in_a_file_in_one_order_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lowest byte first, whichever comes first in memory."""
    numbers = array("q", [1, -2, 1 << 40])
    swapped = array("q", numbers)
    swapped.byteswap()
    monkeypatch.setattr(sys, "byteorder", "little")
    assert turned(numbers) == numbers
    assert little(numbers) == numbers.tobytes()
    monkeypatch.setattr(sys, "byteorder", "big")
    assert turned(numbers) == swapped
    assert little(numbers) == swapped.tobytes()
    assert list(numbers) == [1, -2, 1 << 40], "what was given is left as it is"


def test_columns_under_a_workflow_are_empty_and_their_words_their_own() -> None:
    """Who works with the columns may need words that no lead has: those are not the store's."""
    words = LeadWords()
    words.columns.owners.code("own-1")
    known = len(words)
    columns = words.under(DEFAULT)
    assert (columns.leads, columns.withdrawn, list(columns.rows())) == ([], [], [])
    assert "own-1" in columns.owners.words
    every: list[Words[Any]] = [columns.statuses, columns.sources, columns.owners, columns.reasons]
    for of_a_kind in (*every, columns.things, columns.actions):
        of_a_kind.code("new")
    assert len(words) == known
    assert "new" not in "".join(text for _, _, text in words.fresh())


def test_nobody_and_no_reason_have_the_number_0_in_every_store(store: SqliteStorage) -> None:
    store.append("lead:a", [received(), moved("closed")], expected_version=0)
    store.fill()
    for words in (LeadWords(), LeadWords(store._file.rows("SELECT kind, number, word FROM lead_words"))):
        assert (words.columns.owners.words[0], words.columns.reasons.words[0]) == (UNASSIGNED, "")
