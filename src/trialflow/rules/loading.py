"""A workflow from TOML: text to tables, tables to values, values checked; all problems come at once."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from trialflow.model.errors import Problem, WorkflowError
from trialflow.rules.checking import problems
from trialflow.rules.guards import GUARDS, Guard
from trialflow.rules.structure import structure
from trialflow.rules.workflow import Workflow

__all__ = ["LARGEST", "default_workflow", "loads", "problems"]

LARGEST = 256 * 1024
"""Bytes of UTF-8: larger definitions are refused unread."""

_DOTS = 64
"""Dots in one line: dotted keys cost the TOML reader the square of their length."""


def loads(text: str, *, guards: Mapping[str, Guard] = GUARDS) -> Workflow:
    """The workflow that a TOML text defines. Raises :class:`WorkflowError` with every problem, each with its path.

    ``guards`` are the registered ones by name; a move that requires another one is a problem.
    """
    workflow, misfits = structure(_document(text))
    found = problems(workflow, guards=guards, known=misfits)
    if found:
        raise WorkflowError(found)
    return workflow


def _document(text: str) -> dict[str, Any]:
    if len(text) > LARGEST or len(text.encode("utf-8", "surrogatepass")) > LARGEST:
        raise _refused("too_large", f"the text is larger than {LARGEST // 1024} kB; a workflow is a few pages long")
    deep = next((n for n, line in enumerate(text.splitlines(), start=1) if line.count(".") > _DOTS), 0)
    if deep:
        raise _refused("too_deep", f"line {deep} has more than {_DOTS} dots; use tables instead of dotted keys")
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise _refused("not_toml", f"the text is not TOML: {error}") from None
    except RecursionError:
        raise _refused("too_deep", "values are nested too deeply; a workflow needs three levels") from None


def _refused(code: str, message: str) -> WorkflowError:
    return WorkflowError((Problem("", code, message),))


@functools.cache
def default_workflow() -> Workflow:
    """The workflow that ships: complete, and usable with no configuration."""
    return loads(files("trialflow.rules").joinpath("default.toml").read_text("utf-8"))
