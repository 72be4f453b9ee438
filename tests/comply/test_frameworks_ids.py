"""The frameworks whose text may not be shipped: every id is there, with a line and words of ours."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise

import pytest

from sharedline.checks.load import load as load_checks
from sharedline.comply.catalogue import load, part_of, root
from sharedline.comply.cover import prove, unknown_controls
from sharedline.comply.model import Capability, Framework, Part
from sharedline.duties.catalogue import load as load_duties
from sharedline.model import Side

CHECKS = load_checks()
#: Framework, how many parts that ask something, how many headers, and what an id looks like.
FRAMEWORKS = {
    "aws-fsbp": (367, 0, r"[A-Z][A-Za-z0-9]+\.[1-9][0-9]*"),
    "aws-security-hub": (133, 0, r"[A-Z][A-Za-z0-9]+\.[1-9][0-9]*"),
    "cis-aws-7.0.0": (70, 10, r"[2-6](\.[1-9][0-9]?){0,2}"),
    "csa-ccm-4": (197, 17, r"(A&A|[A-Z]{3})(-[0-2][0-9])?"),
    "iso-27001-2022": (123, 15, r"(A\.[5-8]|[4-9]|10)(\.[1-9][0-9]?){0,2}"),
    "pci-dss-4.0.1": (257, 78, r"(A1|[1-9]|1[0-2])(\.[1-9][0-9]?){0,4}"),
    "soc-2": (61, 20, r"(CC[1-9]|A1|C1|PI1|P[1-8])(\.[1-9])?"),
}
#: How many parts each group must have, where the publisher says so.
GROUPS = {
    "csa-ccm-4": {
        "A&A": 6,
        "AIS": 7,
        "BCR": 11,
        "CCC": 9,
        "CEK": 21,
        "DCS": 15,
        "DSP": 19,
        "GRC": 8,
        "HRS": 13,
        "IAM": 16,
        "IPY": 4,
        "IVS": 9,
        "LOG": 13,
        "SEF": 8,
        "STA": 14,
        "TVM": 10,
        "UEM": 14,
    },
    "iso-27001-2022": {"A.5": 37, "A.6": 8, "A.7": 14, "A.8": 34},
    "soc-2": {
        "CC1": 5,
        "CC2": 3,
        "CC3": 4,
        "CC4": 2,
        "CC5": 3,
        "CC6": 8,
        "CC7": 5,
        "CC8": 1,
        "CC9": 2,
        "A1": 3,
        "C1": 2,
        "PI1": 5,
    },
    "pci-dss-4.0.1": {"1": 5, "8": 6, "12": 10, "1.2": 8, "10.2": 9, "12.8": 5, "12.10": 8},
}

every = pytest.mark.parametrize("name", FRAMEWORKS)


def asked(framework: Framework) -> list[Part]:
    return [part for part in framework.parts.values() if not part.header]


@every
def test_there_are_as_many_parts_as_the_publisher_has_and_ids_look_as_they_should(
    name: str,
) -> None:
    count, headers, pattern = FRAMEWORKS[name]
    framework = load(name)
    assert len(asked(framework)) == count
    assert len(framework.parts) - count == headers
    assert [i for i in framework.parts if not re.fullmatch(pattern, i)] == []


@pytest.mark.parametrize(("name", "groups"), GROUPS.items())
def test_each_group_is_whole(name: str, groups: dict[str, int]) -> None:
    with (root() / name / "framework.toml").open("rb") as file:
        parts = tomllib.load(file)["part"]
    assert {g: sum(p.get("in") == g for p in parts) for g in groups} == groups


@pytest.mark.parametrize(
    "name", [n for n in FRAMEWORKS if n not in ("aws-fsbp", "aws-security-hub")]
)
def test_the_numbers_within_a_group_follow_each_other(name: str) -> None:
    ids = list(load(name).parts)
    assert len(ids) == len(set(ids))
    last = [(*re.findall(r"[A-Z&]+", i), *map(int, re.findall(r"[0-9]+", i))) for i in ids]
    for before, after in pairwise(last):
        if len(before) == len(after) and before[:-1] == after[:-1] and isinstance(after[-1], int):
            assert after[-1] == before[-1] + 1, after


@every
def test_no_text_of_the_publisher_is_shipped(name: str) -> None:
    framework = load(name)
    assert framework.text is False
    assert "our own" in framework.licence
    assert [p.id for p in framework.parts.values() if p.text] == []
    assert [p.id for p in framework.parts.values() if not 3 <= len(p.title) <= 90] == []
    # Publishers of all of these state a control as an obligation; our titles state a fact.
    stern = re.compile(r"\b(shall|should|must|ensure)\b", re.I)
    assert [p.id for p in asked(framework) if stern.search(p.title)] == []


@every
def test_every_part_has_duties_a_side_and_the_texts_of_that_side(name: str) -> None:
    duties = load_duties().duties
    for part in asked(load(name)):
        assert part.duties, part.id
        assert set(part.duties) <= set(duties), part.id
        assert part.side in (Side.AWS, Side.CUSTOMER, Side.SHARED), part.id
        assert part.reviewed and part.read, part.id
        assert bool(part.aws) == (part.side is not Side.CUSTOMER), part.id
        assert bool(part.you) == (part.side is not Side.AWS), part.id


@every
def test_side_and_capability_do_not_contradict_each_other(name: str) -> None:
    for part in asked(load(name)):
        whole = part.capability is Capability.INHERITED
        assert whole == (part.side is Side.AWS), part.id
        if part.capability is Capability.INHERITED_AND_CONFIGURABLE:
            assert part.side is Side.SHARED, part.id


@every
def test_aws_does_its_half_by_a_duty_that_is_at_least_half_its_own(name: str) -> None:
    duties = load_duties().duties
    for part in asked(load(name)):
        usual = {duties[d].usual_side for d in part.duties}
        if part.side is Side.AWS:
            assert Side.AWS in usual, part.id
        if part.side is Side.SHARED:
            assert usual & {Side.AWS, Side.SHARED}, part.id


@every
def test_what_a_part_restates_is_there(name: str) -> None:
    for part in load(name).parts.values():
        for target in part.maps:
            other, _, spelled = target.partition(":")
            found = load(other).parts.get(spelled)
            assert found is not None and not found.withdrawn, f"{part.id} -> {target}"


@every
def test_every_control_that_a_check_names_is_there(name: str) -> None:
    assert unknown_controls(load(name), CHECKS.values()) == []


def test_a_benchmark_looks_at_settings_and_is_proved_by_its_own_checks_only() -> None:
    for name in ("aws-fsbp", "aws-security-hub", "cis-aws-7.0.0"):
        framework = load(name)
        assert framework.kind == "benchmark"
        named = {
            part.id
            for check in CHECKS.values()
            for spelled in check.controls.get(name, ())
            if (part := part_of(framework, spelled))
        }
        proofs = prove(framework, CHECKS)
        assert named and {i for i, proof in proofs.items() if proof.checks} == named


def test_no_setting_of_the_customer_proves_what_aws_does() -> None:
    for name in FRAMEWORKS:
        for proof in prove(load(name), CHECKS).values():
            if proof.part.side is Side.AWS:
                assert proof.checks == (), proof.part.id


def test_settings_do_not_prove_paper_by_way_of_another_framework() -> None:
    """A part that only people can meet restates no control that settings prove."""
    for name in ("pci-dss-4.0.1", "iso-27001-2022", "soc-2", "csa-ccm-4"):
        for proof in prove(load(name), CHECKS).values():
            if proof.part.capability is Capability.CUSTOM:
                assert len(proof.checks) <= 5, (proof.part.id, proof.checks)


@pytest.mark.parametrize(
    ("name", "part", "side"),
    [
        ("pci-dss-4.0.1", "9.1.1", Side.CUSTOMER),  # a policy is its owner's, buildings or not
        ("pci-dss-4.0.1", "9.2.1", Side.AWS),
        ("pci-dss-4.0.1", "9.4.7", Side.SHARED),
        ("pci-dss-4.0.1", "9.5.1", Side.CUSTOMER),  # AWS has no card readers
        ("pci-dss-4.0.1", "12.8.5", Side.CUSTOMER),
        ("pci-dss-4.0.1", "12.10.2", Side.CUSTOMER),
        ("iso-27001-2022", "A.7.1", Side.SHARED),  # the customer's own offices remain
        ("iso-27001-2022", "A.7.7", Side.CUSTOMER),
        ("iso-27001-2022", "A.7.11", Side.AWS),
        ("soc-2", "CC6.4", Side.AWS),
        ("csa-ccm-4", "DCS-07", Side.AWS),
        ("csa-ccm-4", "LOG-12", Side.AWS),
        ("csa-ccm-4", "IAM-05", Side.CUSTOMER),
        ("csa-ccm-4", "IVS-06", Side.SHARED),
        ("aws-fsbp", "RDS.13", Side.SHARED),  # the customer allows it, AWS installs
        ("aws-fsbp", "S3.1", Side.CUSTOMER),
    ],
)
def test_the_line_is_where_the_buildings_and_the_settings_put_it(
    name: str, part: str, side: Side
) -> None:
    assert load(name).parts[part].side is side


@pytest.mark.parametrize("name", ["pci-dss-4.0.1", "csa-ccm-4", "iso-27001-2022", "soc-2"])
def test_policies_are_the_customers_own(name: str) -> None:
    policies = [p for p in asked(load(name)) if re.match(r"(Policy|Policies|A policy)\b", p.title)]
    assert name == "soc-2" or policies
    for part in policies:
        assert part.side is Side.CUSTOMER, part.id
        assert part.capability is Capability.CUSTOM, part.id
