"""Clauses from CSV files, as programs and spreadsheets write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sharedline.comply.policies.clauses import Clause, of_file
from sharedline.errors import Error

Written = Callable[[str], list[Clause]]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def write(text: str) -> list[Clause]:
        path = tmp_path / "rules.csv"
        path.write_text(text, "utf-8")
        return of_file(path, "rules")

    return write


def test_csv_becomes_clauses(written: Written) -> None:
    found = written(
        "ID,Title,Text,Section,Owner,Controls,Duties\n"
        '4.2,Keys,Turn keys.,Crypto,Sec,"nist-800-53-r5:SC-12; nist-800-53-r5:AC-2 (1)",'
        "data.encryption-at-rest\n,,,,,,\nA 1,,Log all.,,,,\n"
    )
    assert [c.id for c in found] == ["rules/4.2", "rules/A-1"]
    assert found[0].targets == (
        "nist-800-53-r5:SC-12", "nist-800-53-r5:AC-2 (1)", "data.encryption-at-rest"
    )  # fmt: skip
    assert (found[0].within, found[0].owner, found[0].place) == (("Crypto",), "Sec", 2)
    assert (found[1].title, found[1].number) == ("Log all.", "A 1")


def test_csv_as_excel_writes_it_in_europe(written: Written) -> None:
    assert written("\ufeffid;text\n1;Lock, always.\n")[0].text == "Lock, always."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,words\n1,x\n", "no columns id and text"),
        ("id,text\n,x\n", "line 2: a clause without id or words"),
        ("id,text\n1,\n", "line 2: a clause without id or words"),
        ("id,text\na b,x\na-b,y\n", "line 3: a-b is there twice"),
        ("id,text\na\x1b[2J,y\n", "is no id"),
        ("id,text,ID\n1,x,2\n", "two columns id"),
        ('id,text\n1,"x\n', "cannot be read as CSV"),
        ("", "no columns id and text"),
    ],
)
def test_csv_that_is_wrong_says_where(written: Written, text: str, said: str) -> None:
    with pytest.raises(Error, match=r"rules\.csv") as told:
        written(text)
    assert said in str(told.value)
