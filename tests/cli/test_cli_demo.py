"""``trialflow demo``: the same story each time, readable by a stranger, in a directory of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from trialflow.cli.demo.copies import COPY_DAYS, simulate, write_copies
from trialflow.cli.demo.people import COORDINATORS, SOURCES

from .conftest import Run

PAGES = ("dashboard.html", "dashboard.md", "dashboard.json", "dashboard.csv", "sponsor-2026-05-11.html")
PRIVATE = re.compile(r"555[-. ]01\d\d|@example\.org|LF-\d{4}")


def test_it_writes_every_file_it_names(run: Run, tmp_path: Path) -> None:
    ran = run("demo", "--out", tmp_path / "shown")
    assert ran.code == 0
    assert "What to do on Monday 18 May 2026" in ran.out
    assert "Where the leads are" in ran.out
    assert "Start here today" in ran.out
    for page in (*PAGES, "sponsor-2026-05-18.md", "mapping.toml", "site.db", "site.vault.db"):
        assert (tmp_path / "shown" / page).stat().st_size > 200, page


def test_two_runs_give_the_same_bytes(run: Run, demo: Path, tmp_path: Path) -> None:
    assert run("demo", "--out", tmp_path / "again").code == 0
    shown = [path for path in sorted(demo.iterdir()) if path.suffix != ".db"]
    assert len(shown) == 14
    for path in shown:
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


def test_the_ledger_too_is_the_same(run: Run, demo: Path, tmp_path: Path) -> None:
    run("demo", "--out", tmp_path / "again")
    first, second = (run("verify", "--db", place / "site.db").out for place in (demo, tmp_path / "again"))
    assert first == second
    assert "intact" in first


def test_every_row_of_every_copy_is_accounted_for(run: Run, tmp_path: Path) -> None:
    paths = write_copies(simulate(), tmp_path)
    ran = run("import", *paths, "--db", tmp_path / "s.db", "--json", "--decided-by", "inv-1", "--authority", "log-1")
    assert ran.code == 0
    for line in ran.out.splitlines():
        report = json.loads(line)
        assert sum(report["outcomes"].values()) == report["rows"]


def test_the_story_is_that_of_a_real_site() -> None:
    last = [(course, state) for course in simulate() if (state := course.on(COPY_DAYS[-1])) is not None]
    assert len(last) == 404
    volume = {source.name: sum(c.source is source for c, _ in last) for source in SOURCES}
    far = {
        source.name: sum(c.source is source and any(s.status == "scheduled" for _, s in c.states) for c, _ in last)
        for source in SOURCES
    }
    share = {name: far[name] / volume[name] for name in volume}
    largest = max(volume, key=lambda name: volume[name])
    assert min(volume.values()) > 0
    assert share[largest] < max(share.values()) / 3, "the largest source must not look like the best one"
    assert {state.owner for _, state in last} <= {c.name for c in COORDINATORS} | {""}
    assert {"new", "contacting", "preparing", "scheduled", "closed", "in_screening"} <= {s.status for _, s in last}


def test_nobody_in_it_can_be_called() -> None:
    for course in simulate():
        assert re.search(r"555[-. ]01\d\d$", course.person.phone), course.person.phone
        assert course.person.email.endswith("@example.org")


def test_the_sponsor_gets_no_person_no_lead_and_no_coordinator(demo: Path) -> None:
    board = (demo / "dashboard.md").read_text("utf-8")
    assert PRIVATE.search(board)  # the site's own page has them: the search below can find something
    for path in demo.glob("sponsor-*"):
        text = path.read_text("utf-8")
        assert not PRIVATE.search(text), path.name
        for coordinator in COORDINATORS:
            assert coordinator.name not in text, path.name


def test_the_second_update_starts_where_the_first_one_ended(run: Run, demo: Path) -> None:
    first, second = (json.loads((demo / f"sponsor-{day}.json").read_text("utf-8")) for day in COPY_DAYS[1:])
    assert second["since"] == first["as_of"]


def test_without_the_extra_it_says_how_to_get_the_page(tmp_path: Path) -> None:
    program = "import sys; sys.modules['jinja2'] = None\nfrom trialflow.cli import main\nsys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "demo", "--out", str(tmp_path / "text")]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "pip install 'trialflow[html]'" in done.stdout
    assert not (tmp_path / "text" / "dashboard.html").exists()
    assert (tmp_path / "text" / "dashboard.md").exists()


def test_it_never_writes_between_somebody_elses_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", "utf-8")
    ran = run("demo", "--out", tmp_path)
    assert ran.code == 2
    assert "--out DIR" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_it_replaces_an_earlier_demonstration(run: Run, tmp_path: Path) -> None:
    assert run("demo", "--out", tmp_path / "d").code == 0
    assert run("demo", "--out", tmp_path / "d").code == 0


def test_a_place_that_cannot_be_written_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    ran = run("demo", "--out", tmp_path / "file" / "below")
    assert ran.code == 2
    assert "--out DIR" in ran.err
