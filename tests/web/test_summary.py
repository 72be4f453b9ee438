"""The page for executives: every number opens its rows; it prints on one sheet."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.web import estate
from tests.web.browser import chromium
from tests.web.conftest import Visitor
from tests.web.estate import opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    estate.make(tmp_path)
    return tmp_path


def test_every_number_opens_as_many_rows(visit: Visitor) -> None:
    client = visit("auditor")
    assert client.get("/").headers["location"] == "/summary"
    page = client.get("/summary").text
    for heading in ("The worst five", "Nobody’s", "Trend", "Since the scan before", "Exercises"):
        assert f">{heading}</h2>" in page
    assert opened(client, page) >= 15


def test_it_is_about_the_whole_organisation(visit: Visitor) -> None:
    assert visit("owner").get("/summary").status_code == 403


def test_it_prints_on_one_sheet(visit: Visitor) -> None:
    """The page as Chromium prints it, with its own style sheets, on A4."""
    client = visit("auditor")
    page = client.get("/summary").text
    styles = "".join(
        f"<style>{client.get(f'/static/{name}.css').text}</style>"
        for name in ("pico-2.1.1.min", "site", "flow", "summary")
    )
    with chromium() as browser:
        shown = browser.new_page()
        shown.set_content(page.replace("</head>", f"{styles}</head>"))
        printed = shown.pdf(prefer_css_page_size=True, print_background=True)
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") == 1
