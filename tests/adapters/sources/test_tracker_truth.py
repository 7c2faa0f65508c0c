"""The example trackers, where they are at hand: every figure of their truth, through the API and the command line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trialflow.adapters.sources.row_memory import RowMemory
from trialflow.adapters.sources.rows import Values
from trialflow.adapters.storages.opening import open_store
from trialflow.cli.main import main
from trialflow.tracker import Tracker

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "trackers"
SITES = (("riverside", "csv"), ("harbor", "xlsx"))

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the example trackers are not at hand")


def truth(site: str) -> list[dict[str, Any]]:
    copies: list[dict[str, Any]] = json.loads((FOLDER / f"{site}.truth.json").read_text("utf-8"))["copies"]
    return copies


def values(tracker: Tracker) -> dict[str, Values]:
    memory = RowMemory(tracker.vault, "tracker")
    return {lead: found.values for lead in memory if (found := memory.get(lead)) is not None}


def changed(before: dict[str, Values], after: dict[str, Values]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for lead in before.keys() & after.keys():
        for field, one, other in zip(Values._fields, before[lead], after[lead], strict=True):
            counts[field] += one.casefold() != other.casefold()
    return {field: n for field, n in counts.items() if n}


def by_source(tracker: Tracker) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for lead in tracker.leads():
        row = found.setdefault(lead.source.id, Counter(leads=0, closed=0, attended=0))
        row["leads"] += 1
        row["closed"] += lead.status == "closed"
        row["attended"] += lead.status == "attended"
    return {source: dict(row) for source, row in found.items()}


def state(tracker: Tracker) -> dict[str, Any]:
    leads = tracker.leads()
    return {
        "status_after": dict(Counter(lead.status for lead in leads)),
        "unowned_open": sum(lead.unowned and lead.status != "closed" for lead in leads),
        "by_source": by_source(tracker),
        "close_reasons": dict(
            Counter(lead.close_reason for lead in leads if lead.status == "closed" and lead.close_reason)
        ),
    }


@pytest.fixture(params=["memory", "sqlite"])
def tracker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tracker]:
    if request.param == "memory":
        yield Tracker()
        return
    storage, vault = open_store(tmp_path / "site.db")
    yield Tracker(storage, vault)
    storage.close()
    vault.close()


@pytest.mark.parametrize(("site", "kind"), SITES)
def test_every_figure_of_every_copy(tracker: Tracker, site: str, kind: str) -> None:
    before: dict[str, Values] = {}
    for copy in truth(site):
        report = tracker.ingest(FOLDER / f"{site}-{copy['copy']}.{kind}")
        after = values(tracker)
        told = {
            "copy": report.as_of.date().isoformat(),
            "rows": report.rows,
            "outcomes": {name: n for name, n in report.outcomes.items() if n or name in copy["outcomes"]},
            "absent": report.absent,
            "leads_known": report.leads_known,
            "moves": dict(report.moves),
            "owner_changes": dict(report.owner_changes),
            "changed_values": changed(before, after),
            **state(tracker),
        }
        assert told == copy
        assert not report.unmapped
        before = after


@pytest.mark.parametrize(("site", "kind"), SITES)
def test_the_copies_again_in_any_order_change_nothing(tracker: Tracker, site: str, kind: str) -> None:
    files = [FOLDER / f"{site}-{copy['copy']}.{kind}" for copy in truth(site)]
    for file in files:
        tracker.ingest(file)
    held = [record.hash for record in tracker.storage.scan()]
    for file in (files[2], files[0], files[1], files[2]):
        report = tracker.ingest(file)
        assert report.repeated
        assert not report.outcomes["created"] + report.outcomes["updated"]
        assert report.events == 0
    assert [record.hash for record in tracker.storage.scan()] == held


@pytest.mark.parametrize(("site", "kind"), SITES)
def test_the_command_line_says_the_same(
    site: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for copy in truth(site):
        file, store = FOLDER / f"{site}-{copy['copy']}.{kind}", str(tmp_path / "site.db")
        assert main(["import", str(file), "--db", store, "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        for key in ("rows", "absent", "leads_known", "moves", "owner_changes"):
            assert document[key] == copy[key], key
        assert {k: n for k, n in document["outcomes"].items() if n or k in copy["outcomes"]} == copy["outcomes"]
        assert main(["board", "--db", store, "--json", "--as-of", copy["copy"]]) == 0
        board = json.loads(capsys.readouterr().out)
        assert {status: n for status, n in board["statuses"].items() if n} == copy["status_after"]
        assert board["unowned"] == copy["unowned_open"]
        assert board["close_reasons"] == copy["close_reasons"]
        told = {r["source"]: {k: r[k] for k in ("leads", "closed", "attended")} for r in board["sources"]}
        assert {source: row["leads"] for source, row in told.items()} == {
            s: r["leads"] for s, r in copy["by_source"].items()
        }
        assert {source: row["closed"] for source, row in told.items()} == {
            s: r["closed"] for s, r in copy["by_source"].items()
        }
