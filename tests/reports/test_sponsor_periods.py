"""Releases chain: every recorded event is told once, late ones as restated, mistakes as withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sponsor_updates import DAY, MONDAY, WORKFLOW, arrived, moved, release_of, update_of
from trialflow.model import events as e
from trialflow.model.recorded import Recorded
from trialflow.reports.column_rows import columns_of
from trialflow.reports.sponsor import sponsor_update
from wild_histories import BY, wild_records


def plain_records(seed: int, events: int) -> list[Recorded]:
    """A history without corrections and merges: every event of it stays told."""
    kept = [
        r
        for r in wild_records(seed, events, WORKFLOW, leads=5)
        if not isinstance(r.event, e.Corrected | e.Merged | e.Unmerged)
    ]
    return [r._replace(position=k) for k, r in enumerate(kept, start=1)]


def told(records: Sequence[Recorded]) -> int:
    """How many moves were recorded, of leads that have arrived."""
    arrived: set[str] = set()
    count = 0
    for record in records:
        event = record.event
        if isinstance(event, e.Received):
            arrived.add(record.stream)
        elif isinstance(event, e.Moved) and record.stream in arrived:
            count += event.from_status != event.to_status or event.episode > 0
    return count


@given(seed=st.integers(0, 2**32), cuts=st.sets(st.integers(1, 140), max_size=6))
def test_a_chain_of_releases_tells_every_event_once(seed: int, cuts: set[int]) -> None:
    records = plain_records(seed, 140)
    dice, last = Random(seed), None
    moves = received = 0
    end = records[-1].recorded_at + DAY
    for position in [*sorted(c for c in cuts if c < len(records)), len(records)]:
        as_of = records[position - 1].recorded_at - dice.randrange(9) * DAY
        as_of = end if position == len(records) else max(as_of, last.until if last is not None else as_of)
        update = update_of(records, as_of, last, position)
        moves += update.movement.moves
        received += update.movement.received
        assert update.movement.moves == sum(row.count for row in update.changed)
        assert update.movement.closed == sum(row.closed for row in update.why)
        last = release_of(update)
    assert received == len({r.stream for r in records if isinstance(r.event, e.Received)})
    assert moves == told(records)


def test_an_event_at_the_cut_belongs_to_the_release_before_it() -> None:
    records = [arrived(MONDAY, 1), moved(MONDAY + DAY, 2, "new", "contacted", recorded=MONDAY + DAY)]
    first = update_of(records, MONDAY + DAY)
    second = update_of(records, MONDAY + 8 * DAY, release_of(first))
    assert (first.movement.moves, second.movement.moves, second.movement.received) == (1, 0, 0)
    assert (second.since, second.after_position) == (first.as_of, first.position)


def test_what_is_recorded_late_with_an_earlier_date_is_restated() -> None:
    records = [arrived(MONDAY, 1)]
    first = update_of(records, MONDAY + 3 * DAY)
    records.append(moved(MONDAY + DAY, 2, "new", "contacted", recorded=MONDAY + 5 * DAY))
    second = update_of(records, MONDAY + 7 * DAY, release_of(first))
    assert (second.movement.moves, second.movement.restated) == (1, 1)
    third = update_of(records, MONDAY + 14 * DAY, release_of(second))
    assert (third.movement.moves, third.movement.restated) == (0, 0)


def test_what_is_recorded_before_a_release_but_dated_after_it_waits_for_the_next() -> None:
    records = [arrived(MONDAY, 1), moved(MONDAY + 5 * DAY, 2, "new", "contacted", recorded=MONDAY + 5 * DAY)]
    first = update_of(records, MONDAY + 3 * DAY)
    second = update_of(records, MONDAY + 7 * DAY, release_of(first))
    assert (first.movement.moves, second.movement.moves, second.movement.restated) == (0, 1, 0)


def test_what_a_release_told_and_was_a_mistake_is_withdrawn() -> None:
    records = [arrived(MONDAY, 1), moved(MONDAY + DAY, 2, "new", "contacted", recorded=MONDAY + DAY)]
    first = update_of(records, MONDAY + 3 * DAY)
    mistake = e.Corrected(at=MONDAY + 4 * DAY, by=BY, reason="wrong_lead", position=2)
    records.append(Recorded(3, "lead:L1", 3, MONDAY + 4 * DAY, mistake, "", ""))
    second = update_of(records, MONDAY + 7 * DAY, release_of(first))
    assert (first.movement.withdrawn, second.movement.moves, second.movement.withdrawn) == (0, 0, 1)
    third = update_of(records, MONDAY + 14 * DAY, release_of(second))
    assert third.movement.withdrawn == 0


def test_a_release_before_the_last_one_is_refused() -> None:
    records = [arrived(MONDAY, 1), moved(MONDAY + DAY, 2, "new", "contacted", recorded=MONDAY + DAY)]
    last = release_of(update_of(records, MONDAY + 3 * DAY))
    with pytest.raises(ValueError, match="later"):
        update_of(records, MONDAY + 2 * DAY, last)
    with pytest.raises(ValueError, match="later"):
        update_of(records, MONDAY + 4 * DAY, last, position=1)


def test_an_event_still_to_come_is_in_no_update_whatever_history_is_given() -> None:
    records = [arrived(MONDAY, 1), moved(MONDAY + 5 * DAY, 2, "new", "contacted", recorded=MONDAY + 5 * DAY)]
    history = columns_of(records, WORKFLOW)
    update = sponsor_update([], WORKFLOW, MONDAY + DAY, history=history, position=2)
    assert (update.movement.received, update.movement.moves) == (1, 0)
