"""The dated data of GuardDuty's finding types, against the labelled list and against itself."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sharedline.derive.guardduty_types import NEVER_HIGH
from sharedline.runbooks.guardduty import Kind, kinds, retired

HERE = Path(__file__).parents[2]
LABELLED = HERE.parent / "shared" / "data" / "responsibility"


def labelled(name: str) -> Path:
    path = LABELLED / name
    if not path.is_file():
        pytest.skip(f"the labelled data {path} are not here")
    return path


def test_every_labelled_type_is_there_with_its_severity() -> None:
    path = labelled("guardduty_finding_types_2026.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    given = {row["finding_type"]: row["severity"].rstrip("*").lower() for row in rows}
    ours = {kind.type: kind.severity for kind in kinds().values()}
    assert {name: given[name].replace("variable", "varies") for name in given} == ours
    stars = {row["finding_type"] for row in rows if "*" in row["severity"]}
    assert stars <= {kind.type for kind in kinds().values() if kind.variable}


def test_the_labelled_retired_types_are_ours() -> None:
    assert set(labelled("guardduty_retired_types.txt").read_text().split()) == retired()


def test_no_type_is_active_and_retired() -> None:
    assert len(kinds()) == 229
    assert len(retired()) == 21
    assert not retired() & set(kinds())


def test_it_agrees_with_the_types_that_a_filter_may_hide() -> None:
    low = {
        kind.type
        for kind in kinds().values()
        if kind.severity in ("low", "medium")
        and not kind.variable
        and kind.plan != "Custom Detection Rules"
    }
    assert low == NEVER_HIGH


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda k: k.type)
def test_each_type_speaks_of_known_services(kind: Kind) -> None:
    purpose, _, rest = kind.type.partition(":")
    assert purpose.isalpha()
    assert rest.startswith(f"{kind.resource}/")
    assert all(service.islower() for service in kind.services)
