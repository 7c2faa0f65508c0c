"""The tables of trialflow, made in the same migration history as the clinic's own."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations

from trialflow.adapters.storages.hosted import migrate


def make_tables(apps, schema_editor):
    """In this database; the vault too, unless it has a file of its own."""
    migrate(schema_editor.connection, vault=not settings.TRIALFLOW_VAULT)


class Migration(migrations.Migration):
    """There is no way back: history is not deleted by a command."""

    dependencies = [("recruiting", "0001_initial")]
    operations = [migrations.RunPython(make_tables, migrations.RunPython.noop)]
