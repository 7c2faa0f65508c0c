"""What is built in, given through the same hooks as everything else. Nothing is imported before it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from trialflow.adapters.hooks import hookimpl
from trialflow.adapters.provider import Option, Provider

if TYPE_CHECKING:
    from trialflow.adapters.ports import LeadSource, Renderer, Storage, Vault
    from trialflow.rules.guards import Guard
    from trialflow.rules.workflow import Workflow

__all__ = ["GUARD_SUMMARIES", "BuiltIn"]

_ADAPTERS = "trialflow.adapters"

GUARD_SUMMARIES = {
    "owner": "somebody owns the lead",
    "unblocked": "no blocker is open",
    "ready": "every readiness item that gates the status is closed",
    "contacted": "a contact attempt is recorded",
    "prescreen_completed": "the prescreen is complete",
    "visit": "a visit is scheduled, or was attended in this episode",
    "visit_time_passed": "the time of the visit has passed",
    "reason": "a reason is given",
    "authority": "who records a study team's decision may do so, and says what it rests on",
    "may_contact": "the contact policy lets the site call now",
}
"""The built-in guards and what each of them asks for."""


def _later(module: str, name: str) -> Callable[..., Any]:
    """What ``name`` of ``module`` makes, imported at the first call."""

    def make(**options: Any) -> Any:
        return getattr(import_module(f"{_ADAPTERS}.{module}"), name)(**options)

    return make


class BuiltIn:
    """The plugin that trialflow itself is."""

    @hookimpl
    def trialflow_storages(self) -> Iterator[Provider[Storage]]:
        """Where the ledger can be kept."""
        file = Option("path", "the file of the ledger, made where there is none", kind="path", required=True)
        yield Provider("sqlite", "a SQLite file", _later("storages.sqlite", "SqliteStorage"), (file,))
        make = _later("storages.postgres", "PostgresStorage")
        yield Provider("postgres", "a schema in PostgreSQL (extra: postgres)", make, _in_postgres("trialflow"))
        yield Provider("memory", "gone with the process; for trying out", _later("storages.memory", "MemoryStorage"))

    @hookimpl
    def trialflow_vaults(self) -> Iterator[Provider[Vault]]:
        """Where identities and notes can be kept."""
        file = Option("path", "the file of the vault, made where there is none", kind="path", required=True)
        yield Provider("sqlite", "a SQLite file", _later("storages.vault_sqlite", "SqliteVault"), (file,))
        make = _later("storages.vault_postgres", "PostgresVault")
        yield Provider("postgres", "a schema in PostgreSQL (extra: postgres)", make, _in_postgres("trialflow_vault"))
        yield Provider(
            "memory", "gone with the process; for trying out", _later("storages.vault_memory", "MemoryVault")
        )

    @hookimpl
    def trialflow_lead_sources(self) -> Iterator[Provider[LeadSource]]:
        """Where leads can come from."""
        where = Option("path", "a folder of *.jsonl files, or one of them", kind="path", required=True)
        whose = Option("source", "the id of the source, for lines that name none")
        make = _later("sources.jsonl_inbox", "JsonLinesInbox")
        yield Provider("jsonl", "an inbox of JSON lines, one inquiry a line", make, (where, whose))

    @hookimpl
    def trialflow_renderers(self) -> Iterator[Provider[Renderer]]:
        """Formats of reports."""
        yield Provider("text", "plain text", _later("renderers.text", "TextRenderer"))
        yield Provider("markdown", "Markdown", _later("renderers.markdown", "MarkdownRenderer"))
        yield Provider("json", "the versioned JSON document", _later("renderers.json_file", "JsonRenderer"))
        yield Provider("csv", "CSV that no spreadsheet takes for formulas", _later("renderers.csv_file", "CsvRenderer"))
        yield Provider("html", "one self-contained page (extra: html)", _later("renderers.html", "HtmlRenderer"))

    @hookimpl
    def trialflow_guards(self) -> Iterator[Provider[Guard]]:
        """Conditions that a move may require."""
        for name, summary in GUARD_SUMMARIES.items():
            yield Provider(name, summary, lambda name=name: _guard(name))

    @hookimpl
    def trialflow_workflows(self) -> Iterator[Provider[Workflow]]:
        """Workflow definitions."""
        yield Provider("default", "the workflow that ships", _default_workflow)


def _in_postgres(schema: str) -> tuple[Option, ...]:
    dsn = "the connection string; without it, libpq's environment variables and password file"
    return (Option("dsn", dsn, kind="secret"), Option("schema", "the schema of its own", default=schema))


def _guard(name: str) -> Guard:
    from trialflow.rules.guards import GUARDS

    return GUARDS[name]


def _default_workflow() -> Workflow:
    from trialflow.rules.loading import default_workflow

    return default_workflow()
