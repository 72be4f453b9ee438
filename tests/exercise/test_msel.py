"""Lists of events: what is exported comes back, runs nothing, and other tools' lists are read."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import pytest
from openpyxl import Workbook, load_workbook
from tests.exercise.made import full

from sharedline.errors import ConfigError
from sharedline.exercise import library
from sharedline.exercise.model import Scenario
from sharedline.exercise.msel import KIND, OF
from sharedline.exercise.msel_files import read_any, to_csv, to_xlsx
from sharedline.exercise.read import of_data

SCENARIOS = [*library.ids(), "full"]


def scenario_of(name: str) -> Scenario:
    return of_data(full(), "full") if name == "full" else library.load(name)


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_is_exported_comes_back(name: str, tmp_path: Path) -> None:
    scenario = scenario_of(name)
    (tmp_path / "a.csv").write_bytes(to_csv(scenario).encode("utf-8-sig"))
    (tmp_path / "a.xlsx").write_bytes(to_xlsx(scenario))
    assert read_any(tmp_path / "a.csv") == scenario
    assert read_any(tmp_path / "a.xlsx") == scenario


PLAIN = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp", "Co")), min_size=1, max_size=30
)
HARD = st.sampled_from(
    [
        "=1+1",
        "'=x",
        "''=x",
        "'",
        "@a",
        "-1",
        "_x0041_",
        "_x005F_",
        " lead ",
        "1.0",
        "  =1",
        "' =1",
        "＝1",
    ]
)


@hypothesis.settings(max_examples=60)
@hypothesis.given(st.one_of(PLAIN, HARD), st.one_of(PLAIN, HARD), st.lists(PLAIN, max_size=3))
def test_any_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, one: str, two: str, words: list[str]
) -> None:
    data = full()
    data["title"] = one
    data["injects"][0]["text"] = f"{one}\n{two}".replace("{", "(")
    data["roles"] = words
    scenario = of_data(data, "x")
    folder = tmp_path_factory.mktemp("m")
    (folder / "a.csv").write_bytes(to_csv(scenario).encode("utf-8-sig"))
    (folder / "a.xlsx").write_bytes(to_xlsx(scenario))
    assert read_any(folder / "a.csv") == scenario
    assert read_any(folder / "a.xlsx") == scenario


def test_no_cell_is_a_formula() -> None:
    scenario = scenario_of("full")
    rows = list(csv.reader(io.StringIO(to_csv(scenario))))
    assert "'=A" in [c for row in rows for c in row]
    assert not [c for row in rows for c in row if c[:1] in ("=", "+", "-", "@")]
    book = load_workbook(io.BytesIO(to_xlsx(scenario)))
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]
    assert "=A" in [c.value for c in cells]
    assert {c.data_type for c in cells} == {"s"}


def test_a_spreadsheet_may_reorder_rows_and_use_semicolons(tmp_path: Path) -> None:
    scenario = scenario_of("full")
    heads, *rows = csv.reader(io.StringIO(to_csv(scenario)))
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(
        [
            heads,
            *reversed([r for r in rows if r[0] != "inject"]),
            *(r for r in rows if r[0] == "inject"),
        ]
    )
    (tmp_path / "a.csv").write_bytes(out.getvalue().encode())
    back = read_any(tmp_path / "a.csv")
    assert back.injects[0].questions[::-1] == scenario.injects[0].questions
    assert back.phases == scenario.phases
    assert [i.id for i in back.injects] == ["i", "j"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda row: row | {KIND: "wish"} if row[KIND] == "phase" else row, "of the kind 'wish'"),
        (lambda row: row | {OF: "x"} if row[KIND] == "option" else row, "part of 'x'"),
        (lambda row: row | {"minute": "soon"} if row[KIND] == "inject" else row, "'soon' is not"),
        (
            lambda row: row | {"quality": "best"} if row[KIND] == "phase" else row,
            "fills the column",
        ),
        (lambda row: row | {KIND: "phase"} if row[KIND] == "scenario" else row, "rows of the kind"),
    ],
)
def test_wrong_rows_are_refused(change: object, says: str, tmp_path: Path) -> None:
    assert callable(change)
    found = [change(r) for r in csv.DictReader(io.StringIO(to_csv(scenario_of("full"))))]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(found[0]))
    writer.writeheader()
    writer.writerows(found)
    (tmp_path / "a.csv").write_bytes(out.getvalue().encode())
    # A moved scenario row fills columns that a phase lacks; both are refusals of the same mistake.
    with pytest.raises(ConfigError) as caught:
        read_any(tmp_path / "a.csv")
    assert says in caught.value.message
    assert "a.csv" in caught.value.message


def test_the_list_of_another_tool_is_read(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Inject #", "Time", "From", "Recipient", "Method", "Event", "Expected Action"])
    sheet.append([2, "01:05", "Press", "Comms", "Call", "Who is to blame?", "Says what is known"])
    sheet.append([1, 15, "SOC", "IR", "E-mail", "A finding", None])
    book.save(tmp_path / "Our Drill 2026.xlsx")
    scenario = read_any(tmp_path / "Our Drill 2026.xlsx")
    assert scenario.id == "our-drill-2026"
    assert [(i.minute, i.sender, i.channel, i.title) for i in scenario.injects] == [
        (15, "SOC", "email", "A finding"),
        (65, "Press", "phone", "Who is to blame?"),
    ]
    assert [(a.text, a.who) for a in scenario.expected] == [("Says what is known", "Comms")]
    assert scenario.minutes == 75


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK nothing")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "c.docx").write_bytes(b"")
    (tmp_path / "d.csv").write_text("time,event\nsoon,x\n")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", b"0" * 60_000_000)
    (tmp_path / "e.xlsx").write_bytes(packed.getvalue())
    for name, says in (
        ("a.xlsx", "not a workbook"),
        ("b.csv", "not UTF-8"),
        ("c.docx", "neither"),
        ("d.csv", "'soon' is no time"),
        ("e.xlsx", "unpacks to too much"),
        ("f.csv", "cannot be read"),
    ):
        with pytest.raises(ConfigError, match=says):
            read_any(tmp_path / name)
