"""Loading a workflow: every problem at once, each with its path, its code and what to do; one test per code."""

# ruff: noqa: E501 - one case a line reads better than one word a line

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import get_type_hints

import attrs
import pytest

from trialflow import Problem, Workflow, WorkflowError, default_workflow, loads
from trialflow.rules import parts
from trialflow.rules.checking import CODES
from trialflow.rules.guards import GUARDS
from trialflow.rules.loading import LARGEST, problems
from trialflow.rules.parts import BucketRule, Span, Status, When
from trialflow.rules.structure import structure
from trialflow.rules.toml_values import described

DEFAULT = files("trialflow.rules").joinpath("default.toml").read_text("utf-8")

Edits = tuple[tuple[str, str], ...]


def edited(*edits: tuple[str, str], text: str = DEFAULT) -> str:
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def found(text: str) -> tuple[Problem, ...]:
    with pytest.raises(WorkflowError) as caught:
        loads(text)
    assert all(problem.message and "None" not in problem.message for problem in caught.value.problems)
    return caught.value.problems


def where(text: str) -> set[tuple[str, str]]:
    return {(problem.path, problem.code) for problem in found(text)}


def test_the_shipped_workflow_has_no_problem() -> None:
    assert problems(default_workflow()) == ()
    assert default_workflow().id == "site-default@1"


TWELVE: tuple[tuple[str, str, str, str], ...] = (
    ("version = 1", "version = 1\nverison = 2", "verison", "unknown_key"),
    ('label = "Records are missing", ', "", "blockers.missing_records.label", "missing_key"),
    ("expected_days = 7, ", 'expected_days = "a week", ', "statuses.contacting.expected_days", "wrong_type"),
    ('within = "10 working days"', 'within = "ten days"', "slas.scheduling.within", "bad_span"),
    ('to = "in_review"', 'to = "in_reveiw"', "moves.submit_for_review.to", "unknown_status"),
    ('requires = ["owner", "contacted"]', 'requires = ["ownr"]', "moves.reach.requires", "unknown_guard"),
    (", restores = true", "", "moves.reopen.from", "exit_from_final"),
    ('zone = "America/Chicago"', 'zone = "Mars/Olympus"', "site.zone", "unknown_zone"),
    ("at_risk_percent = 70", "at_risk_percent = 700", "staleness.at_risk_percent", "bad_share"),
    ('"stale", "closed", "unmapped"]', '"stale", "unmapped"]', "shown.buckets", "bucket_not_shown"),
    ("when = {}\n", 'when = { buckets = ["stale"] }\n', "actions", "no_catch_all"),
    ('label = "Reached"', 'label = "Eligible"', "statuses.contacted.label", "forbidden_wording"),
)


def test_twelve_mistakes_in_one_file_are_twelve_problems_each_with_its_path() -> None:
    text = edited(*((old, new) for old, new, _, _ in TWELVE))

    assert where(text) == {(path, code) for _, _, path, code in TWELVE}
    assert len(found(text)) == 12


@pytest.mark.parametrize(("old", "new", "path", "code"), TWELVE)
def test_each_of_the_twelve_is_found_alone_too(old: str, new: str, path: str, code: str) -> None:
    assert where(edited((old, new))) == {(path, code)}


LOST = 'lost = { label = "Lost", stale_after = "2 days" }\nlimbo = { label = "Limbo", stale_after = "2 days" }\n'
GRAPH: tuple[tuple[str, str, str, str], ...] = (
    ("contacting = { ", "contacting = { initial = true, ", "statuses.contacting.initial", "many_initial"),
    ("[moves]\n", f'{LOST}[moves]\nlose = {{ from = ["new"], to = "lost" }}\n', "statuses.limbo", "unreachable_status"),
    ('close = { from = ["*"]', 'close = { from = ["new", "contacted", "attended"]', "statuses.lost", "no_way_to_end"),
    ('statuses = ["new"] }', 'statuses = ["new", "limbo"] }', "statuses.lost", "status_without_bucket"),
    (
        'attend = { from = ["scheduled"]',
        'attend = { from = ["scheduled", "planned"]',
        "moves.attend.from",
        "unknown_status",
    ),
    (", opens_episode = true", "", "moves.rescreen.from", "exit_from_final"),
    ('requires = ["visit_time_passed"]', 'requires = ["visit_pased"]', "moves.attend.requires", "unknown_guard"),
    ('"withdrew", "other"]', '"withdrew", "boredom"]', "moves.close.reasons", "unknown_reason"),
    ('item = "medication"', 'item = "medicines"', "blockers.medication_review.item", "unknown_item"),
    (
        'when = { buckets = ["unmapped"] }',
        'when = { buckets = ["unmaped"] }',
        "actions.set_status.when.buckets",
        "unknown_bucket",
    ),
    ("known = false }", "known = false, final = true }", "buckets.unmapped", "shadowed_bucket"),
    ("[contact]\n", "[contact]\nmax_atempts = 4\n", "contact.max_atempts", "unknown_key"),
    ('label = "No response"', 'label = "Ghosted"', "close_reasons.no_response.label", "forbidden_wording"),
)


def test_a_broken_graph_reports_every_problem_beside_the_others() -> None:
    text = edited(*((old, new) for old, new, _, _ in GRAPH))
    also = {("statuses.limbo", "no_way_to_end")}  # nobody leaves it either
    assert where(text) == {(path, code) for _, _, path, code in GRAPH} | also


