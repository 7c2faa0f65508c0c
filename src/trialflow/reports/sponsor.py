"""The sponsor update: aggregates of the operational work, chained by release so that nothing drops or doubles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from trialflow.model.lead import Lead
from trialflow.model.moments import micros
from trialflow.model.site_events import ReleaseRecorded
from trialflow.reports.columns import MOVED, RECEIVED, SHIFT, Columns
from trialflow.reports.figures import Figures, figures_of, totals_of
from trialflow.reports.sponsor_values import (
    BOUNDARY,
    ChangedRow,
    DecisionRow,
    Label,
    NextStep,
    SponsorBlocker,
    SponsorMovement,
    SponsorSource,
    SponsorUpdate,
    StalledGroup,
    VisitCounts,
    WhyRow,
)
from trialflow.reports.statistics import ratio
from trialflow.reports.values import SourceRow
from trialflow.rules.calendar import SiteCalendar
from trialflow.rules.gaps import stale_cause
from trialflow.rules.next_action import Assessment, assess
from trialflow.rules.ownership import Roster
from trialflow.rules.workflow import Workflow

__all__ = ["SponsorUpdate", "sponsor_update"]

_FEW = 3
"""Sources with fewer leads are shown together: a word somebody typed once is no source to report on."""

_UNKNOWN = "Status not known"

_CAUSES = {
    "missing_records": "Records are outstanding",
    "not_contacted": "First contact is outstanding",
    "no_response": "No response so far",
    "follow_up_due": "Follow-up is outstanding",
    "prescreen_due": "Prescreen is outstanding",
    "needs_review": "Review is outstanding",
    "scheduling_due": "Scheduling is outstanding",
    "visit_outcome_due": "Outcome of the visit is outstanding",
    "no_movement": "No movement recorded",
}


def sponsor_update(
    leads: Iterable[Lead],
    workflow: Workflow,
    as_of: datetime,
    *,
    history: Columns,
    last_release: ReleaseRecorded | None = None,
    position: int,
    roster: Roster | None = None,
) -> SponsorUpdate:
    """The update at ``as_of`` since ``last_release``. ``position`` is the last recorded one it covers.

    An event counts when it was recorded after the last release, or was dated after it though recorded before: each
    event falls into exactly one release of a chain.
    """
    found = [assess(lead, workflow, as_of, roster) for lead in leads if not lead.merged_into]
    opened = [row for row in found if row.bucket != "closed"]
    columns, totals = totals_of((), workflow, as_of, history=history, roster=roster)
    figures = figures_of(columns, totals, workflow)
    moved, received, restated = _since(history, last_release, position)
    stalled = [row for row in opened if row.stale.level == "stale"]
    return SponsorUpdate(
        as_of=as_of,
        since=last_release.until if last_release is not None else None,
        after_position=last_release.position if last_release is not None else 0,
        position=position,
        zone=Label(workflow.site.zone),
        boundary=BOUNDARY,
        changed=_changed(workflow, moved),
        stalled=_stalled(workflow, stalled, as_of),
        why=_why(workflow, stalled, history, last_release, position),
        next=_next(workflow, opened, as_of),
        movement=_movement(workflow, moved, received, restated),
        sources=_sources(figures),
        blockers=_blockers(workflow, opened),
        visits=_visits([row.lead for row in found], as_of),
        decisions=_decisions(workflow, opened, as_of),
        statuses=_statuses(workflow, figures),
        unmapped=sum(n for code, n in figures.statuses.items() if workflow.status(code) is None),
        leads=figures.leads,
        open=figures.open,
    )


def _period(history: Columns, last: ReleaseRecorded | None, position: int) -> Iterable[tuple[int, int, int, int, bool]]:
    """(kind, at, a, b, restated) of the rows that fall into this release."""
    after = last.position if last is not None else 0
    until = micros(last.until) if last is not None else None
    rows = zip(history.kind, history.at, history.a, history.b, history.position, strict=True)
    for kind, at, a, b, place in rows:
        late = place > after
        if kind in (MOVED, RECEIVED) and place <= position and (late or (until is not None and at > until)):
            yield kind, at, a, b, late and until is not None and at <= until


def _since(history: Columns, last: ReleaseRecorded | None, position: int) -> tuple[Counter[tuple[str, str]], int, int]:
    words, mask = history.statuses.words, (1 << SHIFT) - 1
    moved = Counter[tuple[str, str]]()
    received = restated = 0
    for kind, _, a, _, late in _period(history, last, position):
        restated += late
        if kind == MOVED:
            moved[words[a >> SHIFT], words[a & mask]] += 1
        else:
            received += 1
    return moved, received, restated


def _label(workflow: Workflow, status: str) -> Label:
    known = workflow.status(status)
    return Label(known.label if known is not None else _UNKNOWN)


def _changed(workflow: Workflow, moved: Counter[tuple[str, str]]) -> tuple[ChangedRow, ...]:
    labelled = Counter[tuple[Label, Label]]()
    for (a, b), n in moved.items():
        labelled[_label(workflow, a), _label(workflow, b)] += n
    order = {status.label: i for i, status in enumerate(workflow.statuses)}
    rows = sorted(labelled.items(), key=lambda item: (order.get(item[0][0], 99), order.get(item[0][1], 99)))
    return tuple(ChangedRow(from_status=a, to_status=b, count=n) for (a, b), n in rows)


def _cause(workflow: Workflow, code: str) -> Label:
    kind = workflow.blocker(code)
    return Label(_CAUSES.get(code) or (kind.label if kind is not None else _CAUSES["no_movement"]))


def _role(workflow: Workflow, code: str) -> Label:
    role = workflow.role(code)
    return Label(role.label if role is not None else "Coordinator")


def _stalled(workflow: Workflow, stalled: Sequence[Assessment], as_of: datetime) -> tuple[StalledGroup, ...]:
    groups: dict[Label, list[Assessment]] = {}
    for row in stalled:
        groups.setdefault(_cause(workflow, stale_cause(row)), []).append(row)
    rows = []
    for cause, found in groups.items():
        step = Counter(row.action.kind for row in found).most_common(1)[0][0]
        action = next(row.action for row in found if row.action.kind == step)
        rows.append(
            StalledGroup(
                cause=cause,
                count=len(found),
                next_step=Label(action.sponsor_label),
                role=_role(workflow, action.role),
                planned_by=_planned(workflow, step, as_of),
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.count, row.cause)))


def _planned(workflow: Workflow, action: str, as_of: datetime) -> date:
    """The date by which the site plans the step from now on: from the workflow, never from one lead's dates."""
    calendar, rule = SiteCalendar(workflow.site), workflow.action(action)
    return calendar.day_of(calendar.add(as_of, rule.due) if rule is not None else as_of)


