"""Words that read as a decision, a promise or a judgement, and what to say instead.

Data for :mod:`trialflow.rules.wording`, in the plain spelling that it searches.

``forbidden`` words have no place in a label, a template or a report: trialflow organises work, the study team decides.
``caution`` words need a look by whoever approves the site's texts. Sources: FDA, "Recruiting Study Subjects"; OHRP
guidance on clinical trial websites (2005); ICH E6(R3). Stems without a left boundary occur in no other English word,
so that they are found inside joined words too.
"""

from __future__ import annotations

import re
from typing import Literal

import attrs

__all__ = ["TERMS", "Level", "Term"]

Level = Literal["forbidden", "caution"]

_PERSON = r"(?:patient|person|people|lead|candidate|participant|subject|caller|volunteer|applicant|referral)s?"
_STUDY = r"(?:the |this |our |a )?(?:study|studies|trial|trials|programme|program|protocol|research)"
_PRODUCT = (
    r"(?:treatment|therap(?:y|ies)|drug|medicine|medication|device|vaccine|procedure|product|care|outcome|result)s?"
)
_OUTCOME = r"(?:enrol|qualif|convert|participat|be eligib|be enrol|be randomi|complete the study)"


@attrs.frozen(kw_only=True)
class Term:
    """A family of words. ``pattern`` is searched in each sentence of the plain text, unless ``unless`` is there."""

    name: str
    level: Level
    pattern: re.Pattern[str]
    instead: str
    unless: re.Pattern[str] | None = None


def _term(name: str, pattern: str, instead: str, *, unless: str = "", level: Level = "forbidden") -> Term:
    excuse = re.compile(unless) if unless else None
    return Term(name=name, level=level, pattern=re.compile(pattern), instead=instead, unless=excuse)


_AWAITS = "prescreen complete, awaiting study-team review"
_READY = "ready for study-team review"
_CLOSED = "closed after study-team review, with its reason code"
_SUPPORTS = "supports ..., or: designed to help with ..."
_NEUTRAL = "declined; no response after n attempts; visit not attended"
_OUT = "leave it out"

_DECISIONS = (
    _term("eligible", r"(?:in|non ?)?eligib\w*", _AWAITS),
    _term(
        "qualified", r"(?:dis|un|pre|non ?)?qualif\w*", "matches the prescreen questions answered so far, no decision"
    ),
    _term("enrolled", r"(?:re|un|non ?)?enrol\w*", "scheduled for a visit with the study team"),
    _term("accrued", r"\baccru(?:ed?|es|ing|al|als)\b", "count of leads per status"),
    _term("randomised", r"randomi[sz]\w*", "recorded by the study team"),
    _term("consented", r"\b(?:re|un)?consented\b", "study team recorded consent signed"),
    _term(
        "screen failure",
        r"screen(?:ing)?(?: visit)? ?fail\w*"
        r"|\bfail\w* (?:at |the |their ){0,3}(?:pre ?)?screen\w*",
        _CLOSED,
    ),
    _term(
        "rejected",
        rf"^reject(?:ed|ion)s?$|{_PERSON} (?:\w+ )?rejected\b|\brejected (?:by|from|for) {_STUDY}"
        rf"|\brejected (?:by the )?(?:study team|site|sponsor)|\brejected {_PERSON}\b",
        _CLOSED,
    ),
    _term(
        "excluded",
        rf"^exclu(?:ded|sion)s?$|{_PERSON} (?:\w+ )?excluded\b|\bexcluded (?:by|from|for) {_STUDY}"
        rf"|\bexcluded {_PERSON}\b",
        _CLOSED,
    ),
    _term("approved", r"(?:pre ?|un|dis)?approv(?:e|ed|es|al|als|ing)\b", _READY, unless=r"\birb ?approved\b"),
    _term("accepted for the study", rf"\baccept(?:ed|ance|s|able)? (?:in)?(?:to|for|by) {_STUDY}\b", _READY),
    _term("cleared for the study", rf"\bcleared (?:in)?(?:to|for) (?:join |enter )?{_STUDY}\b", _READY),
    _term("admitted to the study", rf"\badmi(?:tted|ssion) (?:in)?(?:to|for) {_STUDY}\b", _READY),
    _term("selected for the study", rf"\b(?:selected|chosen) (?:in)?(?:to|for) {_STUDY}\b", _READY),
    _term("recommended for the study", rf"\brecommend(?:ed|s)? (?:in)?(?:to|for) {_STUDY}\b", _READY),
    _term(
        "likely to enrol",
        rf"\b(?:likel(?:y|ihood)|probab(?:le|ly|ility)|predicted|expected|chance|odds)"
        rf" (?:to |of |for )?(?:\w+ )?{_OUTCOME}\w*|\bconversion probabilit\w+|\bpropensity score\b",
        "a figure of the cohort with its interval, never one per person",
    ),
)

