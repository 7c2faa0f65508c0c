"""``trialflow storage rebuild`` and ``check``: what a store keeps of its leads."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

MORNING = "2026-05-18T09:00:00-05:00"
"""When the demonstration ends."""


def test_a_store_is_checked_and_made_anew(run: Callable[..., Any], site: Path) -> None:
    fine = run("storage", "check")
    assert (fine.code, fine.err) == (0, "")
    assert run("storage", "check", "--json").json == {
        "format": "trialflow.storage_check/1",
        "kept": True,
        "differences": [],
        "more": False,
    }
    board, queue = (
        run("board", "--format", "json", "--as-of", MORNING).out,
        run("worklist", "--format", "json", "--as-of", MORNING).out,
    )
    with closing(sqlite3.connect(site, isolation_level=None)) as db:
        db.execute("UPDATE lead_state SET owner = 0 WHERE stream = (SELECT max(stream) FROM lead_state)")
    found = run("storage", "check")
    assert found.code == 1
    assert found.out.startswith("DIFFERENT from the records:\nlead:")
    assert "owner not as its events say" in found.out
    _, *told, last = found.out.splitlines()
    assert "`trialflow storage rebuild` makes the rest anew" in last
    assert run("storage", "check", "--json").json["differences"] == told
    made = run("storage", "rebuild")
    leads = run("storage", "rebuild", "--json").json["leads"]
    assert (made.code, made.out) == (0, f"made anew: {leads} leads\n")
    assert run("storage", "check").code == 0
    assert (
        run("board", "--format", "json", "--as-of", MORNING).out,
        run("worklist", "--format", "json", "--as-of", MORNING).out,
    ) == (board, queue)


def test_a_file_of_an_earlier_trialflow_is_brought_up_to_date_by_the_way(run: Callable[..., Any], site: Path) -> None:
    """As long as nobody has asked, nothing is kept; then it is."""
    board = run("board", "--format", "json", "--as-of", MORNING).out
    with closing(sqlite3.connect(site, isolation_level=None)) as db:
        for name in ("handoffs", "state", "counts", "words", "kept"):
            db.execute(f"DROP TABLE lead_{name}")
        db.execute("PRAGMA user_version = 1")
    unknown = run("storage", "check")
    assert (unknown.code, "do not know the whole ledger yet" in unknown.out) == (1, True)
    assert run("board", "--format", "json", "--as-of", MORNING).out == board
    assert run("storage", "check").code == 0


def test_of_many_differences_the_first_are_told_and_that_there_are_more(run: Callable[..., Any], site: Path) -> None:
    run("storage", "rebuild")
    with closing(sqlite3.connect(site, isolation_level=None)) as db:
        assert db.execute("UPDATE lead_state SET owner = 0").rowcount > 50
    document = run("storage", "check", "--json").json
    assert (len(document["differences"]), document["more"]) == (50, True)
    assert run("storage", "check").out.splitlines()[-2] == "..."
