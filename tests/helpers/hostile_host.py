"""A host that lets every installed plugin in and uses all of them; what it found goes to standard output as JSON.

Run as a process of its own: ``python hostile_host.py '["allow", "list"]'``, or ``null`` for everything.
"""

from __future__ import annotations

import json
import os
import sys
import time

from trialflow import Actor, Plugins, Refused, Tracker
from trialflow.adapters.plugins_making import made
from trialflow.adapters.plugins_problem import PluginProblem
from trialflow.adapters.plugins_using import rendered
from trialflow.model.errors import PluginError
from trialflow.rules.guards import Attempt

__all__ = ["main"]

_BY = Actor(id="u1", role="coordinator")
_APPENDS = 1200
"""More than wait for one subscriber."""


def main() -> int:
    """Discover, use, report."""
    allow = json.loads(sys.argv[1])
    folder, sys.stdout = os.getcwd(), open(os.devnull, "w")  # noqa: SIM115 - what plugins print goes nowhere
    plugins = Plugins(patience=float(sys.argv[2])).discover(allow=None if allow is None else tuple(allow))
    tracker = Tracker(plugins=plugins)
    lead = tracker.receive("Radio", "1", by=_BY, owner="u1").lead
    for number in range(_APPENDS):
        tracker.receive("Web", f"{number}", by=_BY)
        if not number % 100:
            time.sleep(0.01)  # a host does other things, too; else nobody keeps up
    used = [problem for kind in ("storages", "renderers") for problem in _used(plugins, kind, tracker)]
    attempt = Attempt(tracker.workflow, lead, "contacting", tracker.now(), _BY)
    refusals = {name: str(guard(attempt)) for name, guard in plugins.working_guards().items() if ":" in name}
    plugins.wait(2.0)
    problems = [*plugins.problems, *used]
    found = {
        "problems": [[p.distribution, p.version, p.plugin, p.stage, p.code, str(p)] for p in problems],
        "offers": [[o.kind, o.provider.name, o.origin.distribution] for o in plugins.offers()],
        "refusals": refusals,
        "records": sum(1 for _ in tracker.storage.scan()),
        "heard": len(sys.modules["good_plugin"].HEARD) if "good_plugin" in sys.modules else 0,
        "folder": os.getcwd() == folder,
        "moved": _moved(tracker, lead.id),
    }
    print(json.dumps(found), file=sys.__stdout__, flush=True)
    return 0


def _moved(tracker: Tracker, lead: str) -> str:
    try:
        return tracker.move(lead, "contacting", by=_BY).status
    except Refused as refused:
        return str(refused)


def _used(plugins: Plugins, kind: str, tracker: Tracker) -> list[PluginProblem]:
    found: list[PluginProblem] = []
    for offer in plugins.offers():
        if offer.kind != kind or offer.origin.distribution == "trialflow":
            continue
        try:
            if kind == "renderers":
                rendered(offer, tracker.dashboard(), {"own-1": "Ann Example"})
            else:
                made(offer)
        except PluginError as error:
            found += [problem for problem in error.problems if isinstance(problem, PluginProblem)]
    return found


if __name__ == "__main__":
    raise SystemExit(main())