def _why(
    workflow: Workflow,
    stalled: Sequence[Assessment],
    history: Columns,
    last: ReleaseRecorded | None,
    position: int,
) -> tuple[WhyRow, ...]:
    causes = Counter(_cause(workflow, stale_cause(row)) for row in stalled)
    words, mask = history.statuses.words, (1 << SHIFT) - 1
    ended = Counter[Label]()
    for kind, _, a, b, _ in _period(history, last, position):
        if kind == MOVED and workflow.is_final(words[a & mask]):
            reason = workflow.reason(history.reasons.words[b])
            ended[Label(reason.label if reason is not None else "Closed without a coded reason")] += 1
    rows = [WhyRow(cause=c, stalled=causes[c], closed=ended[c]) for c in {*causes, *ended}]
    return tuple(sorted(rows, key=lambda row: (-row.stalled, -row.closed, row.cause)))


def _next(workflow: Workflow, opened: Sequence[Assessment], as_of: datetime) -> tuple[NextStep, ...]:
    groups: dict[tuple[str, str], list[str]] = {}
    for row in opened:
        groups.setdefault((row.action.sponsor_label, row.action.role), []).append(row.action.kind)
    rows = [
        NextStep(
            step=Label(step),
            count=len(kinds),
            role=_role(workflow, role),
            planned_by=max(_planned(workflow, kind, as_of) for kind in set(kinds)),
        )
        for (step, role), kinds in groups.items()
        if step
    ]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.step)))


