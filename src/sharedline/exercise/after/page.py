"""The after-action report as one HTML file: its own style sheet, no script, nothing loaded."""

from __future__ import annotations

from typing import Any

import jinja2
from markupsafe import Markup

from sharedline import pages
from sharedline.exercise.score.model import shown

PACKAGE = "sharedline.exercise.after"
SEEN = {"done": "done", "late": "late", "missed": "missed", "": "not looked at"}


def render(data: dict[str, Any]) -> str:
    """The page of a report (see `report.report`); all text in it is escaped."""
    style = pages.asset(PACKAGE, "style.css")
    return (
        _environment()
        .get_template("report.html")
        .render(
            style=Markup(style),  # noqa: S704 our own file, in the package
            policy=pages.policy(style),
            r=data,
            open_items=[i for i in data["improvements"] if i["status"] != "verified"],
            names=[t["team"] for t in data["score"]["teams"]],
        )
    )


def _moment(value: str) -> str:
    """A time of the report for people."""
    return f"{value[:10]} {value[11:16]} UTC" if value else "not yet"


def _number(value: Any) -> str:
    """A weight or a minute without needless digits."""
    return f"{value:g}" if isinstance(value, int | float) else ""


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value * 100:.0f} %"


def _environment() -> jinja2.Environment:
    environment = pages.environment(PACKAGE)
    environment.filters.update(moment=_moment, number=_number, percent=_percent, points=shown)
    environment.globals.update(SEEN=SEEN)
    return environment
