"""Lead sources with one fault each: ``breaks`` is the clause. Each is noticed by one check, and by no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import ClassVar

import attrs

from trialflow.adapters.checks import SourceSetup
from trialflow.adapters.ports import Batch, Inquiry
from trialflow.model.errors import Problem, SourceError
from trialflow.model.parties import Source

__all__ = ["BROKEN_SOURCES", "PLAINLY", "Inbox", "Pages", "source_setup"]

_START = datetime(2026, 3, 2, 9, tzinfo=UTC)
_TOKEN = "tok-31415926"


class Inbox:
    """What a source reads: six inquiries and one record that is none."""

    def __init__(self) -> None:
        self.rows: list[str] = ["r1", "r2", "?", "r3", "r4", "r5", "r6", "r7"]
        self.down = False

    def holds(self) -> dict[str, datetime]:
        """External ids, and when the person asked."""
        return {row: _START + timedelta(hours=n) for n, row in enumerate(self.rows) if row != "?"}

    def arrive(self) -> str:
        """One more inquiry."""
        self.rows.append(f"r{len(self.rows)}")
        return self.rows[-1]

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """A time in which nothing can be read."""
        self.down = True
        try:
            yield
        finally:
            self.down = False


class Pages:
    """Reads an inbox two rows at a time; the cursor is the number of rows read. This one is right."""

    breaks: ClassVar[str] = ""
    size = 2

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox

    def fetch(self, cursor: str | None) -> Batch:
        if self.inbox.down:
            raise self.failure()
        start = self.start(cursor)
        rows = list(enumerate(self.inbox.rows))[start : start + self.size]
        inquiries = tuple(self.inquiry(n, row) for n, row in rows if row != "?")
        problems = tuple(self.problem(n) for n, row in rows if row == "?")
        end = start + len(rows)
        return Batch(inquiries, self.cursor(end) if rows else cursor, self.more(start, end), problems)

    def failure(self) -> Exception:
        return SourceError("inbox", "the server does not answer; try again later")

    def start(self, cursor: str | None) -> int:
        if cursor is None:
            return 0
        if not cursor.isascii() or not cursor.isdigit():
            raise SourceError("inbox", "this cursor is none of this source; begin anew")
        return int(cursor)

    def cursor(self, end: int) -> str:
        return str(end)

    def more(self, start: int, end: int) -> bool:
        return end < len(self.inbox.rows)

    def inquiry(self, n: int, row: str) -> Inquiry:
        person = {"name": f"Zwobbel Quaxterman {n}", "phone": f"555-01{n:02}"}
        where = f"inbox, row {n + 1}"
        at = _START + timedelta(hours=n)
        return Inquiry(external_id=row, at=at, source=Source(id="Web form"), person=person, where=where)

    def problem(self, n: int) -> Problem:
        return Problem(f"inbox, row {n + 1}", "row_unreadable", "this row is no inquiry; look at it there")


class SkipsOne(Pages):
    """Its cursor skips a row where a page ends at the fourth."""

    breaks = "L1"

    def cursor(self, end: int) -> str:
        return str(end + 1 if end == 4 else end)


class PageSizeOfItsOwn(Pages):
    """Cuts its pages as it likes, so that the same cursor gives other batches elsewhere."""

    breaks = "L2"

    made = count()

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(inbox)
        self.size = 2 + next(self.made) % 2


class HandsOutOnce(Pages):
    """Gives its first page once: who lost it does not get it again."""

    breaks = "L2"

    given = False

    def fetch(self, cursor: str | None) -> Batch:
        batch = super().fetch(cursor)
        if cursor is None:
            batch = attrs.evolve(batch, inquiries=() if self.given else batch.inquiries)
            self.given = True
        return batch


class LosesItsPlace(Pages):
    """Says of an end that there is no cursor."""

    breaks = "L3"

    def fetch(self, cursor: str | None) -> Batch:
        batch = super().fetch(cursor)
        return batch if batch.inquiries or batch.problems else attrs.evolve(batch, cursor=None)


class SkipsTheNext(Pages):
    """Begins behind the first row that came after the end was reached."""

    breaks = "L3"

    def start(self, cursor: str | None) -> int:
        start = super().start(cursor)
        return start + (start == 8 and len(self.inbox.rows) > 8)


class PromisesMore(Pages):
    """Takes a full page for a sign that there is another one."""

    breaks = "L4"

    def more(self, start: int, end: int) -> bool:
        return end - start == self.size


class NumbersRows(Pages):
    """Takes the number of a row for the id of an inquiry."""

    breaks = "L5"

    def inquiry(self, n: int, row: str) -> Inquiry:
        found = super().inquiry(n, row)
        return attrs.evolve(found, external_id="1") if n == 0 else found


class LocalAsUtc(Pages):
    """Takes the local time of the form for UTC."""

    breaks = "L6"

    def inquiry(self, n: int, row: str) -> Inquiry:
        found = super().inquiry(n, row)
        return attrs.evolve(found, at=found.at - timedelta(hours=6))


class SwallowsProblems(Pages):
    """Says nothing of what it cannot read."""

    breaks = "L7"

    def fetch(self, cursor: str | None) -> Batch:
        return attrs.evolve(super().fetch(cursor), problems=())


class WordsForCodes(Pages):
    """Gives the name of a study where its code belongs."""

    breaks = "L7"

    def inquiry(self, n: int, row: str) -> Inquiry:
        return attrs.evolve(super().inquiry(n, row), study="A study of knees")


class NamesInPlaces(Pages):
    """Says whose row it is where it says which."""

    breaks = "L8"

    def inquiry(self, n: int, row: str) -> Inquiry:
        found = super().inquiry(n, row)
        return attrs.evolve(found, where=f"inbox, the row of {found.person['name'].lower()}")


class ShowsItsToken(Pages):
    """Says with which token it could not get in."""

    breaks = "L9"

    def failure(self) -> Exception:
        return SourceError("inbox", f"GET /inquiries?token={_TOKEN} failed")


class RaisesWhatItGot(Pages):
    """Raises what its client raised."""

    breaks = "L9"

    def failure(self) -> Exception:
        return ConnectionError("connection refused")


class BeginsAnew(Pages):
    """Begins anew where it does not know the cursor."""

    breaks = "L9"

    def start(self, cursor: str | None) -> int:
        return int(cursor) if cursor is not None and cursor.isascii() and cursor.isdigit() else 0


class NaiveForms(Pages):
    """Reads a local time without asking which."""

    breaks = "L6"

    def inquiry(self, n: int, row: str) -> Inquiry:
        found = super().inquiry(n, row)
        return attrs.evolve(found, at=found.at.replace(tzinfo=None))


BROKEN_SOURCES: tuple[type[Pages], ...] = (
    SkipsOne, PageSizeOfItsOwn, HandsOutOnce, LosesItsPlace, SkipsTheNext, PromisesMore, NumbersRows, LocalAsUtc,
    SwallowsProblems, WordsForCodes, NamesInPlaces, ShowsItsToken, RaisesWhatItGot, BeginsAnew,
)  # fmt: skip

PLAINLY: tuple[type[Pages], ...] = (NaiveForms,)
"""Faults that several checks notice."""


def source_setup(source: type[Pages]) -> SourceSetup:
    """An inbox of its own for every run."""
    inbox = Inbox()
    return SourceSetup(
        make=lambda: source(inbox), holds=inbox.holds(), unusable=1, arrive=inbox.arrive,
        unreachable=inbox.unreachable, secrets=(_TOKEN,),
    )  # fmt: skip
