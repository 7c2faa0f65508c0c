"""Every broken adapter is caught by a check that names the clause, and no check is idle: without it one would pass."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import Phase

import broken_answers
import broken_histories
import broken_outside
import broken_renderers
import broken_rules
import broken_sources
import broken_stores
import broken_vaults
from broken_plainly import TOGETHER
from trialflow.adapters.checks import Outcome, StorageSetup, storage_model
from trialflow.adapters.checks.clauses import PLACES, clauses
from trialflow.adapters.checks.running import CHECKS, checks_of, run_one
from trialflow.rules.loading import default_workflow


@attrs.frozen(eq=False)
class Case:
    """An adapter with the clause that it breaks (none: it is right), and whether one check alone may notice."""

    name: str
    breaks: str
    setup: Callable[[Path], Any]
    alone: bool = True


def in_memory(store: type[Any], _folder: Path) -> StorageSetup:
    return StorageSetup(make=store)


def handled(store: type[Any], _folder: Path) -> StorageSetup:
    return StorageSetup(make=store, reopen=lambda one: one.again())  # type: ignore[attr-defined]


def in_files(store: type[Any], folder: Path) -> StorageSetup:
    return broken_outside.file_setup(folder, store)


def without_folder(setup: Callable[[Any], Any], broken: Any, _folder: Path) -> Any:
    return setup(broken)


def cases_of(broken: Any, setup: Callable[[Any, Path], Any], *, alone: bool = True) -> list[Case]:
    return [Case(one.__name__, one.breaks, partial(setup, one), alone) for one in broken]


STORES = [
    *cases_of((*broken_stores.ALONE, *broken_histories.ALONE), in_memory),
    *cases_of(TOGETHER, in_memory, alone=False),
    *cases_of(broken_outside.HANDLES, handled),
    *cases_of(broken_outside.FILES, in_files),
    *cases_of(broken_outside.FAILING, partial(without_folder, broken_outside.failing_setup)),
    *cases_of(broken_outside.HOSTS, partial(without_folder, broken_outside.host_setup)),
    *cases_of(broken_answers.ANSWERS, in_memory),
    *cases_of(broken_answers.PENDING, partial(without_folder, broken_answers.pending_setup)),
]
VAULTS = cases_of(broken_vaults.BROKEN_VAULTS, partial(without_folder, broken_vaults.vault_setup))
SOURCES = [
    *cases_of(broken_sources.BROKEN_SOURCES, partial(without_folder, broken_sources.source_setup)),
    *cases_of(broken_sources.PLAINLY, partial(without_folder, broken_sources.source_setup), alone=False),
]
RENDERERS = cases_of(broken_renderers.BROKEN_RENDERERS, partial(without_folder, broken_renderers.renderer_setup))
GUARDS = [
    Case(guard.__name__, clause, partial(without_folder, broken_rules.guard_setup, guard))
    for guard, clause in broken_rules.BROKEN_GUARDS.items()
]
WORKFLOWS = [
    Case(make.__name__, clause, partial(without_folder, broken_rules.workflow_setup, make))
    for make, clause in broken_rules.BROKEN_WORKFLOWS.items()
]
BROKEN = [*STORES, *VAULTS, *SOURCES, *RENDERERS, *GUARDS, *WORKFLOWS]
RIGHT = [
    *cases_of([broken_outside.Handles], handled),
    *cases_of([broken_outside.OnAMedium], partial(without_folder, broken_outside.failing_setup)),
    *cases_of([broken_outside.MemoryHost], partial(without_folder, broken_outside.host_setup)),
    *cases_of([broken_answers.Answers], in_memory),
    *cases_of([broken_answers.PendingHost], partial(without_folder, broken_answers.pending_setup)),
    *cases_of([broken_vaults.Handled, broken_vaults.HostedVault], partial(without_folder, broken_vaults.vault_setup)),
    *cases_of([broken_sources.Pages], partial(without_folder, broken_sources.source_setup)),
    *cases_of(
        [broken_renderers.Lines, broken_renderers.Page, broken_renderers.Table, broken_renderers.Packed],
        partial(without_folder, broken_renderers.renderer_setup),
    ),
    Case("capacity", "", partial(without_folder, broken_rules.guard_setup, broken_rules.capacity)),
    Case("default_workflow", "", partial(without_folder, broken_rules.workflow_setup, default_workflow)),
]
FOUND: dict[str, list[Outcome]] = {}
"""What the checks said of each case: each is run once."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # Whether a fault is found is asked here, not how short a way to it could be told.
    chosen = {**storage_model.SETTINGS, "max_examples": 6, "phases": [Phase.generate]}
    monkeypatch.setattr(storage_model, "SETTINGS", chosen)
    return tmp_path


def failed(case: Case, folder: Path) -> list[Outcome]:
    if case.name not in FOUND:
        setup = case.setup(folder)
        FOUND[case.name] = [run_one(check, setup) for check in checks_of(setup)]
    return [outcome for outcome in FOUND[case.name] if not outcome.ok]


def name_of(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", RIGHT, ids=name_of)
def test_what_the_broken_ones_are_made_of_is_right(case: Case, folder: Path) -> None:
    assert failed(case, folder) == []


@pytest.mark.parametrize("case", BROKEN, ids=name_of)
def test_a_broken_adapter_is_caught_by_a_check_of_its_clause(case: Case, folder: Path) -> None:
    found = failed(case, folder)
    assert case.breaks in {outcome.clause for outcome in found}
    assert all(outcome.message for outcome in found), "every failure says what had to hold"
    if case.alone:
        assert len(found) == 1, [outcome.check for outcome in found]


@pytest.mark.parametrize(
    ("setup", "cases"),
    list(zip(CHECKS, (STORES, VAULTS, SOURCES, RENDERERS, GUARDS, WORKFLOWS), strict=True)),
    ids=[setup.__name__ for setup in CHECKS],
)
def test_without_any_one_check_a_broken_adapter_would_pass(setup: type, cases: list[Case], folder: Path) -> None:
    alone = {found[0].check for case in cases if len(found := failed(case, folder)) == 1}
    assert {check.name for check in CHECKS[setup]} - alone == set()


def test_there_are_enough_of_them() -> None:
    assert len(STORES) >= 15
    assert min(len(SOURCES), len(RENDERERS)) >= 5
    assert len({case.name for case in (*BROKEN, *RIGHT)}) == len(BROKEN) + len(RIGHT)


def test_every_clause_has_a_check_and_every_check_quotes_a_clause() -> None:
    quoted = {check.clause for checks in CHECKS.values() for check in checks}
    written = [clauses(letter) for letter in PLACES]
    assert {number for numbers in written for number in numbers} == quoted
    for letter, numbers in zip(PLACES, written, strict=True):
        assert list(numbers) == [f"{letter}{n}" for n in range(1, len(numbers) + 1)], "numbered without gaps"
        assert all(text.endswith(".") for text in numbers.values()), "a clause is read to its end"
    with pytest.raises(KeyError):
        clauses("X")


def test_the_names_of_checks_are_stable_and_each_says_what_it_looks_at() -> None:
    for checks in CHECKS.values():
        names = [check.name for check in checks]
        assert len(set(names)) == len(names)
        assert all(name.isidentifier() and name == name.lower() for name in names)
        assert all(check.sentence.endswith(".") for check in checks)
