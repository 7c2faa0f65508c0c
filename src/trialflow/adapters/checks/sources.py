"""Every check of a lead source (clauses L1 to L9, :mod:`trialflow.adapters.lead_source`)."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC
from typing import Any

import attrs

from trialflow.adapters.checks.outcome import Check, Skipped, quotes, refused, require
from trialflow.adapters.checks.source_setup import SourceSetup, batches
from trialflow.adapters.ports import Batch, Inquiry
from trialflow.adapters.sources.inquiries import inquiry_refusals
from trialflow.model.errors import Problem, SourceError

__all__ = ["SOURCE_CHECKS"]

_CODE = re.compile(r"[a-z][a-z0-9_]*")
_PERSONAL = 6
"""Letters and digits from which on a text of `person` is looked for elsewhere: shorter ones stand everywhere."""


def _all(setup: SourceSetup) -> list[Batch]:
    return [batch for _, batch in batches(setup.fresh())]


def _inquiries(setup: SourceSetup) -> list[Inquiry]:
    return [inquiry for batch in _all(setup) for inquiry in batch.inquiries]


@quotes("L1")
def gives_every_inquiry_once(setup: SourceSetup) -> None:
    """Who follows the cursors from the start gets every inquiry of the source, none skipped and none twice."""
    found = _inquiries(setup)
    twice = [i for n, i in enumerate(found) if i in found[:n]]
    require(not twice, f"an inquiry must be given once; {len(twice)} came twice")
    held = len(setup.held())
    require(len(found) == held, f"the source holds {held} inquiries, but gave {len(found)}")


@quotes("L2")
def goes_on_in_another_object(setup: SourceSetup) -> None:
    """A cursor is text: another object over the same data goes on from it as the first did."""
    for cursor, batch in list(batches(setup.fresh())):
        kind = type(cursor).__name__
        require(cursor is None or isinstance(cursor, str), f"a cursor must be text or None, not {kind}")
        require(setup.fresh().fetch(cursor) == batch, "another object must give the same batch for the same cursor")


@quotes("L2")
def gives_the_same_again(setup: SourceSetup) -> None:
    """Fetching changes nothing: one object gives the same batch for the same cursor, also after it went on."""
    source = setup.fresh()
    for cursor, batch in list(batches(source)):
        require(source.fetch(cursor) == batch, "the same cursor must give the same batch again")


@quotes("L3")
def keeps_its_cursor_where_nothing_is_new(setup: SourceSetup) -> None:
    """At the end a fetch gives an empty batch and the cursor that was given, as often as one asks."""
    source = setup.fresh()
    end = [batch for _, batch in batches(source)][-1].cursor
    for _ in range(3):
        batch = source.fetch(end)
        require(batch.inquiries == () and not batch.more, "where nothing is new, the batch must be empty, without more")
        require(batch.cursor == end, f"where nothing is new, the cursor must stay {end!r}: {batch.cursor!r}")


@quotes("L3")
def gives_what_arrives_later(setup: SourceSetup) -> None:
    """An inquiry that arrives after the end was reached comes from that cursor on, and nothing else does."""
    source = setup.fresh()
    end = [batch for _, batch in batches(source)][-1].cursor
    arrived = [setup.arrival(), setup.arrival()]
    for who in (source, setup.fresh()):
        found = [inquiry.external_id for _, batch in batches(who, end) for inquiry in batch.inquiries]
        require(found == arrived, f"what arrived later must come from the last cursor on, and only that: {found}")


@quotes("L4")
def says_more_only_where_there_is(setup: SourceSetup) -> None:
    """``more`` is true only where the next fetch has something, and with a cursor that was not there before."""
    seen: list[str | None] = []
    promised = False
    for cursor, batch in batches(setup.fresh()):
        something = bool(batch.inquiries or batch.problems)
        require(something or not promised, "`more` must say that the next fetch has something")
        require(cursor not in seen, "with `more` the cursor must differ from all before")
        seen.append(cursor)
        promised = batch.more


@quotes("L5")
def gives_each_its_own_id(setup: SourceSetup) -> None:
    """``external_id`` is the id at the source: a text, not blank, one of its own in its source."""
    found = _inquiries(setup)
    ids: list[Any] = [inquiry.external_id for inquiry in found]
    require(all(isinstance(one, str) and one.strip() for one in ids), "external_id must be a text that is not blank")
    twice = [n for n in Counter((i.source, i.external_id) for i in found).values() if n > 1]
    require(not twice, "external_id must be one of its own in its source")
    strange = set(ids) - set(setup.held())
    require(not strange, f"external_id must be the id at the source; {len(strange)} are not among what it holds")


@quotes("L6")
def says_when_the_person_asked(setup: SourceSetup) -> None:
    """``at`` is aware, and the instant at which the person asked: no local time is taken for another zone's."""
    found = _inquiries(setup)
    naive = [inquiry for inquiry in found if inquiry.at.utcoffset() is None]
    require(not naive, "`at` must be aware: nobody can say which instant a naive one means")
    held = setup.held()
    for inquiry in found:
        wanted = held.get(inquiry.external_id, inquiry.at).astimezone(UTC)
        said = inquiry.at.astimezone(UTC)
        require(said == wanted, f"`at` must be when the person asked, {wanted}: {said}")


