"""What the clinic keeps itself: studies, who works on them, and one row for each enquiry.

``Enquiry.status`` is a copy of the lead's status, for lists and filters of the clinic's own. It is written in the same
transaction as the record that changed it, so that the two never differ.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from trialflow import Actor

ROLES = [("coordinator", "Coordinator"), ("site_lead", "Site lead"), ("investigator", "Investigator")]
"""Codes of the workflow's roles."""


class Study(models.Model):
    """A study that people may ask about."""

    code = models.SlugField(unique=True)
    title = models.CharField(max_length=200)

    class Meta:
        verbose_name_plural = "studies"

    def __str__(self) -> str:
        return f"{self.code}: {self.title}"


class Coordinator(models.Model):
    """Somebody who works on enquiries. ``code`` is what the ledger knows of them: an id, no name."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    code = models.SlugField(unique=True)
    role = models.CharField(max_length=20, choices=ROLES, default="coordinator")

    def __str__(self) -> str:
        return str(self.user.get_full_name() or self.user.get_username())

    def actor(self) -> Actor:
        """Who acts, in trialflow's words."""
        return Actor(id=self.code, role=self.role)


class Enquiry(models.Model):
    """One person's interest in one study. All that happened is in the ledger, under ``lead_id``."""

    lead_id = models.CharField(primary_key=True, max_length=36)
    study = models.ForeignKey(Study, on_delete=models.PROTECT)
    status = models.CharField(max_length=60)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Coordinator, on_delete=models.SET_NULL, null=True)

    class Meta:
        verbose_name_plural = "enquiries"
        ordering = ["-changed_at", "lead_id"]

    def __str__(self) -> str:
        return str(self.lead_id)
