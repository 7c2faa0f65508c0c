"""Everything that can be decided about a lead, in one namespace: ``decide.move(...)``, ``decide.assign(...)``.

Each function takes the workflow, the lead and the command's values and gives the events to append, or raises
:class:`~trialflow.model.errors.Refused` with every reason. None reads a clock or a store.
"""

from trialflow.rules.moves import Option, move, options
from trialflow.rules.proposals import close_proposal, propose
from trialflow.rules.stewardship import (
    accept_handoff,
    assign,
    carried_refusals,
    correct,
    erase,
    merge,
    note,
    permit,
    record_decision,
    request_decision,
    set_source,
    unmerge,
)
from trialflow.rules.work import (
    acknowledge,
    action_done,
    block,
    contact,
    prescreen,
    set_action,
    set_item,
    unblock,
    visit,
)

__all__ = [
    "Option",
    "accept_handoff",
    "acknowledge",
    "action_done",
    "assign",
    "block",
    "carried_refusals",
    "close_proposal",
    "contact",
    "correct",
    "erase",
    "merge",
    "move",
    "note",
    "options",
    "permit",
    "prescreen",
    "propose",
    "record_decision",
    "request_decision",
    "set_action",
    "set_item",
    "set_source",
    "unblock",
    "unmerge",
    "visit",
]
