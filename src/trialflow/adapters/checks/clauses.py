"""The clauses of each contract, read from the docstrings in which they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module

__all__ = ["PLACES", "clauses"]

PLACES: Mapping[str, str] = {
    "S": "trialflow.adapters.ports",
    "Q": "trialflow.adapters.queries",
    "V": "trialflow.adapters.vault",
    "L": "trialflow.adapters.lead_source",
    "R": "trialflow.adapters.renderer",
    "G": "trialflow.adapters.checks.guards",
    "W": "trialflow.adapters.checks.workflows",
}
"""The letter of a port's clauses, and the module whose docstring holds them."""

_CLAUSE = re.compile(r"^([A-Z]\d+) +(\S.*(?:\n    \S.*)*)", re.MULTILINE)


_ROLE = re.compile(r":\w+:`~?([^`]+)`|``([^`]+)``")


def clauses(letter: str) -> dict[str, str]:
    """The clauses of one port by number, each on one line, names between backticks. Empty where Python runs without
    docstrings (``-OO``)."""
    text = import_module(PLACES[letter]).__doc__ or ""
    return {number: _ROLE.sub(r"`\1\2`", " ".join(words.split())) for number, words in _CLAUSE.findall(text)}
