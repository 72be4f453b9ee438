"""The flow: every number opens as many rows, drawn and written; scope."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from tests.web import estate
from tests.web.conftest import Visitor
from tests.web.estate import opened, total


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    estate.make(tmp_path)
    return tmp_path


def test_every_bar_and_band_opens_as_many_rows(visit: Visitor) -> None:
    client = visit("auditor")
    page = client.get("/flow").text
    drawn = re.findall(r'<a href="(/gaps\?[^"]+)" aria-label="[^"]*: ([\d,]+)"', page)
    assert len(drawn) >= 8
    for href, n in drawn:
        assert total(client.get(html.unescape(href)).text) == int(n.replace(",", "")), href


def test_every_written_number_opens_as_many_rows(visit: Visitor) -> None:
    client = visit("auditor")
    page = client.get("/flow").text
    assert "newly found" in page
    assert opened(client, re.sub(r"<svg.*?</svg>", "", page, flags=re.S)) >= 8


def test_an_owner_sees_the_flow_of_what_is_theirs(visit: Visitor) -> None:
    client = visit("owner")
    page = client.get("/flow").text
    assert "nobodys" not in page
    assert "theirs" not in page
    found = re.search(r"found (\d+)</text>", page)
    assert found
    assert int(found[1]) == 5  # four unmet of the team, one verified
    assert opened(client, re.sub(r"<svg.*?</svg>", "", page, flags=re.S)) >= 4


def test_of_one_scan_alone_nothing_changed_yet(visit: Visitor, folder: Path) -> None:
    import shutil

    first = sorted((folder / "lake" / "scans").iterdir())[0]
    shutil.rmtree(first)
    page = visit("auditor").get("/flow").text
    assert "There is no scan before this one." in page
    assert "no claim has met a later scan yet" in page
