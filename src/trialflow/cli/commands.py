"""Which module holds which command, and its line in the list.

Only the module of the command that is given is imported; ``trialflow --help`` needs none of them. A test compares the
lines with those that the modules themselves give.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["COMMANDS"]

COMMANDS: Mapping[str, Mapping[str, str]] = {
    "demo.command": {
        "demo": "a site's three weeks: from an untidy sheet to a dashboard and two sponsor updates",
    },
    "intake": {
        "import": "import copies of a tracker (CSV or XLSX) into the store",
        "report": "import copies into memory and print the dashboard",
        "mapping": "write a mapping file for a tracker, to be corrected by a person",
    },
    "pull": {
        "pull": "receive the inquiries that a lead source has",
    },
    "reading": {
        "board": "the coordinator's dashboard: what to do today, and why",
        "worklist": "the queue in the order of work",
        "sponsor": "the sponsor update since the last release: counts, never a lead",
        "sources": "what became of each source's leads, with intervals and cost",
        "diagnose": "where leads wait and work gets lost, and the review checklist",
        "gaps": "the usual gaps, with the leads that have them",
        "stale": "the weekly review: every stale lead, the longest first, with its cause",
    },
    "leads": {
        "lead": "one lead: status, next action and why, moves, history",
    },
    "acting": {
        "move": "move a lead to a status",
        "assign": "hand a lead over to an owner",
        "accept": "accept a handoff, as the new owner",
        "acknowledge": "confirm to the referrer that the site has the lead",
        "contact": "record one attempt to reach the person",
        "prescreen": "record how far the prescreen is",
        "item": "set a readiness item: records go needed, requested, received, reviewed",
        "block": "record what stops a lead",
        "unblock": "clear a blocker",
        "action": "plan the next action for a date; until then the lead is not stale",
        "done": "the planned action was done",
        "schedule": "schedule the visit, and move to the status for it",
        "visit": "record what became of the visit",
        "ask": "put a question to the study team",
        "decide": "quote what the study team decided; a deciding role and an authority are needed",
        "note": "keep a note; its text goes to the vault, never to the ledger",
        "permit": "the person allows contact; the evidence is named",
        "forbid": "the person forbids contact, at once",
        "source": "correct where a lead came from; the earlier source stays readable",
        "merge": "two leads are the same person: count this one no more",
        "unmerge": "take a merge back",
        "correct": "void one event of a lead, with a reason; it stays readable",
        "erase": "erase identity and notes for good; the ledger's codes stay",
    },
    "proposals": {
        "proposals": "what automation suggests and nobody has answered; nothing changes until then",
        "resolve": "answer a proposal; both answers are kept",
    },
    "site": {
        "absence": "an owner is away; their leads count as unowned until then",
        "spend": "money spent on a source in a period",
    },
    "definitions": {
        "workflow": "check, compare and draw workflows",
    },
    "ledger": {
        "verify": "check every link of the ledger's hash chain",
        "export": "write the whole ledger as JSON lines, lossless",
    },
    "storage": {
        "storage": "bring a store up to date, give a role its rights, check what it keeps of its leads",
    },
    "plugins": {
        "plugins": "list storages, sources, formats ..., where they come from, and faults",
        "init": "write a commented configuration, trialflow.toml",
    },
    "checking": {
        "check": "check that an adapter keeps the contract of its port",
    },
    "new.command": {
        "new": "write a package to start an adapter from",
    },
}
"""The commands of each module of ``trialflow.cli`` with their lines, in the order of the list."""
