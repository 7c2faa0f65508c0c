"""Every report in every format: the same bytes each time, no decision in any word, nothing personal for sponsors."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import openpyxl
import pytest
import samples

from trialflow.adapters.renderers.csv_cells import uncell
from trialflow.adapters.renderers.csv_file import QUEUE_HEADER
from trialflow.adapters.renderers.formats import FORMATS, render
from trialflow.model.errors import Unsupported
from trialflow.reports.diagnosis_values import Check
from trialflow.reports.sponsor_values import BOUNDARY
from trialflow.rules.wording import findings

REPORTS = {
    "board": samples.site_report, "worklist": samples.worklist_report, "sponsor": samples.sponsor_report,
    "sources": samples.quality_report, "diagnosis": samples.diagnosis_report,
}  # fmt: skip
HASHES = """
import hashlib, samples
from test_formats import REPORTS
from trialflow.adapters.renderers.formats import FORMATS, render
for kind, make in REPORTS.items():
    for name in FORMATS:
        print(kind, name, hashlib.sha256(render(make(), name, labels=samples.LABELS)).hexdigest())
"""


def test_the_same_value_gives_the_same_bytes_in_every_process() -> None:
    found = set()
    here = Path(__file__).parent
    for seed, zone, place in (("0", "UTC", "C"), ("1", "Asia/Tokyo", "C.UTF-8"), ("4711", "America/Chicago", "POSIX")):
        paths = [str(here), str(here.parents[1] / "helpers"), *sys.path]
        env = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": place, "PYTHONPATH": os.pathsep.join(paths)}
        done = subprocess.run([sys.executable, "-c", HASHES], env=env, capture_output=True, text=True, check=True)
        found.add(done.stdout)
    assert len(found) == 1
    assert found.pop().count("\n") == 25


def forbidden(text: str) -> list[str]:
    return [str(found) for found in findings(text, allowed=[BOUNDARY]) if found.level == "forbidden"]


@pytest.mark.parametrize("kind", REPORTS)
def test_no_word_of_a_report_reads_as_a_decision(kind: str) -> None:
    for format in ("text", "markdown", "html"):
        text = re.sub(r"\s+", " ", render(REPORTS[kind](), format, labels=samples.LABELS).decode())
        assert forbidden(re.sub(r"<(style|script)>.*?</\1>", "", text)) == []


@pytest.mark.parametrize("kind", REPORTS)
def test_no_word_of_a_figure_reads_as_a_decision(kind: str) -> None:
    cells = {cell for row in rows(kind) for cell in row.values()}
    assert forbidden("\n".join(sorted(cells))) == []


def test_the_check_for_decision_words_finds_one_in_a_page() -> None:
    report = attrs.evolve(samples.diagnosis_report(), checklist=(Check(code="x", text="Call the eligible", count=1),))
    assert forbidden(render(report, "text").decode())


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_a_sponsor_update_has_its_boundary_and_takes_no_label(format: str) -> None:
    labels = {**samples.LABELS, "Facebook": "CANARY", "Coordinator": "CANARY", "Reached": "CANARY"}
    text = render(samples.sponsor_report(), format, labels=labels).decode()
    assert " ".join(re.sub(r"\s+", " ", text).split()).count(BOUNDARY) >= 1
    assert "CANARY" not in text
    assert not any(name in text for name in samples.LABELS.values())


@pytest.mark.parametrize("format", ["text", "markdown", "html"])
def test_a_sponsor_update_has_its_four_parts_then_its_five_sections(format: str) -> None:
    text = render(samples.sponsor_report(), format).decode()
    heads = [
        "What changed", "What stalled", "Why", "What the site will do next", "Movement since the last report",
        "Source quality", "Blockers", "Scheduled visits", "Open decisions",
    ]  # fmt: skip
    pattern = {"text": "\n{}\n-", "markdown": "\n## {}\n", "html": ">{}</h2>"}[format]
    places = [text.find(pattern.format(head)) for head in heads]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize("kind", REPORTS)
def test_json_says_its_version_first(kind: str) -> None:
    found = json.loads(render(REPORTS[kind](), "json"))
    assert next(iter(found)) == "format"
    assert re.fullmatch(r"trialflow\.[a-z]+/1", found["format"])


def rows(kind: str, **labels: str) -> list[dict[str, str]]:
    data = render(REPORTS[kind](), "csv", labels=labels or samples.LABELS)
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("kind", ["board", "worklist"])
def test_csv_has_every_lead_of_the_queue_in_its_order(kind: str) -> None:
    report: Any = REPORTS[kind]()
    queue = report.queue if kind == "board" else report.rows
    found = rows(kind)
    assert tuple(found[0]) == QUEUE_HEADER
    assert [(row["rank"], row["lead"]) for row in found] == [(str(row.rank), row.lead_id) for row in queue]
    printed = [name for name in QUEUE_HEADER if name in (
        "source", "status", "owner", "blockers", "prescreen", "records", "next_action",
    )]  # fmt: skip
    assert printed == ["source", "status", "owner", "blockers", "prescreen", "records", "next_action"]


def test_csv_names_a_lead_where_the_site_has_a_name() -> None:
    first, second = rows("board")[:2]
    named = rows("board", **{first["lead"]: "=RV-0001"})
    assert uncell(named[0]["lead_name"]) == "=RV-0001"
    assert (named[0]["lead"], named[1]["lead_name"]) == (first["lead"], "")
    assert second["lead"] == named[1]["lead"]


@pytest.mark.parametrize("kind", REPORTS)
def test_no_cell_of_a_csv_becomes_a_formula_in_a_spreadsheet(kind: str, tmp_path: Path) -> None:
    data = render(REPORTS[kind](), "csv", labels={"own-1": "=1+1", "own-2": "\uff1dcmd", "word-1": "@SUM(A1)"})
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")):
        sheet.append(line)
    book.save(tmp_path / "x.xlsx")
    read = openpyxl.load_workbook(tmp_path / "x.xlsx").active
    assert read is not None
    assert "f" not in {cell.data_type for row in read.iter_rows() for cell in row}


@pytest.mark.parametrize("kind", ["sponsor", "sources", "diagnosis"])
def test_other_reports_give_one_csv_row_per_figure(kind: str) -> None:
    found = rows(kind)
    assert tuple(found[0]) == ("section", "line", "row", "column", "value")
    assert all(row["section"] and row["column"] for row in found)


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Unsupported, match="text, markdown, json, csv, html"):
        render(samples.sponsor_report(), "pdf")


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_a_value_that_is_no_report_is_refused(format: str) -> None:
    with pytest.raises(Unsupported, match="a rendering of dict"):
        render({}, format)