def _movement(workflow: Workflow, moved: Counter[tuple[str, str]], received: int, restated: int) -> SponsorMovement:
    order = {status.code: i for i, status in enumerate(workflow.statuses)}
    ended = sum(n for (_, b), n in moved.items() if workflow.is_final(b))
    ahead = [(pair, n) for pair, n in moved.items() if not workflow.is_final(pair[1])]
    forward = sum(n for (a, b), n in ahead if order.get(b, -1) > order.get(a, -1))
    return SponsorMovement(
        received=received,
        moves=sum(moved.values()),
        forward=forward,
        backward=sum(n for _, n in ahead) - forward,
        closed=ended,
        restated=restated,
    )


def _sources(figures: Figures) -> tuple[SponsorSource, ...]:
    large = [row for row in figures.sources if row.leads >= _FEW]
    small = [row for row in figures.sources if row.leads < _FEW]
    rows = [_source(Label(row.source), [row]) for row in large]
    return tuple([*rows, _source(Label("Other sources"), small)] if small else rows)


def _source(name: Label, rows: Sequence[SourceRow]) -> SponsorSource:
    leads, contacted = sum(r.leads for r in rows), sum(r.contacted for r in rows)
    return SponsorSource(
        source=name,
        leads=leads,
        contacted=contacted,
        prescreen_completed=sum(r.prescreen_completed for r in rows),
        reviewable=sum(r.reviewable for r in rows),
        scheduled=sum(r.scheduled for r in rows),
        attended=sum(r.attended for r in rows),
        closed=sum(r.closed for r in rows),
        drag=ratio(leads - contacted, leads),
    )


def _blockers(workflow: Workflow, opened: Sequence[Assessment]) -> tuple[SponsorBlocker, ...]:
    found = Counter[str]()
    for row in opened:
        found.update(b.kind for b in row.lead.blockers)
        found.update(f"item:{item.item}" for item in row.readiness.open)
    labels = {kind.code: kind.label for kind in workflow.blockers}
    labels |= {f"item:{item.code}": f"{item.label}: open" for item in workflow.items}
    rows = [SponsorBlocker(blocker=Label(label), count=found[code]) for code, label in labels.items() if found[code]]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.blocker)))


def _visits(leads: Sequence[Lead], as_of: datetime) -> VisitCounts:
    states = Counter[str]()
    for lead in leads:
        visit = lead.visit
        if visit is None:
            continue
        if visit.state in ("scheduled", "rescheduled") and visit.at is not None:
            states["planned" if visit.at > as_of else "outcome_open"] += 1
        else:
            states[visit.state] += 1
    return VisitCounts(
        planned=states["planned"],
        outcome_open=states["outcome_open"],
        attended=states["attended"],
        missed=states["missed"],
        cancelled=states["cancelled"],
    )


def _decisions(workflow: Workflow, opened: Sequence[Assessment], as_of: datetime) -> tuple[DecisionRow, ...]:
    total, late = Counter[Label](), Counter[Label]()
    for row in opened:
        for decision in row.lead.open_decisions:
            role = _role(workflow, decision.role)
            total[role] += 1
            late[role] += decision.due_at is not None and decision.due_at < as_of
    return tuple(DecisionRow(role=role, count=n, overdue=late[role]) for role, n in sorted(total.items()))


def _statuses(workflow: Workflow, figures: Figures) -> tuple[tuple[Label, int], ...]:
    return tuple(
        (Label(status.label), figures.statuses[status.code])
        for status in workflow.statuses
        if figures.statuses.get(status.code)
    )
