"""The sponsor update: closed vocabulary, no word and no date about anybody, counts that reconcile."""

from __future__ import annotations

import types
import typing
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from histories import played
from sponsor_updates import DAY, MONDAY, WORKFLOW, arrived, leads_of, moved, update_of
from trialflow.adapters.renderers.formats import render
from trialflow.model import events as e
from trialflow.model.parties import Source
from trialflow.model.recorded import Recorded
from trialflow.reports.sponsor_parts import CONSTANTS
from trialflow.reports.sponsor_values import BOUNDARY, Label, SponsorUpdate
from trialflow.rules.calendar import SiteCalendar
from wild_histories import BY, wild_records

ALLOWED = {int, float, bool, date, datetime, types.NoneType}


def field_types(kind: Any, path: str = "SponsorUpdate") -> Iterator[tuple[str, Any]]:
    """Every type that a value of ``kind`` can hold, however deep."""
    if attrs.has(kind):
        attrs.resolve_types(kind)
        for field in attrs.fields(kind):
            yield from field_types(field.type, f"{path}.{field.name}")
    elif typing.get_origin(kind) in (tuple, Mapping, types.UnionType, typing.Union):
        for part in typing.get_args(kind):
            if part is not Ellipsis:
                yield from field_types(part, path)
    else:
        yield path, kind


def test_no_field_can_hold_a_lead_a_person_or_free_text() -> None:
    found = list(field_types(SponsorUpdate))
    assert len(found) >= 60
    wrong = [(path, kind) for path, kind in found if kind not in ALLOWED and kind is not Label]
    assert wrong == []


@attrs.frozen
class _Leaky:
    rows: tuple[tuple[Label, str], ...] = ()


def test_the_walk_finds_a_text_that_is_no_label() -> None:
    assert [kind for _, kind in field_types(_Leaky)] == [Label, str]


def values_of(value: Any) -> Iterator[Any]:
    if attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from values_of(getattr(value, field.name))
    elif isinstance(value, tuple):
        for part in value:
            yield from values_of(part)
    elif isinstance(value, Mapping):
        yield from values_of((*value, *value.values()))
    else:
        yield value


def vocabulary(records: Sequence[Recorded]) -> set[str]:
    """Every text that may stand in an update: labels of the workflow, constants, sources with enough leads."""
    labels = {s.label for s in WORKFLOW.statuses} | {r.label for r in WORKFLOW.close_reasons}
    labels |= {b.label for b in WORKFLOW.blockers} | {f"{i.label}: open" for i in WORKFLOW.items}
    labels |= {a.sponsor_label for a in WORKFLOW.actions} | {r.label for r in WORKFLOW.roles}
    sources = Counter(lead.source.id for lead in leads_of(records) if not lead.merged_into)
    return labels | CONSTANTS | {BOUNDARY, WORKFLOW.site.zone} | {name for name, n in sources.items() if n >= 3}


@given(seed=st.integers(0, 2**32))
def test_every_text_is_a_label_a_constant_or_a_source(seed: int) -> None:
    records = wild_records(seed, 150, WORKFLOW, leads=12)
    as_of = records[-1].recorded_at
    texts = {value for value in values_of(update_of(records, as_of)) if isinstance(value, str)}
    assert texts <= vocabulary(records)


@pytest.mark.parametrize("seed", range(6))
def test_dates_come_from_the_report_and_the_workflow_alone(seed: int) -> None:
    site = played(seed=seed, steps=250)
    update = update_of(site.records, site.now)
    calendar = SiteCalendar(WORKFLOW.site)
    planned = {calendar.day_of(calendar.add(site.now, rule.due)) for rule in WORKFLOW.actions}
    planned.add(calendar.day_of(site.now))
    dates = {value for value in values_of(update) if isinstance(value, date)}
    assert dates <= planned | {site.now}


def test_every_stalled_group_has_a_cause_a_step_a_role_and_a_date() -> None:
    site = played(seed=3, steps=300)
    update = update_of(site.records, site.now + 30 * DAY)
    assert update.stalled
    today = SiteCalendar(WORKFLOW.site).day_of(update.as_of)
    for group in update.stalled:
        assert group.cause
        assert group.next_step
        assert group.role in {role.label for role in WORKFLOW.roles}
        assert group.planned_by >= today
    stalled = sum(group.count for group in update.stalled)
    assert stalled == sum(row.stalled for row in update.why)
    assert stalled <= update.open <= update.leads
    assert sum(step.count for step in update.next) == update.open