# (code, path, edits): the smallest change of the shipped file that makes just this problem.
ONE_EACH: tuple[tuple[str, str, Edits], ...] = (
    ("ambiguous_name", "moves.contacting", (("\nprepare = {", "\ncontacting = {"),)),
    ("authority_missing", "moves.record_screening.requires", (('to = "in_screening", requires = ["authority"]', 'to = "in_screening", requires = ["owner"]'),)),
    ("bad_code", "items.Staff Cover", (("staff_coverage = {", '"Staff Cover" = {'), ('item = "staff_coverage"', 'item = "Staff Cover"'))),
    ("bad_code", "name", (('name = "site-default"', 'name = "Our Site"'),)),
    ("bad_code", "items.staff#2", (("staff_coverage = {", '"staff#2" = {'), ('item = "staff_coverage"', 'item = "staff#2"'))),
    ("bad_code", "actions.look#2", (('code = "look_at_lead"', 'code = "look#2"'),)),
    ("bad_code", "buckets.", (('code = "unmapped"', 'code = ""'),)),
    ("bad_initial", "statuses.in_screening.initial", (("initial = true, ", ""), ('decides = "study_team", expected', 'decides = "study_team", initial = true, expected'), ("[moves]\n", '[moves]\nstart = { from = ["in_screening"], to = "new" }\n'))),
    ("bad_number", "contact.max_attempts", (("max_attempts = 3", "max_attempts = 0"),)),
    ("bad_number", "statuses.new.expected_days", (("expected_days = 1,", "expected_days = 0,"),)),
    ("bad_share", "staleness.at_risk_percent", (("at_risk_percent = 70", "at_risk_percent = 0"),)),
    ("bad_span", "statuses.new.stale_after", (('stale_after = "2 working days"', 'stale_after = "0 days"'),)),
    ("bad_span", "slas.first_response.within", (('within = "1 working days"', 'within = "99999 days"'),)),
    ("bad_time", "site.opens", (('opens = "09:00"', 'opens = "9 am"'),)),
    ("bad_time", "site.closes", (('closes = "17:00"', 'closes = "08:00"'),)),
    ("bad_time", "contact.quiet_from", (('quiet_from = "20:00"', 'quiet_from = "08:00"'),)),
    ("blank_label", "actions.none.sponsor_label", (('sponsor_label = "No further step"', 'sponsor_label = " "'),)),
    ("blocker_without_action", "blockers.availability.action", (('action = "agree_on_dates"', 'action = "follow_up"'),)),
    ("bucket_not_shown", "shown.buckets", (('"unmapped"]\n\n# Ordered', ']\n\n# Ordered'),)),
    ("bucket_shown_twice", "shown.buckets", (('"unmapped"]\n\n# Ordered', '"unmapped", "stale"]\n\n# Ordered'),)),
    ("category_mismatch", "statuses.attended.category", (('label = "Visit attended", category = "waiting"', 'label = "Visit attended", category = "positive_end"'),)),
    ("category_mismatch", "statuses.enrolled.category", (('category = "positive_end"', 'category = "working"'),)),
    ("duplicate_code", "buckets.coordinator_review#2.label", (('code = "coordinator_review"\nlabel = "Coordinator review"\nwhen = { statuses = ["in_review"] }', 'code = "coordinator_review"\nlabel = "Review"\nwhen = { statuses = ["in_review"] }'),)),
    ("duplicate_code", "actions.request_records#2.sponsor_label", (('sponsor_label = "Request and review records"\nwhen = { buckets', 'sponsor_label = "Review records"\nwhen = { buckets'),)),
    ("empty_list", "moves.try_to_reach.from", (('try_to_reach = { from = ["new"]', "try_to_reach = { from = []"),)),
    ("empty_list", "slas.scheduling.stops", (('stops = ["moved:scheduled"]', "stops = []"),)),
    ("empty_list", "staleness.movement", ((re.findall(r"movement = .*", DEFAULT)[0], "movement = []"),)),
    ("empty_list", "contact.channels", (('channels = ["phone", "email", "text", "letter"]\nconsent_required = ["text"]', "channels = []\nconsent_required = []"),)),
    ("exit_from_final", "moves.rescreen.from", ((", opens_episode = true", ""),)),
    ("forbidden_wording", "items.records.label", (('label = "Medical records"', 'label = "Records of qualified people"'),)),
    ("half_escalation", "blockers.missing_records", ((', escalate_after = "10 working days"', ""),)),
    ("many_initial", "statuses.contacting.initial", (('label = "Trying to reach", ', 'label = "Trying to reach", initial = true, '),)),
    ("missing_key", "actions.none.due", (('due = "0 days"\nanchor = "status_since"', 'anchor = "status_since"'),)),
    ("missing_key", "buckets[3].code", (('[[buckets]]\ncode = "unmapped"\n', "[[buckets]]\n"),)),
    ("no_decider", "roles", (('may = ["*"], decider = true }\nstudy', 'may = ["*"] }\nstudy'), ('may = ["*"], decider = true }', 'may = ["*"] }'))),
    ("no_initial", "statuses", (("initial = true, ", ""),)),
    ("no_way_to_end", "statuses.lost", (("[moves]\n", 'lost = { label = "Lost", stale_after = "2 days" }\n[moves]\nlose = { from = ["new"], to = "lost" }\n'), ('close = { from = ["*"]', 'close = { from = ["new", "contacting", "contacted", "awaiting_prescreen", "in_review", "preparing", "scheduled", "attended"]'), ('statuses = ["new"] }', 'statuses = ["new", "lost"] }'))),
    ("no_working_day", "site.working_days", (('working_days = ["mon", "tue", "wed", "thu", "fri"]', "working_days = []"),)),
    ("renamed_known", "renamed.new", (("[statuses]\n", '[renamed]\nnew = "contacting"\n\n[statuses]\n'),)),
    ("self_move", "moves.stay", (("[moves]\n", '[moves]\nstay = { from = ["new"], to = "new" }\n'),)),
    ("shadowed_action", "actions.look_at_lead", (("when = { buckets = [\"with_study_team\"] }", "when = {}"),)),
    ("shadowed_bucket", "buckets.stale", (("when = { final = true }\n\n[[buckets]]\ncode = \"stale\"\nlabel = \"Stale\"\nwhen = { stale = true }", 'when = { final = true }\n\n[[buckets]]\ncode = "stale"\nlabel = "Stale"\nwhen = { stale = true, known = false }'),)),
    ("shadowed_bucket", "buckets.waits_too_long", (("[[buckets]]\n", '[[buckets]]\ncode = "waits_too_long"\nlabel = "Waits too long"\nwhen = { stale = true, statuses = ["closed"] }\n\n[[buckets]]\n'), ('buckets = ["new_inquiries"', 'buckets = ["waits_too_long", "new_inquiries"'))),
    ("status_without_bucket", "statuses.in_screening", (('statuses = ["attended", "in_screening"]', 'statuses = ["attended"]'),)),
    ("unknown_action", "blockers.missing_records.action", (('action = "request_records"', 'action = "ask_records"'),)),
    ("unknown_anchor", "actions.none.anchor", (('anchor = "status_since"', 'anchor = "status"'),)),
    ("unknown_blocker", "actions.request_records.when.blockers", (("when = { blocked = true }", 'when = { blocked = true, blockers = ["records"] }'),)),
    ("unknown_blocker", "slas.records_request.stops", (('"item_set:records:requested"', '"blocked:records"'),)),
    ("unknown_blocker", "slas.records_request.stops", (('"item_set:records:requested"', '"unblocked:records"'),)),
    ("unknown_bucket", "actions.none.when.buckets", (('when = { buckets = ["closed"] }', 'when = { buckets = ["close"] }'),)),
    ("unknown_bucket", "shown.buckets", (('"unmapped"]\n\n# Ordered', '"unmapped", "today"]\n\n# Ordered'),)),
    ("unknown_channel", "contact.consent_required", (('consent_required = ["text"]', 'consent_required = ["sms"]'),)),
    ("unknown_command", "roles.source.may", (('source = { label = "Lead source", may = ["move"', 'source = { label = "Lead source", may = ["moves"'),)),
    ("unknown_event", "staleness.movement", (('movement = ["received"', 'movement = ["viewed"'),)),
    ("unknown_event", "slas.first_response.stops", (('stops = ["contact_attempted"]', 'stops = ["stale"]'),)),
    ("unknown_family", "close_reasons.logistics.family", (('family = "logistics"', 'family = "travel"'),)),
    ("unknown_guard", "moves.prepare.requires", (('prepare = { from = ["in_review"], to = "preparing", requires = ["owner"]', 'prepare = { from = ["in_review"], to = "preparing", requires = ["acme:capacity"]'),)),
    ("unknown_item", "blockers.missing_records.item", (('item = "records", action', 'item = "recods", action'),)),
    ("unknown_item", "actions.chase_records.when.items", (('items = ["records:requested"]', 'items = ["recods:requested"]'),)),
    ("unknown_item", "slas.records_request.stops", (('"item_set:records:received"', '"item_set:recods:received"'),)),
    ("unknown_key", "buckets.stale.when.stail", (("when = { stale = true }", "when = { stale = true, stail = true }"),)),
    ("unknown_key", "shown.first", (("[shown]\n", '[shown]\nfirst = "stale"\n'),)),
    ("unknown_key", "statuses.new.code", (('new = { label', 'new = { code = "new", label'),)),
    ("unknown_label", "wording.statuses.nwe.label", (("[statuses]\n", '[wording]\n"statuses.nwe.label" = "Fresh"\n\n[statuses]\n'),)),
    ("unknown_label", "wording.moves.reach.label", (("[statuses]\n", '[wording]\n"moves.reach.label" = "Reach"\n\n[statuses]\n'),)),
    ("unknown_label", "wording.shown.closed.label", (("[statuses]\n", '[wording]\n"shown.closed.label" = "Over"\n\n[statuses]\n'),)),
    ("unknown_label", "wording.nowhere.new.label", (("[statuses]\n", '[wording]\n"nowhere.new.label" = "Fresh"\n\n[statuses]\n'),)),
    ("unknown_milestone", "statuses.contacting.reaches", (('expected_days = 7, reaches = ["received"]', 'expected_days = 7, reaches = ["recieved"]'),)),
    ("unknown_reason", "moves.close.reasons", (('"withdrew", "other"]', '"withdrawn", "other"]'),)),
    ("unknown_role", "actions.none.role", (('role = "coordinator"', 'role = "nurse"'),)),
    ("unknown_role", "blockers.availability.escalates_to", (('cleared_by = ["coordinator", "site_lead"], escalates_to = "site_lead", escalate_after = "5 working days" }\nsite_review', 'cleared_by = ["coordinator", "site_lead"], escalates_to = "boss", escalate_after = "5 working days" }\nsite_review'),)),
    ("unknown_role", "blockers.availability.cleared_by", (('action = "agree_on_dates", cleared_by = ["coordinator"', 'action = "agree_on_dates", cleared_by = ["cordinator"'),)),
    ("unknown_situation", "actions.assign_owner.when.situations", (('situations = ["unowned"]', 'situations = ["no_owner"]'),)),
    ("unknown_state", "actions.chase_records.when.items", (('items = ["records:requested"]', 'items = ["records:asked"]'),)),
    ("unknown_state", "slas.prescreen_review.starts", (('starts = "prescreened:completed"', 'starts = "prescreened:done"'),)),
    ("unknown_state", "slas.records_request.stops", (('"item_set:records:requested"', '"item_set:records:asked"'),)),
    ("unknown_state", "slas.first_response.starts", (('starts = "received"', 'starts = "received:web"'),)),
    ("unknown_state", "slas.scheduling.stops", (('stops = ["moved:scheduled"]', 'stops = ["moved:scheduled:twice"]'),)),
    ("unknown_status", "moves.attend.from", (('attend = { from = ["scheduled"]', 'attend = { from = ["scheduled", "planned"]'),)),
    ("unknown_status", "buckets.new_inquiries.when.statuses", (('statuses = ["new"] }', 'statuses = ["new", "fresh"] }'),)),
    ("unknown_status", "actions.record_visit_outcome.when.statuses", (('situations = ["visit_passed"], statuses = ["scheduled"]', 'situations = ["visit_passed"], statuses = ["schedule"]'),)),
    ("unknown_status", "items.confirmation.gates", (('gates = "attended"', 'gates = "atended"'),)),
    ("unknown_status", "renamed.fresh", (("[statuses]\n", '[renamed]\nfresh = "newest"\n\n[statuses]\n'),)),
    ("unknown_status", "slas.scheduling.stops", (('stops = ["moved:scheduled"]', 'stops = ["moved:planned"]'),)),
    ("unknown_weekday", "site.working_days", (('"thu", "fri"]', '"thu", "friday"]'),)),
    ("unknown_zone", "site.zone", (('zone = "America/Chicago"', 'zone = "America/Chicgo"'),)),
    ("unreachable_status", "statuses.lost", (("[moves]\n", 'lost = { label = "Lost", stale_after = "2 days" }\n[moves]\n'), ('statuses = ["new"] }', 'statuses = ["new", "lost"] }'))),
    ("wrong_type", "version", (("version = 1\n", "version = 1.0\n"),)),
    ("wrong_type", "contact.max_attempts", (("max_attempts = 3", "max_attempts = true"),)),
    ("wrong_type", "renamed.fresh", (("[statuses]\n", "[renamed]\nfresh = 5\n\n[statuses]\n"),)),
    ("wrong_type", "wording.statuses", (("[statuses]\n", '[wording]\nstatuses.new.label = "Fresh"\n\n[statuses]\n'),)),
    ("wrong_type", "items", (("[items]\n", "[[items]]\n"),)),
    ("wrong_type", "shown.buckets", ((re.findall(r"\[shown\]\nbuckets = .*", DEFAULT)[0], "[shown]\nbuckets = 5"),)),
    ("wrong_type", "site.holidays", (("holidays = []", 'holidays = ["2026-12-25"]'),)),
    ("wrong_type", "items.records", (('records = { label = "Medical records", gates = "scheduled" }', 'records = "Medical records"'),)),
    ("wrong_type", "buckets.stale.when.stale", (("when = { stale = true }", 'when = { stale = "yes" }'),)),
    ("wrong_type", "actions.follow_up.when", (('when = { statuses = ["contacted"] }\ndue', "when = 5\ndue"),)),
    ("wrong_value", "statuses.contacting.category", (('category = "working", expected_days = 7', 'category = "wrking", expected_days = 7'),)),
    ("wrong_value", "buckets.records_needed.when.open", (('open = "records"', 'open = "record"'),)),
)  # fmt: skip


