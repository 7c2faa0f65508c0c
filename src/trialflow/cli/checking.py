"""``check``: whether an adapter keeps the contract of its port."""

from __future__ import annotations

import argparse
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialflow.adapters.renderers.clean import clean
from trialflow.cli.config_use import check_choices, choice_of, plugins
from trialflow.cli.exits import OK, REFUSED, UsageError
from trialflow.cli.options import add_command, add_json, add_plugins
from trialflow.cli.session import print_json
from trialflow.model.errors import PluginError

if TYPE_CHECKING:
    from trialflow.adapters.checks import Outcome
    from trialflow.adapters.plugins_providers import ProviderKind
    from trialflow.cli.options import Commands

__all__ = ["add_commands"]

_PORTS: Mapping[str, ProviderKind] = {
    "storage": "storages",
    "vault": "vaults",
    "source": "lead_sources",
    "renderer": "renderers",
    "guard": "guards",
    "workflow": "workflows",
}
_MODULE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
_MORE = """\
TARGET is what a plugin provides, written as for --storage: NAME:option=value,option=value. Every storage or vault that
is made has to be a new one: {fresh} in an option stands for a word of its own, and a required path that is not given
for a temporary file. Or TARGET is module:name, where name is a factory, or a StorageSetup (VaultSetup, SourceSetup ...)
that says more of what the adapter claims: another handle, other processes, a host's transaction, a medium that fails.
The module may lie in the working directory.

Each check quotes a clause of the contract; docs/conformance.md lists them. The exit code is 1 when one fails."""


def add_commands(commands: Commands) -> None:
    """Register the command."""
    check = add_command(commands, "check", "check that an adapter keeps the contract of its port", _check, more=_MORE)
    check.add_argument("port", choices=[*_PORTS], help="what kind of adapter it is")
    check.add_argument("target", metavar="TARGET", help="NAME, NAME:option=value, or module:name")
    check.add_argument(
        "--expect",
        metavar="CHECK=REASON",
        action="append",
        default=[],
        help="a check that fails for now, and why; one that passes all the same has failed",
    )
    add_plugins(check)
    add_json(check)


def _check(args: argparse.Namespace) -> int:
    from trialflow.adapters.checks import run

    expected = _expected(args.expect)
    with tempfile.TemporaryDirectory(prefix="trialflow-check-") as folder:
        outcomes = run(_setup(args, Path(folder)), expected_failures=expected)
    counts: Counter[str] = Counter(outcome.status for outcome in outcomes)
    if args.json:
        print_json(_document(args, outcomes, counts))
    else:
        print("\n".join(_lines(args, outcomes, counts)))
    return REFUSED if counts["failed"] else OK


def _expected(given: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    if any(not name or not reason.strip() for name, _, reason in pairs):
        raise UsageError("--expect is written CHECK=REASON: the name of a check, and why it fails for now")
    return {name: reason for name, _, reason in pairs}


def _setup(args: argparse.Namespace, folder: Path) -> Any:
    kind = _PORTS[args.port]
    if _MODULE.fullmatch(args.target) and plugins(args).offer(kind, args.target) is None:
        from trialflow.adapters.checks.named import named_setup

        try:
            return named_setup(kind, args.target)
        except (LookupError, TypeError) as error:
            raise UsageError(str(error)) from None
    from trialflow.adapters.checks.provided import provided_setup

    choice = choice_of(args.target)
    if plugins(args).offer(kind, choice.name) is None:
        check_choices(args, {kind: choice})
    try:
        return provided_setup(plugins(args), kind, choice, folder)
    except PluginError as error:
        raise UsageError(f"{choice.name}: {'; '.join(map(str, error.problems))}") from None


def _document(args: argparse.Namespace, outcomes: Sequence[Outcome], counts: Mapping[str, int]) -> dict[str, Any]:
    return {
        "format": "trialflow.check/1",
        "port": args.port,
        "target": args.target,
        "counts": {status: counts[status] for status in ("passed", "failed", "skipped", "expected")},
        "outcomes": [
            {"check": o.check, "clause": o.clause, "status": o.status, "message": o.message} for o in outcomes
        ],
    }


def _lines(args: argparse.Namespace, outcomes: Sequence[Outcome], counts: Mapping[str, int]) -> Iterator[str]:
    for outcome in outcomes:
        status = "FAILED" if outcome.status == "failed" else outcome.status
        said = f": {clean(outcome.message)}" if outcome.message else ""
        yield f"{outcome.clause:<4}{status:<9}{outcome.check}{said}"
    yield from _broken_clauses(outcomes)
    said = ", ".join(f"{counts[status]} {status}" for status in ("passed", "failed", "skipped", "expected"))
    yield f"{args.port} {args.target}: {said}"


def _broken_clauses(outcomes: Sequence[Outcome]) -> Iterator[str]:
    from trialflow.adapters.checks.clauses import clauses

    for number in dict.fromkeys(outcome.clause for outcome in outcomes if outcome.status == "failed"):
        words = clauses(number[0]).get(number) if number else None
        if words:
            yield f"clause {number}: {words}"
