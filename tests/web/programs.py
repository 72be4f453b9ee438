"""Programs that ask the API by a token, and what the audit log then says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from sharedline.people import accounts, audit, tokens
from sharedline.web.app import create_app
from sharedline.web.site import Site, now

Program = Callable[[str], TestClient]


def programs(site: Site) -> Program:
    """`programs(site)("admin")` is a client with a token of the person of that name."""
    app = create_app(site)

    def one(name: str) -> TestClient:
        headers = {"authorization": f"Bearer {token(site, name)[1]}"}
        return TestClient(app, base_url="http://testserver/api/v1", headers=headers)

    return one


def token(site: Site, name: str) -> tuple[int, str]:
    """A new token of somebody, and its id; the audit log says nothing of it."""
    with site.database.begin() as connection:
        person = accounts.get(connection, name)
        assert person is not None
        return tokens.make(connection, person, "<b>build", 1, now())


def records(site: Site) -> list[audit.Record]:
    """The audit log, the newest first; without what signing in wrote."""
    with site.database.read() as connection:
        found = audit.read(connection).records
    return [one for one in found if one.action != "session.open"]


def said(record: audit.Record) -> tuple[str, str, str, dict[str, Any]]:
    """Who did what to whom, and the detail."""
    return record.who, record.action, record.target, dict(record.detail)
