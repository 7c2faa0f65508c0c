"""The seal and the head: whatever is changed in a record changes its hash, and every head after it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trialflow.model.recorded import GENESIS, next_head, seal

_FIELDS = st.tuples(
    st.just(GENESIS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.integers(1, 10**6),
    st.integers(1, 10**9),
    st.integers(0, 2**53),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)


@given(_FIELDS, _FIELDS)
def test_two_records_share_a_seal_only_when_they_are_one(
    one: tuple[str, str, int, int, int, str], other: tuple[str, str, int, int, int, str]
) -> None:
    assert (seal(*one) == seal(*other)) == (one == other)


def test_fields_cannot_flow_into_each_other() -> None:
    assert seal(GENESIS, "lead:1|2", 3, 4, 5, "{}") != seal(GENESIS, "lead:1", 2, 3, 4, "5{}")
    assert seal(GENESIS, "a", 1, 1, 1, "1:{}") != seal(GENESIS, "a", 1, 1, 11, "{}")


def test_the_seal_is_what_it_was() -> None:
    """A change of the format would leave every stored chain unverifiable."""
    assert seal(GENESIS, "lead:L1", 1, 1, 1_772_442_000_000_000, '{"kind":"noted"}') == (
        "9b110d9e49dfba543b3dae4f11783c5fc95e921b005658404e6da6999f99c340"
    )
    assert next_head(GENESIS, "1" * 64) == "2c5a757af655400d3c30ba6f2aec54334006e4b784e2bcc79b99452abfc66ec9"


def test_a_head_depends_on_every_record_and_their_order() -> None:
    a, b = "a" * 64, "b" * 64
    assert next_head(next_head(GENESIS, a), b) != next_head(next_head(GENESIS, b), a)
