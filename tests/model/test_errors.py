"""Errors: a stable code each, fields as attributes, messages that say what to do; they survive pickling."""

from __future__ import annotations

import copy
import pickle

import pytest

from trialflow.model import errors
from trialflow.model.errors import Problem, Refusal, TrialflowError

PROBLEMS = (Problem("moves.x", "unknown_status", "no such status"), Problem("", "empty", "nothing is there"))
EXAMPLES = (
    errors.WorkflowError(PROBLEMS),
    errors.Refused("move", "new", (Refusal("owner_missing", "nobody owns this lead", "assign an owner first"),)),
    errors.Conflict("lead:L1", 3, 4),
    errors.KeyReused("lead:L1", "key-1"),
    errors.LeadNotFound("L1"),
    errors.DecodeError(PROBLEMS),
    errors.ImportRejected(PROBLEMS),
    errors.PluginError(PROBLEMS),
    errors.Unsupported("reading .xlsx files", "pip install trialflow[xlsx]"),
    errors.StorageError("unknown", "the disk is full"),
    errors.SourceError("web-forms", "the server answered 503; pull again later"),
)


def test_every_class_has_an_example_here() -> None:
    classes = {cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, TrialflowError)}
    assert {type(example) for example in EXAMPLES} == classes - {TrialflowError}


def test_codes_are_stable_and_distinct() -> None:
    assert sorted(example.code for example in EXAMPLES) == [
        "conflict",
        "decode_failed",
        "import_rejected",
        "key_reused",
        "lead_not_found",
        "plugin_failed",
        "refused",
        "source_failed",
        "storage_failed",
        "unsupported",
        "workflow_invalid",
    ]
    assert TrialflowError.code == "trialflow_error"


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: error.code)
def test_an_error_crosses_processes_whole(error: TrialflowError) -> None:
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(twin) is type(error)
        assert twin.args == error.args
        assert str(twin) == str(error)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: error.code)
def test_none_hides_behind_a_builtin_error(error: TrialflowError) -> None:
    assert not isinstance(error, ValueError | KeyError | LookupError | OSError)


def test_a_message_names_every_problem_with_its_place_code_and_remedy() -> None:
    text = str(errors.WorkflowError(PROBLEMS))
    assert "2 problem(s)" in text
    assert "moves.x: no such status [unknown_status]" in text
    assert "  nothing is there [empty]" in text
    refused = str(EXAMPLES[1])
    assert "move is refused while the status is new" in refused
    assert "nobody owns this lead [owner_missing] - assign an owner first" in refused


def test_an_idempotency_key_stays_out_of_the_message() -> None:
    assert "key-1" not in str(errors.KeyReused("lead:L1", "key-1"))
