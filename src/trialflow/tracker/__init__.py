"""Tracker: the one object that holds clock, storage, vault and workflow. Read, decide, append; nothing else."""

from trialflow.tracker.facade import Tracker
from trialflow.tracker.intake import Receipt

__all__ = ["Receipt", "Tracker"]
