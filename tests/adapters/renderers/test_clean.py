"""What a terminal or a page must never be handed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialflow.adapters.renderers.clean import clean, columns_of, cut

HIDDEN = ["\x1b[31m", "\x00", "\x07", "\x9b2J", "\u202e", "\u2066", "\u200f", "\ufeff", "\x7f", "\x08"]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_control_and_bidi_characters_are_taken_out(hidden: str) -> None:
    assert clean(f"a{hidden}b") == "a" + hidden[1:] + "b"


@pytest.mark.parametrize("space", ["\n", "\r\n", "\t", "\u2028", "\u2029", "\x85", "  "])
def test_everything_is_on_one_line(space: str) -> None:
    assert clean(f" a{space}b ") == "a b"


def test_broken_code_points_are_shown_as_broken() -> None:
    assert clean("a\ud800b\uffffc") == "a\ufffdb\ufffdc"


@given(st.text())
def test_clean_text_can_be_written_and_is_clean(text: str) -> None:
    shown = clean(text)
    shown.encode()
    assert clean(shown) == shown
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in shown)


def test_wide_letters_take_two_columns_and_combining_ones_none() -> None:
    assert columns_of("山田") == 4
    assert columns_of("é") == 1
    assert columns_of("ab") == 2


@given(st.text(alphabet=st.characters(categories=["L", "N", "Zs"]), min_size=1), st.integers(2, 20))
def test_a_cut_fits_and_loses_only_spaces(text: str, width: int) -> None:
    first, rest = cut(text, width)
    assert columns_of(first) <= width
    kept = "".join((first + rest).split())
    assert kept == "".join(text.split())
