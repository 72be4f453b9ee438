"""What a request says of the host it came to: it reaches nobody but whoever said it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.web.conftest import Visitor, token_in
from tests.web.rooms import open_room

from sharedline.state.tables import META
from sharedline.web.site import Site

EVIL = "evil.test"


def _kept(site: Site) -> str:
    """Every row of the database."""
    with site.database.read() as connection:
        return repr([connection.execute(sa.select(t)).all() for t in META.sorted_tables])


def test_an_address_that_was_given_is_what_links_begin_with(site: Site, visit: Visitor) -> None:
    site.address = "http://sharedline.example.org/"
    room = open_room(site, visit)
    browser = room.browser("Fay")
    hostile = {"host": EVIL, "x-forwarded-host": EVIL, "forwarded": f"host={EVIL}"}
    page = browser.get(room.path, headers=hostile)
    assert f"http://sharedline.example.org/join/{room.run.code}" in page.text
    form = {"csrf": token_in(page.text), "name": "Zoe", "seat": "scribe"}
    link = browser.post(f"{room.path}/seats", data=form, headers=hostile)
    assert "http://sharedline.example.org/join/" in link.text
    assert EVIL not in page.text + link.text


def test_without_one_a_hostile_host_is_told_to_who_sent_it_only(
    site: Site, visit: Visitor, folder: Path
) -> None:
    room = open_room(site, visit)
    browser = room.browser("Fay")
    hostile = {"host": EVIL, "x-forwarded-host": "other.test"}
    page = browser.get(room.path, headers=hostile)
    assert page.headers["cache-control"] == "no-store", "nor does a proxy keep it for others"
    form = {"csrf": token_in(page.text), "name": "Zoe", "seat": "scribe"}
    link = browser.post(f"{room.path}/seats", data=form, headers=hostile)
    assert link.status_code == 200
    assert "other.test" not in page.text + link.text
    assert EVIL not in browser.get(room.path).text
    assert EVIL not in _kept(site)
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix not in (".parquet", ".duckdb"):
            assert EVIL.encode() not in path.read_bytes(), path


@pytest.mark.parametrize(
    "host", ['a"><script>', "a/b", "ann@evil.test", "a b", "evil.test:x", "", "evil.test#", "é"]
)
def test_what_is_no_name_of_a_host_is_not_repeated(site: Site, visit: Visitor, host: str) -> None:
    room = open_room(site, visit)
    page = room.browser("Fay").get(room.path, headers={b"host": host.encode()})
    assert f"http://testserver:80/join/{room.run.code}" in page.text
    assert "evil.test" not in page.text


def test_a_server_with_a_certificate_makes_links_of_https(site: Site, visit: Visitor) -> None:
    room = open_room(site, visit)
    browser = room.browser("Fay")
    site.tls = True
    browser.cookies.set("__Secure-sharedline-seat", room.secrets["Fay"], path=room.path)
    page = browser.get(room.path, headers={"host": "127.0.0.1:8600"})
    assert f"https://127.0.0.1:8600/join/{room.run.code}" in page.text