def test_a_stalled_group_says_what_gets_it_going_again() -> None:
    records = [arrived(MONDAY, 1), moved(MONDAY, 2, "new", "preparing", recorded=MONDAY)]
    asked = e.ItemSet(at=MONDAY, by=BY, item="records", to_state="needed")
    owned = e.Assigned(at=MONDAY, by=BY, from_owner="", to_owner="own-1")
    taken = e.HandoffAccepted(at=MONDAY, by=BY, owner="own-1")
    records += [Recorded(k, "lead:L1", k, MONDAY, event, "", "") for k, event in enumerate((asked, owned, taken), 3)]
    update = update_of(records, MONDAY + 60 * DAY)
    (group,) = update.stalled
    assert (group.cause, group.next_step) == ("Records are outstanding", "Request and review records")
    assert [step.step for step in update.next] == ["Review stalled leads"]


def test_a_step_on_the_day_of_a_visit_has_no_date() -> None:
    at = MONDAY + 20 * DAY
    slot = e.VisitSet(at=MONDAY, by=BY, to_state="scheduled", visit_at=at)
    records = [
        arrived(MONDAY, 1),
        moved(MONDAY, 2, "new", "scheduled", recorded=MONDAY),
        Recorded(3, "lead:L1", 3, MONDAY, slot, "", ""),
        Recorded(4, "lead:L1", 4, MONDAY, e.Assigned(at=MONDAY, by=BY, from_owner="", to_owner="own-1"), "", ""),
        Recorded(5, "lead:L1", 5, MONDAY, e.HandoffAccepted(at=MONDAY, by=BY, owner="own-1"), "", ""),
    ]
    (step,) = update_of(records, MONDAY + DAY).next
    assert (step.step, step.planned_by) == ("Carry out scheduled visits", None)
    assert "2026-03-22" not in render(update_of(records, MONDAY + DAY), "json").decode()


def test_counts_reconcile() -> None:
    site = played(seed=9, steps=300)
    update = update_of(site.records, site.now)
    assert sum(update.statuses.values()) + update.unmapped == update.leads
    assert sum(row.leads for row in update.sources) == update.leads
    assert sum(row.closed for row in update.sources) == update.leads - update.open
    assert update.boundary == BOUNDARY


def test_a_source_that_somebody_typed_once_is_not_named() -> None:
    records = [arrived(MONDAY, k, f"L{k}") for k in range(1, 6)]
    odd = Source(id="ask Maria Nowak, 555-0142", category="Maria", campaign="Maria")
    records += [arrived(MONDAY, k, f"L{k}", source=odd) for k in (6, 7)]
    update = update_of(records, MONDAY + DAY)
    assert [(row.source, row.leads) for row in update.sources] == [("Radio", 5), ("Other sources", 2)]
    assert "Maria" not in "".join(render(update, fmt).decode() for fmt in FORMATS)


FORMATS = ("text", "markdown", "json", "csv", "html")

_IDENTITIES = {"u1": "Ada", "u2": "Grace", "u3": "Katherine", "lead1": "Dorothy", "team1": "Mary", "dr1": "Joan"}


def renamed(record: Recorded) -> Recorded:
    """The same event about somebody else: other lead id, owners, actors, references, notes."""
    event, changes = record.event, dict[str, Any]()
    for field in attrs.fields(type(event)):
        value = getattr(event, field.name)
        if field.name in ("owner", "from_owner", "to_owner"):
            changes[field.name] = _IDENTITIES.get(value, value)
        elif field.name in ("person_ref", "external_ref", "ref", "evidence_ref", "authority_ref"):
            changes[field.name] = f"other-{value}" if value else value
    changes["by"] = attrs.evolve(event.by, id=_IDENTITIES.get(event.by.id, event.by.id))
    return record._replace(stream=record.stream.replace("lead:L", "lead:Z"), event=attrs.evolve(event, **changes))


@pytest.mark.parametrize("seed", range(5))
def test_who_they_are_changes_no_byte(seed: int) -> None:
    site = played(seed=seed, steps=200)
    others = [renamed(record) for record in site.records]
    assert {r.stream for r in others}.isdisjoint(r.stream for r in site.records)
    for fmt in FORMATS:
        assert render(update_of(site.records, site.now), fmt) == render(update_of(others, site.now), fmt)
