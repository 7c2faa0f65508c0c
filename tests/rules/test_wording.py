"""The wording guard: catches its words in any spelling, leaves ordinary sentences alone, finds nothing of ours."""

from __future__ import annotations

import ast
import html
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import trialflow
from tests_sizes import size
from trialflow import Actor, Tracker, WorkflowError, default_workflow
from trialflow.adapters.renderers.formats import render
from trialflow.reports.sponsor_values import BOUNDARY
from trialflow.rules.check_values import label_texts
from trialflow.rules.wording import findings, insist, plain
from trialflow.rules.wording_terms import TERMS

SAMPLES: dict[str, tuple[str, ...]] = {
    "eligible": ("Eligible", "not eligible", "eligibility confirmed", "Ineligible", "Eligibility status"),
    "qualified": ("Qualified", "Disqualified", "qualifies for the study", "unqualified", "pre-qualified leads"),
    "enrolled": ("Enrolled", "enrolment", "enrollment complete", "will enrol", "re-enrolled", "unenrolled"),
    "accrued": ("Accrued", "accrual target met", "accrues"),
    "randomised": ("Randomised", "randomized", "randomisation"),
    "consented": ("Consented", "was consented", "reconsented"),
    "screen failure": ("Screen failure", "screen-fail", "screening failed", "failed screening", "failed the prescreen"),
    "rejected": (
        "Rejected",
        "Patient rejected",
        "lead was rejected",
        "rejected by the study team",
        "rejected candidates",
    ),
    "excluded": ("Excluded", "candidate excluded", "excluded from the study", "excluded patients", "Exclusion"),
    "approved": ("Approved", "pre-approved", "approval of the investigator", "disapproved"),
    "accepted for the study": ("accepted for the study", "acceptance into the trial", "accepted into our program"),
    "cleared for the study": ("cleared for the study", "cleared to join the trial", "cleared to enter the study"),
    "admitted to the study": ("admitted to the study", "admission into the trial"),
    "selected for the study": ("selected for the study", "chosen for this trial"),
    "recommended for the study": ("recommended for the study", "recommended to the trial"),
    "likely to enrol": (
        "likely to convert",
        "probability of participating",
        "expected to qualify",
        "conversion probability",
    ),
    "guaranteed": ("Guaranteed", "we guarantee", "guaranty", "guaranteeing"),
    "ensures": ("ensures", "Ensure contact", "ensuring"),
    "certain": ("certain to come", "certainly", "certainty"),
    "100 %": ("100 % secure", "100% safe", "100 percent reliable"),
    "always works": ("always works", "always right", "always succeeds"),
    "never fails": ("never fails", "cannot fail", "fail-safe", "will not fail"),
    "safe": ("Safe", "safe and effective", "a safe drug", "the treatment is safe", "safer therapy"),
    "effective": ("Effective", "effective treatment", "the drug is very effective", "highly effective"),
    "proven": ("Proven", "proven results", "unproven"),
    "superior": ("Superior", "superiority"),
    "better, best": ("better treatment", "best medical care", "better outcomes"),
    "breakthrough": ("Breakthrough", "break-through"),
    "cure": ("Cure", "cures", "curative"),
    "relief": ("Relief", "relieves pain", "relieved"),
    "benefit": ("Benefit", "benefits", "beneficial"),
    "new treatment": ("new treatment", "newest therapies", "a new heart medication"),
    "diagnosis": ("Diagnosis", "diagnosed with", "diagnostic"),
    "symptom of": ("symptom of", "symptoms of illness"),
    "medical advice": ("medical advice", "medically advised"),
    "compliant": ("HIPAA-compliant", "compliant", "non-compliant", "GDPR compliance"),
    "certified": ("Certified", "certification"),
    "validated": ("Validated", "fully validated", "validated system"),
    "anonymous": ("Anonymous", "anonymised", "anonymity"),
    "de-identified": ("de-identified", "deidentification"),
    "refused": ("Refused", "Patient refused", "refused to participate", "refusal to consent"),
    "difficult person": ("difficult patient", "Difficult"),
    "dead lead": ("dead lead", "junk leads", "bad referral"),
    "ghosted": ("Ghosted", "ghosting"),
    "no-show": ("No-show", "no shows", "noshow"),
    "fit": ("suitable", "good fit", "fits the study", "match score"),
    "treatment": ("treatment", "therapies"),
    "pay": ("for free", "no cost", "compensation", "paid"),
    "patient": ("patients", "participant"),
    "best source": ("best source", "poor sources"),
    "causes": ("due to", "caused by the source"),
    "on track": ("on track", "behind schedule", "delayed"),
    "urgent": ("Urgent", "critical", "emergency"),
}
"""What each family must catch."""

