"""``plugins`` and ``init``: what can be chosen, where it comes from, what is wrong with it; a first configuration."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from trialflow.adapters.renderers.clean import clean
from trialflow.cli.config import FILE, TEMPLATE
from trialflow.cli.config_use import config, plugins
from trialflow.cli.exits import OK, REFUSED, FileUnusable
from trialflow.cli.options import add_command, add_json, add_plugins
from trialflow.cli.printing import print_json

if TYPE_CHECKING:
    from trialflow.adapters.plugins import Plugins
    from trialflow.adapters.plugins_problem import Origin, PluginProblem
    from trialflow.adapters.plugins_providers import Offer
    from trialflow.adapters.provider import Option
    from trialflow.cli.options import Commands

__all__ = ["add_commands"]

_MORE = f"""\
What is installed but not on the list of plugins is named and not imported. The list is `plugins` in {FILE}, and
--plugin. A storage is chosen by --storage NAME:option=value,option=value; so are a vault and a source, a format by its
name. The exit code is 1 when something is wrong with a plugin that was let in."""


def add_commands(commands: Commands) -> None:
    """Register the commands."""
    listing = add_command(
        commands, "plugins", "list storages, sources, formats ..., where they come from, and faults", _list, more=_MORE
    )
    add_plugins(listing)
    add_json(listing)
    listing.set_defaults(lists_plugins=True)
    more = "It holds what works without it, with a comment on every key. A file that is there stays as it is."
    start = add_command(commands, "init", f"write a commented configuration, {FILE}", _init, more=more)
    start.add_argument("--config", metavar="PATH", default=FILE, help=f"where to write it (default: {FILE})")


def _init(args: argparse.Namespace) -> int:
    try:
        with Path(args.config).open("x", encoding="utf-8", newline="\n") as file:
            file.write(TEMPLATE)
    except FileExistsError:
        raise FileUnusable(f"{args.config} is there already; it is left as it is") from None
    except OSError as error:
        raise FileUnusable(f"{args.config} cannot be written: {error.strerror}") from None
    print(f"written to {args.config}; every command in its directory uses it")
    return OK


def _list(args: argparse.Namespace) -> int:
    config(args)
    found = plugins(args)
    problems = found.problems
    if args.json:
        print_json(_document(found, problems))
    else:
        print("\n".join(_clean(line) for line in _lines(found, problems)))
    return REFUSED if any(problem.code != "not_allowed" for problem in problems) else OK


def _document(found: Plugins, problems: tuple[PluginProblem, ...]) -> dict[str, Any]:
    return {
        "format": "trialflow.plugins/1",
        "plugins": [
            {
                **attrs.asdict(origin),
                "version": _version(origin),
                "pin": _pin(origin),
                "recorded": origin in found.subscribers,
                "offers": [_offer(offer) for offer in found.offers() if offer.origin == origin],
            }
            for origin in found.origins
        ],
        "problems": [attrs.asdict(problem) for problem in problems],
    }


def _offer(offer: Offer) -> dict[str, Any]:
    provider = offer.provider
    options = [attrs.asdict(option) for option in provider.options]
    return {"kind": offer.kind, "name": provider.name, "summary": provider.summary, "options": options}


def _version(origin: Origin) -> str:
    from trialflow.adapters.plugins_problem import BUILT_IN

    return version(BUILT_IN) if origin.distribution == BUILT_IN else origin.version


def _pin(origin: Origin) -> str:
    """How an allow-list lets in exactly this; empty for what is built in."""
    from trialflow.adapters.discovery import pin
    from trialflow.adapters.plugins_problem import BUILT_IN

    return "" if origin.distribution == BUILT_IN else pin(origin)


def _clean(line: str) -> str:
    """A line without anything that could harm a terminal; plugins choose these words. The indent stays."""
    return " " * (len(line) - len(line.lstrip(" "))) + clean(line)


def _lines(found: Plugins, problems: tuple[PluginProblem, ...]) -> Iterator[str]:
    for origin in found.origins:
        yield f"{origin.plugin} ({origin.distribution} {_version(origin)})"
        if _pin(origin):
            yield f"  pinned as {_pin(origin)}"
        for offer in found.offers():
            if offer.origin == origin:
                yield from _offer_lines(offer)
        if origin in found.subscribers:
            yield "  is told what is recorded"
        yield ""
    shut = [problem for problem in problems if problem.code == "not_allowed"]
    wrong = [problem for problem in problems if problem.code != "not_allowed"]
    for head, rows in (("not on the list of plugins, so not imported", shut), ("problems", wrong)):
        if rows:
            yield f"{head}:"
            yield from (f"  {problem}" for problem in rows)
    if not wrong:
        yield "no problem"


def _offer_lines(offer: Offer) -> Iterator[str]:
    from trialflow.adapters.plugins_making import KIND_NAMES

    yield f"  {KIND_NAMES[offer.kind]} {offer.provider.name}: {offer.provider.summary}"
    yield from (f"    {_option(option)}" for option in offer.provider.options)


def _option(option: Option) -> str:
    written = {"secret": "env:NAME or file:PATH", "flag": "true or false"}.get(option.kind, option.kind.upper())
    usual = "; needed" if option.required else f"; default: {option.default}" if option.default is not None else ""
    return f"{option.name}={written}  {option.summary}{usual}"
