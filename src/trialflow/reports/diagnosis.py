"""Where leads wait, where records get lost, where follow-up slows, what needs an owner; and the review checklist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from trialflow.model.lead import Lead
from trialflow.model.moments import HOUR, from_micros, micros
from trialflow.reports.columns import Columns
from trialflow.reports.diagnosis_values import Check, Diagnosis, FollowUp, RecordsWait, SlaRow, StatusTime
from trialflow.reports.owner_time import open_time
from trialflow.reports.statistics import median, median_incidence, ratio
from trialflow.reports.stories import Story, stories
from trialflow.rules.calendar import SiteCalendar
from trialflow.rules.gaps import gap_report
from trialflow.rules.ownership import Roster, unrecorded_handoffs
from trialflow.rules.slas import sla_status
from trialflow.rules.staleness import stale_level
from trialflow.rules.workflow import Workflow

__all__ = ["Check", "Diagnosis", "FollowUp", "RecordsWait", "SlaRow", "StatusTime", "diagnose", "review_checklist"]

_WEEKS = 8


def diagnose(
    leads: Iterable[Lead], workflow: Workflow, as_of: datetime, *, history: Columns, roster: Roster | None = None
) -> Diagnosis:
    """The diagnosis of these leads and their history, both as of ``as_of``."""
    found = [lead for lead in leads if not lead.merged_into]
    told = list(stories(history, workflow))
    opened, unowned = open_time(told, history, workflow, micros(as_of), roster)
    return Diagnosis(
        as_of=as_of,
        statuses=_times(told, history, workflow, micros(as_of)),
        records=_records(found, workflow, as_of),
        follow_up=_follow_up(told, history, workflow, as_of),
        unowned_time=ratio(unowned // HOUR, opened // HOUR),
        checklist=review_checklist(found, workflow, as_of, roster),
        slas=_slas(found, workflow, as_of),
        zone=workflow.site.zone,
    )


def _times(told: Sequence[Story], history: Columns, workflow: Workflow, as_of: int) -> tuple[StatusTime, ...]:
    """(duration, 1 left or 0 still there) of every stay, by the status's present code."""
    spells: dict[str, list[tuple[int, int]]] = {}
    undated = Counter[str]()
    for story in told:
        for stay in story.stays:
            code = workflow.current(history.statuses.words[stay.status])
            until = as_of if stay.until is None else stay.until
            spells.setdefault(code, []).append((max(0, until - stay.since), int(stay.until is not None)))
            undated[code] += not stay.dated
    return tuple(
        _time(known.code, known.label, spells[known.code], undated[known.code])
        for known in workflow.statuses
        if not known.final and known.code in spells
    )


def _time(code: str, label: str, spells: list[tuple[int, int]], undated: int) -> StatusTime:
    ended, waiting = [d for d, left in spells if left], [d for d, left in spells if not left]
    return StatusTime(
        status=code,
        label=label,
        ended=len(ended),
        median_ended=median(ended),
        waiting=len(waiting),
        median_waiting=median(waiting),
        median=median_incidence(spells),
        undated=undated,
    )


def _records(leads: Sequence[Lead], workflow: Workflow, as_of: datetime) -> RecordsWait:
    items = [lead.items["records"] for lead in leads if "records" in lead.items and not workflow.is_final(lead.status)]
    requested = [micros(as_of) - micros(item.since) for item in items if item.state == "requested"]
    answers = [_answer(lead, workflow, as_of) for lead in leads]
    return RecordsWait(
        needed=sum(item.state == "needed" for item in items),
        requested=len(requested),
        median_requested=median(requested),
        median_answer=median_incidence(spell for spell in answers if spell is not None),
    )


