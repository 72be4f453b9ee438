"""The style sheet: readable in light, in dark and on paper, by the numbers of WCAG 2.2."""

from __future__ import annotations

import re
from importlib import resources

import pytest

STYLE = resources.files("sharedline.report").joinpath("templates", "style.css").read_text("utf-8")


def tokens(after: str) -> dict[str, str]:
    """The colours that the first `:root` after a text declares."""
    block = STYLE[STYLE.index(after) :]
    block = block[block.index(":root") :]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", block[: block.index("}")]))


LIGHT = tokens(":root")
THEMES = {
    "light": LIGHT,
    "dark": {**LIGHT, **tokens("prefers-color-scheme: dark")},
    "print": {**LIGHT, **tokens("@media print")},
}
#: Text colour, and the grounds it stands on.
PAIRS = [
    *[(c, g) for c in ("ink", "soft", "link", "red", "amber", "green", "violet", "teal", "aws",
                       "none") for g in ("paper", "raised")],
    ("red", "red-tint"), ("amber", "amber-tint"), ("green", "green-tint"), ("teal", "teal-tint"),
    ("aws", "aws-tint"), ("you", "you-tint"), ("ink", "aws-tint"), ("ink", "you-tint"),
    ("on-red", "red"), ("ink", "code"),
]


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_text_has_contrast(theme: str) -> None:
    colours = THEMES[theme]
    poor = {
        (text, ground): round(contrast(colours[text], colours[ground]), 2)
        for text, ground in PAIRS
        if contrast(colours[text], colours[ground]) < 4.5
    }
    assert poor == {}


@pytest.mark.parametrize("theme", THEMES)
def test_both_sides_of_the_line_stand_out_from_the_page(theme: str) -> None:
    for side in ("aws", "you"):
        assert contrast(THEMES[theme][side], THEMES[theme]["raised"]) >= 3


def test_dark_defines_every_colour_anew() -> None:
    dark = tokens("prefers-color-scheme: dark")
    assert set(LIGHT) == set(dark)


def test_sides_and_nobody_have_patterns_besides_colours() -> None:
    assert re.search(r"on-aws.*?\)::before \{[^}]*radial-gradient", STYLE)
    assert re.search(r"nobody::after \{[^}]*repeating-linear-gradient", STYLE)
    assert re.search(r"on-moves::before \{[^}]*bottom: 3px", STYLE)


def test_the_page_prints_on_a4_with_the_map_across() -> None:
    assert "size: A4;" in STYLE
    assert "size: A4 landscape" in STYLE
    assert "#map { page: broad" in STYLE