FORBIDDEN = [(t.name, text) for t in TERMS if t.level == "forbidden" for text in SAMPLES[t.name]]


def caught(text: str) -> set[str]:
    return {found.term for found in findings(text)}


def test_every_family_has_samples() -> None:
    assert set(SAMPLES) == {term.name for term in TERMS}
    assert len({term.name for term in TERMS}) == len(TERMS)


@pytest.mark.parametrize(("term", "text"), [(term, text) for term, texts in SAMPLES.items() for text in texts])
def test_every_family_is_caught_as_it_stands_and_within_a_sentence(term: str, text: str) -> None:
    assert term in caught(text)
    if term not in ("safe", "effective", "validated") or " " in text:
        assert caught(f"Call first. {text}. Then wait") & {term}


# --- T6.1: mutations ---

_CYRILLIC = str.maketrans("aeopcxyikABEKMHOPCTX", "аеорсхуікАВЕКМНОРСТХ")
_GREEK = str.maketrans("aeoivuABEHIKMNOPTXYZ", "αεοινυΑΒΕΗΙΚΜΝΟΡΤΧΥΖ")
_WIDE = {c: chr(ord(c) + 0xFEE0) for c in map(chr, range(33, 127))}
_LIGATURES = (("ffi", "ﬃ"), ("ffl", "ﬄ"), ("ff", "ﬀ"), ("fi", "ﬁ"), ("fl", "ﬂ"), ("st", "ﬆ"))


def inside(text: str, rng: random.Random, what: str) -> str:
    """``what`` put between two letters of a word."""
    places = [i for i in range(1, len(text)) if text[i - 1].isalpha() and text[i].isalpha()]
    at = rng.choice(places) if places else len(text)
    return text[:at] + what + text[at:]


def ligature(text: str, _rng: random.Random) -> str:
    for plain_letters, one in _LIGATURES:
        text = text.replace(plain_letters, one)
    return text


def markup(text: str, rng: random.Random) -> str:
    opening, closing = rng.choice(
        [("<b>", "</b>"), ("**", "**"), ("<span class='x'>", "</span>"), ("_", "_"), ("`", "`")]
    )
    at = sorted(rng.sample(range(len(text) + 1), 2))
    return text[: at[0]] + opening + text[at[0] : at[1]] + closing + text[at[1] :]


def entities(text: str, rng: random.Random) -> str:
    if "&" in text:
        return text  # an escape within an escape is a typing error, no disguise
    at = rng.randrange(len(text))
    form = rng.choice(["&#{};", "&#x{:x};"])
    return text[:at] + form.format(ord(text[at])) + text[at + 1 :]


