"""The frameworks whose text is in the public domain: complete, worded, and every part has a line."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from sharedline.comply.catalogue import load, part_of
from sharedline.comply.model import Capability, Framework, Part
from sharedline.model import Side

CSF, R171, KSI, HIPAA = "nist-csf-2.0", "nist-800-171-r3", "fedramp-20x", "hipaa-security-rule"
FRAMEWORKS = (CSF, R171, KSI, HIPAA)
CONTROLS = "nist-800-53-r5"

#: The publisher's own spelling of an id: groups first, then what is assessed.
PATTERNS = {
    CSF: r"[A-Z]{2}(\.[A-Z]{2}(-\d{2})?)?",
    R171: r"03\.\d{2}(\.\d{2}(\.[a-h](\.\d{2})?)?)?",
    KSI: r"KSI-[A-Z]{3}(-[A-Z]{3})?",
    HIPAA: r"164\.3(08|10|12|14|16)(\([a-e]\)(\(\d\)(\([ivx]+\)(\([A-E]\))?)?)?)?",
}


def groups(framework: Framework) -> set[str]:
    """The parts that only gather others: no duty, no side."""
    return {p.id for p in framework.parts.values() if p.header and not p.duties}


def parts(framework: str) -> list[Part]:
    """The parts of a framework that somebody must meet."""
    loaded = load(framework)
    return [p for p in loaded.parts.values() if p.id not in groups(loaded)]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_ids_are_the_publishers(framework: str) -> None:
    wrong = [i for i in load(framework).parts if not re.fullmatch(PATTERNS[framework], i)]
    assert wrong == []


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_head_says_whose_text_it_is(framework: str) -> None:
    head = load(framework)
    assert head.text
    assert head.licence.startswith("Public domain")
    assert head.url.startswith("https://")
    assert head.publisher and head.version


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_part_has_text(framework: str) -> None:
    # A requirement in items is worded in its items; groups carry a name only.
    assert [p.id for p in parts(framework) if not p.text and not p.header] == []
    assert [p.id for p in load(framework).parts.values() if p.text != p.text.strip()] == []


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_part_has_a_line(framework: str) -> None:
    for part in parts(framework):
        assert part.duties, part.id
        assert part.side in (Side.AWS, Side.CUSTOMER, Side.SHARED), part.id
        assert part.reviewed, part.id
        assert part.capability is not None, part.id


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_texts_say_what_the_side_says(framework: str) -> None:
    for part in parts(framework):
        assert bool(part.aws) == (part.side is not Side.CUSTOMER), part.id
        assert bool(part.you) == (part.side is not Side.AWS), part.id


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_capability_fits_the_side(framework: str) -> None:
    """What AWS does whole is inherited; what is the customer's alone is never inherited."""
    for part in parts(framework):
        inherited = part.capability in (
            Capability.INHERITED,
            Capability.INHERITED_AND_CONFIGURABLE,
        )
        assert inherited == (part.side is not Side.CUSTOMER), part.id
        assert (part.side is not Side.AWS) or part.capability is Capability.INHERITED, part.id


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_no_group_has_one_side_for_all(framework: str) -> None:
    """A line is drawn for a part, never for a whole family: lines of groups would be one."""
    assert [p.id for p in load(framework).parts.values() if p.header and p.side is Side.UNKNOWN]
    assert {p.side for p in parts(framework)} >= {Side.CUSTOMER, Side.SHARED}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_maps_name_controls_that_exist(framework: str) -> None:
    controls = load(CONTROLS).parts
    for part in load(framework).parts.values():
        assert len(part.maps) == len(set(part.maps)), part.id
        for target in part.maps:
            name, _, control = target.partition(":")
            assert name == CONTROLS, (part.id, target)
            assert control in controls, (part.id, target)
            assert not controls[control].withdrawn, (part.id, target)


def test_csf_has_its_functions_categories_and_subcategories() -> None:
    ids = list(load(CSF).parts)
    assert [i for i in ids if "." not in i] == ["GV", "ID", "PR", "DE", "RS", "RC"]
    assert len([i for i in ids if "." in i and "-" not in i]) == 22
    subcategories = Counter(i[:2] for i in ids if "-" in i)
    assert subcategories == {"GV": 31, "ID": 21, "PR": 22, "DE": 11, "RS": 13, "RC": 8}
    assert subcategories.total() == 106


def test_csf_functions_and_categories_are_worded_too() -> None:
    assert [p.id for p in load(CSF).parts.values() if not p.text] == []


def test_171_has_97_requirements_each_with_a_source_control() -> None:
    framework = load(R171)
    requirements = [p for p in framework.parts.values() if p.id.count(".") == 2]
    families = Counter(p.id[:5] for p in requirements)
    assert list(families.values()) == [16, 2, 8, 10, 8, 5, 3, 7, 2, 5, 3, 4, 10, 5, 3, 3, 3]
    assert len(requirements) == 97
    assert [p.id for p in requirements if not p.maps] == []
    assert [p.id for p in requirements if p.header == bool(p.text)] == []


def test_171_items_take_the_line_of_their_requirement_unless_they_have_one() -> None:
    framework = load(R171)
    assert framework.parts["03.01.01.f.02"].side is framework.parts["03.01.01"].side
    assert framework.parts["03.10.07.b"].side is Side.AWS
    assert framework.parts["03.10.07.e"].side is Side.CUSTOMER
    assert framework.parts["03.10.07.e"].aws == ""
    assert framework.parts["03.01.01.f.02"].control == "03.01.01"


def test_171_is_found_without_leading_zeros() -> None:
    found = part_of(load(R171), "3.1.1.f.2")
    assert found is not None and found.id == "03.01.01.f.02"


def test_fedramp_has_46_indicators_in_ten_themes() -> None:
    framework = load(KSI)
    assert len(groups(framework)) == 10
    indicators = parts(KSI)
    assert len(indicators) == 46
    optional = {p.id for p in indicators if p.baselines == ("class-c",)}
    assert optional == {
        "KSI-CNA-EIS", "KSI-MLA-ALA", "KSI-SVC-PRR", "KSI-SVC-RUD", "KSI-SVC-VCM",
    }  # fmt: skip
    assert all(p.baselines == ("class-b", "class-c") for p in indicators if p.id not in optional)


def test_hipaa_has_every_standard_and_specification() -> None:
    framework = load(HIPAA)
    titles = [p.title for p in parts(HIPAA)]
    per_section = Counter(p.id[:7] for p in parts(HIPAA))
    assert per_section == {
        "164.308": 31, "164.310": 12, "164.312": 12, "164.314": 11, "164.316": 6,
    }  # fmt: skip
    assert sum("(Addressable)" in title for title in titles) == 22
    assert framework.parts["164.312(a)(2)(iv)"].title == "Encryption and decryption (Addressable)"
    assert framework.parts["164.308(a)(1)(ii)(A)"].title == "Risk analysis (Required)"


def test_physical_protection_is_awss() -> None:
    for framework, part in (
        (CSF, "PR.AA-06"),
        (R171, "03.10.01"),
        (R171, "03.10.02.b"),
        (HIPAA, "164.310(a)(1)"),
    ):
        assert load(framework).parts[part].side is Side.AWS, part


def test_governance_is_the_customers() -> None:
    assert {p.side for p in parts(CSF) if p.id.startswith("GV")} == {Side.CUSTOMER}
    assert load(R171).parts["03.15.01.a"].side is Side.CUSTOMER
    assert load(HIPAA).parts["164.316(a)"].side is Side.CUSTOMER
