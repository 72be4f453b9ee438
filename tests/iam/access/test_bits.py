"""Sets of names as bits: the same as matching name by name."""

from __future__ import annotations

import gc

from hypothesis import given
from hypothesis import strategies as st

from sharedline.iam.access import bits
from sharedline.iam.access.quiet import undisturbed
from sharedline.iam.globs import glob

_TEXT = st.text(alphabet="ab:/*?", max_size=8)
_ARN = st.builds("arn:aws:{}:{}:1:{}".format, _TEXT, _TEXT, _TEXT)


@given(
    st.sets(_TEXT | _ARN, max_size=12), _TEXT | _ARN, st.sampled_from(["plain", "arn", "resource"])
)
def test_a_pattern_takes_in_the_names_that_it_matches(
    found: set[str], pattern: str, kind: str
) -> None:
    names = bits.Names(found)
    parsed = glob(pattern, kind)
    hits = [names.list[at] for at in bits.members(names.matching(parsed))]
    assert hits == [name for name in sorted(found) if parsed.matches(name)]


@given(st.sets(_TEXT, max_size=12), _TEXT)
def test_names_that_begin_with_a_text(found: set[str], prefix: str) -> None:
    names = bits.Names(found)
    hits = [names.list[at] for at in bits.members(names.beginning(prefix))]
    assert hits == [name for name in sorted(found) if name.startswith(prefix)]


@given(st.sets(st.integers(0, 2000), max_size=200))
def test_members_of_a_set(found: set[int]) -> None:
    assert list(bits.members(bits.of(found, 2001))) == sorted(found)


def test_names_with_letters_beyond_the_common_ones() -> None:
    names = bits.Names(["a", "a\U0010ffff", "a\U0010ffffb", "b"])
    assert names.beginning("a").bit_count() == 3


def test_the_collector_is_held_back_and_let_go_again() -> None:
    with undisturbed():
        assert not gc.isenabled()
        with undisturbed():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
