"""Entry points: what an allow-list lets in, in which order, and what is said of the rest."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from distributions import install, write_record
from trialflow import PluginError, Plugins
from trialflow.adapters.discovery import Allowed, pin
from trialflow.adapters.plugins_problem import Origin

MODULE = """\
from trialflow.adapters.hooks import hookimpl
from trialflow.adapters.provider import Provider

@hookimpl
def trialflow_vaults():
    yield Provider({name!r}, "a vault of {name}", dict)
"""


def give(folder: Path, name: str, *, version: str = "1.0", provider: str = "", entry: str = "") -> Path:
    """A distribution with one vault."""
    module = name.replace("-", "_").replace(".", "_").lower()
    text = MODULE.format(name=provider or module.replace("_", "-"))
    return install(
        folder, name, {f"{module}.py": text}, f"[trialflow]\n{entry or module} = {module}\n", version=version
    )


def codes(plugins: Plugins) -> list[tuple[str, str]]:
    """Each problem's distribution and code."""
    return [(problem.distribution, problem.code) for problem in plugins.problems]


@pytest.mark.parametrize(
    ("allow", "problems"),
    [
        ((), [("acme", "not_allowed")]),
        (("other",), [("acme", "not_allowed"), ("other", "not_installed")]),
        (("acme",), []),
        (("ACME",), []),
        (("acme==1.0",), []),
        (("acme:acme",), []),
        (("acme==1.0:acme",), []),
        (("acme==1.1",), [("acme", "version_differs")]),
        (("acme==1.1", "acme==1.0"), []),
        (("acme:else",), [("acme", "not_allowed"), ("acme", "not_installed")]),
        (("acm",), [("acme", "not_allowed"), ("acm", "not_installed")]),
        (None, []),
    ],
)
def test_only_what_the_list_names_is_imported(
    packages: Path, allow: tuple[str, ...] | None, problems: list[tuple[str, str]]
) -> None:
    give(packages, "acme")
    plugins = Plugins().discover(allow=allow)
    assert codes(plugins) == problems
    let_in = not any(name == "acme" for name, _ in problems)
    assert ("acme" in plugins.vaults()) == let_in
    assert ("acme" in sys.modules) == let_in


def test_without_a_list_nothing_is_imported(packages: Path) -> None:
    give(packages, "acme")
    assert "acme" not in Plugins().discover().vaults()
    assert "acme" not in Plugins().vaults()
    assert "acme" not in sys.modules


def test_a_problem_names_distribution_version_and_entry_point(packages: Path) -> None:
    give(packages, "Acme.Trial-Flow", version="2.3", entry="acme")
    (problem,) = Plugins().discover().problems
    assert (problem.distribution, problem.version, problem.plugin) == ("Acme.Trial-Flow", "2.3", "acme")
    assert str(problem).startswith("Acme.Trial-Flow==2.3:acme: installed, but not on the allow-list")
    assert "acme" in Plugins().discover(allow=("acme-trial_flow==2.3",)).origins[-1].plugin


def test_a_longer_list_later_lets_in_what_the_shorter_did_not(packages: Path) -> None:
    give(packages, "acme")
    give(packages, "other")
    plugins = Plugins().discover(allow=("acme",))
    assert codes(plugins) == [("other", "not_allowed")]
    plugins.discover(allow=("acme", "other"))
    assert plugins.problems == ()
    assert [origin.plugin for origin in plugins.origins] == ["built-in", "acme", "other"]


@pytest.mark.parametrize("text", ["", " ", "a b", "acme=1", "acme==", "acme:", ":x", "acme@sha256:12", "-acme", "a/b"])
def test_an_entry_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write a distribution"):
        Plugins().discover(allow=(text,))


def test_one_text_is_no_list() -> None:
    with pytest.raises(TypeError, match="not one text"):
        Plugins().discover(allow="acme")


@pytest.mark.parametrize("text", ["acme", "acme==1.2", "acme:x", "acme==1.2:x", f"acme==1.2:x@sha256:{'a' * 64}"])
def test_an_entry_reads_as_it_is_written(text: str) -> None:
    assert str(Allowed.read(text)) == text


def test_plugins_come_in_the_order_of_their_names_whatever_the_path_says(packages: Path) -> None:
    for name in ("zeta", "alpha", "middle"):
        give(packages, name)
    found = Plugins().discover(allow=None)
    assert [origin.plugin for origin in found.origins] == ["built-in", "alpha", "middle", "zeta"]


def test_of_two_providers_of_one_name_the_first_plugin_has_it_and_both_are_said(packages: Path) -> None:
    give(packages, "beta", provider="shared", version="7.1")
    give(packages, "alpha", provider="shared", version="0.2")
    plugins = Plugins().discover(allow=None)
    (problem,) = plugins.problems
    assert (problem.code, problem.distribution) == ("name_taken", "beta")
    assert "alpha==0.2:alpha has it already" in problem.message
    assert "this one from beta==7.1:beta is not used" in problem.message
    offer = plugins.offer("vaults", "shared")
    assert offer is not None
    assert offer.origin.distribution == "alpha"


