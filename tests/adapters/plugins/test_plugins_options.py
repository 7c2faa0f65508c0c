"""Options as people write them: on the command line and in a file; secrets by reference, and never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialflow import PluginError, Plugins, StorageError
from trialflow.adapters.hooks import hookimpl
from trialflow.adapters.plugins_making import choice_problems, make
from trialflow.adapters.plugins_options import Choice, Values, values
from trialflow.adapters.provider import Option, Provider

ALL = (
    Option("name", "a text"),
    Option("count", "a number", kind="integer"),
    Option("fast", "a flag", kind="flag"),
    Option("where", "a path", kind="path"),
    Option("dsn", "a secret", kind="secret"),
)
CANARY = "hunter2-canary"


def read(**written: Any) -> Any:
    """The values, or the problems as pairs of option and code."""
    found = values(ALL, written)
    return dict(found.given) if isinstance(found, Values) else {(p.path, p.code) for p in found}


@pytest.mark.parametrize(
    ("text", "name", "options"),
    [
        ("memory", "memory", {}),
        ("sqlite:path=a.db", "sqlite", {"path": "a.db"}),
        ("acme:store:path=a.db", "acme:store", {"path": "a.db"}),
        ("pg:dsn=env:X,schema=two", "pg", {"dsn": "env:X", "schema": "two"}),
        ("pg:dsn=postgresql://a,b/site?x=1,schema=s", "pg", {"dsn": "postgresql://a,b/site?x=1", "schema": "s"}),
        ("x:a=1\\,b=2", "x", {"a": "1,b=2"}),
        ("x:a=", "x", {"a": ""}),
        ("x:a=C:/site.db", "x", {"a": "C:/site.db"}),
    ],
)
def test_a_choice_reads_as_it_is_written(text: str, name: str, options: dict[str, str]) -> None:
    assert Choice.read(text) == Choice(name, options)


@pytest.mark.parametrize("text", ["", "a=b", "=", ":a=b", "x:a=1,a=2"])
def test_what_is_no_choice_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Choice.read(text)


@given(st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True), st.text(alphabet="ab/:.=, -")))
def test_any_values_come_back_when_commas_are_escaped(options: dict[str, str]) -> None:
    written = ",".join(f"{name}={value.replace(',', chr(92) + ',')}" for name, value in options.items())
    assert Choice.read(f"x:{written}" if written else "x") == Choice("x", options)


@pytest.mark.parametrize(
    ("option", "written", "value"),
    [
        ("name", "a", "a"),
        ("count", "12", 12),
        ("count", 12, 12),
        ("count", "-3", -3),
        ("fast", "true", True),
        ("fast", False, False),
        ("fast", "No", False),
        ("where", "a/b", Path("a/b")),
    ],
)
def test_values_are_of_their_kind(option: str, written: Any, value: Any) -> None:
    found = read(**{option: written})
    assert found == {option: value}
    assert type(found[option]) is type(value)


@pytest.mark.parametrize(
    ("option", "written"),
    [
        ("name", 3),
        ("count", "1.5"),
        ("count", True),
        ("count", "9" * 30),
        ("fast", "perhaps"),
        ("where", ""),
        ("where", 3),
        ("where", "a\0b"),
        ("dsn", "postgresql://u:pw@h/db"),
        ("dsn", 3),
        ("dsn", "env:TRIALFLOW_NOT_SET"),
        ("dsn", "file:/not/there"),
        ("dsn", "keyring:x"),
    ],
)
def test_values_of_another_kind_are_refused(option: str, written: Any) -> None:
    assert read(**{option: written}) == {(option, "option_invalid")}


def test_all_problems_come_at_once() -> None:
    options = (*ALL, Option("must", "what it is", required=True))
    found = values(options, {"nme": 1, "count": "x", "fast": "x"})
    assert isinstance(found, list)
    assert {(p.path, p.code) for p in found} == {
        ("nme", "option_unknown"),
        ("must", "option_missing"),
        ("count", "option_invalid"),
        ("fast", "option_invalid"),
    }


def test_relative_paths_start_where_the_file_lies(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{CANARY}\n", "utf-8")
    found = values(ALL, {"where": "a.db", "dsn": "file:secret"}, base=tmp_path)
    assert isinstance(found, Values)
    assert found.given == {"where": tmp_path / "a.db", "dsn": CANARY}
    assert CANARY not in repr(found)


def test_an_empty_secret_file_or_variable_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").write_text("\n", "utf-8")
    monkeypatch.setenv("EMPTY_SECRET", "")
    assert read(dsn=f"file:{tmp_path / 'empty'}") == {("dsn", "option_invalid")}
    assert read(dsn="env:EMPTY_SECRET") == {("dsn", "option_invalid")}


def test_a_secret_written_in_full_is_in_no_message() -> None:
    found = values(ALL, {"dsn": CANARY, "count": CANARY})
    assert isinstance(found, list)
    assert not any(CANARY in problem.message for problem in found)


class Stores:
    """A storage with a secret that fails as ``how`` says."""

    def __init__(self, how: Any) -> None:
        self.how = how

    @hookimpl
    def trialflow_storages(self) -> Any:
        yield Provider("acme", "a store", self.make, (Option("dsn", "where", kind="secret", required=True),))

    def make(self, dsn: str) -> Any:
        raise self.how(dsn)


@pytest.mark.parametrize(
    "how",
    [
        lambda dsn: RuntimeError(f"cannot reach {dsn}"),
        lambda dsn: KeyError(dsn),
        lambda dsn: StorageError("not stored", f"no server at {dsn}"),
        lambda dsn: SystemExit(dsn),
    ],
)
def test_a_secret_is_in_no_error_of_what_failed_with_it(how: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_DSN", CANARY)
    with pytest.raises(PluginError) as caught:
        make(Plugins(Stores(how)), "storages", Choice("acme", {"dsn": "env:ACME_DSN"}))
    assert caught.value.problems[0].code == "make_failed"
    assert CANARY not in str(caught.value) + repr(caught.value.problems)
    assert "***" in str(caught.value)


def test_an_error_that_says_no_secret_passes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_DSN", CANARY)
    with pytest.raises(StorageError, match="no server"):
        make(
            Plugins(Stores(lambda _dsn: StorageError("not stored", "no server"))),
            "storages",
            Choice("acme", {"dsn": "env:ACME_DSN"}),
        )


def test_a_name_that_nobody_provides_is_said_with_those_that_are() -> None:
    (problem,) = choice_problems(Plugins(), "storages", Choice("sqlight"))
    assert problem.code == "provider_unknown"
    assert "did you mean sqlite?" in problem.message
    assert "memory" in problem.message


@pytest.mark.parametrize(
    ("kind", "thing", "lacks"),
    [
        ("storages", {}, "append"),
        ("vaults", {}, "namespace"),
        ("lead_sources", 3, "fetch"),
        ("renderers", 3, "render"),
        ("workflows", "text", "no Workflow"),
        ("guards", "text", "cannot be called"),
        ("storages", dict, "is a class"),
    ],
)
def test_what_is_made_is_looked_at(kind: Any, thing: Any, lacks: str) -> None:
    class Plugin:
        pass

    def hook() -> Any:
        yield Provider("acme:x", "x", lambda: thing)

    hook.__name__ = f"trialflow_{kind}"
    setattr(Plugin, hook.__name__, staticmethod(hookimpl(hook)))
    with pytest.raises(PluginError, match=lacks):
        make(Plugins(Plugin()), kind, Choice("acme:x"))
