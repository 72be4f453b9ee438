"""Signing in with an OpenID provider: there and back."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from sharedline.errors import Error
from sharedline.people import accounts, audit, limits
from sharedline.people.model import Person
from sharedline.people.provider import Provider, provider_of
from sharedline.web import signing
from sharedline.web import site as sites
from sharedline.web.access import Refused, address_of, anybody
from sharedline.web.openid import Begun, OpenId
from sharedline.web.site import Site, base_of, site_of

router = APIRouter(dependencies=[Depends(anybody)])

#: How long a browser may stay with the provider, in seconds.
AWAY = 900
#: Sign-ins that one address may begin or end within a window of seconds.
OFTEN = (100, 900)


@router.get("/oidc/start")
def start(request: Request, next: str = "/") -> Response:
    """Sends the browser to the provider."""
    site = site_of(request)
    client = _client(site)
    _limit(request)
    url, begun = client.begin(_back(request))
    answer = RedirectResponse(url, 303)
    kept = json.dumps({**asdict(begun), "next": signing.own_path(next)}).encode().hex()
    signing.keep(answer, signing.before(site, "oidc"), kept, site, AWAY)
    return answer


@router.get("/oidc/callback")
def callback(
    request: Request, state: str = "", code: str = "", error: str = "", iss: str = ""
) -> Response:
    """Takes who comes back: as long as the state is this browser's and the ID token is right."""
    site = site_of(request)
    client = _client(site)
    _limit(request)
    begun, target = _begun(request)
    if begun is None or not hmac.compare_digest(begun.state.encode(), state.encode()):
        raise Refused(403, "This browser did not begin this sign-in. Go to /sign-in and try again.")
    if iss and iss != client.provider.issuer:  # RFC 9207: another provider's answer
        raise Refused(403, "This is another provider's answer. Go to /sign-in and try again.")
    if error or not code:
        shown = error if re.fullmatch(r"[a-z_]{1,60}", error) else "no code"
        raise Refused(403, f"The provider did not let you in ({shown}).")
    try:
        claims = client.finish(begun, code, _back(request))
        with site.database.begin() as connection:
            person = _person(connection, client.provider, claims, address_of(request))
    except (Error, Refused) as refused:
        _note_failure(site, refused, address_of(request))
        raise
    answer = signing.let_in(request, person, "provider", target)
    signing.forget(answer, signing.before(site, "oidc"), site)
    return answer


def _client(site: Site) -> OpenId:
    provider = provider_of(site.project)
    if provider is None:
        raise HTTPException(404)
    known = site.kept.get("oidc")
    if not isinstance(known, OpenId):
        known = site.kept["oidc"] = OpenId(provider)
    return known


def _limit(request: Request) -> None:
    with site_of(request).database.begin() as connection:
        limits.check(connection, f"oidc:{address_of(request)}", *OFTEN, now=sites.now())


def _back(request: Request) -> str:
    return f"{base_of(request)}/oidc/callback"


def _begun(request: Request) -> tuple[Begun | None, str]:
    given = request.cookies.get(signing.before(site_of(request), "oidc"), "")
    try:
        kept = json.loads(bytes.fromhex(given))
        begun = Begun(kept["state"], kept["nonce"], kept["verifier"])
        if all(isinstance(v, str) and v for v in asdict(begun).values()):
            return begun, signing.own_path(str(kept["next"]))
    except (ValueError, KeyError, TypeError):
        pass
    return None, "/"


def _person(
    connection: sa.Connection, provider: Provider, claims: Mapping[str, Any], where: str
) -> Person:
    """Whom the claims mean. Only issuer and subject say so: addresses for mail change hands."""
    subject = claims["sub"]
    named = claims.get(provider.claim)
    names = [n for n in named if isinstance(n, str)] if isinstance(named, list) else []
    granted = provider.granted(names)
    if provider.groups is not None and granted is None:
        raise Refused(403, "None of your groups may use Sharedline. Ask an admin for one that may.")
    person = accounts.by_provider(connection, provider.issuer, subject)
    if person is None:
        if not provider.create:
            raise Refused(
                403,
                "You have no account here yet. Ask an admin to add one for the id"
                f" {subject!r} of {provider.issuer}.",
            )
        role, teams = (granted.role, granted.teams) if granted else (provider.role, ())
        person = accounts.add(
            connection, _free_name(connection, claims), _told(claims, "name", 200),
            _email(claims), role, teams, issuer=provider.issuer, subject=subject,
        )  # fmt: skip
        detail: dict[str, object] = {"role": role, "teams": teams, "issuer": provider.issuer}
        audit.write(connection, person.name, role, "person.add", person.name, detail, where)
        return person
    if not person.active:
        raise Refused(403, "Your account was deactivated. Ask an admin.")
    if granted and (person.role, person.teams) != (granted.role, granted.teams):
        before = person
        person = accounts.change(connection, person.id, role=granted.role, members_of=granted.teams)
        changed = accounts.differences(before, person)
        audit.write(connection, "provider", "", "person.change", person.name, changed, where)
    return person


def _told(claims: Mapping[str, Any], name: str, longest: int) -> str:
    value = claims.get(name)
    text = value.strip()[:longest] if isinstance(value, str) else ""
    return text if text.isprintable() else ""


def _email(claims: Mapping[str, Any]) -> str:
    """Only for notices: it lets nobody in."""
    text = _told(claims, "email", 320)
    return text if re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,255}", text) else ""


def _free_name(connection: sa.Connection, claims: Mapping[str, Any]) -> str:
    """A name of their own: somebody else's account is never taken over by being called like it."""
    wanted = _told(claims, "preferred_username", 150) or _told(claims, "sub", 150)
    plain = re.sub(r"[^a-z0-9._@+-]", "-", wanted.lower()).lstrip("._@+-") or "person"
    name, number = plain, 1
    while accounts.get(connection, name) is not None:
        number += 1
        name = f"{plain}-{number}"
    return name


def _note_failure(site: Site, refused: Exception, where: str) -> None:
    told = {"how": "provider", "why": str(getattr(refused, "message", ""))[:500]}
    with site.database.begin() as connection:
        audit.write(connection, "nobody", "", "session.refused", "", told, where)
