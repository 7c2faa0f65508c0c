"""trialflow: what a research site should do next with the people who asked about its clinical studies.

Start with :class:`Tracker`. The rules (:mod:`trialflow.rules`) and reports (:mod:`trialflow.reports`) are pure
functions for hosts that keep their own state. trialflow organises work; decisions about a person are made by the
study team and only recorded here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trialflow.adapters.plugins import Plugins
    from trialflow.model.errors import (
        Conflict,
        DecodeError,
        ImportRejected,
        KeyReused,
        LeadNotFound,
        PluginError,
        Problem,
        Refusal,
        Refused,
        SourceError,
        StorageError,
        TrialflowError,
        Unsupported,
        WorkflowError,
    )
    from trialflow.model.facts import (
        Blocker,
        ContactAttempt,
        Handoff,
        Permission,
        PlannedAction,
        ReadinessItem,
        Stay,
        Visit,
    )
    from trialflow.model.lead import Lead
    from trialflow.model.moments import utc
    from trialflow.model.parties import UNASSIGNED, Actor, Owner, Source
    from trialflow.model.recorded import Recorded
    from trialflow.reports.dashboard import dashboard
    from trialflow.rules.buckets import bucket
    from trialflow.rules.contact import may_contact
    from trialflow.rules.loading import default_workflow, loads
    from trialflow.rules.moves import options
    from trialflow.rules.next_action import next_action
    from trialflow.rules.ownership import Roster
    from trialflow.rules.readiness import readiness
    from trialflow.rules.reminders import reminders
    from trialflow.rules.slas import sla_status
    from trialflow.rules.staleness import stale_level
    from trialflow.rules.workflow import Workflow
    from trialflow.rules.worklist import worklist
    from trialflow.tracker import Tracker

__all__ = [
    "UNASSIGNED",
    "Actor",
    "Blocker",
    "Conflict",
    "ContactAttempt",
    "DecodeError",
    "Handoff",
    "ImportRejected",
    "KeyReused",
    "Lead",
    "LeadNotFound",
    "Owner",
    "Permission",
    "PlannedAction",
    "PluginError",
    "Plugins",
    "Problem",
    "ReadinessItem",
    "Recorded",
    "Refusal",
    "Refused",
    "Roster",
    "Source",
    "SourceError",
    "Stay",
    "StorageError",
    "Tracker",
    "TrialflowError",
    "Unsupported",
    "Visit",
    "Workflow",
    "WorkflowError",
    "bucket",
    "dashboard",
    "default_workflow",
    "loads",
    "may_contact",
    "next_action",
    "options",
    "readiness",
    "reminders",
    "sla_status",
    "stale_level",
    "utc",
    "worklist",
]

_HOMES = {
    "Actor": "trialflow.model.parties",
    "Blocker": "trialflow.model.facts",
    "Conflict": "trialflow.model.errors",
    "ContactAttempt": "trialflow.model.facts",
    "DecodeError": "trialflow.model.errors",
    "Handoff": "trialflow.model.facts",
    "ImportRejected": "trialflow.model.errors",
    "KeyReused": "trialflow.model.errors",
    "Lead": "trialflow.model.lead",
    "LeadNotFound": "trialflow.model.errors",
    "Owner": "trialflow.model.parties",
    "Permission": "trialflow.model.facts",
    "PlannedAction": "trialflow.model.facts",
    "PluginError": "trialflow.model.errors",
    "Plugins": "trialflow.adapters.plugins",
    "Problem": "trialflow.model.errors",
    "ReadinessItem": "trialflow.model.facts",
    "Recorded": "trialflow.model.recorded",
    "Refusal": "trialflow.model.errors",
    "Refused": "trialflow.model.errors",
    "Roster": "trialflow.rules.ownership",
    "Source": "trialflow.model.parties",
    "SourceError": "trialflow.model.errors",
    "Stay": "trialflow.model.facts",
    "StorageError": "trialflow.model.errors",
    "Tracker": "trialflow.tracker",
    "TrialflowError": "trialflow.model.errors",
    "UNASSIGNED": "trialflow.model.parties",
    "Unsupported": "trialflow.model.errors",
    "Visit": "trialflow.model.facts",
    "Workflow": "trialflow.rules.workflow",
    "WorkflowError": "trialflow.model.errors",
    "bucket": "trialflow.rules.buckets",
    "dashboard": "trialflow.reports.dashboard",
    "default_workflow": "trialflow.rules.loading",
    "loads": "trialflow.rules.loading",
    "may_contact": "trialflow.rules.contact",
    "next_action": "trialflow.rules.next_action",
    "options": "trialflow.rules.moves",
    "readiness": "trialflow.rules.readiness",
    "reminders": "trialflow.rules.reminders",
    "sla_status": "trialflow.rules.slas",
    "stale_level": "trialflow.rules.staleness",
    "utc": "trialflow.model.moments",
    "worklist": "trialflow.rules.worklist",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: `import trialflow` itself stays cheap."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'trialflow' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
