"""Where control parts stand in OSCAL, and that every framework that is shipped gives a package."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.comply.package import made

from sharedline.comply import catalogue
from sharedline.comply.package.addresses import addresses
from sharedline.comply.package.build import build
from sharedline.comply.package.gather import _others


@pytest.mark.parametrize(
    ("framework", "part", "control", "statement"),
    [
        ("nist-800-53-r5", "AC-2", "ac-2", "ac-2_smt"),
        ("nist-800-53-r5", "AC-2a", "ac-2", "ac-2_smt.a"),
        ("nist-800-53-r5", "AC-1a.1(a)", "ac-1", "ac-1_smt.a.1.a"),
        ("nist-800-53-r5", "AC-2(1)", "ac-2.1", "ac-2.1_smt"),
        ("nist-800-53-r5", "AC-2(12)(a)", "ac-2.12", "ac-2.12_smt.a"),
        ("nist-csf-2.0", "GV.OC-01", "gv.oc-01", "gv.oc-01_smt"),
        ("iso-27001-2022", "A.5.1", "a.5.1", "a.5.1_smt"),
    ],
)
def test_ids_are_those_of_oscal(framework: str, part: str, control: str, statement: str) -> None:
    found = addresses(catalogue.load(framework))[part]
    assert (found.control, found.statement) == (control, statement)


@pytest.mark.parametrize("framework", catalogue.ids())
def test_every_framework_gives_a_valid_package(framework: str, tmp_path: Path) -> None:
    of = catalogue.load(framework)
    at = addresses(of)
    stands = [a.statement for a in at.values() if a.statement]
    assert len(stands) == len(set(stands))
    given = made.inputs(
        framework=of, proofs={}, halves={}, reports=(), others=_others(of, tmp_path)
    )
    one = build(given, tmp_path / "audit")  # judges every document and reference
    assert one.parts == sum(not p.header and not p.withdrawn for p in of.parts.values())
