"""The format in which a report is printed: built in, or brought by a plugin."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trialflow.adapters.renderers.formats import FORMATS, render
from trialflow.cli.config_use import allowed_plugins, not_let_in, plugins
from trialflow.cli.exits import UsageError

if TYPE_CHECKING:
    from trialflow.adapters.plugins_providers import Offer

__all__ = ["check_format", "in_format", "rehearse"]


def check_format(args: argparse.Namespace) -> None:
    """Before a command does anything: whether the format it is asked for is there, and can be made.

    Raises :class:`UsageError` for an unknown one, ``PluginError`` for one that cannot be made.
    """
    name = getattr(args, "format", None)
    if name and name not in FORMATS:
        from trialflow.adapters.plugins_making import made

        made(_offer(args, name))


def in_format(args: argparse.Namespace, report: Any, name: str, labels: Mapping[str, str]) -> bytes:
    """``report`` as the bytes of the format ``name``."""
    if name in FORMATS:
        return render(report, name, labels=labels)
    from trialflow.adapters.plugins_using import rendered

    return rendered(_offer(args, name), report, labels)


def rehearse(args: argparse.Namespace, report: Any) -> None:
    """Render once for nothing, so that a plugin that fails does so before anything is recorded."""
    name = getattr(args, "format", None)
    if name and name not in FORMATS:
        in_format(args, report, name, {})


def _offer(args: argparse.Namespace, name: str) -> Offer:
    found = allowed_plugins(args)
    offer = found.offer("renderers", name) if found is not None else None
    if offer is None:
        known = ", ".join(sorted({*FORMATS, *(found.renderers() if found is not None else ())}))
        there = f"there is no format {name!r}; there are: {known} (`trialflow plugins` lists them)"
        raise UsageError(there + not_let_in(plugins(args)))
    return offer
