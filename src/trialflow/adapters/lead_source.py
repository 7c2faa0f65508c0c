"""The port by which inquiries come in from elsewhere: a web form, a registry, an inbox. Part of :mod:`.ports`.

Clauses of the lead source contract, quoted by the checks:

L1  ``fetch(None)`` begins with the oldest inquiry the source has, ``fetch(cursor)`` goes on after the batch that gave
    ``cursor``. Who follows the cursors until ``more`` is false has got every inquiry: none skipped, none twice.
L2  A cursor is text that outlives the object which gave it: another object over the same data, in another process, goes
    on from it. Fetching changes nothing at the source, so the same cursor given again gives the same inquiries again.
L3  Where nothing is new, the batch is empty, ``more`` is false and the cursor is the one that was given. Inquiries that
    arrive later come from that cursor on.
L4  ``more`` says that the next fetch has something now; then the cursor differs from all before. It ends.
L5  ``external_id`` is the id the inquiry has at its source: a text, never blank, one of its own in its
    :class:`~trialflow.model.parties.Source`, and the same at every fetch. No line number, no count.
L6  ``at`` is when the person asked: aware, and the same at every fetch. Never when it was fetched.
L7  Nothing is dropped in silence. Of what no inquiry can be made there is one ``Problem`` in the batch, with the place
    and a stable code, and the fetch goes on behind it.
L8  What is personal lies in ``person``, text by text, and nowhere else: not in the cursor, the source's or the study's
    code, the owner, the place, nor in any problem or error.
L9  A source that cannot answer raises ``SourceError``, which says what to do and holds no secret. Nothing is lost by
    it: the same cursor works once the source answers again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import attrs

from trialflow.model.errors import Problem
from trialflow.model.parties import UNASSIGNED, Source

__all__ = ["Batch", "Inquiry", "LeadSource"]


@attrs.frozen(kw_only=True)
class Inquiry:
    """One person's interest, as a source tells of it.

    ``person`` (name, phone, email, message ...) goes to the vault alone. ``study``, ``owner`` and ``person_ref`` are
    codes of the site. ``where`` is the place at the source, such as ``web.jsonl, line 14``, for problems to name.

    Nothing is refused here: ``Tracker.pull`` refuses what does not fit, inquiry by inquiry, so that a bad one stops no
    other. :func:`~trialflow.adapters.sources.inquiries.inquiry_refusals` says beforehand what it would refuse.
    """

    external_id: str = attrs.field(repr=False)
    at: datetime
    source: Source
    person: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    study: str = ""
    owner: str = UNASSIGNED
    person_ref: str = ""
    where: str = ""


@attrs.frozen
class Batch:
    """What one fetch gave. ``cursor`` stands for all that was given up to here (None: nothing was ever there).

    ``problems`` are the records of which no inquiry could be made, one each.
    """

    inquiries: tuple[Inquiry, ...]
    cursor: str | None
    more: bool = False
    problems: tuple[Problem, ...] = ()


class LeadSource(Protocol):
    """Where inquiries come from. The clauses L1 to L9 above are its contract."""

    def fetch(self, cursor: str | None) -> Batch:
        """The inquiries after ``cursor`` in the order they arrived, as many as the source likes to give at once.

        Raises ``SourceError`` when the source cannot answer, or does not know the cursor.
        """
        ...
