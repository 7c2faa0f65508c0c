"""A small document with a sentence, a step and a table, and text that plain formats could stumble over."""

from __future__ import annotations

from trialflow.adapters.renderers.document import (
    Cell,
    Column,
    Document,
    Row,
    Section,
    Sentence,
    Step,
    StepLead,
    Steps,
    Table,
)

NAUGHTY = [
    "a | b", "**bold**", "_it_", "`code`", "[x](http://evil.example)", "![x](http://evil.example/x.png)",
    "<script>alert(1)</script>", "<b>", "# head", "- item", "1. item", "1) item", "> quote", "a\nb", "a\r\n| c |",
    "http://evil.example", "www.evil.example", "javascript:alert(1)", "&lt;b&gt;", "~~gone~~", "$x$", "a\\", "\\|",
    "===", "---", "+ x", "* * *", "```", "me@evil.example", "<!-- -->", "|", "\x1b[31mred", "\u202eoverride",
]  # fmt: skip


def document(cells: list[str], sentence: str = "A sentence.", *, named: bool = False) -> Document:
    """A document whose table has one row of ``cells``."""
    table = Table(
        key="t",
        caption="The caption",
        columns=tuple(Column(str(n), f"Column {n}") for n, _ in enumerate(cells)),
        rows=(Row(tuple(Cell(text) for text in cells)),),
        more="3 more rows are in the CSV.",
        named=named,
    )
    one = StepLead(lead="RV-0001", why=sentence, due="Overdue since 2 Mar", mark="overdue", owner="Maya Osei")
    step = Step(
        action="Call", size="12 leads, all overdue", mark="overdue", why=sentence, leads=(one,), rest=11,
        owners=(("Maya Osei", 9, ()), ("Tom Berg", 3, ())),
    )  # fmt: skip
    steps = Steps(steps=(step,), empty="Nothing to do.", more="2 more leads with other actions: see the queue.")
    section = Section(key="s", title="A section", blocks=(Sentence(sentence), steps, table))
    return Document(
        kind="k", title="A title", eyebrow="Above", facts=("One fact",), sections=(section,), footer=("End.",)
    )
