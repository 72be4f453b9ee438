"""The steps of an incident as a drawing: a lane for each principal, time from left to right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from markupsafe import Markup

from sharedline.text import middle, visible

#: The drawing's measures, in pixels; so many lanes have a name, the rest share the last.
WIDTH, LEFT, RIGHT, LANE, TOP, LANES = 980, 210, 20, 34, 30, 7
_OTHERS = "others"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _lanes(steps: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    names = list(dict.fromkeys(str(s["principal"]) for s in steps))
    kept = names if len(names) <= LANES else [*names[: LANES - 1], _OTHERS]
    return {name: n for n, name in enumerate(kept)}


def timeline(steps: Sequence[Mapping[str, Any]]) -> Markup:
    """The drawing of the steps of a verdict as SVG; nothing where there are none.

    A square is a step on which a duty bears, a ring one that was refused, a pale dot one that is
    perhaps linked: shape tells, not colour alone. Everything stands in the table below it, too.
    """
    if not steps:
        return Markup()
    lanes = _lanes(steps)
    times = [_moment(s["time"]) for s in steps]
    first, last = min(times), max(times)
    span = (last - first).total_seconds() or 1.0
    height = TOP + LANE * len(lanes) + 28
    parts = [_frame(lanes), _axis(first, last, height)]
    taken: dict[tuple[int, int], int] = {}
    for step, at in zip(steps, times, strict=True):
        lane = lanes.get(str(step["principal"]), len(lanes) - 1)
        x = LEFT + (WIDTH - LEFT - RIGHT) * (at - first).total_seconds() / span
        # What falls on the same place is moved a little, so that each can be pointed at.
        spot = (lane, int(x // 9))
        shift = taken.get(spot, 0)
        taken[spot] = shift + 1
        y = TOP + LANE * lane + LANE / 2 + (0, -8, 8, -12, 12)[shift % 5]
        parts.append(_mark(step, x, y))
    said = f"{len(steps)} steps of {len(lanes)} principals from {first:%Y-%m-%d %H:%M} UTC"
    said += f" to {last:%Y-%m-%d %H:%M} UTC"
    return Markup(  # noqa: S704 every text in it is escaped here
        f'<svg class="graph timeline" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(said)}; the table below lists them.">{"".join(parts)}</svg>'
    )


def _frame(lanes: Mapping[str, int]) -> str:
    out = []
    for name, n in lanes.items():
        y = TOP + LANE * n
        shown = escape(middle(visible(name.rpartition(":")[2] or name, lines=False), 30))
        whole = escape(visible(name, lines=False))
        out.append(f'<rect class="lane l-{n % 2}" x="0" y="{y}" width="{WIDTH}" height="{LANE}"/>')
        out.append(f'<text x="8" y="{y + LANE / 2 + 4}">{shown}<title>{whole}</title></text>')
    return "".join(out)


def _axis(first: datetime, last: datetime, height: int) -> str:
    out = []
    form = "%H:%M:%S" if (last - first).total_seconds() < 600 else "%d %b %H:%M"
    marks = 5 if last > first else 1
    for n in range(marks):
        share = n / (marks - 1) if marks > 1 else 0
        x = LEFT + (WIDTH - LEFT - RIGHT) * share
        at = first + (last - first) * share
        anchor = "start" if n == 0 else "end" if n == marks - 1 else "middle"
        out.append(f'<path class="grid" d="M{x:.1f} {TOP - 4}V{height - 20}"/>')
        out.append(
            f'<text class="dim" x="{x:.1f}" y="{height - 6}" text-anchor="{anchor}">'
            f"{at.strftime(form)}</text>"
        )
    out.append(f'<text class="dim" x="{LEFT}" y="16">{first:%Y-%m-%d}, UTC</text>')
    return "".join(out)


def _mark(step: Mapping[str, Any], x: float, y: float) -> str:
    told = f"{step['step']}. {step['time']} {step['event']}"
    if step["error"]:
        told += f" ({step['error']})"
    title = f"<title>{escape(visible(told, lines=False))}</title>"
    weak = " weak" if step["strength"] == "weak" else ""
    if step["error"]:
        shape = f'<circle class="dot refused{weak}" cx="{x:.1f}" cy="{y:.1f}" r="4.5">'
        return f"{shape}{title}</circle>"
    if step["duties"]:
        shape = (
            f'<rect class="dot bears{weak}" x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10">'
        )
        return f"{shape}{title}</rect>"
    return f'<circle class="dot{weak}" cx="{x:.1f}" cy="{y:.1f}" r="4">{title}</circle>'
