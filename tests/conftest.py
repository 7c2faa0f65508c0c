"""What all tests share: the Hypothesis profiles and an environment that no variable of the machine reaches.

The directories of pytest's ``pythonpath`` (pyproject.toml) make helpers importable: ``from tests_sizes import size``.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from tests_sizes import LONG

# One profile, two sizes: the same examples each time by default, other and many more ones in a long run.
settings.register_profile(
    "ci", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", deadline=None, max_examples=2_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("long" if LONG else "ci"))


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TRIALFLOW_DB", "TRIALFLOW_BY", "TRIALFLOW_ROLE", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
