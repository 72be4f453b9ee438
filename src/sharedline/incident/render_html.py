"""The verdict as one HTML page that needs nothing else: no script, no font, no address loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jinja2
from markupsafe import Markup

from sharedline import __version__, pages
from sharedline.text import visible

PACKAGE = "sharedline.incident"
#: A status's sign and class: colour alone must not tell.
SIGNS: Mapping[str, tuple[str, str]] = {
    "failed": ("✗", "failed"),
    "not in place": ("⌀", "absent"),
    "met but insufficient": ("~", "insufficient"),
    "could not have existed": ("–", "impossible"),
    "undecidable from this evidence": ("?", "undecidable"),
}
SIDES = {
    "aws": "AWS’s side",
    "customer": "your side",
    "shared": "shared",
    "unknown": "side unknown",
}
#: A text longer than this is cut: an event may hold a policy of a megabyte.
LONGEST = 600


def page(incidents: Sequence[Mapping[str, Any]]) -> str:
    """The page of one incident, or of several."""
    style = pages.asset(PACKAGE, "incident.css")
    return (
        _environment()
        .get_template("incident.html")
        .render(
            incidents=incidents,
            style=Markup(style),  # noqa: S704 our own file, in the package
            policy=pages.policy(style),
            version=__version__,
        )
    )


def _shown(value: Any) -> Any:
    """Every value that the template prints: what a page would act on becomes visible, and short."""
    if value is None:
        return ""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    text = visible(value, lines=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text) - LONGEST} more)"


def _url(value: str) -> str:
    return value if value.startswith("https://") else ""


def _environment() -> jinja2.Environment:
    environment = pages.environment(PACKAGE, _shown)
    environment.filters["url"] = _url
    environment.globals.update(SIGNS=SIGNS, SIDES=SIDES)
    return environment