# In the order in which they are applied: a letter is chosen, then replaced, then things are put in, then it is escaped.
MUTATIONS: dict[str, Callable[[str, random.Random], str]] = {
    "upper": lambda text, _: text.upper(),
    "mixed case": lambda text, rng: "".join(rng.choice((c.upper(), c.lower())) for c in text),
    "full width": lambda text, _: "".join(_WIDE.get(c, c) for c in text),
    "cyrillic": lambda text, _: text.translate(_CYRILLIC),
    "greek": lambda text, _: text.translate(_GREEK),
    "ligature": ligature,
    "odd blanks": lambda text, rng: text.replace(" ", rng.choice(["\u00a0", "  ", "\t", "\u2003"])),
    "hyphen": lambda text, rng: inside(text, rng, rng.choice("-\u2010\u2011\u2013\u00b7")),
    "hyphenated line": lambda text, rng: inside(text, rng, "-\n"),
    "soft hyphen": lambda text, rng: inside(text, rng, "\u00ad"),
    "zero width": lambda text, rng: inside(text, rng, rng.choice("\u200b\u200c\u200d\u2060\ufeff\u180e")),
    "variation selector": lambda text, rng: inside(text, rng, "\ufe0f"),
    "hangul filler": lambda text, rng: inside(text, rng, "\u3164"),
    "accent": lambda text, rng: inside(text, rng, rng.choice("\u0301\u0308\u0327")),
    "markup": markup,
    "soft entity": lambda text, rng: inside(text, rng, rng.choice(["&shy;", "&zwj;", "&#8203;"])),
    "entity": entities,
    "double escape": lambda text, rng: html.escape(entities(text, rng)),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_mutation_alone_hides_nothing(name: str) -> None:
    rng = random.Random(name)
    missed = [
        (term, changed)
        for term, text in FORBIDDEN
        for changed in {MUTATIONS[name](text, rng) for _ in range(3)}
        if term not in caught(changed)
    ]
    assert missed == []


def test_two_mutations_at_once_hide_less_than_one_in_a_thousand() -> None:
    rng, missed, count = random.Random(6), [], size(ci=2_000, long=10_000)
    for _ in range(count):
        term, text = rng.choice(FORBIDDEN)
        names = sorted(rng.sample(sorted(MUTATIONS), 2), key=list(MUTATIONS).index)
        changed = text
        for name in names:
            changed = MUTATIONS[name](changed, rng)
        if term not in caught(changed):
            missed.append((term, names, changed))
    assert len(missed) <= count // 1000, missed[:10]


# --- T6.2: false alarms ---

ORDINARY = (Path(__file__).parent / "ordinary_sentences.txt").read_text("utf-8").splitlines()


def test_ordinary_sentences_raise_no_alarm() -> None:
    assert len(ORDINARY) >= 200
    alarms = [(line, [str(found) for found in findings(line)]) for line in ORDINARY if findings(line)]
    assert len(alarms) <= len(ORDINARY) * 0.005, alarms


# --- nothing of ours ---

PACKAGE = Path(trialflow.__file__).parent
INPUT = ("rules/wording_terms.py", "cli/demo/copies.py", "cli/demo/people.py")
"""The terms themselves, and what the demonstration's made-up site wrote into its own sheet: quoted, never said."""
TYPE_NAME = "SponsorUpdate or Diagnosis"
"""A message for programmers that names the types a renderer takes."""


def said() -> Iterator[tuple[str, str]]:
    """Every string of the program that can reach a person: no docstrings, no codes, no lists of exported names."""
    for part in ("adapters/renderers", "reports", "rules", "tracker", "cli"):
        for path in sorted((PACKAGE / part).rglob("*.py")):
            name = str(path.relative_to(PACKAGE))
            if name not in INPUT:
                yield from ((f"{name}:{line}", text) for line, text in strings(ast.parse(path.read_text("utf-8"))))
    for path in sorted(PACKAGE.rglob("*.j2")):
        yield path.name, re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", " ", path.read_text("utf-8"), flags=re.DOTALL)
    for path in sorted(PACKAGE.rglob("*.js")):
        for text in re.findall(r"\"[^\"\n]*\"|'[^'\n]*'|`[^`]*`", path.read_text("utf-8")):
            yield path.name, text


def strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            silent |= {id(each) for each in ast.walk(node)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)) or id(node) in silent:
            continue
        if not re.fullmatch(r"[a-z0-9_:./-]*", node.value):
            yield node.lineno, node.value


def test_no_text_of_the_program_holds_a_forbidden_word() -> None:
    texts = dict(said())
    assert len(texts) > 500
    bad = [str(f) for f in findings(texts, allowed=[BOUNDARY, TYPE_NAME]) if f.level == "forbidden"]
    assert bad == []


def test_the_scan_would_find_one() -> None:
    tree = ast.parse(
        '"""A docstring: eligible."""\n__all__ = ["Diagnosis"]\nx = f"Lead {1} is eligible"\ny = "screen_failed"'
    )
    found = dict(strings(tree))
    assert [f.term for f in findings({str(k): v for k, v in found.items()})] == ["eligible"]


def test_the_shipped_labels_raise_no_alarm_at_all() -> None:
    assert findings(label_texts(default_workflow())) == ()


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_rendered_reports_hold_no_forbidden_word_outside_the_boundary_sentence(form: str) -> None:
    now = datetime(2026, 3, 30, 15, tzinfo=UTC)
    tracker = Tracker(clock=lambda: now)
    by, decider = Actor(id="kim", role="coordinator"), Actor(id="dr-a", role="investigator")
    for n, status in enumerate(("contacting", "closed", "enrolled", "screen_failed", "in_screening", "new")):
        lead = tracker.receive("web", str(n), by=by, at=now - timedelta(days=20), owner="kim").lead
        walk(tracker, lead.id, status, by, decider, now - timedelta(days=19))
    reports = [tracker.dashboard(), tracker.sponsor_update(), tracker.source_quality(), tracker.diagnose()]
    for report in reports:
        text = render(report, form).decode()
        text = re.sub(r"<(script|style).*?</\1>", " ", text, flags=re.DOTALL)
        assert [str(f) for f in findings(text, allowed=[BOUNDARY]) if f.level == "forbidden"] == []
    sponsor = " ".join(render(reports[1], form).decode().split())
    assert BOUNDARY in html.unescape(sponsor)