_PROMISES = (
    _term("guaranteed", r"guarant(?:ee|y|ie)\w*", "in the period observed"),
    _term("ensures", r"\bensur(?:e|es|ed|ing)\b", "helps to, or: see to it that"),
    _term("certain", r"\bcertain(?:ly|ty)\b|\bcertain to\b", "projected range"),
    _term(
        "100 %",
        r"\b100 ?(?:%|percent|per cent) "
        r"(?:secure|safe|sure|success\w*|certain|reliab\w+|accura\w+|effectiv\w+|free)",
        "the figure with its numerator and denominator",
    ),
    _term(
        "always works",
        r"\balways (?:works?|succeeds?|right|correct|successful|accurate|on time)\b",
        "in the period observed",
    ),
    _term(
        "never fails",
        r"\b(?:never|cannot|can ?not|won t|will not) fails?\b|\bfail ?(?:proof|safe)\b",
        "in the period observed",
    ),
)

_CLAIMS = (
    _term(
        "safe",
        rf"\bsafe(?:ly|r|st|ty)? (?:and|or) effective\b|\bsafe(?:r|st)? {_PRODUCT}\b"
        rf"|\b{_PRODUCT} (?:\w+ )?(?:is|are|was|proved) (?:\w+ )?safe\b|^safe$",
        _OUT,
    ),
    _term(
        "effective",
        rf"\beffective(?:ly|ness)? {_PRODUCT}\b|\b{_PRODUCT} (?:\w+ )?(?:is|are|was) (?:\w+ )?effective\b"
        r"|\b(?:safe|highly|more|most|clinically) effective\b|^effective$",
        _OUT,
    ),
    _term("proven", r"\b(?:un)?proven\b", _OUT),
    _term("superior", r"\bsuperior(?:ity)?\b", _OUT),
    _term("better, best", rf"\b(?:better|best) (?:\w+ )?{_PRODUCT}\b", _OUT),
    _term("breakthrough", r"\bbreak ?throughs?\b", _OUT),
    _term("cure", r"\bcur(?:e|es|ed|ing|able|ative)\b", _OUT),
    _term("relief", r"\brelie(?:f|ve|ves|ved|ving)\b", _OUT),
    _term("benefit", r"\bbenefi(?:t|ts|ted|tting|cial|ciary)\b", _OUT),
    _term(
        "new treatment",
        r"\bnew(?:est)? (?:\w+ )?"
        r"(?:treatment|therap(?:y|ies)|drug(?! ?stores?)|device|medicine|medication|vaccine)s?\b",
        "investigational study product",
        unless=r"\binvestigational\b",
    ),
    _term("diagnosis", r"diagnos(?:is|e|es|ed|ing|tic|tics|able)\b", "self-reported answer, in the site's view only"),
    _term("symptom of", r"\bsymptom(?:s|atic)? (?:of|for)\b", "self-reported answer, in the site's view only"),
    _term("medical advice", r"\bmedical(?:ly)? advi[cs]e\w*", _OUT),
    _term("compliant", r"(?:non ?)?complian(?:t|tly)\b|\b(?:hipaa|gdpr|part 11|gcp) compliance\b", _SUPPORTS),
    _term("certified", r"\bcertifi(?:ed|cation|cations)\b", _SUPPORTS),
    _term(
        "validated",
        r"^(?:fully )?validated$|\b(?:fully|clinically|part 11) validated\b"
        r"|\bvalidated (?:\w+ )?(?:system|software|tool|platform|product|questionnaire)s?\b",
        _SUPPORTS,
    ),
    _term("anonymous", r"anonym(?:ous|ously|ity|is\w+|iz\w+)", "aggregated, small counts grouped"),
    _term("de-identified", r"\bde ?identif\w+", "aggregated, small counts grouped"),
)

