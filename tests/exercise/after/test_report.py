"""The report in every format: whole, escaped, marked on every page, and nothing loaded."""

from __future__ import annotations

import builtins
import html.parser
import json
import logging
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.exercise.played import SEATS, START, Play, played, scenario

from sharedline.errors import Error
from sharedline.exercise.after import page, pdf
from sharedline.exercise.after.report import MARK, as_json, report
from sharedline.exercise.after.text import markdown, plain
from sharedline.exercise.improve.propose import drafts
from sharedline.exercise.score import score

EVIL = "<script>alert(1)</script> \"' | `x` [a](javascript:1) \u202e{{ 7*7 }}"


def data(play: Play, *, items: bool = True) -> dict[str, Any]:
    state = play.state()
    marks = score(state)
    found = drafts(state, marks, START) if items else ()
    return report(state, marks, found, made=START if items else None)


def test_it_says_what_was_expected_what_happened_and_why() -> None:
    r = data(played())
    assert [o["rating"] for o in r["objectives"]] == ["M", "P"]
    assert r["expected"][0]["seen"][1]["state"] == "missed"
    assert [t["minute"] for t in r["timeline"]] == sorted(t["minute"] for t in r["timeline"])
    assert {t["team"] for t in r["timeline"]} == {"Blue", "Red", "the room"}
    assert {c["cause"]: c["findings"] for c in r["causes"]}["process"] == 4
    assert len(r["improvements"]) == len(r["findings"])
    assert r["score"]["overall"] == pytest.approx(0.5086, abs=1e-4)
    assert r["parts"][0]["teams"]["Blue"] == {"told": "100", "items": 1, "share": 0.4}
    assert r["run"]["seats"] == {"evaluator": 1, "facilitator": 1, "player": 4}


def test_names_stand_in_the_list_of_attendance_only() -> None:
    r = data(played())
    assert {p["name"] for p in r.pop("people")} == {n for n, _, _ in SEATS.values()}
    text = json.dumps(r, ensure_ascii=False)
    for name, _, _ in SEATS.values():
        assert name not in text
        assert name.split()[0] not in text


def test_an_objective_that_nobody_rated_is_said_to_be_none() -> None:
    r = data(Play().release("open").end())
    assert [(o["rating"], o["grade"]) for o in r["objectives"]] == [("", "not rated")] * 2
    assert any("2 of 2 objectives were not rated" in n for n in r["notes"])
    assert "not rated" in page.render(r)


def test_the_same_run_gives_the_same_bytes() -> None:
    one, two = (as_json(data(played(), items=False)) for _ in range(2))
    assert one == two
    assert json.loads(one)["made"] == ""


def test_json_holds_every_row_of_the_score() -> None:
    r = json.loads(as_json(data(played())))
    rows = r["score"]["teams"][0]["parts"]["owner"]["rows"]
    assert [(x["said"], x["points"]) for x in rows][:1] == [(" DATA ", 0.99)]


def hostile() -> Play:
    given = scenario(title=EVIL, summary=EVIL)
    seats = {**SEATS, "a1": ("<b>Eve</b>", "player", "Blue")}
    play = Play(given, seats).release("open").settle("a1", "close", reason=EVIL)
    play.tell("a1", "x</td>", 6, text=EVIL).see("missed", note=EVIL).rate("close", "U", EVIL)
    return play.answer("a1", "open/side", EVIL).end()


class Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_the_page_escapes_everything_and_loads_nothing() -> None:
    text = page.render(data(hostile()))
    tags = Tags()
    tags.feed(text)
    assert not {t for t, _ in tags.seen} & {"script", "b-eve", "img", "link", "iframe", "object"}
    assert "\u202e" not in text
    assert "49" not in re.findall(r"alert\(1\).{0,80}", text)[0]
    for _, attrs in tags.seen:
        assert not {"style", "src", "href", "onclick"} & set(attrs)
    policy = next(a["content"] for t, a in tags.seen if a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert text.count(f'<p class="mark screen">{MARK}</p>') == 2
    assert "url(" not in text


def test_markdown_has_nothing_that_acts() -> None:
    text = markdown(data(hostile()))
    assert text.startswith(f"**{MARK}**")
    assert text.rstrip().endswith(f"**{MARK}**")
    assert "<script" not in text
    assert not re.search(r"(?<!\\)\]\(javascript", text)
    heads = [line for line in text.splitlines() if line.startswith("## ")]
    assert heads == [
        "## What was expected", "## What happened", "## Why",
        "## The score, and what it is made of", "## Improvement plan",
    ]  # fmt: skip
    for row in (line for line in text.splitlines() if line.startswith("|")):
        assert len(re.findall(r"(?<!\\)\|", row)) in (4, 5, 6, 7, 8, 9)


@pytest.mark.parametrize("text", ["# head", "- item", "1. one", "<a>", "a|b", "*x*", "`y`", "&lt;"])
def test_plain_is_plain(text: str) -> None:
    from markdown_it import MarkdownIt

    rendered = MarkdownIt("commonmark").render(plain(text))
    assert re.sub(r"<[^>]*>", "", rendered).strip() == (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    )
    assert "<p>" in rendered
    assert rendered.count("<") == 2


def _words(path: Path) -> list[str]:
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def test_the_pdf_is_marked_and_numbered_on_every_page(tmp_path: Path) -> None:
    path = tmp_path / "r.pdf"
    path.write_bytes(pdf.write(data(played())))
    pages = _words(path)
    assert len(pages) > 2
    for n, text in enumerate(pages, 1):
        assert text.count(MARK) == 2, n
        assert f"Page {n} of {len(pages)}" in text


def test_the_pdf_fetches_nothing(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = (
        '<img src="http://127.0.0.1:1/x.png" alt=""><img src="file:///etc/hostname" alt=""></body>'
    )
    real = page.render
    monkeypatch.setattr(pdf, "render", lambda r: real(r).replace("</body>", bad))
    with caplog.at_level(logging.DEBUG, logger="weasyprint"):
        pdf.write(data(played()))
    assert "the report loads nothing" in caplog.text


def test_without_weasyprint_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    for raised in (ImportError("no module"), OSError("cannot load library 'pango'")):

        def missing(name: str, *args: Any, raised: Exception = raised, **more: Any) -> Any:
            if name.startswith("weasyprint"):
                raise raised
            return real(name, *args, **more)

        monkeypatch.setattr(builtins, "__import__", missing)
        with pytest.raises(Error, match="needs WeasyPrint and Pango") as told:
            pdf.write({})
        assert "sharedline[web]" in told.value.advice
