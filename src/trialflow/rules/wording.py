"""The wording guard: no text that this library writes may read as a decision, a promise or a judgement about a person.

Texts are compared in a plain spelling, so that a word is found in capitals, full width or ligatures, with accents,
look-alike letters of other scripts, soft hyphens and invisible characters in it, and with markup in between. What the
study team recorded is quoted as it stands: pass such quotes, and the fixed boundary sentence, as ``allowed``.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

import attrs

from trialflow.model.errors import Problem, WorkflowError
from trialflow.rules.wording_terms import TERMS, Level, Term

__all__ = ["Finding", "findings", "insist", "plain"]

_LATIN = str.maketrans(
    # Letters of other scripts that look like a Latin one, in the case in which they do. Cyrillic, Greek, a few more.
    "АВЕЅІЈКМНОРСТУХԌԚԜавеѕіјкмнорстухһԁԛԝӏѵгпΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβεικνορτυχγηωςσıɡɑɩʀɪℓ",
    "ABESIJKMHOPCTYXGQWabesijkmhopctyxhdqwlvrnABEZHIKMNOPTYXabeikvoptuxynwcoigaiRil",
)
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and signs that show nothing."""
_ESCAPES = 4
"""How often a text may have been escaped on its way."""
_TAG = re.compile(r"<[^<>]{0,200}>")
_BREAK = re.compile(r"[-\u2010-\u2015\u2027\u2043\u2212\u30fb\u00b7](?:\s*\n\s*)?")
_MARKUP = re.compile(r"[*_`~\\|#\[\](){}\"'\u2018\u2019\u201c\u201d]+")
_SENTENCE = re.compile(r"[.!?;:\n]+(?:\s|$)|\n")


@attrs.frozen(kw_only=True)
class Finding:
    """One word that should not stand there: its ``place``, the family, how serious, what was found, what to say."""

    place: str
    term: str
    level: Level
    found: str
    instead: str

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.found!r} is {self.level} wording ({self.term}); say instead: {self.instead}"


def findings(texts: str | Mapping[str, str], *, allowed: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Every forbidden or cautionary word in a text, or in texts by their place; in the order of places and terms."""
    places = {"": texts} if isinstance(texts, str) else texts
    # Renderers break lines where they like: a quote is the same words, whatever blanks are between them.
    quotes = tuple(re.compile(r"\s+".join(map(re.escape, quote.split()))) for quote in allowed)
    return tuple(found for place, text in places.items() for found in _in_text(place, text, quotes))


def insist(texts: str | Mapping[str, str], *, allowed: Iterable[str] = ()) -> None:
    """The strict form, for a host's templates: raise :class:`WorkflowError` with every forbidden word and its place;
    cautions pass (R8)."""
    bad = [f for f in findings(texts, allowed=allowed) if f.level == "forbidden"]
    if bad:
        raise WorkflowError(tuple(as_problem(f) for f in bad))


def as_problem(found: Finding) -> Problem:
    """A finding as a problem of a definition."""
    message = f"{found.found!r} reads as a decision, a promise or a judgement; say instead: {found.instead}"
    return Problem(found.place, "forbidden_wording", message)


def _in_text(place: str, text: str, quotes: tuple[re.Pattern[str], ...]) -> Iterator[Finding]:
    for quote in quotes:
        text = quote.sub(" ", text)
    sentences = {s.strip() for way in (True, False) for s in _SENTENCE.split(plain(text, join=way))}
    spoken = sorted(sentences - {""})
    for term in TERMS:
        found = next((hit for sentence in spoken if (hit := _hit(term, sentence))), "")
        if found:
            yield Finding(place=place, term=term.name, level=term.level, found=found, instead=term.instead)


def _hit(term: Term, sentence: str) -> str:
    match = term.pattern.search(sentence)
    if match is None or (term.unless is not None and term.unless.search(sentence)):
        return ""
    return match[0].strip()


def plain(text: str, *, join: bool) -> str:
    """``text`` in its plain spelling: lower-case Latin letters and single blanks. What stands between letters (markup,
    hyphens) is taken out, or with ``join`` false becomes a blank; both readings are searched."""
    for _ in range(_ESCAPES):
        text = html.unescape(text)
    text = text.translate(_LATIN)
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text)).translate(_LATIN).casefold()
    text = "".join(c for c in text if c in "\n\t" or not _unseen(c))
    between = "" if join else " "
    for pattern in (_TAG, _MARKUP, _BREAK):
        text = pattern.sub(between, text)
    return "\n".join(" ".join(line.split()) for line in text.split("\n"))


def _unseen(char: str) -> bool:
    return char in _INVISIBLE or unicodedata.category(char) in ("Cf", "Cc", "Mn", "Me", "Lm")
