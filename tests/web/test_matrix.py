"""The matrix and its cells: every link, both texts, scope, pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.web import estate
from tests.web.conftest import Visitor
from tests.web.estate import OTHERS, opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    estate.make(tmp_path)
    return tmp_path


def test_every_cell_opens_and_says_what_it_shows(visit: Visitor) -> None:
    client = visit("auditor")
    page = client.get("/matrix").text
    cells = re.findall(r'<a class="cellmark ([^"]+)" href="(/matrix/[^"]+)" title="([^"]+)"', page)
    assert len(cells) == 4
    for look, href, says in cells:
        opened = client.get(href)
        assert opened.status_code == 200, href
        assert "AWS does" in opened.text
        assert "You do" in opened.text
        status = re.search(r"is-(\w+)", look)
        assert status
        assert status[1] in says
        assert f"s-{status[1]}" in opened.text
    assert any("nobody" in look for look, _, _ in cells)


def test_sides_are_told_by_place_and_pattern_too() -> None:
    """AWS's band is dotted and above, yours solid and below: colour only repeats it."""
    import sharedline.web

    style = (Path(sharedline.web.__path__[0]) / "static" / "matrix.css").read_text("utf-8")
    assert re.search(r"\.cellmark::before \{ top: 0; \} \.cellmark::after \{ bottom: 0; \}", style)
    assert re.search(r":is\(\.on-aws[^{]+::before \{ background: radial-gradient", style)
    assert re.search(r"\.cellmark\.nobody \{ background-image: repeating-linear", style)


def test_the_numbers_of_a_cell_open_as_many_rows(visit: Visitor) -> None:
    client = visit("auditor")
    assert opened(client, client.get("/matrix/s3/data.exposure").text) >= 3


def test_a_scan_without_an_inventory_says_what_is_listed(visit: Visitor) -> None:
    page = visit("auditor").get("/matrix/s3/data.exposure").text
    assert "listed are those of which a check says something" in page


def test_an_owner_sees_cells_counted_from_what_is_theirs(visit: Visitor) -> None:
    client = visit("owner")
    page = client.get("/matrix").text
    assert "/matrix/s3/data.backup-recovery" in page
    cell = client.get("/matrix/s3/data.backup-recovery").text
    for hidden in ("theirs", "nobodys", OTHERS, "onerror"):
        assert hidden not in cell
    assert "ledger" in cell
    assert client.get("/matrix/s3/data.classification").status_code == 404
    assert client.get("/matrix/s3/data.retention-deletion").status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/matrix/s3/no.such-duty", 404),
        ("/matrix/nothing/data.exposure", 404),
        ("/matrix/s3/data.exposure?side=left", 400),
        ("/matrix/s3/data.exposure?page=0", 400),
        ("/matrix/s3/data.exposure?page=x", 400),
        ("/matrix/s3/data.exposure?colour=red", 400),
        ("/matrix?colour=red", 400),
        ("/matrix?scan=none", 404),
        ("/matrix/s3/data.exposure?page=7", 200),
        ("/matrix/s3/data.exposure?side=aws", 200),
    ],
)
def test_what_is_asked_is_refused_in_words(visit: Visitor, path: str, status: int) -> None:
    answer = visit("auditor").get(path)
    assert answer.status_code == status
    assert "<h1>" in answer.text
