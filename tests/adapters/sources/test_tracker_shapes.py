"""The same truth, written down in forty ways, always imports to the same figures."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from site_shapes import SHAPES
from small_site import COPIES, Expected, expect, simulate
from tests_sizes import size
from tracker_shapes import Shape, write
from trialflow.adapters.import_report import ImportReport
from trialflow.tracker import Tracker

SEEDS = range(size(ci=2, long=40))
LINE_CODES = {"no_identity", "only_an_id", "totals", "repeated_header", "units"}


def told(tracker: Tracker, report: ImportReport, shape: Shape) -> Expected:
    leads = tracker.leads()
    labels = {owner: name for name, owner in shape.owners.items()}
    names = Counter[str]()
    for change, n in report.owner_changes.items():
        one, other = (labels.get(side, side) for side in change.split(" -> "))
        names[f"{one} -> {other}"] += n
    outcomes = dict(report.outcomes)
    outcomes["rejected"] -= shape.refused
    return Expected(
        rows=report.rows - shape.refused,
        outcomes=outcomes,
        absent=report.absent,
        leads_known=report.leads_known,
        moves=dict(report.moves),
        owner_changes=dict(names),
        statuses=dict(Counter(lead.status for lead in leads)),
        unowned_open=sum(lead.unowned and lead.status != "closed" for lead in leads),
        by_source=dict(Counter(lead.source.id for lead in leads)),
        close_reasons=dict(Counter(lead.close_reason for lead in leads if lead.status == "closed")),
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_site_imports_to_its_truth(shape: Shape, seed: int, tmp_path: Path) -> None:
    copies = simulate(seed)
    tracker = Tracker()
    for number, (rows, expected) in enumerate(zip(copies, expect(copies, shape.fields), strict=True)):
        path = write(shape, tmp_path, COPIES[number], number, rows)
        report = tracker.ingest(path)
        assert told(tracker, report, shape) == expected
        assert not report.unmapped
        assert {p.code for p in report.problems} <= LINE_CODES | set(shape.codes)


def test_the_shapes_are_many_and_differ() -> None:
    assert len(SHAPES) >= 40
    assert len({shape.name for shape in SHAPES}) == len(SHAPES)
