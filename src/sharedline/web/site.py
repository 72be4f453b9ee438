"""What every page needs: the project, its database, the newest scan, the settings of the site."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.requests import HTTPConnection

from sharedline.project import Project
from sharedline.state.database import Database


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

    @property
    def secure(self) -> bool:
        """Whether browsers reach it by TLS, so that cookies may ask for it."""
        return self.address.startswith("https://")

    def close(self) -> None:
        """Gives back connections and files."""
        for one in self.kept.values():
            if hasattr(one, "close"):
                one.close()
        self.database.close()


def site_of(connection: HTTPConnection) -> Site:
    """The site that a request came to."""
    site = connection.app.state.site
    assert isinstance(site, Site)
    return site
