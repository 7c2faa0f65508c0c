"""Questions that a store may answer without giving every record: two protocols beside ``Storage``.

Clauses, quoted by the checks:

Q1  ``find`` gives exactly the leads for which :meth:`LeadQuery.holds`, of those that a replay of the records dated up
    to ``as_of`` gives, ordered by id.
Q2  ``columns`` gives the rows of the same records, as :func:`trialflow.reports.column_rows.columns_of` makes them; the
    order of leads and the numbers of words are free.
Q3  ``board`` gives what makes the same dashboard as a replay, byte for byte.
Q4  All of it holds from the append on, in every handle, after a crash, and after whatever is kept for it was erased.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

import attrs

from trialflow.model.lead import Lead
from trialflow.reports.columns import Columns
from trialflow.reports.ended import BoardRows
from trialflow.rules.workflow import Workflow

__all__ = ["LeadQuery", "SupportsColumns", "SupportsLeads", "SupportsRebuild"]


def _set(values: Iterable[str] | None) -> frozenset[str] | None:
    if isinstance(values, str):
        raise TypeError("give the values as a tuple or a set, also where it is only one")
    return None if values is None else frozenset(values)


@attrs.frozen(kw_only=True)
class LeadQuery:
    """Which leads: every condition that is given must hold; without any, all that were not merged into another.

    ``ids``: these leads. ``owners``: owned by one of these, or one of them was given the planned action. ``statuses``:
    in one of these, as recorded; ``without``: in none of these. ``merged``: also those merged into another.
    """

    ids: frozenset[str] | None = attrs.field(default=None, converter=_set)
    owners: frozenset[str] | None = attrs.field(default=None, converter=_set)
    statuses: frozenset[str] | None = attrs.field(default=None, converter=_set)
    without: frozenset[str] | None = attrs.field(default=None, converter=_set)
    merged: bool = False

    def holds(self, lead: Lead) -> bool:
        """Whether ``lead`` is one of them."""
        acting = lead.action.owner if lead.action is not None else ""
        return (
            (self.merged or not lead.merged_into)
            and (self.ids is None or lead.id in self.ids)
            and (self.owners is None or lead.owner in self.owners or (acting != "" and acting in self.owners))
            and (self.statuses is None or lead.status in self.statuses)
            and (self.without is None or lead.status not in self.without)
        )


@runtime_checkable
class SupportsLeads(Protocol):
    """Leads by what is asked of them, without folding all."""

    def find(self, query: LeadQuery, as_of: datetime) -> Sequence[Lead]:
        """The leads as they stood at ``as_of``: of their records dated up to it, in recording order, the fold.

        Raises ``StorageError`` when the store fails.
        """
        ...


@runtime_checkable
class SupportsRebuild(Protocol):
    """What a store keeps beside its records can be made anew, and compared with them."""

    def rebuild(self, tell: Callable[[int, int], None] = ...) -> int:
        """Make it anew from the ledger while others read and append; how many leads there are. ``tell`` hears how many
        of how many are done. Raises ``StorageError``."""
        ...

    def differences(self) -> Iterator[str]:
        """What it says otherwise than a full replay, in words without personal data; nothing where all is well."""
        ...


@runtime_checkable
class SupportsColumns(Protocol):
    """Flat columns straight from the store, and the counts of leads that ended."""

    def columns(self, workflow: Workflow, as_of: datetime) -> Columns:
        """The history of all leads under ``workflow``, of the records dated up to ``as_of``.

        Raises ``StorageError`` when the store fails.
        """
        ...

    def board(self, workflow: Workflow, as_of: datetime, since: datetime, *, ordered: bool = False) -> BoardRows:
        """What a dashboard at ``as_of`` needs whose movement begins at ``since``, as of one moment of the store.

        ``ordered``: with the order of the leads that ended, which only a board needs whose open leads may have nothing
        to do. Raises ``StorageError``.
        """
        ...