@quotes("L7")
def tells_what_it_cannot_read(setup: SourceSetup) -> None:
    """Of every record of which no inquiry can be made there is one problem, with a place, a code and words."""
    found: list[Any] = [problem for batch in _all(setup) for problem in batch.problems]
    for problem in found:
        require(isinstance(problem, Problem), "a problem must be a Problem")
        require(_CODE.fullmatch(problem.code) is not None, f"a problem needs a stable code: {problem.code!r}")
        require(bool(problem.path and problem.message), "a problem must say where it is and what it is")
    if setup.unusable is None:
        raise Skipped("no `unusable` is given: of how many records no inquiry can be made")
    counted = f"{setup.unusable} records are not usable, but there are {len(found)} problems"
    require(len(found) == setup.unusable, counted)


@quotes("L7")
def gives_inquiries_that_can_be_taken(setup: SourceSetup) -> None:
    """Nothing that it gives as an inquiry would be refused by who takes it."""
    for inquiry in _inquiries(setup):
        wrong = [str(refusal) for refusal in inquiry_refusals(inquiry)]
        require(not wrong, f"what cannot be taken must be a problem, no inquiry: {'; '.join(wrong)}")


@quotes("L8")
def keeps_people_in_person(setup: SourceSetup) -> None:
    """No text of ``person`` stands in a cursor, a code, an owner, a place or a problem."""
    found = _all(setup)
    private = {text for batch in found for inquiry in batch.inquiries for text in map(_plain, inquiry.person.values())}
    private = {text for text in private if len(text) >= _PERSONAL}
    if not private:
        raise Skipped("no inquiry has a text in `person` that is long enough to be looked for")
    for name, text in (place for batch in found for place in _open_texts(batch)):
        told = any(one in _plain(text) for one in private)
        require(not told, f"what is personal must lie in `person` alone, but stands in {name}")


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _open_texts(batch: Batch) -> list[tuple[str, str]]:
    """Everything of a batch that is not for the vault alone, by its name."""
    found = [("the cursor", batch.cursor or "")]
    for inquiry in batch.inquiries:
        found += [(f"source.{name}", value) for name, value in attrs.asdict(inquiry.source).items()]
        found += [(name, getattr(inquiry, name)) for name in ("study", "owner", "person_ref", "where")]
    found += [("a problem", f"{p.path} {p.code} {p.message}") for p in batch.problems]
    return found


@quotes("L9")
def says_that_it_cannot_answer(setup: SourceSetup) -> None:
    """A source that cannot answer raises ``SourceError`` without a secret; the same cursor works afterwards."""
    source = setup.fresh()
    asked = list(batches(source))
    cursor, batch = asked[-1]
    with setup.broken():
        error = refused(SourceError, lambda: source.fetch(cursor), "a source that cannot answer must raise SourceError")
    shown = [secret for secret in setup.secrets if secret in f"{error} {error!r}"]
    require(not shown, "an error must show no secret")
    require(source.fetch(cursor) == batch, "the same cursor must work once the source answers again")


@quotes("L9")
def refuses_a_cursor_it_does_not_know(setup: SourceSetup) -> None:
    """A cursor that was never given is refused with ``SourceError``: to begin anew in silence would hide a loss."""
    sentence = "an unknown cursor must raise SourceError"
    refused(SourceError, lambda: setup.fresh().fetch("\u2603 no cursor of this source"), sentence)


SOURCE_CHECKS: tuple[Check[SourceSetup], ...] = (
    gives_every_inquiry_once,
    goes_on_in_another_object,
    gives_the_same_again,
    keeps_its_cursor_where_nothing_is_new,
    says_more_only_where_there_is,
    gives_each_its_own_id,
    says_when_the_person_asked,
    tells_what_it_cannot_read,
    gives_inquiries_that_can_be_taken,
    keeps_people_in_person,
    says_that_it_cannot_answer,
    refuses_a_cursor_it_does_not_know,
    gives_what_arrives_later,  # the last one: afterwards the source holds more than the setup says
)
