"""The report as Markdown: the same facts in the same order, for a wiki or a merge request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sharedline.exercise.score.model import shown
from sharedline.text import visible

_ACTS = re.compile(r"([\\`*_\[\]|#~])")
_LINE = re.compile(r"\A(\d+)([.)])|\A([-+])(?=\s)")


def markdown(data: dict[str, Any]) -> str:
    """The report (see `report.report`) as Markdown; nothing in it acts as markup or HTML."""
    return "\n".join(_lines(data)) + "\n"


def plain(value: Any) -> str:
    """A text as Markdown shows it: one line, nothing in it acting."""
    text = _ACTS.sub(r"\\\1", " ".join(visible(value).split()))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = text.replace("://", ":&#47;&#47;")
    return _LINE.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", text)


def _table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + " --- |" * len(heads)
    for row in rows:
        yield "| " + " | ".join(plain(cell) for cell in row) + " |"
    yield ""


def _lines(r: dict[str, Any]) -> Iterator[str]:
    yield f"**{r['mark']}**\n"
    yield f"# After-action report: {plain(r['scenario']['title'])}\n"
    yield f"{plain(r['scenario']['summary'])}\n"
    run = r["run"]
    yield f"- Run `{run['id']}`, {run['started'] or 'not started'} to {run['ended'] or 'not ended'}"
    seats = ", ".join(f"{n} {s}{'s' * (n != 1)}" for s, n in run["seats"].items()) or "nobody"
    yield f"- Took part: {seats}; {run['released']} of {run['messages']} messages released"
    n = r["score"]["measured"]
    of = f" (mean of {n} team{'s' * (n != 1)})" if n else ""
    yield f"- Overall: {shown(r['score']['overall'])}{of}\n"
    yield from _expected(r)
    yield "## What happened\n"
    yield from _table(
        ("Minute", "What", "Where", "Text"),
        ((f"{t['minute']:g}", t["kind"], t["team"], t["text"]) for t in r["timeline"]),
    )
    yield from _decisions(r)
    yield from _why(r)
    yield from _score(r)
    yield from _plan(r)
    yield f"**{r['mark']}**"


def _expected(r: dict[str, Any]) -> Iterator[str]:
    yield "## What was expected\n"
    yield from _table(
        ("Objective", "Measured by", "Rating", "Why"),
        (
            (o["text"], o["measure"], f"{o['rating']} {o['grade']}".strip(), o["why"])
            for o in r["objectives"]
        ),
    )
    if r["expected"]:
        yield from _table(
            ("By", "Who", "Action", "Seen"),
            (
                (a["by"], a["who"], a["text"], "; ".join(
                    f"{s['team']}: {s['state'] or 'not looked at'} {s['note']}".strip()
                    for s in a["seen"]
                ) if a["released"] else "not reached")
                for a in r["expected"]
            ),
        )  # fmt: skip


def _decisions(r: dict[str, Any]) -> Iterator[str]:
    for d in r["decisions"]:
        yield f"**{plain(d['text'])}**\n"
        for t in d["teams"]:
            chosen = plain(t["chosen"] or "nothing")
            yield f"- {plain(t['team'])}: {chosen} ({t['quality']}). {plain(t['how'])}"
        yield f"- Best: {plain(' / '.join(d['best']))}\n"


def _why(r: dict[str, Any]) -> Iterator[str]:
    yield "## Why\n"
    if r["strengths"]:
        yield "### Strengths\n"
        yield from (f"- {plain(s)}" for s in r["strengths"])
        yield ""
    for cause in r["causes"]:
        yield f"### {cause['cause'].capitalize()}: {cause['means']}\n"
        for f in (f for f in r["findings"] if f["cause"] == cause["cause"]):
            yield f"- **{plain(f['title'])}** ({f['severity']}). {plain(f['what'])} "
            yield f"  Why: {plain(f['why'])} "
            yield f"  {plain(f['recommendation'])} Owner: {plain(f['owner'])}. "
            yield f"  Verified by: {plain(f['verified_by'])}."
        yield ""


def _score(r: dict[str, Any]) -> Iterator[str]:
    yield "## The score, and what it is made of\n"
    teams = [t["team"] for t in r["score"]["teams"]]
    rows = [
        (p["title"], f"{p['weight']:g}", *(
            f"{p['teams'][t]['told']} (n {p['teams'][t]['items']})" for t in teams
        ), p["told"])
        for p in r["parts"]
    ]  # fmt: skip
    totals = (shown(t["total"]) for t in r["score"]["teams"])
    rows.append(("Total", "", *totals, shown(r["score"]["overall"])))
    yield from _table(("Part", "Weight", *(plain(t) for t in teams), "Mean"), rows)
    yield from (f"- {plain(n)}" for n in r["notes"])
    yield ""
    if r["questions"]:
        yield from _table(
            ("Question", "True", "Why", "Right"),
            (
                (q["text"], " or ".join(q["right"]), q["why"], f"{q['correct']} of {q['answers']}")
                for q in r["questions"]
            ),
        )


def _plan(r: dict[str, Any]) -> Iterator[str]:
    yield "## Improvement plan\n"
    if not r["improvements"]:
        yield "No items are proposed yet.\n"
        return
    yield from _table(
        ("Id", "What", "Owner", "Due", "Element", "Verified by", "Status"),
        (
            (i["id"], f"{i['title']}. {i['recommendation']}", i["owner"], i["due"], i["element"],
             i["verified_by"], i["status"])
            for i in r["improvements"]
        ),
    )  # fmt: skip
