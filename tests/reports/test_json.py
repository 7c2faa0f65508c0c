"""Reports as JSON documents: the committed schemas are those of the code, and real output fits them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import attrs
import jsonschema
import pytest
from scripts.report_schemas import FOLDER, schema, schemas

from histories import Site, played
from trialflow.adapters.renderers.formats import render
from trialflow.model.evolve import fold
from trialflow.model.lead import Lead
from trialflow.model.parties import Source
from trialflow.reports.column_rows import columns_of
from trialflow.reports.dashboard import dashboard
from trialflow.reports.diagnosis import diagnose
from trialflow.reports.json import FORMATS, to_json
from trialflow.reports.queue import worklist_report
from trialflow.reports.source_quality import source_quality
from trialflow.reports.sponsor import sponsor_update
from trialflow.rules.worklist import worklist


def reports(site: Site) -> dict[str, Any]:
    """One report of each kind."""
    found = (fold(site.stream(lead_id)) for lead_id in site.leads)
    leads = [lead for lead in found if lead is not None and not lead.merged_into]
    history, workflow, as_of = columns_of(site.records, site.workflow), site.workflow, site.now
    return {
        "trialflow.dashboard/1": dashboard(leads, workflow, as_of, history=history),
        "trialflow.worklist/1": worklist_report(worklist(leads, workflow, as_of), workflow, as_of),
        "trialflow.sources/1": source_quality(history, workflow, as_of),
        "trialflow.sponsor/1": sponsor_update(leads, workflow, as_of, history=history, position=len(site.records)),
        "trialflow.diagnosis/1": diagnose(leads, workflow, as_of, history=history),
    }


def test_the_committed_schemas_are_those_of_the_code() -> None:
    found = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.json")}
    assert found == schemas(), "run: python -m scripts.report_schemas"
    assert len(found) == len(FORMATS)


@pytest.mark.parametrize("fmt", FORMATS.values())
def test_real_output_fits_its_schema(fmt: str) -> None:
    kind = next(k for k, name in FORMATS.items() if name == fmt)
    checker = jsonschema.Draft202012Validator(schema(kind, fmt), format_checker=jsonschema.FormatChecker())
    for seed in range(3):
        report = reports(played(seed=seed, steps=200))[fmt]
        document = json.loads(render(report, "json"))
        checker.validate(document)
        assert document == to_json(report)
        assert next(iter(document)) == "format"


def test_a_document_that_does_not_fit_is_found() -> None:
    kind = next(k for k, name in FORMATS.items() if name == "trialflow.sponsor/1")
    checker = jsonschema.Draft202012Validator(schema(kind, "trialflow.sponsor/1"))
    document = to_json(reports(played(seed=1, steps=80))["trialflow.sponsor/1"])
    for broken in ({**document, "lead_id": "x"}, {**document, "leads": "7"}, {**document, "format": "other/1"}):
        assert not checker.is_valid(broken)
    assert checker.is_valid(document)


def test_leads_without_a_history_fit_as_well() -> None:
    site = played(seed=2, steps=50)
    lead = Lead(id="1", source=Source(id="Radio"), received_at=site.now - timedelta(days=3))
    document = to_json(dashboard([lead], site.workflow, site.now))
    kind = next(k for k, name in FORMATS.items() if name == "trialflow.dashboard/1")
    jsonschema.Draft202012Validator(schema(kind, "trialflow.dashboard/1")).validate(document)
    assert document["movement"] is None


def test_the_keys_that_programs_read() -> None:
    document = to_json(reports(played(seed=4, steps=200))["trialflow.dashboard/1"])
    assert {"format", "as_of", "leads", "buckets", "statuses", "unowned", "sources", "close_reasons"} <= set(document)
    assert set(document["buckets"][0]) >= {"bucket", "count", "overdue", "due_today", "later"}
    assert set(document["sources"][0]) >= {"source", "leads", "closed", "scheduled", "attended"}
    assert set(document["movement"]) >= {"moves", "since", "until"}
    assert all(" -> " in move for move in document["movement"]["moves"])


def test_what_is_no_report_has_no_document() -> None:
    with pytest.raises(KeyError):
        to_json(attrs.make_class("Other", [])())
