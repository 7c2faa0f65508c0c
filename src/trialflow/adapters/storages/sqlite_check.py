"""Whether the tables of leads in SQLite say what the ledger says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from trialflow.adapters.storages.lead_changes import HandoffRow, LeadRow
from trialflow.adapters.storages.lead_check import LeadCheck
from trialflow.adapters.storages.lead_words import LeadWords
from trialflow.adapters.storages.sqlite_access import Database
from trialflow.adapters.storages.sqlite_leads import Kept
from trialflow.adapters.storages.sqlite_sql import LedgerSql
from trialflow.model.recorded import Recorded

__all__ = ["differences", "quick_faults"]

Above = Callable[[str, int], Sequence[Recorded]]
_PAGE = 500


def differences(file: Database, sql: LedgerSql, above: Above) -> Iterator[str]:
    """Every difference between the tables and a full replay, lead by lead, then the counts.

    The file is looked at page by page, so that others may write meanwhile; the counts are compared where nobody did.
    Nothing is compared where the tables do not know the whole ledger: then nobody uses them.
    """
    rows = file.rows
    begin = Kept(*rows(sql.leads.kept)[0])
    if not begin.holds(_head(file, sql)):
        yield "the tables of leads do not know the whole ledger yet: they are made anew when they are asked"
        return
    check, last = LeadCheck(LeadWords(rows(sql.leads.words))), 0
    while True:
        with file.view():
            page = rows(sql.next_leads, (last, _PAGE))
            for number, stream in page:
                found, spells = rows(sql.leads.row, (number,)), rows(sql.leads.handoffs, (number,))
                row = LeadRow(*found[0]) if found else None
                yield from check.lead(stream, above(stream, 0), row, HandoffRow(*spells[0]) if spells else None)
        if not page:
            break
        last = page[-1][0]
    with file.view():
        if Kept(*rows(sql.leads.kept)[0]) == begin:
            yield from check.counts({(what, key): (*sums,) for what, key, *sums in rows(sql.leads.counts) if any(sums)})
        else:
            yield "the counts were not compared: records were appended meanwhile; check again"


def quick_faults(file: Database, sql: LedgerSql) -> Iterator[str]:
    """What can be seen of the tables without a replay."""
    with file.view():
        kept, head = Kept(*file.rows(sql.leads.kept)[0]), _head(file, sql)
        if kept.position > head:
            yield f"the tables of leads end at position {kept.position}, the ledger at {head}"
        if kept.holds(head):
            yield from (str(name) for (name,) in file.rows(sql.leads.faults) if name)


def _head(file: Database, sql: LedgerSql) -> int:
    found = file.rows(sql.head)
    return int(found[0][0]) if found else 0
