"""What changed between two workflows, and whom it would strand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from other_workflows import CALL_LIST, TWO_VISITS
from trialflow import Lead, Source, Workflow, default_workflow, loads
from trialflow.rules.diff import diff, stranded, written
from trialflow.rules.parts import Site, Span

OLD = default_workflow()


def changed(workflow: Workflow = OLD, **values: Any) -> list[str]:
    return diff(workflow, attrs.evolve(workflow, **values)).lines()


def test_a_workflow_does_not_differ_from_itself_or_from_its_equal() -> None:
    assert diff(OLD, OLD).lines() == []
    assert diff(loads(CALL_LIST), loads(CALL_LIST)).lines() == []


def test_values_are_written_as_in_the_file() -> None:
    new = attrs.evolve(OLD.statuses[0], stale_after=Span(amount=36, unit="hours"), expected_days=None, initial=False)
    assert changed(statuses=(new, *OLD.statuses[1:])) == [
        "changed statuses.new.initial: true -> false",
        "changed statuses.new.expected_days: 1 -> not set",
        'changed statuses.new.stale_after: "2 working days" -> "36 hours"',
    ]
    assert changed(site=Site(holidays=(date(2026, 12, 25),))) == ["changed site.holidays: [] -> [2026-12-25]"]
    move = attrs.evolve(OLD.moves[0], from_=("new", "closed"))
    assert changed(moves=(move, *OLD.moves[1:])) == ['changed moves.try_to_reach.from: ["new"] -> ["new", "closed"]']


def test_added_removed_and_reordered_rows_are_named() -> None:
    assert changed(items=(*OLD.items[1:], attrs.evolve(OLD.items[0], code="papers"))) == [
        "removed items.records",
        "added items.papers",
    ]
    swapped = (OLD.buckets[1], OLD.buckets[0], *OLD.buckets[2:])
    (line,) = changed(buckets=swapped)
    assert line.startswith('changed buckets (order): ["closed", "stale", ')


def test_a_change_holds_the_values_before_and_after() -> None:
    rows = (attrs.evolve(OLD.items[0], code="papers"), OLD.items[2], OLD.items[1], *OLD.items[3:])
    removed, added, order = diff(OLD, attrs.evolve(OLD, items=rows)).changes
    assert (removed.kind, removed.before, removed.after) == ("removed", OLD.items[0], None)
    assert (added.kind, added.before, added.after) == ("added", None, rows[0])
    codes = tuple(item.code for item in OLD.items[1:])
    assert (order.before, order.after) == (codes, (codes[1], codes[0], *codes[2:]))


def test_a_value_is_written_and_a_whole_row_is_not() -> None:
    assert written(Span(amount=2, unit="days", clock="working")) == '"2 working days"'
    assert written(("a", 1, True)) == '["a", 1, true]'
    assert written(OLD.items[0]) is None
    assert written(None) is None


def test_a_row_called_like_a_renamed_status_is_not_renamed_with_it() -> None:
    new = renamed_to("trying")
    calls = (attrs.evolve(OLD.items[0], code="contacting"), *OLD.items[1:])
    then, now = attrs.evolve(OLD, items=calls), attrs.evolve(new, items=(attrs.evolve(calls[0], code="trying"),))
    lines = diff(then, now).lines()
    assert "removed items.contacting" in lines
    assert "added items.trying" in lines


def test_the_second_rule_of_a_code_has_its_own_path() -> None:
    rules = [*OLD.buckets]
    number = [n for n, rule in enumerate(rules) if rule.code == "coordinator_review"][1]
    rules[number] = attrs.evolve(rules[number], when=attrs.evolve(rules[number].when, statuses=("in_review", "new")))
    assert changed(buckets=tuple(rules)) == [
        'changed buckets.coordinator_review#2.when.statuses: ["in_review"] -> ["in_review", "new"]'
    ]


def test_each_stranded_status_is_named_with_what_to_do() -> None:
    found = diff(OLD, attrs.evolve(OLD, statuses=OLD.statuses[:1] + OLD.statuses[3:]))
    assert found.stranded == ("contacting", "contacted")
    assert found.lines()[-1] == (
        "stranded contacted: leads there would be unmapped; add it, or name its successor under [renamed]"
    )


def renamed_to(code: str) -> Workflow:
    statuses = tuple(attrs.evolve(s, code=code) if s.code == "contacting" else s for s in OLD.statuses)
    return attrs.evolve(OLD, statuses=statuses, renamed={"contacting": code})


def test_a_renamed_status_strands_nobody_and_its_other_changes_are_still_told() -> None:
    new = renamed_to("trying")
    assert diff(OLD, new).lines() == [
        'renamed statuses.contacting: "contacting" -> "trying"',
        "added renamed.contacting",
    ]
    labelled = attrs.evolve(
        new, statuses=tuple(attrs.evolve(s, label="Calling") if s.code == "trying" else s for s in new.statuses)
    )
    assert 'changed statuses.trying.label: "Trying to reach" -> "Calling"' in diff(OLD, labelled).lines()


def test_two_statuses_may_become_one() -> None:
    merged = attrs.evolve(
        OLD, statuses=tuple(s for s in OLD.statuses if s.code != "contacting"), renamed={"contacting": "contacted"}
    )
    found = diff(OLD, merged)
    assert found.stranded == ()
    assert found.lines()[0] == 'renamed statuses.contacting: "contacting" -> "contacted"'


def test_words_that_an_earlier_version_had_renamed_are_still_in_the_ledger() -> None:
    second = renamed_to("trying")
    statuses = tuple(attrs.evolve(s, code="calling") if s.code == "trying" else s for s in second.statuses)
    third = attrs.evolve(second, statuses=statuses, renamed={"trying": "calling"})
    assert diff(second, third).stranded == ("contacting",)
    kept = attrs.evolve(third, renamed={"trying": "calling", "contacting": "calling"})
    assert diff(second, kept).stranded == ()


def test_a_successor_that_does_not_exist_strands_too() -> None:
    new = attrs.evolve(OLD, statuses=OLD.statuses[:-1], renamed={"closed": "nowhere"})
    assert diff(OLD, new).stranded == ("closed",)


def test_stranded_leads_are_listed_by_their_status() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    leads = [
        Lead(id=name, source=Source(id="s"), received_at=at, status=status)
        for name, status in (("b", "reached"), ("a", "reached"), ("c", "closed"), ("d", "old-phone"))
    ]
    assert stranded(leads, OLD) == {"old-phone": ("d",), "reached": ("a", "b")}
    assert stranded(leads, TWO_VISITS) == {"closed": ("c",), "reached": ("a", "b")}


@pytest.mark.parametrize("field", [f.name for f in attrs.fields(Workflow) if f.name not in ("renamed", "wording")])
def test_no_part_of_a_workflow_escapes(field: str) -> None:
    other = getattr(TWO_VISITS, field)
    if other == getattr(OLD, field):
        other = attrs.evolve(other, max_attempts=9)  # both have the contact policy by default
    paths = [change.path for change in diff(OLD, attrs.evolve(OLD, **{field: other})).changes]
    assert paths
    assert all(path.partition(".")[0].partition(" ")[0] == field for path in paths)


@given(st.sets(st.sampled_from([s.code for s in OLD.statuses])))
def test_stranded_is_exactly_what_is_missing(kept: set[str]) -> None:
    new = attrs.evolve(OLD, statuses=tuple(s for s in OLD.statuses if s.code in kept))
    assert set(diff(OLD, new).stranded) == {s.code for s in OLD.statuses} - kept
