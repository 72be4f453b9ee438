"""What proves a control part: the three kinds are kept apart, and the corpus names real controls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sharedline.checks.load import load as load_checks
from sharedline.comply.catalogue import ids, load
from sharedline.comply.cover import prove, unknown_controls
from sharedline.comply.model import Capability, Framework, Part
from sharedline.model import Check, Side

NIST = load("nist-800-53-r5")


def check(name: str, duty: str = "identity.mfa", **controls: tuple[str, ...]) -> Check:
    named = {k.replace("_", "-"): v for k, v in controls.items()}
    return Check(name, "t", "high", duty, "w", "f", "select 1", controls=named)


def framework(*parts: Part, kind: str = "controls") -> Framework:
    known = {p.id: p for p in parts}
    return replace(NIST, id="mine", kind=kind, parts=known)


def test_a_check_that_names_a_control_proves_its_lettered_parts_and_not_its_enhancements() -> None:
    proofs = prove(NIST, {"a": check("a", nist_800_53_r5=("ac-2",))})
    assert proofs["AC-2"].named == ("a",)
    assert proofs["AC-2a"].named == ("a",)
    assert proofs["AC-2(1)"].named == ()


def test_a_check_that_names_a_part_proves_it_and_counts_for_the_control() -> None:
    proofs = prove(NIST, {"a": check("a", nist_800_53_r5=("AC-2 f.",))})
    assert "AC-2f" not in {k for k, v in proofs.items() if v.named}
    proofs = prove(NIST, {"a": check("a", nist_800_53_r5=("AC-2f",))})
    assert {k for k, v in proofs.items() if v.named} == {"AC-2", "AC-2f"}


def test_a_check_of_what_a_part_restates_comes_second_and_one_of_its_duty_last() -> None:
    one = Part("mine", "M-1", "M-1", "t", duties=("identity.mfa",), maps=("nist-800-53-r5:AC-3",))
    checks = {
        "n": check("n", "data.exposure", mine=("M-1",)),
        "m": check("m", "data.exposure", nist_800_53_r5=("AC-3",)),
        "d": check("d"),
        "x": check("x", "data.exposure"),
    }
    proof = prove(framework(one), checks)["M-1"]
    assert (proof.named, proof.mapped, proof.duty, proof.how) == (("n",), ("m",), ("d",), "named")
    assert proof.checks == ("n", "m", "d")
    weaker = {k: v for k, v in checks.items() if k != "n"}
    assert prove(framework(one), weaker)["M-1"].how == "mapped"


def test_a_benchmarks_control_is_proved_by_nothing_but_its_own_checks() -> None:
    one = Part("mine", "M-1", "M-1", "t", duties=("identity.mfa",), maps=("nist-800-53-r5:AC-3",))
    checks = {"m": check("m", nist_800_53_r5=("AC-3",))}
    assert prove(framework(one, kind="benchmark"), checks)["M-1"].checks == ()


def test_settings_prove_no_paper_even_of_the_same_duty() -> None:
    one = Part(
        "mine", "M-1", "M-1", "t", duties=("identity.mfa",), side=Side.CUSTOMER,
        capability=Capability.CUSTOM,
    )  # fmt: skip
    proof = prove(framework(one), {"d": check("d")})["M-1"]
    assert (proof.checks, proof.related, proof.how) == ((), ("d",), "statement")


@pytest.mark.parametrize(
    ("side", "how"),
    [(Side.AWS, "report"), (Side.CUSTOMER, "statement"), (Side.UNKNOWN, "unknown")],
)
def test_without_a_check_a_report_or_a_person_must_say_it(side: Side, how: str) -> None:
    assert prove(framework(Part("mine", "M-1", "M-1", "t", side=side)), {})["M-1"].how == how


@pytest.mark.parametrize("name", ids())
def test_every_control_that_a_check_names_is_there(name: str) -> None:
    assert unknown_controls(load(name), load_checks().values()) == []


def test_every_framework_that_a_check_names_is_there() -> None:
    named = {name for one in load_checks().values() for name in one.controls}
    assert named <= set(ids())
