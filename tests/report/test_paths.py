"""The drawings of ways to administrator rights: shared, escaped, told in words, and in the page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from tests.report.page import Page

from sharedline.report import paths
from sharedline.report.html import write
from sharedline.report.paths import DRAWN, NAMES, WIDTH, drawing, section
from sharedline.results import Results

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script>\u202e\"'&"


def hop(start: str, end: str, rule: str = "sts/assume-role", **more: Any) -> dict[str, Any]:
    return {
        "from": start,
        "to": end,
        "from_arn": start,
        "to_arn": end,
        "rule": rule,
        "title": "Assume a role",
        "answer": "yes",
        "via": "",
        "conditions": [],
        "unknown": [],
        "mitigation": "Name who may.",
        "permissions": [
            {
                "action": "sts:AssumeRole",
                "resource": end,
                "answer": "yes",
                "conditions": [],
                "statements": [{"layer": "identity", "policy": "p", "statement": "1", "line": 1}],
            }
        ],
        **more,
    }


def row(name: str, *hops: dict[str, Any], answer: str = "yes", **more: Any) -> dict[str, Any]:
    found = {"arn": name, "answer": answer, "hops": len(hops), "conditions": "", "unknown": ""}
    return {**found, "evidence": json.dumps(hops), **more}


def parsed(text: str) -> ET.Element:
    """The drawing as XML, which it has to be."""
    return ET.fromstring(str(text).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314


def texts(svg: ET.Element) -> list[str]:
    return [one.text or "" for one in svg.iter(f"{SVG}text")]


def test_ways_that_differ_in_their_beginning_are_one_drawing() -> None:
    found = section(
        [
            *(row(f"u{n}", hop(f"user u{n}", "role a"), hop("role a", "boss")) for n in range(7)),
            row("x", hop("user x", "role b"), hop("role b", "boss")),
            row("idle", answer="no"),
            row("dark", answer="unknown", unknown="its policies were not read"),
        ]
    )
    assert (found.judged, found.unread, found.hidden) == (10, 1, 0)
    assert found.counts == {"yes": 8, "depends": 0, "unknown": 1}
    assert [len(one.starts) for one in found.ways] == [7, 1]
    shown = texts(parsed(found.ways[0].svg))
    assert shown[: NAMES + 1] == ["user u0", "user u1", "user u2", "user u3", "and 3 more"]
    assert shown[-2:] == ["boss", "administrator"]


def test_those_who_raise_themselves_share_a_drawing() -> None:
    raised = [
        row(n, hop(n, f"{n} with any policy", "iam/put-user-policy", to_arn=n)) for n in ("a", "b")
    ]
    [way] = section(raised).ways
    assert way.starts == ("a", "b")
    assert "the same, with any policy" in texts(parsed(way.svg))
    [alone] = section(raised[:1]).ways
    assert "a with any policy" in texts(parsed(alone.svg))


def test_the_sure_ones_come_first_and_the_rest_are_counted() -> None:
    rows = [row(f"d{n}", hop(f"d{n}", f"r{n}"), answer="depends") for n in range(DRAWN)]
    found = section([*rows, row("s", hop("s", "boss"))])
    assert found.ways[0].starts == ("s",)
    assert (len(found.ways), found.hidden) == (DRAWN, 1)


@pytest.mark.parametrize(
    ("answer", "word"), [("yes", ""), ("depends", "on conditions"), ("unknown", "not known")]
)
def test_how_sure_it_is_stands_in_words_and_in_the_stroke(answer: str, word: str) -> None:
    svg = parsed(drawing(["a"], [hop("a", "b", answer=answer)], answer, "w"))
    assert (word in texts(svg)) == bool(word)
    assert [p.get("class") for p in svg.iter(f"{SVG}path")] == [f"stem is-{answer}", "tip"]


def test_a_drawing_has_a_title_and_says_the_way_in_words() -> None:
    svg = parsed(drawing(["user a"], [hop("user a", "role b"), hop("role b", "c")], "yes", "w"))
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "w-t w-d"
    ids = {one.get("id"): one.text for one in svg if one.get("id")}
    assert ids["w-t"] == "user a to administrator in 2 hops"
    assert ids["w-d"] == "user a; then Assume a role, to role b; then Assume a role, to c."


def test_names_are_escaped_and_never_leave_their_place() -> None:
    long = f"{HOSTILE}{'x' * 500}"
    hops = [hop(long, long, via=long, title=long, rule=long)]
    text = drawing([HOSTILE, long], hops, "yes", "w")
    assert "<script" not in text
    assert "\u202e" not in text
    svg = parsed(text)
    assert texts(svg)[0].startswith("<script>alert(1)</script>\\u202e")
    allowed = {"svg", "title", "desc", "rect", "path", "text"}
    assert {one.tag.removeprefix(SVG) for one in svg.iter()} == allowed
    for one in svg.iter():
        assert not [name for name in one.attrib if name.startswith("on") or name == "style"]
    assert max(len(one) for one in texts(svg)) <= 60


def test_everything_stands_inside_the_drawing() -> None:
    hops = [hop("a", f"role {n}", via="arn:aws:lambda:x") for n in range(6)]
    svg = parsed(drawing(["a", "b", "c", "d", "e"], hops, "yes", "w"))
    height = int(svg.get("height", "0"))
    assert svg.get("viewBox") == f"0 0 {WIDTH} {height}"
    tops = [int(one.get("y", "0")) for one in svg.iter(f"{SVG}rect")]
    assert tops == sorted(tops)
    last = list(svg.iter(f"{SVG}rect"))[-1]
    assert int(last.get("y", "0")) + int(last.get("height", "0")) < height
    for one in svg.iter(f"{SVG}path"):
        assert all(0 <= int(y) <= height for y in re.findall(r"[ V](\d+)", one.get("d", "")))


def test_the_page_has_the_section_where_the_scan_looked_for_ways(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = section(
        [
            row("u", hop(f"user {HOSTILE}", "role b"), hop("role b", "boss")),
            row("v", hop("user v", "role c"), answer="depends", conditions="Bool mfa true"),
        ]
    )
    monkeypatch.setattr(paths, "escalation", lambda _: found)
    write(results, tmp_path / "report.html")
    page = Page((tmp_path / "report.html").read_text("utf-8"))
    assert page.errors == []
    text = " ".join(page.by_id("escalation").text.split())
    assert "Of 2 users and roles that are no administrators, 1 could come to be one, 1 on" in text
    assert "If Bool mfa true" in text
    assert "Name who may." in text
    assert len(page.all("svg")) == 2
    ids = [e.attrs["id"] for e in page.elements if "id" in e.attrs]
    assert len(ids) == len(set(ids))
    assert "#escalation" in {e.attrs.get("href") for e in page.all("a")}
    for e in page.elements:
        assert not [a for a in e.attrs if a.startswith("on") or a in ("style", "src", "xlink:href")]


def test_the_page_has_no_section_where_it_did_not(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "escalation", lambda _: None)
    write(results, tmp_path / "report.html")
    page = Page((tmp_path / "report.html").read_text("utf-8"))
    assert [e for e in page.elements if e.attrs.get("id") == "escalation"] == []


def test_the_rows_are_read_from_the_scan(results: Results) -> None:
    stored = results.manifest.data["tables"].get(paths.TABLE)
    found = paths.escalation(results)
    assert (found is None) == (stored is None)
    if found is not None:
        assert found.judged >= sum(found.counts.values())
