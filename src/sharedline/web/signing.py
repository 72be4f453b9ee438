"""Lets people in and out: the session's cookie, where they go next, what the audit log says."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from sharedline.people import accounts, audit, sessions
from sharedline.people.model import Action, Person
from sharedline.web import site as sites
from sharedline.web.access import Refused, address_of, caller_of, cookie, needs, prove
from sharedline.web.site import Site, site_of


def own_path(given: str) -> str:
    """A path of ours to go to after signing in; the first page where it is anything else."""
    try:
        parts = urlsplit(given)
    except ValueError:
        return "/"
    # Browsers read \ as /, and leave tabs and ends of lines out.
    fits = given.isprintable() and given.isascii() and "\\" not in given and len(given) <= 2_000
    if not fits or not given.startswith("/") or given.startswith("//"):
        return "/"
    if parts.scheme or parts.netloc or parts.path in ("/sign-in", "/sign-out"):
        return "/"
    return given


def let_in(request: Request, person: Person, how: str, target: str) -> Response:
    """Opens a session and sends the browser on; the session that it had is closed."""
    site, before = site_of(request), request.cookies.get(cookie(site_of(request)), "")
    with site.database.begin() as connection:
        if before:
            sessions.close(connection, before)
        agent = request.headers.get("user-agent", "")
        secret, _ = sessions.open_session(connection, person, agent, sites.now())
        accounts.saw(connection, person, sites.now())
        write(connection, request, person, "session.open", person.name, {"how": how})
    answer = RedirectResponse(own_path(target), 303)
    # Lax, so that who follows a link in a message is still signed in.
    answer.set_cookie(
        cookie(site), secret, httponly=True, samesite="lax", secure=site.secure, path="/",
        max_age=int(sessions.LONGEST.total_seconds()),
    )  # fmt: skip
    return answer


def let_out(request: Request, person: Person | None) -> Response:
    """Closes the session of this browser, if it has one."""
    site = site_of(request)
    if person is not None:
        with site.database.begin() as connection:
            sessions.close(connection, request.cookies.get(cookie(site), ""))
            write(connection, request, person, "session.close", person.name)
    answer = RedirectResponse("/sign-in", 303)
    forget(answer, cookie(site), site)
    return answer


def write(
    connection: sa.Connection,
    request: Request,
    who: Person,
    action: str,
    target: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Writes the audit log: who did what, from which address; in the transaction of the change."""
    audit.write(connection, who.name, who.role, action, target, detail, address_of(request))


def before(site: Site, what: str) -> str:
    """The name of a cookie for who has no session yet."""
    return f"{cookie(site)}-{what}"


def keep(answer: Response, name: str, value: str, site: Site, seconds: int) -> None:
    """Sets a cookie that scripts cannot read."""
    answer.set_cookie(
        name, value, httponly=True, samesite="lax", secure=site.secure, path="/", max_age=seconds
    )


def forget(answer: Response, name: str, site: Site) -> None:
    """Takes a cookie back."""
    answer.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=site.secure)


def form_token(request: Request) -> str:
    """The token of a form for who has no session: the one that the browser has, or a new one."""
    given = request.cookies.get(before(site_of(request), "form"), "")
    return given if re.fullmatch(r"[\w-]{32,64}", given, re.ASCII) else secrets.token_urlsafe(32)


async def own_form(request: Request) -> None:
    """A dependency: the form was our page's, though nobody has signed in (double submit)."""
    await prove(request, request.cookies.get(before(site_of(request), "form"), ""))


def in_person(action: Action) -> Callable[..., Person]:
    """A dependency like `needs`, but not for tokens: they neither make tokens nor change passwords."""
    signed_in = Depends(needs(action))

    def person(request: Request, found: Person = signed_in) -> Person:
        if caller_of(request).by_token:
            raise Refused(403, "This needs a person who has signed in, not a token.")
        return found

    vars(person)["action"] = action  # the test over all routes reads it
    return person
