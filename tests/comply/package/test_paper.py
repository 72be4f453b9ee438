"""What people read: the responsibility matrix in three formats, and the page."""

from __future__ import annotations

import base64
import csv
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest
from tests.comply.package import made

from sharedline.comply.package import crm, page
from sharedline.comply.package.build import Built, build
from sharedline.comply.package.common import Context


def table(built: Built) -> dict[str, dict[str, str]]:
    with (built.folder / "crm" / "responsibility-matrix.csv").open(encoding="utf-8") as file:
        return {row["part"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    ("part", "side", "inherited", "status", "shown"),
    [
        ("AC-1", "customer", "no", "unverified", "no"),
        ("AC-3", "shared", "partial", "unmet", "no"),
        ("PE-3", "aws", "yes", "inherited", "yes"),
        ("SI-9", "unknown", "", "unknown", "no"),
    ],
)
def test_a_line_per_control_part(
    built: Built, part: str, side: str, inherited: str, status: str, shown: str
) -> None:
    row = table(built)[part]
    assert (row["side"], row["crm"], row["status"], row["satisfied"]) == (
        side, inherited, status, shown,
    )  # fmt: skip
    assert "AC-2" not in table(built)  # only a heading


def test_the_workbook_says_the_same(built: Built) -> None:
    book = openpyxl.load_workbook(built.folder / "crm" / "responsibility-matrix.xlsx")
    assert book.sheetnames == ["Read me", "Responsibility matrix", "To do", "AWS reports"]
    sheet = book["Responsibility matrix"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == tuple(head for _, head, _ in crm.COLUMNS)
    found = {r[0]: {k: v or "" for (k, _, _), v in zip(crm.COLUMNS, r, strict=True)}
             for r in rows[1:]}  # fmt: skip
    assert found == table(built)
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", "A1:W12")
    assert book["AWS reports"]["F2"].value == made.SHA
    assert book["To do"]["A2"].value == "P-0001"


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    from dataclasses import replace

    of = made.framework()
    nasty = replace(of.parts["AC-3"], title='=HYPERLINK("http://x")', you="+1|`x` <b>")
    one = build(made.inputs(framework=replace(of, parts={"AC-3": nasty})), tmp_path / "audit")
    assert table(one)["AC-3"]["title"] == '\'=HYPERLINK("http://x")'
    sheet = openpyxl.load_workbook(one.folder / "crm" / "responsibility-matrix.xlsx")[
        "Responsibility matrix"
    ]
    cell = sheet["C2"]
    assert (cell.value, cell.data_type) == ('=HYPERLINK("http://x")', "s")
    with (one.folder / "evidence" / "findings.csv").open(encoding="utf-8") as file:
        assert not [c for row in csv.reader(file) for c in row if c[:1] in "=+-@" and c]
    text = (one.folder / "crm" / "responsibility-matrix.md").read_text("utf-8")
    assert "+1\\|`x` &lt;b>" in text


class Page(HTMLParser):
    """Links, tags and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.said: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [v or "" for k, v in attrs if k == "href"]

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def test_the_page_is_alone_and_strict(built: Built) -> None:
    text = (built.folder / "index.html").read_text("utf-8")
    found = Page(text)
    assert not {"script", "img", "iframe", "form", "link", "object"} & set(found.tags)
    assert not [x for x in found.links if ":" in x]
    for link in found.links:
        if link.startswith("#"):
            assert f'id="{link[1:]}"' in text
        else:
            assert (built.folder / link).is_file(), link
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.S)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src &#39;sha256-{digest}&#39;" in text
    assert "default-src &#39;none&#39;" in text


def test_the_page_lists_every_file_of_the_package(built: Built) -> None:
    links = set(Page((built.folder / "index.html").read_text("utf-8")).links)
    files = {p.relative_to(built.folder).as_posix() for p in built.folder.rglob("*") if p.is_file()}
    assert files - links == {"index.html", "manifest.json", "manifest.sha256"}


def test_the_page_says_what_is_shown_and_what_is_not(built: Built) -> None:
    said = " ".join(" ".join(Page((built.folder / "index.html").read_text("utf-8")).said).split())
    assert "4 of 11 control parts are shown to be done" in said
    assert "AWS's half of 2 parts is proved by no report on file" in said
    assert "Written and read <i>by all</i>." in said  # as text
    assert made.SHA in said
    assert "2026-07-22 late" in said


def test_what_came_from_outside_is_shown_and_never_acts() -> None:
    nasty = made.Listed([("s3/private", "arn:aws:s3:::one", "unmet", "<img src=x>\u202e")])
    text = "".join(page.render(Context(made.inputs(findings=nasty)), []))
    assert "<img" not in text
    assert "\u202e" not in text
    assert "&lt;img src=x&gt;\\u202e" in text
