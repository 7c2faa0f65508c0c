"""What is promised to others: the names, where they live, and how they are called."""

from __future__ import annotations

import importlib
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import trialflow
from public_surface import surface

SNAPSHOT = Path(__file__).with_name("public_api.txt")


def _order(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def test_the_names_are_few_distinct_and_sorted() -> None:
    assert trialflow.__all__ == sorted(set(trialflow.__all__), key=_order)
    assert len(trialflow.__all__) <= 45


def test_every_name_has_a_home_and_every_home_the_name() -> None:
    assert sorted(trialflow._HOMES) == sorted(trialflow.__all__)
    for name, home in trialflow._HOMES.items():
        assert name in importlib.import_module(home).__all__
        assert getattr(trialflow, name) is getattr(importlib.import_module(home), name)


def test_the_type_checkers_view_is_the_same() -> None:
    text = Path(trialflow.__file__).read_text("utf-8")
    block = text.partition("if TYPE_CHECKING:")[2].partition("__all__")[0]
    for name, home in trialflow._HOMES.items():
        assert f"from {home} import" in block
        assert name in block


def test_an_unknown_name_is_an_attribute_error_and_dir_lists_the_rest() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        trialflow.nothing  # noqa: B018
    assert set(trialflow.__all__) <= set(dir(trialflow))


def test_the_surface_is_the_recorded_one() -> None:
    """After a wanted change: ``python tests/helpers/public_surface.py > tests/public_api.txt``, and the changelog."""
    assert list(surface()) == SNAPSHOT.read_text("utf-8").splitlines()


def test_importing_the_package_loads_none_of_its_parts() -> None:
    code = "import sys, trialflow; print(sorted(m for m in sys.modules if m.startswith('trialflow.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_host_that_keeps_current_state_alone_gets_most_of_it() -> None:
    """Rows of a host's own become leads; what only history can tell is not known there, never 0."""
    now = datetime(2026, 3, 9, 15, tzinfo=UTC)
    rows = [
        trialflow.Lead(id="1", source=trialflow.Source(id="Radio"), received_at=now - timedelta(days=9), owner="u1"),
        trialflow.Lead(
            id="2",
            source=trialflow.Source(id="Clinic"),
            received_at=now - timedelta(days=3),
            status="preparing",
            status_since=now - timedelta(days=1),
            owner=trialflow.UNASSIGNED,
            blockers=(trialflow.Blocker(kind="missing_records", since=now - timedelta(days=1)),),
        ),
    ]
    workflow = trialflow.default_workflow()
    by = trialflow.Actor(id="u1", role="coordinator")
    assert [trialflow.bucket(row, workflow, now) for row in rows] == ["stale", "records_needed"]
    assert trialflow.stale_level(rows[1], workflow, now).level == "fresh"
    assert not trialflow.readiness(rows[1], workflow).ready
    assert trialflow.next_action(rows[1], workflow, now).kind == "assign_owner"
    assert [item.lead.id for item in trialflow.worklist(rows, workflow, now)] == ["1", "2"]
    assert "owner_missing" in {r.code for o in trialflow.options(rows[1], workflow, now, by) for r in o.refusals}
    assert trialflow.may_contact(rows[1], workflow, "phone", now, zone="America/Chicago").codes == ("blocker_open",)
    assert trialflow.reminders(rows, workflow, now, now + timedelta(days=7))
    board = trialflow.dashboard(rows, workflow, now)
    assert sum(row.count for row in board.buckets) == board.leads == 2
    assert board.movement is None
    assert board.weeks is None
