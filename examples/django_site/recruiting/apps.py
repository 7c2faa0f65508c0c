"""The app."""

from __future__ import annotations

from django.apps import AppConfig


class RecruitingConfig(AppConfig):
    """Recruitment."""

    name = "recruiting"
    verbose_name = "Recruitment"
