"""The benchmark runner: no time counts beside a wrong result, a failing contender is named, a goal is met or missed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import run as runner
from groups import GROUPS, Contender, Goal, Group

GOOD = 'import json; print("noise"); print(json.dumps({"seconds": %s, "result": %s, "rows": 100, "peak_mb": 20}))'


def contender(folder: Path, name: str, program: str) -> Contender:
    (folder / f"{name}.py").write_text(program, "utf-8")
    return Contender(name, f"{name}.py")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(runner, "CONTENDERS", tmp_path)
    return tmp_path


def group(*contenders: Contender, goals: tuple[Goal, ...] = ()) -> Group:
    return Group(name="g", title="a group", unit="seconds", contenders=contenders, goals=goals)


def test_figures_ratios_and_goals(folder: Path) -> None:
    contenders = [contender(folder, "ours", GOOD % (2, 7)), contender(folder, "theirs", GOOD % (4, 7))]
    outcomes = [runner.ran(each) for each in contenders]
    assert runner.differing(outcomes) == []
    assert outcomes[0].value("rows_per_second") == 50
    goals = (
        Goal(contender="ours", measure="seconds", bound=0.5, than="theirs"),
        Goal(contender="ours", measure="seconds", bound=1.9),
        Goal(contender="ours", measure="rows_per_second", bound=50, least=True),
        Goal(contender="ours", measure="microseconds_per_step", bound=3),
        Goal(contender="ours", measure="seconds", than="theirs", faster=2),
        Goal(contender="ours", measure="seconds", than="theirs", faster=2.1),
    )
    assert [runner.met(goal, outcomes) for goal in goals] == [True, False, True, None, True, False]
    text = runner.table(group(*contenders, goals=goals), outcomes, [])
    assert "2.00 x" in text
    assert "results equal" in text
    assert [line.rsplit(": ", 1)[1] for line in text.splitlines() if line.startswith("  goal")] == [
        "met", "missed", "met", "not known", "met", "missed",
    ]  # fmt: skip


def test_different_results_make_times_count_for_nothing(folder: Path) -> None:
    outcomes = [runner.ran(contender(folder, name, GOOD % (1, result))) for name, result in (("a", 1), ("b", 2))]
    unlike = runner.differing(outcomes)
    assert unlike == ["b"]
    assert "DIFFERENT RESULTS: b" in runner.table(group(*(o.contender for o in outcomes)), outcomes, unlike)


@pytest.mark.parametrize(
    ("program", "problem"),
    [("raise SystemExit('no such peer')", "no such peer"), ("print('hello')", "no JSON"), ("print('[1]')", "no JSON")],
)
def test_a_contender_that_fails_is_named(folder: Path, program: str, problem: str) -> None:
    outcome = runner.ran(contender(folder, "bad", program))
    assert problem in outcome.problem
    told = runner.table(group(outcome.contender), [outcome], [])
    assert problem in told
    assert "results equal" not in told


def test_a_contender_that_is_missing_is_named(folder: Path) -> None:
    assert "is not there" in runner.ran(Contender("x", "x.py")).problem


def test_the_exit_code_says_whether_the_run_counts(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = group(contender(folder, "a", GOOD % (1, 1)), contender(folder, "b", GOOD % (1, 1)))
    monkeypatch.setattr(runner, "GROUPS", {"g": good})
    assert runner.main(["--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["format"] == "trialflow.bench/1"
    assert [row["value"] for row in told["groups"][0]["contenders"]] == [1, 1]
    contender(folder, "b", GOOD % (1, 2))
    assert runner.main([]) == 1
    assert "DIFFERENT" in capsys.readouterr().out


def test_every_contender_of_every_group_is_there() -> None:
    real = Path(__file__).parents[2] / "benchmarks" / "contenders"
    missing = [c.script for g in GROUPS.values() for c in g.contenders if not (real / c.script).exists()]
    assert missing == []
