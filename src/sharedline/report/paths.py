"""The ways to administrator rights: one drawing for all principals that share one, with evidence."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from markupsafe import Markup

from sharedline.report.names import anchor, clipped, count
from sharedline.results import Results
from sharedline.text import middle, visible

TABLE = "escalation_path"
#: So many drawings stand in the page; the others are a command away.
DRAWN = 24
#: So many names stand in the box that a drawing begins with.
NAMES = 4
#: The drawing's measures, in pixels: it fits a telephone, and several stand side by side.
WIDTH, LINE, PAD, STEM = 340, 17, 9, 20
#: Characters that fit a line of a box, and one beside an arrow.
IN_BOX, BESIDE = 40, 44

_ORDER = ("yes", "depends", "unknown")
_SAYS: Mapping[str, str] = {"yes": "", "depends": "on conditions", "unknown": "not known"}


@dataclass(frozen=True)
class Drawn:
    """One way, and who shares it."""

    starts: tuple[str, ...]
    answer: str
    hops: Sequence[Mapping[str, Any]]
    conditions: str
    unknown: str
    svg: Markup

    @property
    def title(self) -> str:
        """The way in a few words."""
        return _title(self.starts, self.hops)

    @property
    def word(self) -> str:
        """How sure it is, in words; empty where it is certain."""
        return _SAYS[self.answer]


@dataclass(frozen=True)
class Escalation:
    """What the section shows."""

    judged: int
    counts: Mapping[str, int]
    ways: Sequence[Drawn]
    hidden: int
    unread: int


def escalation(results: Results) -> Escalation | None:
    """The section; None where the scan did not look for ways."""
    stored = results.manifest.data.get("tables", {}).get(TABLE)
    if stored is None:
        return None
    files = results.lake.files(results.manifest, "inventory", TABLE)
    rows = sum(f["rows"] for f in results.manifest.data["files"] if f["table"] == TABLE)
    view = f"report__{TABLE}"
    results.duck.files(view, files, stored, stored, rows)
    columns = "arn, answer, hops, conditions, unknown, evidence"
    return section(results.duck.query(f"select {columns} from {view} order by arn").to_pylist())


def section(rows: Iterable[Mapping[str, Any]]) -> Escalation:
    """The section from the rows of the table: ways that differ in their beginning only are one."""
    groups: dict[tuple[object, ...], list[tuple[Mapping[str, Any], list[dict[str, Any]]]]] = {}
    counts = dict.fromkeys(_ORDER, 0)
    judged = unread = 0
    for row in rows:
        judged += 1
        if row["answer"] not in counts:
            continue
        counts[row["answer"]] += 1
        hops = json.loads(row["evidence"] or "[]")
        if not hops:
            unread += 1
            continue
        groups.setdefault(_alike(row, hops), []).append((row, hops))
    order = sorted(groups.values(), key=lambda g: (_ORDER.index(g[0][0]["answer"]), -len(g)))
    drawn = [_drawn(group, number) for number, group in enumerate(order[:DRAWN], 1)]
    return Escalation(judged, counts, drawn, len(order) - len(drawn), unread)


def _alike(row: Mapping[str, Any], hops: Sequence[Mapping[str, Any]]) -> tuple[object, ...]:
    first, *rest = hops
    # Who raises itself ends at itself: such ways are alike whoever it is.
    own = first["to_arn"] == first["from_arn"]
    end = "itself" if own else first["to"]
    return (
        *(row["answer"], row["conditions"], row["unknown"], first["rule"], end),
        *((hop["rule"], hop["to"]) for hop in rest),
    )


def _drawn(group: list[tuple[Mapping[str, Any], list[dict[str, Any]]]], number: int) -> Drawn:
    row, hops = group[0]
    starts = tuple(each[0]["from"] for _, each in group)
    if len(group) > 1 and hops[0]["to_arn"] == hops[0]["from_arn"]:
        hops = [{**hops[0], "to": "the same, with any policy"}, *hops[1:]]
    return Drawn(
        starts=starts,
        answer=row["answer"],
        hops=hops,
        conditions=row["conditions"],
        unknown=row["unknown"],
        svg=Markup(drawing(starts, hops, row["answer"], anchor("way", str(number)))),  # noqa: S704
    )


def _title(starts: Sequence[str], hops: Sequence[Mapping[str, Any]]) -> str:
    who = starts[0] if len(starts) == 1 else count(len(starts), "principal")
    hop = "one hop" if len(hops) == 1 else f"{len(hops)} hops"
    return f"{who} to administrator in {hop}"


# -- drawing --------------------------------------------------------------------------------------


class _Pen:
    """Writes SVG from top to bottom; every text is escaped here and nowhere else."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.y = 1

    def text(self, x: int, words: str, look: str) -> None:
        self.y += LINE
        shown = escape(visible(words, lines=False))
        self.parts.append(f'<text class="{look}" x="{x}" y="{self.y - 4}">{shown}</text>')

    def box(self, lines: Sequence[tuple[str, str]], look: str) -> None:
        top, height = self.y, len(lines) * LINE + 2 * PAD
        self.parts.append(
            f'<rect class="{look}" x="1" y="{top}" width="{WIDTH - 2}" height="{height}" rx="5"/>'
        )
        self.y += PAD
        for words, class_ in lines:
            self.text(12, middle(words, IN_BOX), class_)
        self.y = top + height

    def arrow(self, lines: Sequence[tuple[str, str]], look: str) -> None:
        top = self.y
        self.y += 5
        for words, class_ in lines:
            self.text(STEM + 14, words, class_)
        self.y += 7
        tip = self.y
        self.parts.append(f'<path class="{look}" d="M{STEM} {top}V{tip - 6}"/>')
        self.parts.append(
            f'<path class="tip" d="M{STEM - 5} {tip - 8}L{STEM} {tip}L{STEM + 5} {tip - 8}Z"/>'
        )


