"""The queue: a name and seven columns per lead, the stale ones in a queue of their own before the active ones."""

from __future__ import annotations

import attrs
import samples
from rows import CALENDAR, NAMES, row

from trialflow.adapters.renderers.document import Filter, Section, Table
from trialflow.adapters.renderers.outline import outline
from trialflow.adapters.renderers.queue_outline import COLUMNS, queue_section
from trialflow.reports.queue_values import QueueRow


def queue(*rows: QueueRow, most: int = 500, closed: int = 0) -> Section:
    return queue_section(rows, NAMES, CALENDAR, most, closed=closed)


def tables(section: Section) -> tuple[Table, Table]:
    stale, active = (block for block in section.blocks if isinstance(block, Table))
    return stale, active


def names(table: Table) -> list[str]:
    return [row.cells[0].text for row in table.rows]


def test_the_seven_columns_come_in_their_order_after_the_name() -> None:
    for table in tables(queue(row(1))):
        assert table.columns[1:] == COLUMNS
        assert [column.label for column in table.columns] == [
            "Lead", "Source", "Status", "Owner", "Blockers", "Prescreen progress", "Records readiness",
            "Sponsor-ready next action",
        ]  # fmt: skip


def test_stale_leads_have_a_queue_of_their_own_before_the_active_ones() -> None:
    stale, active = tables(queue(row(1), row(2, bucket="stale"), row(3), row(4, bucket="stale")))
    assert (stale.caption, names(stale)) == ("Stale leads: 2", ["id-2", "id-4"])
    assert (active.caption, names(active)) == ("Active leads: 2", ["RV-0001", "id-3"])
    assert [each.cells[0].note for each in stale.rows + active.rows] == ["No. 2", "No. 4", "No. 1", "No. 3"]


def test_nothing_is_left_out_in_silence() -> None:
    section = queue(*(row(n, bucket="stale" if n < 4 else "contacted") for n in range(1, 10)), most=5, closed=7)
    stale, active = tables(section)
    assert (len(stale.rows), stale.more) == (3, "")
    assert (len(active.rows), active.more) == (
        2, "4 more leads are not shown here: the CSV and the JSON of this report list every lead.",
    )  # fmt: skip
    assert section.lead.endswith("7 closed leads are not listed.")
    stale, active = tables(queue(*(row(n, bucket="stale") for n in range(1, 4)), row(4), most=2))
    assert (len(stale.rows), len(active.rows)) == (2, 0)
    assert stale.more.startswith("1 more lead is not shown")
    assert active.more.startswith("1 more lead is not shown")


def test_the_cap_of_the_page_counts_both_queues() -> None:
    report = samples.site_report()
    section = next(s for s in outline(report, rows=100).sections if s.key == "queue")
    stale, active = tables(section)
    assert len(stale.rows) + len(active.rows) == 100 < len(report.queue)
    left = len(report.queue) - 100
    assert f"{left} more leads" in stale.more + active.more


def test_a_blank_is_always_said() -> None:
    found = row(1, source="", owner="UNASSIGNED", records="", prescreen="none", due="none", due_at=None)
    cells = tables(queue(found))[1].rows[0].cells
    assert [cell.text for cell in cells[1:]] == [
        "No source recorded", "Reached", "Nobody yet", "None", "Not started", "Not known yet", "Call again",
    ]  # fmt: skip
    assert cells[-1].note == "No date"


def test_nobody_and_an_owner_who_is_away_are_set_off() -> None:
    found = [row(1, flags=("unowned",)), row(2, owner="UNASSIGNED", flags=("unowned",)), row(3)]
    cells = [each.cells[3] for each in tables(queue(*found))[1].rows]
    assert [(cell.text, cell.note, cell.mark) for cell in cells] == [
        ("Maya Osei", "away", "attention"), ("Nobody yet", "", "attention"), ("Maya Osei", "", ""),
    ]  # fmt: skip


def test_what_precedence_hides_is_said_beside_the_status() -> None:
    found = row(1, bucket="stale", flags=("stale", "over_expected", "records_open", "unowned", "blocked"))
    assert tables(queue(found))[0].rows[0].cells[2].note == "Stale, records open"
    found = row(1, flags=("over_expected",))
    assert tables(queue(found))[1].rows[0].cells[2].note == "Contacted, longer there than expected"


def test_urgency_is_said_in_words_and_sorts() -> None:
    found = [row(1), row(2, due="due_today"), row(3, due="later"), row(4, due="none", due_at=None)]
    cells = [each.cells[-1] for each in tables(queue(*found))[1].rows]
    assert [cell.note for cell in cells] == ["Overdue since Sat 14 Mar", "Due today", "Due Sat 14 Mar", "No date"]
    assert sorted(cell.order for cell in cells) == [cell.order for cell in cells]


def test_the_filter_offers_what_there_is() -> None:
    section = queue(row(1), row(2, bucket="stale", owner="own-2", due="due_today", source="Web"), row(3, due="later"))
    (found,) = (block for block in section.blocks if isinstance(block, Filter))
    assert {field.facet: field.choices for field in found.fields} == {
        "owner": ("Maya Osei", "Tom Berg"),
        "bucket": ("Stale", "Contacted"),
        "action": ("Call again",),
        "due": ("Overdue or due today", "Overdue", "Due today", "Later"),
        "source": ("Radio", "Web"),
    }
    assert all(table.filter == found.key for table in tables(section))


def test_a_worklist_is_the_same_queue() -> None:
    report = samples.worklist_report()
    section = next(s for s in outline(report).sections if s.key == "queue")
    assert sum(len(table.rows) for table in tables(section)) == len(report.rows)
    board = next(s for s in outline(samples.site_report()).sections if s.key == "queue")
    words = {row.cells[0].text: row.cells[1:] for table in tables(board) for row in table.rows}
    assert all(words[row.cells[0].text] == row.cells[1:] for table in tables(section) for row in table.rows)


def test_closed_leads_are_not_in_the_queue() -> None:
    stale, active = tables(queue(attrs.evolve(row(1), bucket="closed")))
    assert (stale.rows, active.rows) == ((), ())
    assert (stale.empty, active.empty) == ("No lead is stale.", "No active lead.")
