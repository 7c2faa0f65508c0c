"""The progress of a long import: seen on a terminal, silent everywhere else, never in the output itself."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from trialflow.cli.progress import progress

from .conftest import Run


class Terminal(io.StringIO):
    """A terminal that remembers."""

    def isatty(self) -> bool:
        return True


def look(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Put somebody before standard error; to be called in the test itself, for pytest takes it back before."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    return screen


def long_file(folder: Path, start: bytes = b"") -> Path:
    path = folder / "long.csv"
    path.write_bytes(start + b"a,b\n" * 600_000)
    return path


def test_a_pipe_and_a_short_file_show_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look(monkeypatch)
    short = tmp_path / "short.csv"
    short.write_text("a\n", "utf-8")
    for path in (short, tmp_path / "missing.csv", tmp_path):
        with progress(path) as advance:
            assert advance is None
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress(long_file(tmp_path)) as advance:
        assert advance is None


@pytest.mark.parametrize("start", [b"", b"PK"])
def test_a_terminal_shows_a_bar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: bytes) -> None:
    pytest.importorskip("rich")
    terminal = look(monkeypatch)
    with progress(long_file(tmp_path, start)) as advance:
        assert advance is not None
        advance(300_000)
    assert "reading rows" in terminal.getvalue()


def test_without_rich_it_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = look(monkeypatch)
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    with progress(long_file(tmp_path)) as advance:
        assert advance is not None
        advance(10_000)
    assert terminal.getvalue() == "\r10,000 lines read\n"


def test_an_import_with_a_bar_prints_the_same(
    run: Run, tmp_path: Path, demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = demo / "tracker-2026-05-04.csv"
    plain = run("import", sheet, "--db", tmp_path / "a.db", "--json")
    monkeypatch.setattr("trialflow.cli.progress._LONG", 0)
    look(monkeypatch)
    barred = run("import", sheet, "--db", tmp_path / "b.db", "--json")
    assert plain.code == barred.code == 0
    assert plain.json["outcomes"] == barred.json["outcomes"]
