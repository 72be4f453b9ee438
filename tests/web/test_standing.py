"""The page of a cell lists every resource of the inventory, by side, within the scope."""

from __future__ import annotations

import html
import re

from tests.web.conftest import Visitor

CELL = "/matrix/s3/data.classification"


def links(page: str) -> list[str]:
    """Where the listed resources lead to."""
    return [html.unescape(href) for href in re.findall(r'href="(/resource\?[^"]+)"', page)]


def test_resources_without_findings_are_listed_and_open(visit: Visitor) -> None:
    client = visit("auditor")
    page = client.get(CELL).text
    assert "2 resources in all" in page
    assert "listed are those" not in page
    assert "have changed since" not in page
    found = links(page)
    assert len(found) == 2
    assert all(client.get(href).status_code == 200 for href in found)
    assert "None." in client.get(f"{CELL}?side=aws").text
    assert links(client.get(f"{CELL}?page=2").text) == []


def test_a_team_is_listed_what_it_owns(visit: Visitor) -> None:
    client = visit("owner")
    page = client.get("/matrix/s3/data.backup-recovery").text
    found = links(page)
    assert len(found) == 2
    assert all(client.get(href).status_code == 200 for href in found)
