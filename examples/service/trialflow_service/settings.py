"""What the environment says: which store, which workflow, where to listen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs

__all__ = ["DEMO", "VARIABLES", "Settings"]

DEMO = Path("service-demo") / "site.db"
"""Where the demonstration's ledger is made when no store is named."""

VARIABLES: Mapping[str, str] = {
    "store": "TRIALFLOW_STORE",
    "schema": "TRIALFLOW_SCHEMA",
    "workflow": "TRIALFLOW_WORKFLOW",
    "host": "SERVICE_HOST",
    "port": "SERVICE_PORT",
    "hosts": "SERVICE_HOSTS",
}
"""Each setting with the variable that sets it."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


@attrs.frozen(kw_only=True)
class Settings:
    """``store`` is the path of a SQLite ledger or a ``postgresql://`` address; None: the demonstration.

    ``schema`` is that of a ledger in PostgreSQL; its vault lies beside it, in ``..._vault``. ``workflow`` is a TOML
    file in place of the shipped workflow. There is no login here (see ``people.py``): only this machine may ask, and
    only under one of the names in ``hosts``.
    """

    store: str | None = attrs.field(default=None, repr=False)  # an address may hold a password
    schema: str = "trialflow"
    workflow: Path | None = attrs.field(default=None, converter=attrs.converters.optional(Path))
    host: str = "127.0.0.1"
    port: int = attrs.field(default=8421, converter=int)
    hosts: tuple[str, ...] = attrs.field(default="127.0.0.1,localhost", converter=_words)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Settings:
        """The settings that ``environment`` holds. Raises ``ValueError`` for a port that is no number."""
        given = {name: environment[variable] for name, variable in VARIABLES.items() if environment.get(variable)}
        return cls(**given)
