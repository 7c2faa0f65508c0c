"""The sponsor update: aggregates of the operational work, chained by release so that nothing drops or doubles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import attrs

from trialflow.model.lead import Lead
from trialflow.model.moments import micros
from trialflow.model.site_events import ReleaseRecorded
from trialflow.reports.columns import Columns
from trialflow.reports.figures import Figures, figures_of, tally_of
from trialflow.reports.movement import Step, directions, recorded_steps
from trialflow.reports.sponsor_parts import (
    blocker_rows,
    cause_of,
    decision_rows,
    next_steps,
    reason_label,
    source_rows,
    stalled_groups,
    status_label,
    visit_counts,
)
from trialflow.reports.sponsor_values import BOUNDARY, ChangedRow, Label, SponsorMovement, SponsorUpdate, WhyRow
from trialflow.rules.next_action import Assessment, assess
from trialflow.rules.ownership import Roster
from trialflow.rules.workflow import Workflow

__all__ = ["SponsorUpdate", "sponsor_update"]


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
    """The update at ``as_of`` since ``last_release``. ``position`` is the last recorded one it covers; ``leads`` and
    ``history`` are as of ``as_of``.

    An event counts when it was recorded after the last release, or was dated after it though recorded before: each
    event falls into exactly one release of a chain. Raises ``ValueError`` when ``as_of`` or ``position`` lie before
    the last release's: its events would be told twice.
    """
    if last_release is not None and (as_of < last_release.until or position < last_release.position):
        raise ValueError("the last sponsor update is later than this one; choose a later as_of")
    standing = [lead for lead in leads if not lead.merged_into]
    opened = [assess(lead, workflow, as_of, roster) for lead in standing if workflow.is_open(lead)]
    stalled = [row for row in opened if row.stale.level == "stale"]
    figures = figures_of(history, tally_of(history, workflow, as_of, roster=roster), workflow)
    period = _period(history, last_release, position, micros(as_of))
    moved = _moved(history, workflow, period)
    return SponsorUpdate(
        as_of=as_of,
        since=last_release.until if last_release is not None else None,
        after_position=last_release.position if last_release is not None else 0,
        position=position,
        zone=Label(workflow.site.zone),
        boundary=BOUNDARY,
        changed=_changed(workflow, moved),
        stalled=stalled_groups(workflow, stalled, as_of, roster),
        why=_why(workflow, stalled, history, period),
        next=next_steps(workflow, opened, as_of),
        movement=_movement(workflow, moved, period),
        sources=source_rows(figures.sources),
        blockers=blocker_rows(workflow, opened),
        visits=visit_counts(standing, as_of),
        decisions=decision_rows(workflow, opened, as_of),
        statuses=_statuses(workflow, figures),
        unmapped=sum(n for code, n in figures.statuses.items() if workflow.status(code) is None),
        leads=figures.leads,
        open=figures.open,
    )


@attrs.define
class _Period:
    """What falls into one release."""

    steps: list[Step] = attrs.field(factory=list)
    restated: int = 0
    withdrawn: int = 0


def _period(history: Columns, last: ReleaseRecorded | None, position: int, as_of: int) -> _Period:
    after = last.position if last is not None else 0
    until = micros(last.until) if last is not None else None
    found = _Period()
    for step in recorded_steps(history):
        late = step.position > after
        if step.position > position or step.at > as_of or not (late or (until is not None and step.at > until)):
            continue
        found.steps.append(step)
        found.restated += late and until is not None and step.at <= until
    found.withdrawn = sum(after < by <= position and taken <= after for by, taken in history.withdrawn)
    return found


def _moved(history: Columns, workflow: Workflow, period: _Period) -> Counter[tuple[str, str]]:
    words = [workflow.current(code) for code in history.statuses.words]
    return Counter((words[step.origin], words[step.to]) for step in period.steps if step.origin >= 0)


def _changed(workflow: Workflow, moved: Counter[tuple[str, str]]) -> tuple[ChangedRow, ...]:
    labelled = Counter[tuple[Label, Label]]()
    for (a, b), n in moved.items():
        labelled[status_label(workflow, a), status_label(workflow, b)] += n
    order = {status.label: i for i, status in enumerate(workflow.statuses)}
    last = len(order)
    rows = sorted(labelled.items(), key=lambda m: (order.get(m[0][0], last), order.get(m[0][1], last), m[0]))
    return tuple(ChangedRow(from_status=a, to_status=b, count=n) for (a, b), n in rows)


def _why(workflow: Workflow, stalled: list[Assessment], history: Columns, period: _Period) -> tuple[WhyRow, ...]:
    causes = Counter(cause_of(workflow, row) for row in stalled)
    ended = Counter[Label]()
    for step in period.steps:
        if step.origin >= 0 and workflow.is_final(history.statuses.words[step.to]):
            ended[reason_label(workflow, history.reasons.words[step.reason])] += 1
    rows = [WhyRow(cause=c, stalled=causes[c], closed=ended[c]) for c in {*causes, *ended}]
    return tuple(sorted(rows, key=lambda row: (-row.stalled, -row.closed, row.cause)))


def _movement(workflow: Workflow, moved: Counter[tuple[str, str]], period: _Period) -> SponsorMovement:
    ways = directions(moved, workflow)
    return SponsorMovement(
        received=sum(step.origin < 0 for step in period.steps),
        moves=moved.total(),
        forward=ways.forward,
        backward=ways.backward,
        closed=ways.closed,
        restated=period.restated,
        withdrawn=period.withdrawn,
    )


def _statuses(workflow: Workflow, figures: Figures) -> dict[Label, int]:
    found = Counter[Label]()
    for status in workflow.statuses:
        found[Label(status.label)] += figures.statuses.get(status.code, 0)
    return {label: n for label, n in found.items() if n}
