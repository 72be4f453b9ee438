"""Drawings as SVG made here: classes and patterns only, words for who cannot see them, no script.

Every drawing has a title and a description; what a colour says a pattern or a word says too. A
number that opens rows is a link to `address` + `?` + its query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from sharedline.browse.flow import Flow, Node, Number
from sharedline.report.names import count
from sharedline.text import middle, visible

WIDTH = 720
#: Patterns beside the colours, by the class that uses them: lines, dots, crosses.
_PATTERNS = {
    "slash": '<path d="M0 8L8 0"/>',
    "back": '<path d="M0 0L8 8"/>',
    "dots": '<circle cx="4" cy="4" r="1.6"/>',
    "cross": '<path d="M0 8L8 0M0 0L8 8"/>',
    "level": '<path d="M0 4H8"/>',
    "upright": '<path d="M4 0V8"/>',
}
#: Which pattern a word's area has; other words have none.
_OF_WORD = {
    "unmet": "cross", "critical": "cross", "open": "slash", "high": "slash", "nobody": "back",
    "no": "back", "unknown": "dots", "claimed": "level", "medium": "level", "waived": "upright",
    "shared": "dots", "unverified": "dots", "aws": "upright",
}  # fmt: skip


def _text(value: object) -> str:
    return str(escape(visible(value, lines=False)))


def _word(value: str) -> str:
    """A class of our own making from a word: nothing of a name gets into the markup."""
    plain = "".join(c for c in value.lower() if c.isascii() and (c.isalnum() or c == "-"))
    return plain[:24] or "other"


def _frame(name: str, look: str, size: tuple[int, int], title: str, told: str, body: str) -> Markup:
    known = _word(name)
    defs = "".join(
        f'<pattern id="{known}-{p}" class="pattern" width="8" height="8" '
        f'patternUnits="userSpaceOnUse">{shape}</pattern>'
        for p, shape in _PATTERNS.items()
    )
    # What is one picture to a reader of screens must hold nothing that can be pressed.
    role = "group" if "<a " in body else "img"
    return Markup(  # noqa: S704 every text in it went through `_text`, every class through `_word`
        f'<svg class="chart {look}" viewBox="0 0 {size[0]} {size[1]}" role="{role}" '
        f'aria-labelledby="{known}-t {known}-d"><title id="{known}-t">{_text(title)}</title>'
        f'<desc id="{known}-d">{_text(told)}</desc><defs>{defs}</defs>{body}</svg>'
    )


def _area(name: str, word: str, shape: str) -> str:
    """A shape in its colour, and over it once more in its pattern."""
    pattern = _OF_WORD.get(word)
    over = f'<{shape} fill="url(#{_word(name)}-{pattern})"/>' if pattern else ""
    return f'<{shape} class="area is-{_word(word)}"/>{over}'


def _linked(number: Number, address: str, inside: str) -> str:
    if not number.query or not address:
        return inside
    label = _text(f"{number.label or 'rows'}: {number.n:,}")
    where = _text(f"{address}?{number.query}")
    return f'<a href="{where}" aria-label="{label}">{inside}</a>'


def bars(name: str, title: str, numbers: Sequence[Number], address: str = "") -> Markup:
    """Horizontal bars, one for each number, with its word on the left and its count on the right."""
    most = max((n.n for n in numbers), default=0) or 1
    parts = []
    for row, number in enumerate(numbers):
        y = row * 28
        length = max(2 if number.n else 0, round(number.n * 400 / most))
        shape = f'rect x="200" y="{y + 4}" width="{length}" height="18"'
        inside = (
            f'<text class="label" x="192" y="{y + 18}" text-anchor="end">'
            f"{_text(middle(number.label, 28))}</text>{_area(name, number.label, shape)}"
            f'<text class="value" x="{208 + length}" y="{y + 18}">{count(number.n)}</text>'
        )
        parts.append(_linked(number, address, inside))
    told = "; ".join(f"{n.label}: {n.n}" for n in numbers) or "Nothing to show."
    return _frame(name, "bars", (WIDTH, max(28, 28 * len(numbers))), title, told, "".join(parts))


def line(
    name: str, title: str, labels: Sequence[str], series: Mapping[str, Sequence[int]]
) -> Markup:
    """Lines over the same points from left to right, e.g. a burn-down; each has its own marks."""
    height, left, right, bottom = 260, 60, WIDTH - 120, 220
    most = max((v for values in series.values() for v in values), default=0) or 1
    step = (right - left) / max(1, len(labels) - 1)
    parts = [f'<path class="axis" d="M{left} 10V{bottom}H{right}"/>',
             f'<text class="value" x="{left - 6}" y="18" text-anchor="end">{count(most)}</text>',
             f'<text class="value" x="{left - 6}" y="{bottom}" text-anchor="end">0</text>']  # fmt: skip
    for n, (word, values) in enumerate(series.items()):
        at = [(round(left + i * step, 1), round(bottom - v * (bottom - 14) / most, 1))
              for i, v in enumerate(values)]  # fmt: skip
        path = "M" + "L".join(f"{x} {y}" for x, y in at) if at else ""
        parts.append(f'<path class="line line-{n}" d="{path}"/>')
        parts += [_mark(n, x, y) for x, y in at]
        if at:
            parts.append(f'<text class="label" x="{at[-1][0] + 10}" y="{at[-1][1] + 4}">'
                         f"{_text(middle(word, 16))}</text>")  # fmt: skip
    for i, end in ((0, "start"), (len(labels) - 1, "end")) if labels else ():
        x = round(left + i * step, 1)
        parts.append(f'<text class="tick" x="{x}" y="{bottom + 18}" text-anchor="{end}">'
                     f"{_text(labels[i])}</text>")  # fmt: skip
    told = "; ".join(f"{word}: {', '.join(map(str, v))}" for word, v in series.items())
    told = f"{labels[0]} to {labels[-1]}. {told}" if labels else "Nothing to show."
    return _frame(name, "lines", (WIDTH, height), title, told, "".join(parts))


def _mark(n: int, x: float, y: float) -> str:
    """A point: a circle, a square or a triangle, so that lines differ without colour."""
    if n % 3 == 0:
        return f'<circle class="mark line-{n}" cx="{x}" cy="{y}" r="3"/>'
    if n % 3 == 1:
        return f'<rect class="mark line-{n}" x="{x - 3}" y="{y - 3}" width="6" height="6"/>'
    return f'<path class="mark line-{n}" d="M{x - 4} {y + 3}H{x + 4}L{x} {y - 4}Z"/>'


def sparkline(name: str, title: str, values: Sequence[int]) -> Markup:
    """A small line without axes."""
    most = max(values, default=0) or 1
    step = 116 / max(1, len(values) - 1)
    at = [(round(2 + i * step, 1), round(22 - v * 20 / most, 1)) for i, v in enumerate(values)]
    path = "M" + "L".join(f"{x} {y}" for x, y in at) if at else ""
    told = ", ".join(map(str, values)) or "Nothing to show."
    return _frame(name, "spark", (120, 24), title, told, f'<path class="line" d="{path}"/>')


# -- the flow -------------------------------------------------------------------------------------

_TALL, _BAR, _GAP = 320, 16, 14


def flow(name: str, title: str, drawn: Flow, address: str = "") -> Markup:
    """Bars in columns, joined by bands as broad as what flows."""
    columns: dict[int, list[Node]] = {}
    for node in drawn.nodes:
        columns.setdefault(node.column, []).append(node)
    whole = max((sum(n.number.n for n in c) for c in columns.values()), default=0) or 1
    gaps = max((len(c) - 1 for c in columns.values()), default=0)
    scale = (_TALL - gaps * _GAP) / whole
    step = (WIDTH - 150) / max(1, len(columns) - 1)
    place: dict[str, tuple[float, float]] = {}
    for column, nodes in columns.items():
        y = 4.0
        for node in nodes:
            place[node.id] = (round(10 + column * step, 1), y)
            y += max(1.0, node.number.n * scale) + _GAP
    parts = _bands(drawn, place, scale, address)
    for node in drawn.nodes:
        x, y = place[node.id]
        tall = max(1.0, node.number.n * scale)
        shape = f'rect x="{x}" y="{y:.1f}" width="{_BAR}" height="{tall:.1f}"'
        inside = (
            _area(name, node.id.partition("-")[2] or node.id, shape)
            + f'<text class="label" x="{x + _BAR + 5}" y="{y + min(tall, 24) / 2 + 4:.1f}">'
            f"{_text(node.number.label)} {count(node.number.n)}</text>"
        )
        parts.append(_linked(node.number, address, inside))
    told = "; ".join(
        f"{n.source.partition('-')[2] or n.source} to {n.target.partition('-')[2]}: {n.number.n}"
        for n in drawn.links
    )
    return _frame(
        name, "flow", (WIDTH, _TALL + 16), title, told or "Nothing to show.", "".join(parts)
    )


def _bands(
    drawn: Flow, place: Mapping[str, tuple[float, float]], scale: float, address: str
) -> list[str]:
    leaves: dict[str, float] = {}
    comes: dict[str, float] = {}
    parts = []
    for link in drawn.links:
        tall = max(0.5, link.number.n * scale)
        x1, y1 = place[link.source]
        x2, y2 = place[link.target]
        x1 += _BAR
        y1 += leaves.get(link.source, 0.0)
        y2 += comes.get(link.target, 0.0)
        leaves[link.source] = leaves.get(link.source, 0.0) + tall
        comes[link.target] = comes.get(link.target, 0.0) + tall
        middle_x = (x1 + x2) / 2
        path = (
            f"M{x1:.1f} {y1:.1f}C{middle_x:.1f} {y1:.1f} {middle_x:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
            f"V{y2 + tall:.1f}C{middle_x:.1f} {y2 + tall:.1f} {middle_x:.1f} {y1 + tall:.1f} "
            f"{x1:.1f} {y1 + tall:.1f}Z"
        )
        word = _word(link.target.partition("-")[2])
        number = Number(f"{link.source} to {link.target}", link.number.n, link.number.query)
        parts.append(_linked(number, address, f'<path class="band is-{word}" d="{path}"/>'))
    return parts
