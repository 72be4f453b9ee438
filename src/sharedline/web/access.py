"""Who is asking, and whether they may: by the browser's session or by an API token.

A route says what it needs by the kind of its parameter: `person: See`, `person: Waive`. One that
changes something and is reached by a browser also proves that our own page sent it (CSRF): the
dependency does that for every method but GET and HEAD. Routes for everybody say so by
`dependencies=[Depends(anybody)]`; a test goes over all routes and finds those that say neither.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import HTTPConnection, Request

from sharedline.people import sessions, tokens
from sharedline.people.model import Action, Person
from sharedline.web import site as sites
from sharedline.web.site import Site, site_of

SAFE = frozenset({"GET", "HEAD"})
#: The name of the hidden field, and of the header that scripts send instead.
FIELD, HEADER = "csrf", "x-csrf-token"


class Refused(Exception):  # noqa: N818 not an error of the program
    """The request is answered with a status and a sentence; 401 leads browsers to sign in."""

    def __init__(self, status: int, message: str, *, retry: int = 0) -> None:
        super().__init__(message)
        self.status, self.message, self.retry = status, message, retry


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking: a person by session or token, or nobody."""

    person: Person | None
    #: What the forms of this session carry; empty for tokens.
    csrf: str = ""
    by_token: bool = False


NOBODY = Caller(None)


def cookie(site: Site) -> str:
    """The session cookie's name; with TLS one that no other host may set."""
    return "__Host-sharedline" if site.secure else "sharedline"


def caller_of(request: HTTPConnection) -> Caller:
    """Who is asking, found once for each request."""
    known = getattr(request.state, "caller", None)
    if isinstance(known, Caller):
        return known
    found = _find(request)
    request.state.caller = found
    return found


def _find(request: HTTPConnection) -> Caller:
    site = site_of(request)
    given = request.headers.get("authorization", "")
    if given[:7].lower() == "bearer ":
        person = tokens.bearer(site.database, given[7:].strip(), sites.now())
        if person is None:
            raise Refused(401, "The token is not known, has expired or was revoked.")
        return Caller(person, by_token=True)
    secret = request.cookies.get(cookie(site), "")
    if not secret:
        return NOBODY
    found = sessions.signed_in(site.database, secret, sites.now())
    return Caller(*found) if found else NOBODY


async def prove(request: Request, expected: str) -> None:
    """Refuses a change that no page of ours sent.

    Raises:
        Refused: 403.
    """
    if request.method in SAFE:
        return
    where = request.headers.get("sec-fetch-site", "same-origin")
    given = request.headers.get(HEADER, "")
    if not given:
        kind = request.headers.get("content-type", "")
        if kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
            value = (await request.form()).get(FIELD, "")
            given = value if isinstance(value, str) else ""
    same = hmac.compare_digest(given.encode(), expected.encode())
    if where not in ("same-origin", "none") or not expected or not same:
        raise Refused(403, "This form has expired. Go back, load the page again and repeat it.")


def needs(action: Action) -> Callable[[Request], Awaitable[Person]]:
    """A dependency that gives the person, who may do this."""

    async def person(request: Request) -> Person:
        from starlette.concurrency import run_in_threadpool

        caller = await run_in_threadpool(caller_of, request)
        if caller.person is None:
            raise Refused(401, "Sign in first.")
        if not caller.by_token:
            await prove(request, caller.csrf)
        if not caller.person.may(action):
            raise Refused(403, f"The role {caller.person.role} may not do this ({action}).")
        return caller.person

    vars(person)["action"] = action  # the test over all routes reads it
    return person


See = Annotated[Person, Depends(needs(Action.SEE))]
SeeAll = Annotated[Person, Depends(needs(Action.SEE_ALL))]
Claim = Annotated[Person, Depends(needs(Action.CLAIM))]
Comment = Annotated[Person, Depends(needs(Action.COMMENT))]
Waive = Annotated[Person, Depends(needs(Action.WAIVE))]
Attest = Annotated[Person, Depends(needs(Action.ATTEST))]
Facilitate = Annotated[Person, Depends(needs(Action.FACILITATE))]
TakePart = Annotated[Person, Depends(needs(Action.TAKE_PART))]
RunJobs = Annotated[Person, Depends(needs(Action.RUN_JOBS))]
ManagePeople = Annotated[Person, Depends(needs(Action.MANAGE_PEOPLE))]
SeeAudit = Annotated[Person, Depends(needs(Action.SEE_AUDIT))]
OwnAccount = Annotated[Person, Depends(needs(Action.OWN_ACCOUNT))]


async def anybody() -> None:
    """A dependency that says: this route is for everybody."""


def address_of(request: Request) -> str:
    """Where a request comes from, for limits and the audit log."""
    return request.client.host if request.client else ""


def query_of(request: Request) -> dict[str, Any]:
    """The query as a mapping; a key that stands there twice counts once, its last."""
    return dict(request.query_params)
