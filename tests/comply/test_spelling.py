"""One control part in its many spellings is one id."""

from __future__ import annotations

import pytest

from sharedline.comply.catalogue import load, part_of
from sharedline.comply.spelling import key, nist

NIST = load("nist-800-53-r5")


@pytest.mark.parametrize(
    ("spelled", "wanted"),
    [
        ("AC-2", "AC-2"),
        ("ac-2", "AC-2"),
        ("AC-02", "AC-2"),
        ("AC-2 (1)", "AC-2(1)"),
        ("AC-02(01)", "AC-2(1)"),
        ("ac-2.1", "AC-2(1)"),
        ("ac-2.12_smt.a", "AC-2(12)(a)"),
        ("AC-2 (12)(a)", "AC-2(12)(a)"),
        ("AC-1a.1", "AC-1a.1"),
        ("AC-1 a.1.", None),
        ("ac-1_smt.a.1.a", "AC-1a.1(a)"),
        ("ac-1_smt", "AC-1"),
        ("AC-99", None),
        ("", None),
    ],
)
def test_a_spelling_names_its_part(spelled: str, wanted: str | None) -> None:
    found = part_of(NIST, spelled)
    assert (found.id if found else None) == wanted


def test_no_two_parts_share_a_key() -> None:
    assert len({key(name) for name in NIST.parts}) == len(NIST.parts)


def test_a_name_that_is_none_of_nists_stays_as_it_is() -> None:
    assert nist("GV.OC-01") == "GV.OC-01"
