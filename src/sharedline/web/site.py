"""What every page needs: the project, its database, the newest scan, the settings of the site."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.requests import HTTPConnection, Request

from sharedline.project import Project
from sharedline.state.database import Database

_HOST = re.compile(r"([A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")


def now() -> datetime:
    """The time; tests put another in its place."""
    return datetime.now(UTC)


@dataclass
class Site:
    """One per process, in `app.state.site`; what pages share is kept in `kept` by name."""

    project: Project
    database: Database
    #: The address that people type, such as `https://sharedline.example.org`; empty where unknown.
    address: str = ""
    kept: dict[str, Any] = field(default_factory=dict)
    #: Whether this process speaks TLS itself.
    tls: bool = False
    #: How many processes serve the project, this one among them.
    processes: int = 1

    @property
    def secure(self) -> bool:
        """Whether browsers reach it by TLS, so that cookies may ask for it."""
        return self.tls or self.address.startswith("https://")

    def close(self) -> None:
        """Gives back connections and files."""
        for one in self.kept.values():
            if hasattr(one, "close"):
                one.close()
        self.database.close()


def base_of(request: Request) -> str:
    """What links begin with that people pass on: the site's address, without a slash at the end.

    Where the site was told none, it is what whoever asks has typed: they see their own word again,
    and nothing keeps or sends it. What is no name of a host is not repeated.
    """
    site = site_of(request)
    if site.address:
        return site.address.rstrip("/")
    scheme = "https" if site.tls else request.url.scheme
    given = request.headers.get("host", "")
    if not _HOST.fullmatch(given):
        name, port = request.scope.get("server") or ("localhost", None)
        given = f"[{name}]" if ":" in name else name
        given += f":{port}" if port else ""
    return f"{scheme}://{given}"


def site_of(connection: HTTPConnection) -> Site:
    """The site that a request came to."""
    site = connection.app.state.site
    assert isinstance(site, Site)
    return site
