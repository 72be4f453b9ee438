"""Signing in with a name and a password, and out again."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from sharedline.people import accounts, audit, limits
from sharedline.people.model import Person
from sharedline.people.provider import provider_of
from sharedline.web import signing
from sharedline.web import site as sites
from sharedline.web.access import Refused, address_of, anybody, caller_of, prove
from sharedline.web.render import page
from sharedline.web.site import Site, site_of

router = APIRouter(dependencies=[Depends(anybody)])

#: How long the form is good for, in seconds.
FORM = 3600
#: Wrong passwords within a window of seconds: for a name from one address, which a person
#: mistypes; for a name from anywhere (NIST SP 800-63B-4, 3.2.2 allows 100); and for an address,
#: behind which a whole office may be.
NAME_HERE, NAME, ADDRESS = (10, 900), (100, 3600), (100, 900)


@router.get("/sign-in")
def form(request: Request, next: str = "/") -> Response:
    """The form; who has signed in goes on."""
    if _caller(request) is not None:
        return RedirectResponse(signing.own_path(next), 303)
    return _form(request, signing.own_path(next))


@router.post("/sign-in", dependencies=[Depends(signing.own_form)])
def sign_in(
    request: Request,
    name: str = Form(""),
    password: str = Form(""),
    next: str = Form("/"),
) -> Response:
    """Opens a session, if the name and the password fit and were not tried too often."""
    site, where = site_of(request), address_of(request)
    here = f"sign-in:{where}:{name.strip().lower()}"
    anywhere = f"sign-in:name:{name.strip().lower()}"
    with site.database.begin() as connection:
        limits.check(connection, here, *NAME_HERE, now=sites.now())
        limits.check(connection, anywhere, *NAME, now=sites.now())
        limits.check(connection, f"sign-in:address:{where}", *ADDRESS, now=sites.now())
    with site.database.read() as connection:
        person = accounts.check_password(connection, name, password)
    if person is None:
        _note_failure(site, name, where)
        return _form(
            request, signing.own_path(next), "That name and that password do not fit.", status=401
        )
    with site.database.begin() as connection:
        limits.forget(connection, here)
        limits.forget(connection, anywhere)
        accounts.refresh_password(connection, person, password)
    return signing.let_in(request, person, "password", next)


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """Closes the session of this browser; only our own pages may ask for it."""
    caller = await run_in_threadpool(caller_of, request)
    if caller.person is not None and not caller.by_token:
        await prove(request, caller.csrf)
    return await run_in_threadpool(signing.let_out, request, caller.person)


def _caller(request: Request) -> Person | None:
    try:
        return caller_of(request).person
    except Refused:  # a token that is none
        return None


def _form(request: Request, target: str, told: str = "", *, status: int = 200) -> Response:
    site, token = site_of(request), signing.form_token(request)
    provider = provider_of(site.project)
    with site.database.read() as connection:
        empty = not accounts.people(connection)
    answer = page(
        request, "sign_in/form.html", status=status, title="Sign in", csrf=token, target=target,
        told=told, provider=provider.name if provider else "", empty=empty,
    )  # fmt: skip
    signing.keep(answer, signing.before(site, "form"), token, site, FORM)
    return answer


def _note_failure(site: Site, name: str, where: str) -> None:
    """Of names that nobody has only that they were tried: people type passwords there."""
    with site.database.begin() as connection:
        known = accounts.get(connection, name)
        target = known.name if known else "(a name that nobody has)"
        audit.write(connection, "nobody", "", "session.refused", target, {"how": "password"}, where)
