"""``trialflow``: the command line. ``docs/cli.md`` lists every command."""

from trialflow.cli.main import main

__all__ = ["main"]