def _answer(lead: Lead, workflow: Workflow, as_of: datetime) -> tuple[int, int] | None:
    """(time since the first request, 1 answered, 2 the lead closed before, 0 still waiting); None: never asked."""
    asked = lead.firsts.get("item_set:records:requested")
    if asked is None:
        return None
    got = [lead.firsts[key].at for key in _ANSWERS if key in lead.firsts and lead.firsts[key].at >= asked.at]
    closed = workflow.is_final(lead.status)
    end = min(got) if got else lead.status_since if closed else as_of
    return max(0, micros(end) - micros(asked.at)), 1 if got else 2 if closed else 0


_ANSWERS = ("item_set:records:received", "item_set:records:reviewed")


def _follow_up(told: Sequence[Story], history: Columns, workflow: Workflow, as_of: datetime) -> tuple[FollowUp, ...]:
    calendar = SiteCalendar(workflow.site)
    final = {i for i, code in enumerate(history.statuses.words) if workflow.is_final(code)}
    this = calendar.day_of(as_of)
    first = this - timedelta(days=this.weekday(), weeks=_WEEKS - 1)
    start = micros(calendar.day_start(first))
    weeks: dict[date, list[tuple[int, int]]] = {first + timedelta(weeks=i): [] for i in range(_WEEKS)}
    for story in told:
        if story.arrived >= start:
            day = calendar.day_of(from_micros(story.arrived))
            week = weeks.get(day - timedelta(days=day.weekday()))
            if week is not None:
                week.append(_attempted(story, final, micros(as_of)))
    return tuple(
        FollowUp(
            week=week,
            received=len(found),
            median_first_attempt=median_incidence(found),
            waiting=sum(end == 0 for _, end in found),
            closed_before=sum(end == 2 for _, end in found),
        )
        for week, found in weeks.items()
    )


def _attempted(story: Story, final: set[int], as_of: int) -> tuple[int, int]:
    """(time since arrival, 1 attempted, 2 closed without, 0 still waiting)."""
    if story.first_attempt is not None:
        return max(0, story.first_attempt - story.arrived), 1
    closed = story.status in final
    end = story.stays[-1].since if closed else as_of
    return max(0, end - story.arrived), 2 if closed else 0


def _slas(leads: Sequence[Lead], workflow: Workflow, as_of: datetime) -> tuple[SlaRow, ...]:
    results = Counter((s.code, s.result) for lead in leads for s in sla_status(lead, workflow, as_of))
    return tuple(
        SlaRow(
            code=sla.code,
            label=sla.label,
            met=(met := results[sla.code, "met"]),
            late=(late := results[sla.code, "late"]),
            breached=(breached := results[sla.code, "breached"]),
            open=results[sla.code, "open"],
            lapsed=results[sla.code, "lapsed"],
            not_known=results[sla.code, "not_known"],
            attainment=ratio(met, met + late + breached),
        )
        for sla in workflow.slas
    )


def review_checklist(
    leads: Iterable[Lead], workflow: Workflow, as_of: datetime, roster: Roster | None = None
) -> tuple[Check, ...]:
    """The points of a short weekly review, each with how many leads it concerns; 0: nothing to do."""
    found = [lead for lead in leads if not lead.merged_into]
    gaps = {name: len(ids) for name, ids in gap_report(found, workflow, as_of, roster).gaps.items()}
    rows = (
        ("no_owner", "Give every open lead an owner who is there", gaps["no_owner"]),
        ("follow_up_overdue", "Do, or plan anew, every overdue next action", gaps["follow_up_overdue"]),
        (
            "stale",
            "Recover, plan for a date, or close every stale lead",
            sum(stale_level(lead, workflow, as_of).level == "stale" for lead in found if workflow.is_open(lead)),
        ),
        ("records_gap", "Ask for, chase or review the open records", gaps["records_gap"]),
        ("missing_sponsor_field", "Fill in sources and statuses that reports need", gaps["missing_sponsor_field"]),
        ("handoff_context", "Give handoffs without context their reason", len(unrecorded_handoffs(found))),
        (
            "unmapped",
            "Map the statuses the workflow does not know",
            sum(workflow.status(lead.status) is None for lead in found),
        ),
    )
    return tuple(Check(code=code, text=text, count=count) for code, text, count in rows)