@pytest.mark.parametrize(("code", "path", "edits"), ONE_EACH, ids=[f"{code}-{path}" for code, path, _ in ONE_EACH])
def test_each_problem_is_found_at_its_place(code: str, path: str, edits: Edits) -> None:
    assert where(edited(*edits)) == {(path, code)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("name = 'x'\nname = 'y'", "not_toml"),
        ("just words", "not_toml"),
        ("a" + ".a" * 100 + " = 1", "too_deep"),
        ("a = " + "[" * 5_000 + "]" * 5_000, "too_deep"),
        ("# " + "x" * (LARGEST - 1), "too_large"),
        ("# " + "é" * (LARGEST // 2), "too_large"),
    ],
)
def test_a_text_that_cannot_be_read_is_one_problem(text: str, code: str) -> None:
    assert [(problem.path, problem.code) for problem in found(text)] == [("", code)]


def test_the_largest_text_and_the_longest_line_that_are_read() -> None:
    assert loads(DEFAULT + "#" * (LARGEST - len(DEFAULT.encode())))
    assert loads(f"{DEFAULT}# {'.' * 64}\n")


def test_what_is_too_much_is_told_with_its_measure_and_its_line() -> None:
    (large,) = found("#" * (LARGEST + 1))
    assert "256 kB" in large.message
    (deep,) = found(f"# a workflow\n\n# {'.' * 65}\n")
    assert deep.code == "too_deep"
    assert "line 3 " in deep.message


def test_every_code_has_a_case_and_every_case_a_code() -> None:
    tried = {code for code, _, _ in ONE_EACH} | {code for *_, code in TWELVE} | {"not_toml", "too_deep", "too_large"}
    assert tried == set(CODES)


def test_the_codes_in_the_documentation_are_the_codes_in_the_program() -> None:
    page = (Path(__file__).parents[2] / "docs" / "workflow.md").read_text("utf-8")
    table = page.partition("## Problems")[2].partition("\n## ")[0]
    assert dict(re.findall(r"^\| `(\w+)` \| (.+?) \|$", table, re.MULTILINE)) == dict(CODES)


def test_a_message_names_the_word_that_was_meant_and_else_those_there_are() -> None:
    close = found(edited(('to = "in_review"', 'to = "in_reveiw"')))[0]
    assert close.message == "there is no status 'in_reveiw'; did you mean 'in_review'?"
    far = found(edited(('role = "coordinator"', 'role = "xyz"')))[0]
    assert "use one of: coordinator, site_lead" in far.message
    key = found(edited(("when = { stale = true }", "when = { stale = true, zzz = true }")))[0]
    assert key.message == "there is no key 'zzz' here; keys here: statuses, final, stale, known, open"
    near = found(edited(("version = 1", "version = 1\nverison = 2")))[0]
    assert near.message.startswith("there is no key 'verison' here; did you mean 'version'? keys here: name, version")
    zone = found(edited(('zone = "America/Chicago"', 'zone = "America/Chicgo"')))[0]
    assert zone.message == "there is no zone 'America/Chicgo'; did you mean 'America/Chicago'?"
    nowhere = found(edited(('zone = "America/Chicago"', 'zone = "Mars/Olympus"')))[0]
    assert nowhere.message == "there is no zone 'Mars/Olympus'; give an IANA name such as 'America/Chicago'"


@pytest.mark.parametrize(
    ("old", "new", "expected", "there"),
    [
        ('name = "site-default"', "name = 5", "a text", "a number"),
        ('name = "site-default"', "name = true", "a text", "true or false"),
        ('name = "site-default"', "name = 2026-12-25", "a text", "a date or time"),
        ("version = 1", 'version = "1"', "a whole number", "a text"),
        ("version = 1", "version = 1.5", "a whole number", "a number"),
        ("initial = true", "initial = []", "true or false", "a list"),
        ('label = "Reached"', "label = {}", "a text", "a table"),
        ('category = "waiting"', "category = 5", "a text", "a number"),
        ("expected_days = 7", "expected_days = false", "a whole number", "true or false"),
        ('gates = "attended"', "gates = [1]", "a text", "a list"),
        ('requires = ["owner", "contacted"]', 'requires = "owner"', "a list of texts", "a text"),
        ("holidays = []", "holidays = 2026-12-25", "a list of dates", "a date or time"),
        ('within = "10 working days"', "within = 10", "a span of time such as '2 working days'", "a number"),
        ("when = { stale = true }", "when = true", "a table of conditions", "true or false"),
        ("when = {}", "when = []", "a table of conditions", "a list"),
        ("[items]\n", "[[items]]\n", "a table [items]", "a list"),
        ('records = { label = "Medical records", gates = "scheduled" }', 'records = "x"', "a table", "a text"),
        ("[statuses]\n", "renamed = { fresh = 5 }\n\n[statuses]\n", "a text", "a number"),
        (
            DEFAULT[DEFAULT.index("[[actions]]") : DEFAULT.index("[roles]")],
            "[actions]\n",
            "an array of tables [[actions]]",
            "a table",
        ),
    ],
)
def test_what_has_another_type_is_told_with_what_was_expected_and_what_is_there(
    old: str, new: str, expected: str, there: str
) -> None:
    (problem,) = found(edited((old, new)))
    assert problem.code == "wrong_type"
    assert problem.message == f"expected {expected}, found {there}"


# What stands at the place of an unknown word, and what is proposed instead: the known one that is close, else the first.
PROPOSED = {
    ("unknown_action", "blockers.missing_records.action"): ("ask_records", "chase_records"),
    ("unknown_anchor", "actions.none.anchor"): ("status", "status_since"),
    ("unknown_blocker", "actions.request_records.when.blockers"): ("records", "missing_records"),
    ("unknown_blocker", "slas.records_request.stops"): ("records", "missing_records"),
    ("unknown_bucket", "actions.none.when.buckets"): ("close", "closed"),
    ("unknown_bucket", "shown.buckets"): ("today", "closed"),
    ("unknown_channel", "contact.consent_required"): ("sms", "phone"),
    ("unknown_command", "roles.source.may"): ("moves", "move"),
    ("unknown_event", "slas.first_response.stops"): ("stale", "acknowledged"),
    ("unknown_event", "staleness.movement"): ("viewed", "acknowledged"),
    ("unknown_family", "close_reasons.logistics.family"): ("travel", "not_a_fit_prescreen"),
    ("unknown_guard", "moves.prepare.requires"): ("acme:capacity", "owner"),
    ("unknown_item", "actions.chase_records.when.items"): ("recods", "records"),
    ("unknown_item", "blockers.missing_records.item"): ("recods", "records"),
    ("unknown_item", "slas.records_request.stops"): ("recods", "records"),
    ("unknown_label", "wording.statuses.nwe.label"): ("statuses.nwe.label", "statuses.new.label"),
    ("unknown_milestone", "statuses.contacting.reaches"): ("recieved", "received"),
    ("unknown_reason", "moves.close.reasons"): ("withdrawn", "withdrew"),
    ("unknown_role", "actions.none.role"): ("nurse", "coordinator"),
    ("unknown_role", "blockers.availability.cleared_by"): ("cordinator", "coordinator"),
    ("unknown_role", "blockers.availability.escalates_to"): ("boss", "coordinator"),
    ("unknown_situation", "actions.assign_owner.when.situations"): ("no_owner", "unowned"),
    ("unknown_state", "actions.chase_records.when.items"): ("asked", "unknown"),
    ("unknown_state", "slas.prescreen_review.starts"): ("done", "none"),
    ("unknown_state", "slas.records_request.stops"): ("asked", "unknown"),
    ("unknown_status", "actions.record_visit_outcome.when.statuses"): ("schedule", "scheduled"),
    ("unknown_status", "buckets.new_inquiries.when.statuses"): ("fresh", "new"),
    ("unknown_status", "items.confirmation.gates"): ("atended", "attended"),
    ("unknown_status", "moves.attend.from"): ("planned", "new"),
    ("unknown_status", "renamed.fresh"): ("newest", "new"),
    ("unknown_status", "slas.scheduling.stops"): ("planned", "new"),
    ("unknown_weekday", "site.working_days"): ("friday", "fri"),
}


@pytest.mark.parametrize(("code", "path"), PROPOSED, ids=str)
def test_an_unknown_word_is_named_and_one_of_its_kind_is_proposed(code: str, path: str) -> None:
    word, proposed = PROPOSED[code, path]
    edits = next(edits for each, place, edits in ONE_EACH if (each, place) == (code, path))
    (problem,) = found(edited(*edits))
    close = f"{word!r}; did you mean {proposed!r}?"
    assert close in problem.message or f"{word!r}; use one of: {proposed}, " in problem.message
    assert code.removeprefix("unknown_") in problem.message.partition(repr(word))[0]


def test_each_bucket_is_named_once_where_none_is_close() -> None:
    (problem,) = found(edited(('"unmapped"]\n\n# Ordered', '"unmapped", "today"]\n\n# Ordered')))
    named = problem.message.partition("use one of: ")[2].split(", ")
    assert sorted(named) == sorted({rule.code for rule in default_workflow().buckets})


def test_a_promise_may_wait_for_an_action_or_a_decision_of_any_name() -> None:
    stops = '["action_set:call_back", "decision_requested:labs", "decision_recorded:labs"]'
    text = edited(('stops = ["contact_attempted"]', f"stops = {stops}"))
    assert loads(text).slas[0].stops == ("action_set:call_back", "decision_requested:labs", "decision_recorded:labs")


def test_a_promise_may_wait_for_the_end_of_one_kind_of_blocker() -> None:
    assert loads(edited(('"item_set:records:requested"', '"unblocked:missing_records"')))


def test_only_items_have_item_states() -> None:
    (item,) = found(edited(('"item_set:records:requested"', '"item_set:records:asked"')))
    (prescreen,) = found(edited(('starts = "prescreened:completed"', 'starts = "prescreened:done"')))
    assert "item" in item.message
    assert "item" not in prescreen.message


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('prepare = { from = ["in_review"]', 'prepare = { from = ["in_reveiw"]', "moves.prepare.from"),
        ('to = "preparing", requires = ["owner"] }\nschedule', 'to = "preparng", requires = ["owner"] }\nschedule', "moves.prepare.to"),
        ('statuses = ["new"] }', 'statuses = ["nwe"] }', "buckets.new_inquiries.when.statuses"),
    ],
)  # fmt: skip
def test_a_misspelt_status_is_one_problem_and_cuts_off_nothing(old: str, new: str, path: str) -> None:
    assert where(edited((old, new))) == {(path, "unknown_status")}


