"""The Tracker: commands, intake and reading in one object."""

from __future__ import annotations

from trialflow.tracker.corrections import Corrections
from trialflow.tracker.proposing import Proposing
from trialflow.tracker.pulling import Pulling
from trialflow.tracker.releases import Releases
from trialflow.tracker.site import Site
from trialflow.tracker.stewardship import Stewardship
from trialflow.tracker.work import Work

__all__ = ["Tracker"]


class Tracker(Work, Stewardship, Corrections, Proposing, Site, Pulling, Releases):
    """A site's recruitment queue over one storage and one vault; :meth:`open` makes one over files.

    ``storage`` and ``vault`` default to memory; ``workflow`` to the shipped one; ``clock`` gives the present instant,
    aware (default: the machine's); ``plugins`` bring guards, and are told what was recorded. Methods read, decide by
    the rules, append once, and raise ``Refused``, ``Conflict`` or ``LeadNotFound``. A tracker may be shared by threads
    when its storage and vault may.
    """