def walk(tracker: Tracker, lead: str, to: str, by: Actor, decider: Actor, at: datetime) -> None:
    if to == "contacting":
        tracker.move(lead, to, by=by, at=at)
    elif to == "closed":
        tracker.move(lead, to, by=by, at=at, reason="no_response")
    elif to != "new":
        tracker.contact(lead, "reached", by=by, at=at)
        tracker.move(lead, "contacted", by=by, at=at)
        tracker.move(lead, "awaiting_prescreen", by=by, at=at)
        tracker.prescreen(lead, "completed", by=by, at=at)
        for step in ("in_review", "preparing"):
            tracker.move(lead, step, by=by, at=at)
        tracker.schedule(lead, at + timedelta(days=1), by=by, at=at)
        tracker.move(lead, "attended", by=by, at=at + timedelta(days=2))
        for step in ("in_screening", to) if to != "in_screening" else (to,):
            tracker.move(
                lead, step, by=decider, at=at + timedelta(days=3), authority_ref="log-1", reason="screen_failure"
            )


# --- the guard itself ---


def test_a_finding_says_where_what_and_what_instead() -> None:
    (found,) = findings({"statuses.x.label": "Fine", "items.y.label": "Pre-approved list"})
    assert (found.place, found.term, found.level, found.found) == (
        "items.y.label",
        "approved",
        "forbidden",
        "pre approved",
    )
    assert str(found).endswith("say instead: ready for study-team review")


def test_every_forbidden_word_of_every_place_is_found_and_cautions_are_told_apart() -> None:
    found = findings({"a": "Eligible", "b": "Call back", "c": "Guaranteed, certified", "d": "All patients"})
    assert [(f.place, f.level) for f in found] == [
        ("a", "forbidden"), ("c", "forbidden"), ("c", "forbidden"), ("d", "caution"),
    ]  # fmt: skip


def test_the_strict_form_raises_with_every_forbidden_word_and_lets_cautions_pass() -> None:
    insist({"a": "All patients", "b": "Call back"})
    with pytest.raises(WorkflowError) as caught_error:
        insist({"a": "Eligible", "b": "Call back", "c": "Guaranteed, certified"})
    assert [(p.path, p.code) for p in caught_error.value.problems] == [
        ("a", "forbidden_wording"),
        ("c", "forbidden_wording"),
        ("c", "forbidden_wording"),
    ]


def test_what_the_study_team_recorded_is_quoted_as_it_stands_and_nothing_beside_it() -> None:
    quote = "Study team recorded: eligible, by investigator, on 2 March 2026"
    assert findings(f"{quote}. Call back.", allowed=[quote]) == ()
    assert caught(f"{quote}. Also eligible.") == {"eligible"}
    assert caught("Study team recorded: eligible") == {"eligible"}


def test_new_treatments_may_be_named_where_they_are_called_investigational() -> None:
    assert "new treatment" in caught("We study a new drug.")
    assert "new treatment" not in caught("We study a new investigational drug.")
    assert "new treatment" in caught("It is investigational. A new drug.")
    assert "approved" not in caught("IRB-approved text")


def test_plain_spelling_keeps_lines_and_joins_or_parts_what_markup_separates() -> None:
    assert plain("É<b>li</b>gi-ble\nNew  day", join=True) == "eligible\nnew day"
    assert plain("a<br>b", join=False) == "a b"


@pytest.mark.parametrize("unit", ["aaaa-<", "an a ", "fail the ", "likely to ", "&amp;", "a-\n", "the treatment x "])
def test_long_repetitions_are_read_to_their_end(unit: str) -> None:
    # A pattern that tried every way through these would not come back.
    text = f"{unit * 20_000}. Eligible"
    assert "eligible" in caught(text)


@pytest.mark.parametrize("sign", ["\x01", "\u20dd", "\u02bc"], ids=["control", "enclosing", "modifier"])
def test_a_sign_that_shows_no_letter_hides_no_word(sign: str) -> None:
    assert [f.term for f in findings(f"eli{sign}gible")] == ["eligible"]


def test_a_quote_that_is_allowed_passes_the_strict_form_too() -> None:
    insist({"note": "The sponsor's word: not eligible"}, allowed=["not eligible"])
    with pytest.raises(WorkflowError):
        insist({"note": "The sponsor's word: not eligible"})


def test_a_finding_tells_its_place_where_it_has_one() -> None:
    (placed,), (bare,) = findings({"note": "eligible"}), findings("eligible")
    assert str(placed) == f"note: {bare}"
    assert (placed.place, bare.place) == ("note", "")
    assert str(bare).startswith("'eligible' is forbidden")