def test_what_is_wrong_with_the_graph_names_the_statuses_it_is_about() -> None:
    (many,) = found(edited(("contacting = { ", "contacting = { initial = true, ")))
    assert many.message.startswith("new ")
    lost = found(edited(("[moves]\n", f"{LOST}[moves]\n"), ('["new"] }', '["new", "lost", "limbo"] }')))
    cut_off = [problem for problem in lost if problem.code == "unreachable_status"]
    assert [problem.path for problem in cut_off] == ["statuses.lost", "statuses.limbo"]
    assert all("from new here" in problem.message for problem in cut_off)
    nobody = found(
        edited(("decider = true }\nstudy", "decider = false }\nstudy"), ("decider = true", "decider = false"))
    )
    assert [problem.code for problem in nobody] == ["no_decider"]
    assert "enrolled, in_screening, screen_failed" in nobody[0].message


def test_an_end_and_its_category_are_told_with_the_one_that_is_missing() -> None:
    (open_,) = found(
        edited(
            ('label = "Visit attended", category = "waiting"', 'label = "Visit attended", category = "positive_end"')
        )
    )
    assert "positive_end and final = false" in open_.message
    assert open_.message.endswith("say final = true")
    (end,) = found(edited(('category = "positive_end"', 'category = "working"')))
    assert "working and final = true" in end.message
    assert "say final" not in end.message


