"""Everything that can be wrong with a workflow, found at once: the same checks for a file and for a value in Python."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from trialflow.model.errors import Problem
from trialflow.rules import check_buckets, check_graph, check_names, check_values
from trialflow.rules.guards import GUARDS, Guard
from trialflow.rules.vocabulary import Speller
from trialflow.rules.workflow import Workflow

__all__ = ["CODES", "problems"]

CODES: Mapping[str, str] = {
    "ambiguous_name": "a move is called like a status it does not lead to",
    "authority_missing": "a move into a study-team status lacks the guard authority",
    "bad_code": "a code has other characters than lower-case letters, digits, _ and -",
    "bad_initial": "the initial status is final, or entered by the study team alone",
    "bad_number": "a number is too small or far too large",
    "bad_share": "a share is not between 1 and 100 percent",
    "bad_span": "a span of time is misspelt, zero where it must not be, or longer than ten years",
    "bad_time": "a time of day is misspelt, or an end is not after its start",
    "blank_label": "a label has no words",
    "blocker_without_action": "no action rule takes up the default action of a blocker",
    "bucket_not_shown": "a bucket is missing from shown.buckets",
    "bucket_shown_twice": "a bucket stands in shown.buckets more than once",
    "category_mismatch": "a final status without the category of an end, or the reverse",
    "duplicate_code": "a code is defined twice, or a repeated rule has another label",
    "empty_list": "a list that must name something is empty",
    "exit_from_final": "a move leaves a final status and is neither a reopening nor a re-screening",
    "forbidden_wording": "a label reads as a decision, a promise or a judgement",
    "half_escalation": "escalates_to without escalate_after, or the reverse",
    "many_initial": "more than one status is initial",
    "missing_key": "a required key is missing",
    "no_catch_all": "no action takes whatever is left",
    "no_decider": "a study-team status, but no role that decides",
    "no_initial": "no status is initial",
    "no_way_to_end": "no way leads from a status to a final one",
    "no_working_day": "the site works on no day",
    "not_toml": "the text is not TOML",
    "renamed_known": "a renamed status still exists",
    "self_move": "a move leads from a status to itself",
    "shadowed_action": "an action stands behind one that takes everything",
    "shadowed_bucket": "earlier rules take every lead of a bucket rule",
    "status_without_bucket": "no bucket takes some lead in a status",
    "too_deep": "keys or values are nested too deeply",
    "too_large": "the text is larger than 256 kB",
    "unknown_action": "no action has this code",
    "unknown_anchor": "no such moment to count from",
    "unknown_blocker": "no blocker kind has this code",
    "unknown_bucket": "no bucket has this code",
    "unknown_channel": "a channel that needs consent is not in use",
    "unknown_command": "a role is allowed something that is no command",
    "unknown_event": "no such event kind",
    "unknown_family": "no such family of close reasons",
    "unknown_guard": "no guard of this name is registered",
    "unknown_item": "no readiness item has this code",
    "unknown_key": "a key that means nothing here",
    "unknown_label": "an override of wording for a label that does not exist",
    "unknown_milestone": "a status reaches something that is no milestone",
    "unknown_reason": "no close reason has this code",
    "unknown_role": "no role has this code",
    "unknown_situation": "no such situation",
    "unknown_state": "no such state or outcome",
    "unknown_status": "no status has this code",
    "unknown_weekday": "no such day of the week",
    "unknown_zone": "no such time zone",
    "unreachable_status": "no way leads from the initial status to a status",
    "wrong_type": "a value of another type was expected",
    "wrong_value": "a value is none of its choices",
}
"""Every code a problem of a workflow can have, and what it stands for."""


def problems(
    workflow: Workflow, *, guards: Mapping[str, Guard] = GUARDS, known: Iterable[Problem] = ()
) -> tuple[Problem, ...]:
    """Every problem of a workflow value. ``guards`` are the registered ones, by name.

    ``known`` are problems found earlier, while the value was read: nothing is said again about their places.
    """
    before = tuple(known)
    speller = Speller()
    single = tuple(check_values.values(workflow, speller))
    wrong = {problem.path for problem in single if problem.code == "wrong_value"}
    places = {problem.path for problem in before}
    found = [
        *check_names.names(workflow),
        *check_names.references(workflow, guards, speller),
        *check_graph.graph(workflow, speller),
        *check_buckets.buckets(workflow, speller, _rows("buckets", places | wrong)),
        *check_buckets.actions(workflow, _rows("actions", places)),
        *single,
        *check_values.labels(workflow),
    ]
    return tuple(dict.fromkeys((*before, *(problem for problem in found if not _told(problem, places)))))


def _rows(table: str, places: set[str]) -> set[str]:
    """The rules of ``table`` about which something is known to be wrong."""
    return {place.split(".")[1] for place in places if place.startswith(f"{table}.")}


_RESTS_ON: Mapping[str, str] = {
    "no_way_to_end": "moves",
    "shadowed_bucket": "statuses",
    "status_without_bucket": "buckets",
    "unknown_status": "statuses",
    "unknown_item": "items",
    "unknown_blocker": "blockers",
    "unknown_reason": "close_reasons",
    "unknown_bucket": "buckets",
    "unknown_action": "actions",
    "unknown_role": "roles",
    "unreachable_status": "moves",
}
"""The table without which a problem of this code tells nothing."""

_ROW = re.compile(r"statuses\.[^.]+")


def _told(problem: Problem, places: set[str]) -> bool:
    """Whether it follows from what is known: something is wrong just there, with what it belongs to, or with the whole
    table that it rests on."""
    steps = problem.path.split(".")
    if any(".".join(steps[:n]) in places for n in range(1, len(steps) + 1)):
        return True
    if steps[-1] == "":  # a rule whose code is missing; its place has a number
        return any(place.startswith(f"{steps[0]}[") for place in places)
    if problem.code == "no_initial":  # where `initial` or its row does not fit its type, it is unknown, not missing
        return any(place.endswith(".initial") or _ROW.fullmatch(place) for place in places)
    return _RESTS_ON.get(problem.code) in places
