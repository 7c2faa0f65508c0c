"""Every figure of the column fold once more, the slow and plain way: one lead at a time, no tables, no columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from trialflow.model import events as e
from trialflow.model.evolve import evolve, fold, voided
from trialflow.model.lead import Lead
from trialflow.model.parties import UNASSIGNED
from trialflow.model.recorded import Recorded
from trialflow.rules.buckets import bucket
from trialflow.rules.ownership import Roster, effective_owner
from trialflow.rules.readiness import readiness
from trialflow.rules.staleness import stale_level
from trialflow.rules.workflow import Workflow

STEPS = ("contacted", "prescreen_completed", "reviewable", "scheduled", "attended")
BANDS = ((0, 1), (1, 3), (3, 7), (7, 14), (14, 30), (30, 60), (60, None))


def streams(records: Iterable[Recorded]) -> dict[str, list[Recorded]]:
    """The records by lead id."""
    found: dict[str, list[Recorded]] = {}
    for record in records:
        kind, _, name = record.stream.partition(":")
        if kind == "lead":
            found.setdefault(name, []).append(record)
    return found


def standing(records: Sequence[Recorded]) -> list[Recorded]:
    """One lead's records without those recorded by mistake."""
    gone = voided((r.position, r.event.position) for r in records if isinstance(r.event, e.Corrected))
    return [r for r in records if r.position not in gone]


def prefixes(records: Sequence[Recorded]) -> list[Lead]:
    """The lead after each of its records that stands."""
    lead: Lead | None = None
    found = []
    for record in standing(records):
        lead = evolve(lead, record.event, record.position, lead_id=record.stream[5:])
        if lead is not None:
            found.append(lead)
    return found


def reached(lead: Lead, workflow: Workflow) -> set[str]:
    """The milestones this state of a lead tells of."""
    known = workflow.status(lead.status)
    found = {step for step in STEPS if known is not None and step in known.reaches}
    if lead.first_reached_at is not None:
        found.add("contacted")
    if lead.prescreen == "completed":
        found |= {"contacted", "prescreen_completed"}
    if lead.visit is not None and lead.visit.state in ("scheduled", "rescheduled", "attended", "missed"):
        found.add("scheduled")
    if lead.visit is not None and lead.visit.state == "attended":
        found.add("attended")
    return found


def figures(
    records: Iterable[Recorded], workflow: Workflow, as_of: datetime, since: datetime, roster: Roster | None = None
) -> dict[str, Any]:
    """All figures as plain values."""
    buckets, statuses, reasons = Counter[str](), Counter[str](), Counter[str]()
    moves, ages, stale_ages = Counter[tuple[str, str]](), Counter[int](), Counter[int]()
    sources: dict[str, Counter[str]] = {}
    unowned = opened = received = handoffs = 0
    for stream in streams(records).values():
        lead = fold(stream)
        if lead is None or lead.merged_into:
            continue
        statuses[workflow.current(lead.status)] += 1
        buckets[bucket(lead, workflow, as_of)] += 1
        received += since < lead.received_at <= as_of
        handoffs += sum(since < h.at <= as_of for h in lead.handoffs)
        for before, after in pairwise(lead.trail):
            if since < after.since <= as_of:
                moves[workflow.current(before.status), workflow.current(after.status)] += 1
        source = sources.setdefault(lead.source.id, Counter())
        source["leads"] += 1
        source["attempts"] += lead.attempts
        for step in set().union(*(reached(state, workflow) for state in prefixes(stream))):
            source[step] += 1
        if workflow.is_final(lead.status):
            source["closed"] += 1
            reasons[lead.close_reason] += 1
            source[f"reason:{lead.close_reason}"] += 1
            continue
        opened += 1
        unowned += effective_owner(lead, roster, as_of) == UNASSIGNED
        band = _band(as_of - lead.status_since)
        ages[band] += 1
        stale_ages[band] += stale_level(lead, workflow, as_of).level == "stale"
    return {
        "leads": statuses.total(),
        "open": opened,
        "buckets": dict(buckets),
        "statuses": dict(statuses),
        "close_reasons": {code: n for code, n in reasons.items() if code},
        "closed_without_reason": reasons[""],
        "unowned": unowned,
        "ages": [(ages[i], stale_ages[i]) for i in range(len(BANDS))],
        "moves": dict(moves),
        "received": received,
        "handoffs": handoffs,
        "sources": {name: {k: n for k, n in found.items() if n} for name, found in sources.items()},
    }


def places(
    records: Iterable[Recorded], workflow: Workflow, as_of: datetime, roster: Roster | None = None
) -> Counter[tuple[str, bool, bool, bool, bool, frozenset[str]]]:
    """How many leads, by status, stale, records open, something else open, unowned, and milestones reached."""
    found = Counter[tuple[str, bool, bool, bool, bool, frozenset[str]]]()
    for stream in streams(records).values():
        lead = fold(stream)
        if lead is None or lead.merged_into:
            continue
        ready = readiness(lead, workflow)
        found[
            lead.status,
            stale_level(lead, workflow, as_of).level == "stale",
            ready.records_open,
            ready.other_open > 0,
            effective_owner(lead, roster, as_of) == UNASSIGNED,
            frozenset(step for state in prefixes(stream) for step in reached(state, workflow)),
        ] += 1
    return found


def _band(age: timedelta) -> int:
    if age < timedelta():
        return 0
    return next(i for i, (_, upper) in enumerate(BANDS) if upper is None or age < timedelta(days=upper))


def plain(found: Any) -> dict[str, Any]:
    """``Figures`` in the same shape."""
    sources = {}
    for row in found.sources:
        counts = {step: getattr(row, step) for step in (*STEPS, "leads", "attempts", "closed")}
        counts |= {f"reason:{code}": n for code, n in row.close_reasons.items()}
        rest = row.closed - sum(row.close_reasons.values())
        sources[row.source] = {k: n for k, n in (counts | {"reason:": rest}).items() if n}
    return {
        "leads": found.leads,
        "open": found.open,
        "buckets": found.buckets,
        "statuses": found.statuses,
        "close_reasons": found.close_reasons,
        "closed_without_reason": found.closed_without_reason,
        "unowned": found.unowned,
        "ages": [(band.count, band.stale) for band in found.ages],
        "moves": found.moves,
        "received": found.received,
        "handoffs": found.handoffs,
        "sources": sources,
    }