def test_an_end_is_left_by_reopening_and_rescreening_alone_each_move_and_end_told() -> None:
    end = (
        'go = { from = ["closed", "new", "enrolled"], to = "contacting" }\nagain = { from = ["enrolled"], to = "new" }'
    )
    told = [(p.path, p.code, p.message.split()[0]) for p in found(edited(("[moves]\n", f"[moves]\n{end}\n")))]
    assert told == [
        ("moves.go.from", "exit_from_final", "closed"),
        ("moves.go.from", "exit_from_final", "enrolled"),
        ("moves.again.from", "exit_from_final", "enrolled"),
    ]
    back = 'reopen = { from = ["closed"], to = "contacting", restores = true }\n'
    assert where(edited((back, f'{back}stay = {{ from = ["new"], to = "new" }}\n'))) == {("moves.stay", "self_move")}


def test_a_blockers_action_may_also_be_a_rule_that_names_the_blocker() -> None:
    rule = 'sponsor_label = "Agree on visit dates"\nwhen = { blocked = true }'
    assert loads(edited((rule, rule.replace("blocked = true", 'blockers = ["availability"]'))))
    other = rule.replace("blocked = true", 'blockers = ["site_review"]')
    assert where(edited((rule, other))) == {("blockers.availability.action", "blocker_without_action")}


