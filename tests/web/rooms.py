"""A room with somebody in each seat, and what their browsers send."""

from __future__ import annotations

import contextlib
import itertools
import re
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from starlette.testclient import TestClient
from tests.web.browser import Server
from tests.web.conftest import Visitor, token_in

from sharedline.exercise import library
from sharedline.exercise.session import joining, store
from sharedline.exercise.session.model import RunState, Seat
from sharedline.exercise.session.room import Room
from sharedline.web.site import Site

SCENARIO = "public-bucket"
#: Who sits where: name to seat and team.
PEOPLE: Mapping[str, tuple[Seat, str]] = {
    "Fay": ("facilitator", ""),
    "Ana": ("player", "Blue"),
    "Ben": ("player", "Blue"),
    "Cleo": ("player", "Red"),
    "Eva": ("evaluator", ""),
    "Sam": ("scribe", ""),
    "Ob": ("observer", ""),
}


@dataclass
class Opened:
    """A run with its people: their ids, and what their browsers hold."""

    site: Site
    visit: Visitor
    run: store.Run
    ids: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    browsers: dict[str, TestClient] = field(default_factory=dict)
    keys: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def path(self) -> str:
        """The room's."""
        return f"/room/{self.run.id}"

    def state(self) -> RunState:
        """What holds now."""
        return Room(self.site.database, self.run.id).state()

    def browser(self, name: str) -> TestClient:
        """The browser of somebody who sits there."""
        if name not in self.browsers:
            client = self.visit()
            client.cookies.set("sharedline-seat", self.secrets[name], path=self.path)
            self.browsers[name] = client
        return self.browsers[name]

    def page(self, name: str) -> str:
        """The room as somebody sees it."""
        answer = self.browser(name).get(self.path)
        assert answer.status_code == 200, answer.text[:300]
        return answer.text

    def do(self, name: str, kind: str, *, key: str = "", **said: str) -> httpx2.Response:
        """Sends a form as our script does."""
        form = {"key": key or f"k{next(self.keys)}", **said}
        form["csrf"] = token_in(self.page(name))
        return self.browser(name).post(
            f"{self.path}/do/{kind}", data=form, headers={"accept": "application/json"}
        )


def open_room(site: Site, visit: Visitor, **settings: object) -> Opened:
    """A run of the library's scenario, with somebody in each seat."""
    chosen = store.settings_of({"teams": ["Blue", "Red"], **settings})
    run = store.create(site.database, library.load(SCENARIO), chosen, "admin")
    opened = Opened(site, visit, run)
    for name, (seat, team) in PEOPLE.items():
        who, secret = joining.join(
            site.database, run.id, run.code, name, seat, team, facilitate=True
        )  # fmt: skip
        opened.ids[name], opened.secrets[name] = who.id, secret
    return opened


def form_in(page: str, place: str) -> tuple[str, dict[str, str]]:
    """Where the form of an id goes, and its hidden fields: what works without a script."""
    form = re.search(rf'<form[^>]*\bid="{re.escape(place)}"[^>]*>(.*?)</form>', page, re.S)
    assert form, place
    target = re.search(r'action="([^"]+)"', form[0])
    assert target
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[1])
    return target[1], dict(hidden)


@contextlib.contextmanager
def up(folder: Path, processes: int = 1) -> Iterator[Server]:
    """A server over a project, that is ended whatever happens."""
    server = Server(folder, processes=processes)
    try:
        server.start()
        yield server
    finally:
        server.end(signal.SIGKILL)
