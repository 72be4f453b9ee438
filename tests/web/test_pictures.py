"""The pictures of the guide: taken of a small project in every run, kept only by `make pictures`.

`SHAREDLINE_PICTURES` is a project folder such as the example estate; then docs/images is written.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, ViewportSize
from tests.web.browser import chromium, served, sign_in, watched
from tests.web.conftest import PASSWORD

from sharedline.people import accounts
from sharedline.people.model import Role
from sharedline.project import open_project
from sharedline.state.database import Database

DOCS = Path(__file__).parents[2] / "docs"
GIVEN = os.environ.get("SHAREDLINE_PICTURES", "")
SIZE = ViewportSize(width=1280, height=860)
PAGES = {"summary": "/summary", "gaps": "/gaps", "matrix": "/matrix", "flow": "/flow"}


@pytest.fixture(scope="module")
def signed_in(
    scanned: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, BrowserContext]]:
    """The address, and a browser in which somebody has signed in."""
    folder = tmp_path_factory.mktemp("pictures") / "fennel-and-rye"
    shutil.copytree(GIVEN or scanned, folder)
    with (
        closing(Database(open_project(folder).database_url)) as database,
        database.begin() as connection,
    ):
        accounts.add(connection, "nina", "Nina Okafor", "", Role.ADMIN, (), PASSWORD)
    with (
        chromium() as browser,
        served(folder) as server,
        closing(browser.new_context(viewport=SIZE, color_scheme="light")) as context,
    ):
        page = context.new_page()
        sign_in(page, server.url, "nina", PASSWORD)
        page.close()
        yield server.url, context


@pytest.mark.parametrize("name", PAGES)
def test_a_picture_of_each_page(
    signed_in: tuple[str, BrowserContext], name: str, tmp_path: Path
) -> None:
    url, context = signed_in
    folder = DOCS / "images" if GIVEN else tmp_path
    path = folder / f"page-{name}.png"
    seen = watched(context)
    seen.page.goto(url + PAGES[name])
    seen.page.screenshot(path=path)
    seen.check(axe=False)
    seen.page.close()
    with Image.open(path) as picture:
        assert picture.size == (1280, 860)
        colours = picture.convert("RGB").getcolors(1_000_000)
        assert colours is not None
        assert len(colours) > 50, "an empty page"
        if GIVEN:
            picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=128).save(
                path, optimize=True
            )


@pytest.mark.parametrize("name", PAGES)
def test_the_guide_shows_them(name: str) -> None:
    assert f"../images/page-{name}.png" in (DOCS / "guides" / "pages.md").read_text("utf-8")
    with Image.open(DOCS / "images" / f"page-{name}.png") as picture:
        assert picture.size == (1280, 860)