def test_every_action_behind_the_one_that_takes_everything_is_told() -> None:
    text = edited(('when = { statuses = ["contacted"] }\ndue', "when = {}\ndue"))
    codes = [rule.code for rule in default_workflow().actions]
    behind = codes[codes.index("follow_up") + 1 :]
    told = found(text)
    assert {problem.code for problem in told} == {"shadowed_action"}
    assert [p.path.removeprefix("actions.").partition("#")[0] for p in told] == behind
    assert all("follow_up" in problem.message for problem in told)


def test_what_the_dashboard_does_not_show_or_shows_twice_is_named() -> None:
    shown = found(edited(('"stale", "closed", "unmapped"]', '"contacted", "closed", "closed", "closed"]')))
    assert [
        (p.code, word in p.message) for p, word in zip(shown, ("stale", "unmapped", "contacted", "closed"), strict=True)
    ] == [
        ("bucket_not_shown", True),
        ("bucket_not_shown", True),
        ("bucket_shown_twice", True),
        ("bucket_shown_twice", True),
    ]
    assert "3" in shown[-1].message


def test_no_lead_starts_at_an_end_or_where_the_study_team_decides() -> None:
    for code in ("closed", "in_screening", "enrolled"):
        text = edited(("initial = true, ", ""), (f"{code} = {{ ", f"{code} = {{ initial = true, "))
        assert (f"statuses.{code}.initial", "bad_initial") in where(text)


def test_an_empty_document_names_every_missing_key() -> None:
    keys = ("name", "version", "statuses", "moves", "staleness", "buckets", "shown", "actions", "roles")
    assert where("") == {(key, "missing_key") for key in keys}


@pytest.mark.parametrize("key", tomllib.loads(DEFAULT))
def test_a_table_that_is_none_or_missing_is_told_once_and_nothing_that_rests_on_it(key: str) -> None:
    document = tomllib.loads(DEFAULT)
    workflow, misfits = structure({**document, key: 5.5})
    assert [(problem.path, problem.code) for problem in problems(workflow, known=misfits)] == [(key, "wrong_type")]
    del document[key]
    workflow, misfits = structure(document)
    if misfits:
        assert [(problem.path, problem.code) for problem in problems(workflow, known=misfits)] == [(key, "missing_key")]


@pytest.mark.parametrize(("key", "line"), [("name", 'name = "site-default"\n'), ("version", "version = 1\n")])
def test_a_missing_name_or_version_is_told_once(key: str, line: str) -> None:
    assert where(edited((line, ""))) == {(key, "missing_key")}


