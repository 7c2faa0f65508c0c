"""What to do first: by kind of work, in the order of the queue, each with whom, why, until when and whose."""

from __future__ import annotations

import samples
from rows import AS_OF, CALENDAR, NAMES, row

from trialflow.adapters.renderers.document import Step, Steps
from trialflow.adapters.renderers.outline import outline
from trialflow.adapters.renderers.start_outline import start_section
from trialflow.reports.queue_values import QueueRow


def start(*rows: QueueRow) -> tuple[str, Steps]:
    section = start_section(rows, NAMES, CALENDAR, AS_OF)
    (block,) = section.blocks
    assert isinstance(block, Steps)
    return section.lead, block


def steps(*rows: QueueRow) -> tuple[Step, ...]:
    return start(*rows)[1].steps


def test_the_bucket_row_is_the_first_section_and_what_to_do_the_second() -> None:
    found = outline(samples.site_report())
    assert [section.key for section in found.sections[:2]] == ["buckets", "start"]
    assert found.sections[-1].key == "reasons"  # totals come last


def test_many_leads_of_one_kind_are_one_step() -> None:
    review = [row(n, action="review", action_label="Review", reasons=("stale",)) for n in range(1, 63)]
    (step,) = steps(*review)
    assert (step.action, step.size, step.rest) == ("Review", "62 leads, all overdue", 59)
    assert step.why == "No movement for too long. Take them in one sitting."
    assert [one.lead for one in step.leads] == ["RV-0001", "id-2", "id-3"]


def test_a_step_stands_where_its_first_lead_stands_in_the_queue() -> None:
    a, b = {"action": "a", "action_label": "A"}, {"action": "b", "action_label": "B"}
    found = steps(row(1, **b), row(2, **a), row(3, **a), row(4, **b))
    assert [(step.action, [one.lead for one in step.leads]) for step in found] == [
        ("B", ["RV-0001", "id-4"]),
        ("A", ["id-2", "id-3"]),
    ]


def test_no_lead_is_left_for_a_line_that_could_name_it() -> None:
    four = [row(n) for n in range(1, 5)]
    assert (len(steps(*four)[0].leads), steps(*four)[0].rest) == (4, 0)
    five = [*four, row(5)]
    assert (len(steps(*five)[0].leads), steps(*five)[0].rest) == (3, 2)


def test_each_lead_says_whose_it_is_until_when_and_why() -> None:
    (step,) = steps(row(1, reasons=("bucket_contacted", "blocked_missing_records")), row(2, owner="UNASSIGNED"))
    first, second = step.leads
    assert (first.lead, first.owner, first.due) == ("RV-0001", "Maya Osei", "Overdue since Sat 14 Mar")
    assert first.why == "Reached since Wed 11 Mar; records are missing; last movement 3 days ago (contact attempt)"
    assert second.owner == "Nobody yet (coordinator)"
    assert second.why == "Reached since Wed 11 Mar; last movement 3 days ago (contact attempt)"


def test_an_owner_who_is_away_is_said_to_be() -> None:
    (step,) = steps(row(1, flags=("unowned",)))
    assert step.leads[0].owner == "Maya Osei (away)"


def test_an_escalated_blocker_says_so() -> None:
    (step,) = steps(row(1, reasons=("escalated_missing_records",)))
    assert step.why == "Records are missing, for so long that it goes up"


def test_an_item_and_a_blocker_of_one_code_keep_their_own_words() -> None:
    (step,) = steps(row(1, reasons=("blocked_availability", "open_availability_needed")))
    assert step.why == "No date suits the person yet; availability of the person: needed"


def test_what_all_have_in_common_is_said_once() -> None:
    (step,) = steps(row(1, reasons=("stale", "unowned")), row(2, reasons=("stale",)))
    assert step.why == "No movement for too long"
    assert "nobody works on it now" in step.leads[0].why
    assert all("no movement" not in one.why for one in step.leads)


def test_the_owners_of_a_step_are_counted_and_lead_to_their_leads() -> None:
    (step,) = steps(*[row(n, owner="own-1" if n % 3 else "own-2") for n in range(1, 10)])
    now = (("action", "Call again"), ("due", "Overdue or due today"))
    assert step.pick == now
    assert step.owners == (
        ("Maya Osei", 6, (*now, ("owner", "Maya Osei"))),
        ("Tom Berg", 3, (*now, ("owner", "Tom Berg"))),
    )


def test_one_owner_of_all_is_not_counted() -> None:
    (step,) = steps(*[row(n) for n in range(1, 10)])
    assert (step.rest, step.owners) == (6, ())


def test_the_lead_in_counts_what_is_urgent() -> None:
    lead, _ = start(row(1), row(2, due="due_today", action="b", action_label="B"), row(3, due="later"))
    assert lead == "1 lead is overdue, 1 due today: 2 kinds of work. Work from the top."
    assert start(row(1, due="due_today"))[0] == "1 lead is due today: one kind of work. Work from the top."


def test_mixed_urgency_is_said() -> None:
    (step,) = steps(row(1), row(2, due="due_today"))
    assert step.size == "2 leads: 1 overdue, 1 due today"
    assert step.mark == "overdue"


def test_where_nothing_is_urgent_the_next_ones_are_shown() -> None:
    lead, block = start(row(1, due="later"), row(2, due="none"))
    assert lead == "Nothing is overdue or due today. These come next."
    assert [one.lead for step in block.steps for one in step.leads] == ["RV-0001"]
    assert block.steps[0].pick == (("action", "Call again"),)


def test_an_empty_queue_says_so() -> None:
    lead, block = start()
    assert lead == ""  # nothing comes next
    assert block.steps == ()
    assert block.empty == "No open lead has an action: nothing to do today."


def test_what_does_not_fit_is_counted() -> None:
    _, block = start(*[row(n, action=f"a{n}", action_label=f"A{n}") for n in range(1, 9)])
    assert len(block.steps) == 6
    assert block.more == "2 more leads with other actions: see the queue."
