"""Where the clinic's rows and trialflow's records meet: each piece of work is one transaction over both."""

from __future__ import annotations

import functools
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from recruiting.models import Coordinator, Enquiry, Study
from trialflow import Lead, Tracker
from trialflow.adapters.import_report import ImportReport
from trialflow.adapters.ports import Vault
from trialflow.adapters.storages.hosted import storage_on, vault_on
from trialflow.adapters.storages.vault_sqlite import SqliteVault

__all__ = ["accept", "import_copy", "move", "receive", "take", "tracker"]


@functools.cache
def tracker() -> Tracker:
    """One for the process: it asks Django for this thread's connection at each use, and keeps what it has folded."""
    return Tracker(storage_on(connection), _vault(), clock=timezone.now)


def _vault() -> Vault:
    return SqliteVault(settings.TRIALFLOW_VAULT) if settings.TRIALFLOW_VAULT else vault_on(connection)


def receive(study: Study, source: str, number: str, by: Coordinator, person: dict[str, str]) -> Enquiry:
    """A new enquiry: the person into the vault, a record into the ledger, a row for the clinic; all or none."""
    with transaction.atomic():
        lead = tracker().receive(source, number, by=by.actor(), person=person, study=study.code).lead
        return Enquiry.objects.update_or_create(pk=lead.id, defaults=_copy(lead, study, by))[0]


def move(enquiry: Enquiry, to: str, by: Coordinator, *, seen: int, key: str = "", **fields: str) -> Lead:
    """Move an enquiry that ``by`` saw at version ``seen``.

    Raises ``Refused`` with all that stands in the way, ``Conflict`` where somebody recorded something meanwhile; then
    neither the ledger nor the row has changed.
    """
    with transaction.atomic():
        lead = tracker().move(enquiry.lead_id, to, by=by.actor(), expected_version=seen, key=key, **fields)
        Enquiry.objects.filter(pk=lead.id).update(**_copy(lead, enquiry.study, by))
    return lead


def take(enquiry: Enquiry, by: Coordinator, *, seen: int, reason: str = "", key: str = "") -> Lead:
    """Make ``by`` the owner. Raises ``Refused`` and ``Conflict`` as :func:`move` does."""
    with transaction.atomic():
        lead = tracker().assign(enquiry.lead_id, by.code, by=by.actor(), reason=reason, expected_version=seen, key=key)
        Enquiry.objects.filter(pk=lead.id).update(changed_by=by)
    return lead


def accept(enquiry: Enquiry, by: Coordinator, *, seen: int, key: str = "") -> Lead:
    """Accept what was handed over to ``by``. Raises ``Refused`` and ``Conflict`` as :func:`move` does."""
    with transaction.atomic():
        lead = tracker().accept_handoff(enquiry.lead_id, by=by.actor(), expected_version=seen, key=key)
        Enquiry.objects.filter(pk=lead.id).update(changed_by=by)
    return lead


def import_copy(path: Path, study: Study, by: Coordinator | None, *, as_of: date | None = None) -> ImportReport:
    """Import one copy of a tracker, and bring the clinic's rows up to date; all or none.

    Raises ``ImportRejected`` with everything that is wrong with the file.
    """
    who = {"by": by.actor()} if by is not None else {}
    with transaction.atomic():
        report = tracker().ingest(path, as_of=as_of, sheet=study.code, **who)
        known = dict(Enquiry.objects.values_list("lead_id", "status"))
        rows = [
            Enquiry(lead_id=lead.id, **_copy(lead, study, by))
            for lead in tracker().leads()
            if known.get(lead.id) != lead.status
        ]
        changed = ["status", "changed_at", "changed_by"]
        Enquiry.objects.bulk_create(rows, update_conflicts=True, unique_fields=["lead_id"], update_fields=changed)
    return report


def _copy(lead: Lead, study: Study, by: Coordinator | None) -> dict[str, object]:
    changed: datetime = lead.status_since
    return {"study": study, "status": lead.status, "changed_at": changed, "changed_by": by}