def test_everything_wrong_with_one_row_is_told_in_the_order_of_its_keys() -> None:
    row = edited(('new = { label = "New inquiry", ', "new = { zeal = 1, label = 5, alpha = 2, decides = 7, "))
    told = [(problem.path, problem.code) for problem in found(row)]
    assert [path for path, code in told if code == "unknown_key"] == ["statuses.new.zeal", "statuses.new.alpha"]
    assert set(told) == {
        ("statuses.new.zeal", "unknown_key"),
        ("statuses.new.alpha", "unknown_key"),
        ("statuses.new.label", "wrong_type"),
        ("statuses.new.decides", "wrong_type"),
    }


def test_a_row_has_the_keys_of_its_table_but_not_its_own_name() -> None:
    (status,) = found(edited(("new = { ", "new = { zzz = 1, ")))
    assert status.message.partition("keys here: ")[2].split(", ") == [
        field.name for field in attrs.fields(Status) if field.name != "code"
    ]
    (move,) = found(edited(("reach = { ", "reach = { zzz = 1, ")))
    assert move.message.partition("keys here: ")[2].startswith("from, to, requires, ")
    (own,) = found(edited(("new = { label", 'new = { code = "new", label')))
    assert own.message.partition("keys here: ")[2] == status.message.partition("keys here: ")[2]
    assert "did you mean" not in own.message


def test_a_table_where_a_text_belongs_is_told_to_be_a_path_without_quotes() -> None:
    (path,) = found(edited(("[statuses]\n", '[wording]\nstatuses.new.label = "Fresh"\n\n[statuses]\n')))
    assert path.path == "wording.statuses"
    assert "found a table" in path.message
    assert "quotes" in path.message


def test_rules_of_one_code_are_numbered_in_their_order() -> None:
    rule = (
        '[[actions]]\ncode = "call"\nlabel = "Call"\nsponsor_label = "Call"\nwhen = { situations = ["waiting"] }\n'
        'due = "0 days"\nanchor = "status_since"\nrole = "coordinator"\n\n'
    )
    thrice = edited(("[[actions]]\n", f"{rule * 3}[[actions]]\n"))
    assert loads(thrice)
    for number, place in enumerate(("actions.call", "actions.call#2", "actions.call#3")):
        before, after = rule * number, rule * (2 - number)
        for old, new, code in (("coordinator", "nurse", "unknown_role"), ('"coordinator"', "5", "wrong_type")):
            text = thrice.replace(rule * 3, before + rule.replace(old, new) + after)
            assert where(text) == {(f"{place}.role", code)}


def test_a_choice_that_is_none_is_told_with_the_one_that_was_meant() -> None:
    (near,) = found(edited(('category = "working", expected_days = 7', 'category = "wrking", expected_days = 7')))
    assert "'wrking'" in near.message
    assert "did you mean 'working'?" in near.message
    (far,) = found(edited(('open = "records"', 'open = "letters"')))
    assert "use one of: records, other, none" in far.message


def test_what_is_missing_is_told_with_what_belongs_there_and_a_misspelt_span_as_it_stands() -> None:
    (missing,) = found(edited(('label = "Records are missing", ', "")))
    assert "label" in missing.message
    assert "a text" in missing.message
    (span,) = found(edited(('within = "10 working days"', 'within = "ten days"')))
    assert "'ten days'" in span.message


def test_a_choice_that_is_no_text_leads_to_no_other_problem() -> None:
    assert where(edited(('contacted = { label = "Reached", ', 'contacted = { label = "Reached", decides = 5, '))) == {
        ("statuses.contacted.decides", "wrong_type")
    }


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ('records = { label = "Medical records", gates = "scheduled" }', "items.records"),
        (DEFAULT[DEFAULT.index("new = { ") : DEFAULT.index("\ncontacting")], "statuses.new"),
    ],
)
def test_a_row_that_is_no_table_is_one_problem_even_where_it_is_the_first_thing_read(row: str, path: str) -> None:
    text = edited((row, f'{path.partition(".")[2]} = "x"'))
    assert where(text) == {(path, "wrong_type")}
    read = "import sys; from trialflow import loads; loads(sys.stdin.read())"
    done = subprocess.run([sys.executable, "-c", read], input=text, capture_output=True, text=True, timeout=60)
    assert "the workflow has 1 problem(s)" in done.stderr


def test_every_value_of_a_workflow_has_words_for_what_is_expected_there() -> None:
    rows = [getattr(parts, name) for name in parts.__all__ if attrs.has(getattr(parts, name))]
    kinds = {kind for row in rows if row is not Span for kind in get_type_hints(row).values()}
    assert all(map(described, kinds))


def test_what_does_not_fit_its_type_is_not_reported_a_second_time() -> None:
    text = edited(("initial = true", 'initial = "yes"'), ('to = "contacted"', "to = 5"))
    assert where(text) == {("statuses.new.initial", "wrong_type"), ("moves.reach.to", "wrong_type")}


def test_what_is_no_list_of_rules_is_told_once() -> None:
    text = edited(("version = 1", "version = 1\nbuckets = 1"), text=DEFAULT.replace("[[buckets]]", "[[buckts]]"))
    assert where(text) == {("buckts", "unknown_key"), ("buckets", "wrong_type")}


def test_a_rule_that_is_no_table_or_has_no_code_is_told_by_its_number() -> None:
    document = tomllib.loads(DEFAULT)
    rule = document["buckets"][-1]
    document["buckets"] += ["x", {**rule, "code": 5}, {**rule, "code": ""}]
    _, misfits = structure(document)
    assert [(problem.path, problem.code) for problem in misfits] == [
        ("buckets[13]", "wrong_type"),
        ("buckets[14].code", "wrong_type"),
    ]


def test_a_guard_of_the_host_is_known_when_it_is_registered() -> None:
    text = edited(('requires = ["owner", "ready", "visit"]', 'requires = ["owner", "ready", "visit", "acme:capacity"]'))
    assert where(text) == {("moves.schedule.requires", "unknown_guard")}
    workflow = loads(text, guards={**GUARDS, "acme:capacity": lambda _: None})
    assert workflow.move("schedule").requires[-1] == "acme:capacity"  # type: ignore[union-attr]