_JUDGEMENTS = (
    _term(
        "refused",
        rf"^refus(?:ed|al|als)$|{_PERSON} (?:has |have |had )?refus(?:ed|es|al)\b|\brefused {_PERSON}\b"
        r"|\brefus(?:ed|es|al) (?:to (?:take part|participate|consent|come|answer)"
        r"|consent|participation|contact|screening)\b",
        _NEUTRAL,
    ),
    _term("difficult person", rf"\bdifficult {_PERSON}\b|^difficult$", _NEUTRAL),
    _term(
        "dead lead",
        r"\b(?:dead|junk|bad|worthless|useless|garbage|trash) "
        r"(?:lead|referral|inquiry|patient|person|contact)\w*",
        _NEUTRAL,
    ),
    _term("ghosted", r"\bghost(?:ed|ing|s)\b", _NEUTRAL),
    _term("no-show", r"(?<!there are )(?<!there is )\bno ?show(?:s|ed|ing)?\b", "visit not attended"),
)

_CAUTIONS = (
    _term(
        "fit",
        r"\bsuitab\w+|\b(?:an? |good |high |strong |early |likely |poor |bad |best |no ){1,3}fit\b|^(?:not )?fit$"
        rf"|\bfits? (?:for )?{_STUDY}\b|\bmatch(?:ed|es)? ?%|% match\b|\b(?:fit|match|lead|patient) scores?\b",
        "early notes recorded; the study team decides",
        level="caution",
    ),
    _term(
        "treatment",
        r"\btreatments?\b|\btherap(?:y|ies)\b|\bdoctor recommended\b",
        "study, or study visit",
        level="caution",
    ),
    _term(
        "pay",
        r"\bfree of charge\b|\bfor free\b|\bno cost\b(?! per)|\bpaid\b|\bearn(?:s|ed)?\b|\bcompensat\w+",
        "per text the IRB has seen",
        level="caution",
    ),
    _term(
        "patient",
        r"\bpatients?\b|\bsubjects\b|\bparticipants?\b",
        "lead, inquiry, person who contacted the site",
        level="caution",
    ),
    _term(
        "best source",
        r"\b(?:best|worst|poor|poorest|bad) sources?\b",
        "more of its leads moved on in the period",
        level="caution",
    ),
    _term(
        "causes", r"\bdrives\b|\bcaused by\b|\bdue to\b", "more of its leads moved on in the period", level="caution"
    ),
    _term(
        "on track",
        r"\bon track\b|\bbehind (?:schedule|plan|target)\b|\bdelayed\b",
        "number, interval, date of the data",
        level="caution",
    ),
    _term("urgent", r"\burgent(?:ly)?\b|\bcritical\b|\bemergenc(?:y|ies)\b", "needs action by a date", level="caution"),
)

TERMS: tuple[Term, ...] = (*_DECISIONS, *_PROMISES, *_CLAIMS, *_JUDGEMENTS, *_CAUTIONS)
"""Every family, the forbidden ones first."""
