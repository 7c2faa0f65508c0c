"""Renderers with one fault each: ``breaks`` is the clause. Each is noticed by one check, and by no other."""

from __future__ import annotations

import html
import time
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from trialflow.adapters.checks import Opener, RendererSetup
from trialflow.adapters.renderers.clean import clean
from trialflow.adapters.renderers.csv_cells import table_bytes
from trialflow.adapters.renderers.outline import NO_LABELS, no_report
from trialflow.reports.json import FORMATS, plain
from trialflow.reports.queue_values import Worklist
from trialflow.reports.sponsor_values import SponsorUpdate

__all__ = ["BROKEN_RENDERERS", "Lines", "Packed", "Page", "Table", "renderer_setup"]


class Lines:
    """Every text of a report on a line of its own. This one is right."""

    breaks: ClassVar[str] = ""
    media_type = "text/plain; charset=utf-8"

    def render(self, report: Any, *, labels: Mapping[str, str] = NO_LABELS) -> bytes:
        if type(report) not in FORMATS:
            raise no_report(report)
        known = {} if isinstance(report, SponsorUpdate) else labels
        return self.written([self.shown(str(known.get(text, text))) for text in _texts(plain(report))])

    def shown(self, text: str) -> str:
        return clean(text)

    def written(self, lines: list[str]) -> bytes:
        return self.encoded("\n".join([self.heading(), *lines, ""]))

    def heading(self) -> str:
        return "Report"

    def encoded(self, text: str) -> bytes:
        return text.encode("utf-8", errors="replace")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from (f"{key}", *_texts(one))
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif value is not None:
        yield f"{value}"


class Page(Lines):
    """The same as a page. This one is right."""

    media_type = "text/html; charset=utf-8"

    def written(self, lines: list[str]) -> bytes:
        rows = "".join(f'<p title="{self.quoted(line)}">{html.escape(line)}</p>\n' for line in lines)
        return self.encoded(f"<!doctype html><title>Report</title>\n{rows}")

    def quoted(self, text: str) -> str:
        return html.escape(text)


class Table(Lines):
    """The same as a table. This one is right."""

    media_type = "text/csv; charset=utf-8"

    def shown(self, text: str) -> str:
        return text

    def written(self, lines: list[str]) -> bytes:
        return table_bytes(["text"], [[line] for line in lines])


class Packed(Lines):
    """The same, packed as nobody reads it. This one is right, as far as can be told."""

    media_type = "application/pdf"

    def encoded(self, text: str) -> bytes:
        return zlib.compress(super().encoded(text))


class SaysWhen(Lines):
    """Says when it was made."""

    breaks = "R1"

    def heading(self) -> str:
        return f"Made at {time.perf_counter_ns()}"


class OrderOfASet(Lines):
    """Ends with a line in the order of a set: another one in every process. Its marks make no words in any order."""

    breaks = "R1"

    def written(self, lines: list[str]) -> bytes:
        return super().written([*lines, " ".join({f"#{number}" for number in range(40)})])


class OldCharset(Lines):
    """Names a charset that is not UTF-8."""

    breaks = "R2"
    media_type = "text/plain; charset=iso-8859-1"


class NeedsOne(Lines):
    """Fails where there is nothing to show."""

    breaks = "R3"

    def render(self, report: Any, *, labels: Mapping[str, str] = NO_LABELS) -> bytes:
        if isinstance(report, Worklist) and report.rows[0] is None:
            raise AssertionError
        return super().render(report, labels=labels)


class ShowsWhatItRefuses(Lines):
    """Says in its refusal what it was given."""

    breaks = "R3"

    def render(self, report: Any, *, labels: Mapping[str, str] = NO_LABELS) -> bytes:
        if type(report) not in FORMATS:
            raise type(no_report(report))(f"a rendering of {report!r}")
        return super().render(report, labels=labels)


class OneQuote(Page):
    """Puts text into an attribute and escapes but the angle brackets."""

    breaks = "R4"

    def quoted(self, text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class RawLabels(Page):
    """Trusts the site's own names, and writes them as they are."""

    breaks = "R4"

    def render(self, report: Any, *, labels: Mapping[str, str] = NO_LABELS) -> bytes:
        data = super().render(report)
        for ref, label in labels.items():
            if not isinstance(report, SponsorUpdate):
                data = data.replace(f">{ref}<".encode(), f">{clean(label)}<".encode())
        return data


class LiveFormulas(Table):
    """Quotes what begins with an equals sign, and lets the other spellings of a formula through."""

    breaks = "R5"

    def written(self, lines: list[str]) -> bytes:
        cells = ["'" + line if line.startswith("=") else line for line in lines]
        return self.encoded("\r\n".join('"' + cell.replace('"', '""') + '"' for cell in cells))


class LetsControlsThrough(Lines):
    """Writes every text as it came."""

    breaks = "R6"

    def shown(self, text: str) -> str:
        return text


class OldEncoding(Lines):
    """Writes in the code page of the machine."""

    breaks = "R7"

    def encoded(self, text: str) -> bytes:
        return text.encode("cp1250", errors="replace")


class BreaksAtHalfACharacter(Lines):
    """Cannot write a broken character."""

    breaks = "R7"

    def shown(self, text: str) -> str:
        return (
            "".join(text.encode("utf-16", "surrogatepass").decode("utf-16").split("\0"))
            if "half" in text
            else clean(text)
        )


class NamesForSponsors(Lines):
    """Shows a sponsor what the site calls things."""

    breaks = "R8"

    def render(self, report: Any, *, labels: Mapping[str, str] = NO_LABELS) -> bytes:
        data = super().render(report, labels=labels)
        if isinstance(report, SponsorUpdate):
            for ref, label in labels.items():
                data = data.replace(ref.encode(), clean(label).encode())
        return data


class WithoutTheBoundary(Lines):
    """Leaves out the sentence on what the counts do not say."""

    breaks = "R8"

    def shown(self, text: str) -> str:
        return "" if text.startswith("Operational counts only") else super().shown(text)


class Decides(Lines):
    """Calls the leads something that only a study team can say."""

    breaks = "R8"

    def heading(self) -> str:
        return "Eligible patients"


class KeepsNotes(Lines):
    """Keeps a note in the labels it was given."""

    breaks = "R9"

    def render(self, report: Any, *, labels: Mapping[str, str] = NO_LABELS) -> bytes:
        data = super().render(report, labels=labels)
        if isinstance(labels, dict):
            labels["seen"] = "yes"
        return data


BROKEN_RENDERERS: tuple[type[Lines], ...] = (
    SaysWhen, OrderOfASet, OldCharset, NeedsOne, ShowsWhatItRefuses, OneQuote, RawLabels, LiveFormulas,
    LetsControlsThrough, OldEncoding, BreaksAtHalfACharacter, NamesForSponsors, WithoutTheBoundary, Decides, KeepsNotes,
)  # fmt: skip


def renderer_setup(renderer: type[Lines]) -> RendererSetup:
    """A renderer; other processes make it as well where that tells something."""
    opener = Opener("broken_renderers:renderer_called", renderer.__name__, (str(Path(__file__).parent),))
    return RendererSetup(make=renderer, opener=opener if renderer in (Lines, OrderOfASet) else None)


def renderer_called(name: str) -> Lines:
    """A renderer by the name of its class."""
    made: Lines = globals()[name]()
    return made
