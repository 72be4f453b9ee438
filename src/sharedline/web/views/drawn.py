"""Drawings of the exercise programme: scores over time."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

from sharedline.exercise.programme import Past
from sharedline.text import visible

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 190, 42, 24, 14, 30


def trend(past: Sequence[Past]) -> Markup:
    """The whole score of each run from left to right by its day; empty below two of them."""
    rows = [(p.ended, p.total, p.title) for p in past if p.total is not None]
    if len(rows) < 2:
        return Markup()
    first, last = rows[0][0], rows[-1][0]
    span = (last - first).total_seconds() or 1.0
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    points = [
        (
            LEFT + wide * (at - first).total_seconds() / span,
            TOP + high * (1 - total),
            f"{at:%Y-%m-%d} {title}: {round(100 * total)} of 100",
        )
        for at, total, title in rows
    ]
    parts = []
    for mark in (0, 50, 100):
        y = TOP + high * (1 - mark / 100)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(
            f'<text class="dim" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{mark}</text>'
        )
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y, _ in points)
    parts.append(f'<path class="line" d="M{line}"/>')
    for x, y, told in points:
        title = escape(visible(told, lines=False))
        parts.append(
            f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4.5"><title>{title}</title></circle>'
        )
    ends = ((first, LEFT, "start"), (last, WIDTH - RIGHT, "end"))
    for at, x, anchor in ends:
        parts.append(
            f'<text class="dim" x="{x}" y="{HEIGHT - 8}" text-anchor="{anchor}">{at:%Y-%m-%d}</text>'
        )
    scores = [round(100 * total) for _, total, _ in rows]
    said = f"Whole scores of {len(rows)} exercises, {first:%Y-%m-%d} to {last:%Y-%m-%d}"
    said += f", from {scores[0]} to {scores[-1]} of 100; the table below lists them."
    return Markup(  # noqa: S704 every text in it is escaped here
        f'<svg class="graph trend" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(said)}">'
        f"{''.join(parts)}</svg>"
    )