def drawing(
    starts: Sequence[str], hops: Sequence[Mapping[str, Any]], answer: str, name: str
) -> str:
    """A way as SVG: boxes are principals, arrows what leads from one to the next.

    How sure a hop is stands in words and in the stroke: solid, dashed, dotted. No style, no script:
    classes only, so that the page's policy and its colours in light, dark and print hold.
    """
    pen = _Pen()
    shown = [(one, "who") for one in starts[:NAMES]]
    if len(starts) > NAMES:
        shown.append((f"and {len(starts) - NAMES:,} more", "by"))
    pen.box(shown, "box")
    for at, hop in enumerate(hops):
        last = at == len(hops) - 1
        words = [(line, "does") for line in textwrap.wrap(clipped(hop["title"]), BESIDE)[:2]]
        words.append((middle(hop["rule"], BESIDE), "by"))
        if hop["via"]:
            words.append((f"by {middle(hop['via'], BESIDE - 3)}", "by"))
        if _SAYS[hop["answer"]]:
            words.append((_SAYS[hop["answer"]], f"sure-{hop['answer']}"))
        pen.arrow(words, f"stem is-{hop['answer']}")
        box = [(hop["to"], "who")]
        pen.box([*box, ("administrator", "what")] if last else box, "box end" if last else "box")
    height = pen.y + 1
    title, told = escape(visible(_title(starts, hops))), escape(visible(_told(starts, hops)))
    return (
        f'<svg class="way-{answer}" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
        f' height="{height}" role="img" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{title}</title><desc id="{name}-d">{told}</desc>'
        f"{''.join(pen.parts)}</svg>"
    )


def _told(starts: Sequence[str], hops: Sequence[Mapping[str, Any]]) -> str:
    said = [", ".join(starts[:NAMES])]
    for hop in hops:
        sure = f" ({_SAYS[hop['answer']]})" if _SAYS[hop["answer"]] else ""
        said.append(f"{clipped(hop['title'])}{sure}, to {hop['to']}")
    return "; then ".join(said) + "."
