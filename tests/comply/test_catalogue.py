"""Frameworks as data: every shipped one loads, lines go to the parts they are for, errors are told."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from sharedline.comply.catalogue import ids, load, part_of
from sharedline.comply.model import FROM_DUTIES, Capability, Part
from sharedline.comply.values import PAIRS
from sharedline.duties.catalogue import load as load_duties
from sharedline.errors import ConfigError, Error
from sharedline.model import Side

LABELLED = (
    Path(__file__).parents[3]
    / "shared/data/responsibility/aws_quickstart_nist80053r4_responsibility.csv"
)
HEAD = """
id = "mine"
title = "Mine"
publisher = "Us"
version = "1"
url = "https://example.com/"
read = 2026-11-22
licence = "ours"
"""
FRAMEWORKS = ids()
#: Parts that AWS's labels of 2017 call inherited and we do not call AWS's: why.
_GUESTS = (
    "NIST counts software upkeep as maintenance; guests and database windows are the customer's."
)
_REMOTE = "The customer's own administrators reach guests and databases from afar."
_PEOPLE = "NIST counts those who maintain software among maintenance personnel."
_HOME = "The customer's own people run the workload from other work sites too."
REASONS: dict[str, str] = {
    **dict.fromkeys(("MA-2a", "MA-2b", "MA-2e", "MA-2f"), _GUESTS),
    **dict.fromkeys(
        ("MA-4a", "MA-4b", "MA-4c", "MA-4d", "MA-4e", "MA-4(3)(a)", "MA-4(6)"), _REMOTE
    ),
    **dict.fromkeys(("MA-5a", "MA-5b", "MA-5c"), _PEOPLE),
    **dict.fromkeys(("PE-17a", "PE-17b", "PE-17c"), _HOME),
}


def mine(tmp_path: Path, body: str, lines: str = "") -> Path:
    folder = tmp_path / "mine"
    (folder / "lines").mkdir(parents=True)
    (folder / "framework.toml").write_text(HEAD + body, "utf-8")
    if lines:
        (folder / "lines" / "a.toml").write_text(lines, "utf-8")
    return tmp_path


def part(name: str, **more: str) -> str:
    rest = "".join(f'\n{k} = "{v}"' for k, v in more.items())
    return f'[[part]]\nid = "{name}"\ntitle = "T {name}"{rest}\n'


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_every_part_has_a_line_that_makes_sense(name: str) -> None:
    framework = load(name)
    duties = load_duties().duties
    wrong = []
    for p in framework.parts.values():
        if p.withdrawn or p.header:
            continue
        good = p.reviewed and p.duties and p.source and p.read is not None
        good = good and all(d in duties for d in p.duties)
        good = good and p.capability is not None and (p.side, p.capability) in PAIRS
        good = good and bool(p.aws or p.side is Side.CUSTOMER)
        good = good and bool(p.you or p.side is Side.AWS)
        if not good:
            wrong.append((p.id, p.side.value, p.capability))
    assert wrong == []


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_what_a_part_restates_is_there(name: str) -> None:
    for p in load(name).parts.values():
        for target in p.maps:
            framework, _, other = target.partition(":")
            assert other in load(framework).parts, f"{p.id} maps to {target}"


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_text_is_there_only_where_it_may_be(name: str) -> None:
    framework = load(name)
    texts = [p for p in framework.parts.values() if p.text]
    assert bool(texts) == framework.text


def test_policy_controls_are_the_customers_in_every_family() -> None:
    parts = load("nist-800-53-r5").parts
    policies = [p for p in parts.values() if p.control.endswith("-1") and not p.withdrawn]
    assert len({p.control for p in policies}) == 20
    assert {(p.side, p.capability) for p in policies} == {(Side.CUSTOMER, Capability.CUSTOM)}


def test_the_catalogue_is_nists() -> None:
    parts = load("nist-800-53-r5").parts.values()
    controls = [p for p in parts if p.id == p.control and not p.withdrawn]
    assert len(controls) == 1007 + 7  # IA-13 with three, SA-15(13), SA-24, SI-2(7)
    counts = Counter(b for p in controls for b in p.baselines)
    assert counts == {"low": 149, "moderate": 287, "high": 370, "privacy": 96}


def labelled() -> list[tuple[dict[str, str], Part]]:
    if not LABELLED.is_file():
        pytest.skip(f"the labelled reference is not at {LABELLED}")
    nist = load("nist-800-53-r5")
    with LABELLED.open(encoding="utf-8-sig", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["is_header"] != "y"]
    found = [(row, part_of(nist, row["control_part"])) for row in rows]
    return [(row, p) for row, p in found if p is not None and not p.withdrawn]


def test_nothing_that_aws_labels_the_customers_is_called_awss() -> None:
    wrong = [r["control_part"] for r, p in labelled() if r["responsibility"] == "Customer"
             and p.side is Side.AWS]  # fmt: skip
    assert wrong == []


def test_what_aws_labels_inherited_is_awss_save_for_a_reason() -> None:
    differ = {p.id for r, p in labelled() if r["responsibility"] == "Inherited"
              and p.side is not Side.AWS}  # fmt: skip
    policies = {name for name in differ if load("nist-800-53-r5").parts[name].control[-2:] == "-1"}
    assert differ - policies == set(REASONS)


# -- the reader --------------------------------------------------------------------------------


def test_a_line_covers_the_lettered_parts_and_not_the_enhancements(tmp_path: Path) -> None:
    body = part("A-1") + part("A-1a", of="A-1") + part("A-1b", of="A-1") + part("A-1(1)")
    lines = (
        '[[line]]\nparts = ["A-1"]\nduties = ["identity.mfa"]\nside = "customer"\n'
        'capability = "configurable"\nyou = "Do it."\n'
        '[[line]]\nparts = ["a-1 b"]\nduties = ["infrastructure.hardware"]\nside = "aws"\n'
        'capability = "inherited"\naws = "Does it."\n'
    )
    parts = load("mine", mine(tmp_path, body, lines)).parts
    assert parts["A-1"].header
    assert (parts["A-1a"].side, parts["A-1a"].you, parts["A-1a"].aws) == (
        Side.CUSTOMER,
        "Do it.",
        "",
    )
    assert (parts["A-1b"].side, parts["A-1b"].you) == (Side.AWS, "")
    assert parts["A-1b"].capability is Capability.INHERITED
    assert (parts["A-1(1)"].side, parts["A-1(1)"].capability) == (Side.UNKNOWN, None)


def test_a_group_hands_no_line_down(tmp_path: Path) -> None:
    body = part("G") + 'duties = ["identity.mfa"]\nside = "customer"\n' + part("G-1", **{"in": "G"})
    parts = load("mine", mine(tmp_path, body)).parts
    assert parts["G"].header
    assert parts["G-1"].control == "G-1"
    assert parts["G-1"].side is Side.UNKNOWN


def test_without_a_side_the_duties_tell_and_it_is_said(tmp_path: Path) -> None:
    body = (
        part("A")
        + 'duties = ["infrastructure.hardware"]\n'
        + part("B")
        + 'duties = ["infrastructure.hardware", "identity.mfa"]\n'
    )
    parts = load("mine", mine(tmp_path, body)).parts
    assert (parts["A"].side, parts["A"].source, parts["A"].reviewed) == (
        Side.AWS,
        FROM_DUTIES,
        False,
    )
    assert parts["B"].side is Side.SHARED
    assert parts["B"].aws
    assert parts["B"].you


@pytest.mark.parametrize(
    ("body", "lines", "says"),
    [
        ("id2 = 1", "", "id2"),
        (part("A") + part("A"), "", "twice"),
        (part("A", of="B"), "", "does not come before"),
        ('[[part]]\nid = "A"\n', "", "no title"),
        (part("A", side="me"), "", "side = 'me'"),
        (part("A", capability="some"), "", "capability = 'some'"),
        (part("A") + 'duties = ["no.duty"]\n', "", "no duty 'no.duty'"),
        (part("A") + 'side = "aws"\nread = "today"\n', "", "read = 'today'"),
        (part("A"), '[[line]]\nparts = ["B"]\n', "no part 'B'"),
        (part("A"), '[[line]]\nside = "aws"\n', "no parts"),
        (part("A"), '[[line]]\nparts = ["A"]\n[[line]]\nparts = ["a"]\n', "two lines"),
        ('kind = "other"', "", "kind = 'other'"),
        ("part = [", "", "framework.toml"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, body: str, lines: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load("mine", mine(tmp_path, body, lines))
    assert says in caught.value.message
    assert caught.value.advice


def test_a_framework_that_is_not_there_is_said() -> None:
    with pytest.raises(Error, match="no framework"):
        load("nist-800-53-r9")
