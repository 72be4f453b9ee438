"""Turns a template into an answer: the frame around every page, what templates can call."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from sharedline import __version__, pages
from sharedline.people.passwords import SHORTEST
from sharedline.report.names import GLYPH, SIDES, clipped, count, day, minute, safe_url
from sharedline.text import brief
from sharedline.web.access import caller_of
from sharedline.web.site import site_of

PACKAGE = "sharedline.web"


@lru_cache(maxsize=1)
def engine() -> jinja2.Environment:
    """The template engine: it escapes, and refuses names that are not there."""
    environment = pages.environment(PACKAGE)
    environment.filters.update(
        brief=brief, clipped=clipped, count=count, day=day, minute=minute, url=safe_url
    )
    environment.globals.update(
        GLYPH=GLYPH, SIDES=SIDES, SHORTEST=SHORTEST, VERSION=__version__, query=query
    )
    return environment


def query(now: dict[str, Any], **changed: Any) -> str:
    """The page's query with some of it changed; empty values leave it. For links: `?a=1&b=2`."""
    kept = {k: v for k, v in {**now, **changed}.items() if v not in ("", None)}
    return "?" + urlencode(kept)


def page(
    request: Request, template: str, *, status: int = 200, title: str, **context: Any
) -> HTMLResponse:
    """A whole page, in its frame (`base.html`), for whoever asks.

    Templates find `person` (or none), `nav`, `csrf` (the token), `partial` (whether htmx asks for a
    piece), `title`, `path`, `args` (the query).
    """
    from sharedline.web.app import navigation

    caller = caller_of(request)
    found = {
        "person": caller.person,
        "csrf": caller.csrf,
        "nav": navigation(caller.person),
        "title": title,
        "path": request.url.path,
        "args": dict(request.query_params),
        "partial": request.headers.get("hx-request") == "true"
        and request.headers.get("hx-boosted") != "true",
        "place": site_of(request).project.folder.name,
        "exercise": False,
        **context,
    }
    return HTMLResponse(engine().get_template(template).render(found), status)
