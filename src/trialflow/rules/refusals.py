"""How a command is refused: the role, the lead and every value are looked at first, then all that is wrong is said.

Messages repeat a value only where it has the shape of a code: what somebody typed by mistake stays out of errors.
"""

from __future__ import annotations

import re

from trialflow.model.errors import Refusal, Refused
from trialflow.model.lead import Lead
from trialflow.model.parties import Actor, Source
from trialflow.rules.authority import command_refusals
from trialflow.rules.workflow import Workflow

__all__ = [
    "code_refusals",
    "holds_contact",
    "one_of",
    "open_refusals",
    "person_refusals",
    "settle",
    "shown",
    "source_refusals",
]

_DIGITS_OF_A_NUMBER = 7

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,79}", re.ASCII)
_AWAY = ("unmerge", "correct", "erase")
"""What may still be done to a lead that was merged into another."""


def settle(workflow: Workflow, lead: Lead, command: str, by: Actor, found: list[Refusal]) -> None:
    """Raise :class:`Refused` when the role may not, the lead was merged away, or anything was ``found``."""
    refusals = command_refusals(workflow, by, command) + found
    if lead.merged_into and command not in _AWAY:
        refusals.append(Refusal("merged", "this lead was merged into another", "work on the other one, or unmerge"))
    if refusals:
        raise Refused(command, lead.status, tuple(dict.fromkeys(refusals)))


def shown(value: str) -> str:
    """``value`` where it has the shape of a code; else only that something else was given."""
    return repr(value) if _CODE.fullmatch(value) else "(not a code)"


def one_of(value: str, allowed: tuple[str, ...], code: str, what: str) -> list[Refusal]:
    """A refusal when ``value`` is none of ``allowed``."""
    if value in allowed:
        return []
    return [Refusal(code, f"{what} {shown(value)} is not known", f"use one of: {', '.join(allowed)}")]


def code_refusals(**values: str) -> list[Refusal]:
    """A refusal for every value that is neither empty nor a code: the ledger holds codes and references, no words."""
    return [
        Refusal("not_a_code", f"{name} is a code or a reference without blanks", "put the words into a note")
        for name, value in values.items()
        if value and not _CODE.fullmatch(value)
    ]


def holds_contact(text: str) -> bool:
    """Whether a name typed for a source holds an e-mail address or a telephone number: then it is a person."""
    return "@" in text or sum(map(str.isdigit, text)) >= _DIGITS_OF_A_NUMBER


def source_refusals(source: Source) -> list[Refusal]:
    """A refusal unless a source is named, and is no person's address. A source is the one word of a site's own that
    the ledger holds and a sponsor reads."""
    if not source.id.strip():
        return [Refusal("source_blank", "a source has an id", "name the source")]
    if any(map(holds_contact, (source.id, source.category, source.channel, source.campaign))):
        return [Refusal("source_is_contact", "a source is no address and no telephone number", "name the source")]
    return []


def person_refusals(by: Actor) -> list[Refusal]:
    """A refusal unless a person acts."""
    if by.kind == "person":
        return []
    return [Refusal("person_required", "only a person may do this", "let a person do it")]


def open_refusals(workflow: Workflow, lead: Lead) -> list[Refusal]:
    """A refusal to plan ahead for a lead whose work has ended."""
    if not workflow.is_final(lead.status):
        return []
    return [Refusal("closed", "the work on this lead has ended", "reopen it first")]