def test_a_value_written_in_python_is_checked_in_the_same_way() -> None:
    good = default_workflow()
    twice = attrs.evolve(good, statuses=(*good.statuses, good.statuses[1]))
    told = {(p.path, p.code): p.message for p in problems(twice)}
    assert told["statuses.contacting#2", "duplicate_code"].startswith("contacting ")

    nowhere = BucketRule(code="nowhere", label="Nowhere", when=When(statuses=("new",)))
    spans = attrs.evolve(good.statuses[0], stale_after=Span(amount=-3, unit="days"))
    wrong = attrs.evolve(
        good, buckets=(*good.buckets, nowhere), shown=(*good.shown, "nowhere"), statuses=(spans, *good.statuses[1:])
    )
    assert {(p.path, p.code) for p in problems(wrong)} == {
        ("buckets.nowhere", "shadowed_bucket"),
        ("statuses.new.stale_after", "bad_span"),
    }


@pytest.mark.parametrize(
    ("old", "good", "bad", "path", "code"),
    [
        ("version = 1", ("version = 1",), ("version = 0",), "version", "bad_number"),
        ("expected_days = 7", ("expected_days = 1", "expected_days = 100000"),
         ("expected_days = 0", "expected_days = 100001"), "statuses.contacting.expected_days", "bad_number"),
        ("max_attempts = 3", ("max_attempts = 1",), ("max_attempts = 0",), "contact.max_attempts", "bad_number"),
        ("wait_days = 14", ("wait_days = 0",), ("wait_days = -1",), "contact.wait_days", "bad_number"),
        ("window_days = 30", ("window_days = 1",), ("window_days = 0",), "contact.window_days", "bad_number"),
        ("per_window = 6", ("per_window = 1",), ("per_window = 0",), "contact.per_window", "bad_number"),
        ("min_gap_hours = 4", ("min_gap_hours = 0",), ("min_gap_hours = -1",), "contact.min_gap_hours", "bad_number"),
        ("at_risk_percent = 70", ("at_risk_percent = 1", "at_risk_percent = 100"),
         ("at_risk_percent = 0", "at_risk_percent = 101"), "staleness.at_risk_percent", "bad_share"),
        ('within = "10 working days"', ('within = "1 day"', 'within = "3660 days"', 'within = "87863 hours"'),
         ('within = "0 hours"', 'within = "3661 days"', 'within = "87864 hours"'), "slas.scheduling.within", "bad_span"),
        ('due = "14 days"', ('due = "0 days"', 'due = "3660 days"'), ('due = "3661 days"',),
         "actions.wait_then_retry.due", "bad_span"),
        ('opens = "09:00"', ('opens = "00:00"', 'opens = "16:59"'), ('opens = "9:00"', 'opens = "09:00:00"',
         'opens = "24:30"', 'opens = "nine!"'), "site.opens", "bad_time"),
        ('closes = "17:00"', ('closes = "09:01"', 'closes = "23:59"'), ('closes = "09:00"', 'closes = "later"'),
         "site.closes", "bad_time"),
        ('quiet_from = "20:00"', ('quiet_from = "09:01"',), ('quiet_from = "09:00"', 'quiet_from = "8 pm"'),
         "contact.quiet_from", "bad_time"),
        ('quiet_until = "09:00"', ('quiet_until = "19:59"',), ('quiet_until = "x"',), "contact.quiet_until",
         "bad_time"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_the_least_and_the_largest_that_can_be_meant_are_taken_and_no_other(
    old: str, good: tuple[str, ...], bad: tuple[str, ...], path: str, code: str
) -> None:
    for text in good:
        assert loads(edited((old, text)))
    for text in bad:
        assert where(edited((old, text))) == {(path, code)}


def test_a_byte_order_mark_and_windows_line_ends_are_no_problem() -> None:
    assert loads("\ufeff" + DEFAULT.replace("\n", "\r\n")).id == default_workflow().id


def test_spans_are_read_in_singular_and_plural_on_both_clocks() -> None:
    text = edited(
        ('stale_after = "2 working days"', 'stale_after = "1 working day"'),
        ('stale_after = "3 working days"', 'stale_after = "36 hours"'),
    )
    first, second = loads(text).statuses[:2]
    assert first.stale_after == Span(amount=1, unit="days", clock="working")
    assert second.stale_after == Span(amount=36, unit="hours", clock="elapsed")


def test_holidays_are_the_dates_of_toml() -> None:
    site = loads(edited(("holidays = []", "holidays = [2026-12-25, 2027-01-01]"))).site
    assert site.holidays == (date(2026, 12, 25), date(2027, 1, 1))
    assert where(edited(("holidays = []", "holidays = [2026-12-25, 2026-12-26T00:00:00]"))) == {
        ("site.holidays", "wrong_type")
    }


def test_wording_replaces_labels_for_every_reader_and_is_checked_like_them() -> None:
    override = (
        '[wording]\n"statuses.new.label" = "Fresh"\n"buckets.coordinator_review.label" = "Look"\n'
        '"actions.set_status.sponsor_label" = "Name the status"\n\n[statuses]\n'
    )
    workflow = loads(edited(("[statuses]\n", override)))
    assert workflow.status_label("new") == "Fresh"
    assert {b.label for b in workflow.buckets if b.code == "coordinator_review"} == {"Look"}
    named = workflow.action("set_status")
    assert named is not None
    assert (named.label, named.sponsor_label) == ("Choose a status the workflow knows", "Name the status")

    said = edited(("[statuses]\n", '[wording]\n"statuses.new.label" = "Pre-approved"\n\n[statuses]\n'))
    assert where(said) == {("wording.statuses.new.label", "forbidden_wording")}
    twice = edited(("[statuses]\n", '[wording]\n"buckets.coordinator_review.label" = " "\n\n[statuses]\n'))
    assert [(p.path, p.code) for p in found(twice)] == [("wording.buckets.coordinator_review.label", "blank_label")]


def test_a_workflow_equals_what_its_text_says(tmp_path: Path) -> None:
    workflow: Workflow = loads(DEFAULT)
    for field in attrs.fields(Workflow):
        assert getattr(workflow, field.name) == getattr(default_workflow(), field.name)