def test_entry_points_of_one_name_in_two_distributions_are_two_plugins(packages: Path) -> None:
    give(packages, "beta", entry="same")
    give(packages, "alpha", entry="same")
    plugins = Plugins().discover(allow=None)
    assert [(o.plugin, o.distribution) for o in plugins.origins[1:]] == [("same", "alpha"), ("same", "beta")]
    assert {"alpha", "beta"} <= set(plugins.vaults())
    assert "beta" not in Plugins().discover(allow=("alpha:same",)).vaults()


def test_of_two_copies_the_first_on_the_path_counts(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older = packages.parent / "older"
    give(older, "acme", version="0.1")
    give(packages, "acme", version="2.0")
    monkeypatch.setattr(sys, "path", [*sys.path, str(older)])
    plugins = Plugins().discover(allow=None)
    assert [origin.version for origin in plugins.origins[1:]] == ["2.0"]


def test_strict_raises_every_problem_but_what_was_not_asked_for(packages: Path) -> None:
    give(packages, "acme")
    install(packages, "broken", {"broken.py": "1 / 0"}, "[trialflow]\nbroken = broken\n")
    install(packages, "worse", {"worse.py": "import nowhere"}, "[trialflow]\nworse = worse\n")
    with pytest.raises(PluginError) as caught:
        Plugins().discover(allow=("broken", "worse"), strict=True)
    assert [problem.code for problem in caught.value.problems] == ["import_failed", "import_failed"]
    assert "broken==1.0:broken: broken: ZeroDivisionError: division by zero [import_failed]" in str(caught.value)
    assert Plugins().discover(allow=("acme",), strict=True).vaults()["acme"]


def test_a_pin_lets_in_exactly_what_is_installed(packages: Path) -> None:
    give(packages, "acme")
    pinned = pin(Origin("acme", "acme", "1.0"))
    assert pinned.startswith("acme==1.0:acme@sha256:")
    assert "acme" in Plugins().discover(allow=(pinned,)).vaults()


def test_a_file_changed_after_it_was_pinned_is_not_imported(packages: Path) -> None:
    info = give(packages, "acme")
    pinned = pin(Origin("acme", "acme", "1.0"))
    file = packages / "acme.py"
    file.write_text(file.read_text("utf-8") + "\n# changed\n", "utf-8")
    (problem,) = Plugins().discover(allow=(pinned,)).problems
    assert (problem.code, "acme.py" in problem.message) == ("record_differs", True)
    write_record(info, ["acme.py", f"{info.name}/METADATA", f"{info.name}/entry_points.txt"])
    (problem,) = Plugins().discover(allow=(pinned,)).problems
    assert (problem.code, "its RECORD is" in problem.message) == ("record_differs", True)
    file.unlink()
    (problem,) = Plugins().discover(allow=(pin(Origin("acme", "acme", "1.0")),)).problems
    assert "acme.py" in problem.message
    (info / "RECORD").unlink()
    (problem,) = Plugins().discover(allow=(pinned,)).problems
    assert "it has no RECORD" in problem.message
    assert "acme" not in sys.modules


def test_the_working_directory_stays_where_it_was(packages: Path) -> None:
    before = Path.cwd()
    install(packages, "walker", {"walker.py": "import os\nos.chdir('/')\n"}, "[trialflow]\nwalker = walker\n")
    (problem,) = Plugins().discover(allow=None).problems
    assert Path.cwd() == before
    assert (problem.code, "the working directory" in problem.message) == ("meddling", True)


def test_importing_more_of_trialflow_is_no_meddling(packages: Path) -> None:
    for part in ("one", "two"):
        text = f"import trialflow.reports.sponsor, trialflow.rules.diagram\n{MODULE.format(name=part)}"
        install(packages, part, {f"{part}.py": text}, f"[trialflow]\n{part} = {part}\n")
    assert Plugins().discover(allow=None).problems == ()


def test_what_one_plugin_replaced_is_put_back_before_the_next(packages: Path) -> None:
    from trialflow.adapters.storages.memory import MemoryStorage

    append = MemoryStorage.append
    text = "from trialflow.adapters.storages.memory import MemoryStorage\nMemoryStorage.append = None\n"
    install(packages, "meddler", {"meddler.py": text}, "[trialflow]\nmeddler = meddler\n")
    (problem,) = Plugins().discover(allow=None).problems
    assert MemoryStorage.append is append
    assert problem.code == "meddling"
    assert "trialflow.adapters.storages.memory.MemoryStorage.append" in problem.message
