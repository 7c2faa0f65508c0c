"""The port by which reports become bytes: a page, a table, a text. Part of :mod:`trialflow.adapters.ports`.

Clauses of the renderer contract, quoted by the checks:

R1  The same report with the same labels gives the same bytes: in any renderer of its kind, whatever it rendered
    before, on any day and machine.
R2  ``media_type`` is ``type/subtype``, with a charset where one is worth saying: UTF-8.
R3  Every kind of report gives bytes, also one with nothing in it; a kind that a renderer does not make, and a value
    that is no report, are refused with ``Unsupported``.
R4  Text from outside stays text: in a page it adds no element, attribute, comment or address.
R5  Text from outside becomes no formula in a spreadsheet, by whichever of the spellings that one takes for a formula.
R6  What people read holds no escape sequence, control character or direction mark that came with a text from outside.
R7  A text is UTF-8, whatever is in it.
R8  A sponsor update says what it says: its boundary sentence, no id of a lead or an owner, no label that was passed. No
    word of the renderer's own, in any report, reads as a decision about a person.
R9  The report and the labels are not changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

__all__ = ["Renderer"]


class Renderer(Protocol):
    """Makes bytes from a report value. The clauses R1 to R9 above are its contract."""

    media_type: str

    def render(self, report: Any, *, labels: Mapping[str, str] = ...) -> bytes:
        """``labels`` maps opaque ids (owners, unknown words) to what the site calls them; sponsor reports get none."""
        ...
