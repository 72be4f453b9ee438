"""People at the pages, with a real browser: every page, each role, and a gap from found to verified."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from urllib.parse import urldefrag, urlsplit

import boto3
import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, Page, expect
from tests.scanned import REGION, twice
from tests.web.browser import Server, chromium, served, sign_in, watched
from tests.web.conftest import PASSWORD, TEAM

from sharedline import scan
from sharedline.people import accounts
from sharedline.people.model import Role
from sharedline.project import open_project
from sharedline.state.database import Database
from sharedline.web.app import _modules

PEOPLE = {"ada": Role.ADMIN, "ed": Role.EDITOR, "olga": Role.OWNER, "august": Role.AUDITOR}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A project that is scanned twice, its people, its pages; AWS is there until the end."""
    folder = tmp_path_factory.mktemp("pages") / "estate"
    folder.mkdir()
    with twice(folder, (20, 21)):
        with (
            closing(Database(open_project(folder).database_url)) as database,
            database.begin() as connection,
        ):
            for name, role in PEOPLE.items():
                teams = (TEAM,) if role is Role.OWNER else ()
                accounts.add(connection, name, name.title(), "", role, teams, PASSWORD)
        with served(folder) as running:
            yield running


@cache
def _routes() -> tuple[APIRoute, ...]:
    found = (m.router.routes for m in _modules("pages"))
    return tuple(r for routes in found for r in routes if isinstance(r, APIRoute))


def _pattern(path: str) -> str:
    """What kind of page an address is, so that one of each is looked at and not all."""
    parts = urlsplit(path)
    for route in _routes():
        if "GET" in (route.methods or ()) and route.path_regex.match(parts.path):
            return route.path + ("?" if parts.query else "")
    raise AssertionError(f"{path} leads nowhere")


#: An anchor within a drawing has no text as its `href`.
_HREFS = "all => all.map(a => new URL(a.getAttribute('href'), location).href)"


def _links(page: Page, url: str) -> list[str]:
    found = page.eval_on_selector_all("a[href]", _HREFS)
    own = [urldefrag(h)[0].removeprefix(url) for h in found if h.startswith(url)]
    return [h for h in own if not re.match(r"/(api|static)/", h)]


@pytest.mark.parametrize("name", PEOPLE)
def test_every_page_that_a_role_reaches(browser: Browser, server: Server, name: str) -> None:
    """Follows the links: no refusal by the policy, no script's error, nothing axe-core finds."""
    with closing(browser.new_context(viewport={"width": 1280, "height": 900})) as context:
        seen = watched(context)
        sign_in(seen.page, server.url, name, PASSWORD)
        waiting, done = ["/"], dict[str, int]()
        visited: set[str] = set()
        while waiting:
            path = waiting.pop(0)
            kind = _pattern(path)
            if path in visited or done.get(kind, 0) >= 1:
                continue
            visited.add(path)
            done[kind] = done.get(kind, 0) + 1
            answer = seen.page.goto(server.url + path)
            assert answer is not None
            assert answer.status == 200, path
            assert seen.page.locator("h1").count() == 1, path
            seen.check(axe=name == "ada")  # who reaches every page
            waiting += _links(seen.page, server.url)
        assert len(done) > 8, sorted(done)


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("path", ["/summary", "/gaps", "/matrix", "/flow", "/jobs"])
def test_pages_on_a_telephone(browser: Browser, server: Server, path: str, scheme: str) -> None:
    with closing(
        browser.new_context(
            viewport={"width": 390, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
        )
    ) as context:
        seen = watched(context)
        sign_in(seen.page, server.url, "ada", PASSWORD)
        seen.page.goto(server.url + path)
        seen.check()
        width = seen.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{path} is {width} px wide"


def test_a_wrong_password_lets_nobody_in(browser: Browser, server: Server) -> None:
    with closing(browser.new_context()) as context:
        seen = watched(context)
        seen.page.goto(f"{server.url}/gaps")
        seen.page.get_by_label("Name").fill("ada")
        seen.page.get_by_label("Password").fill("not the phrase at all")
        seen.page.get_by_role("button", name="Sign in").click()
        expect(seen.page).to_have_url(re.compile("/sign-in"))
        seen.check()
        seen.page.get_by_label("Name").fill("ada")
        seen.page.get_by_label("Password").fill(PASSWORD)
        seen.page.get_by_role("button", name="Sign in").click()
        expect(seen.page).to_have_url(re.compile("/gaps$"))


#: The link to a finding on that bucket.
_OTHER = 'main a[href^="/gaps/finding"][href*="other"]'


def test_a_gap_from_found_to_verified(browser: Browser, server: Server) -> None:
    """The owner claims, mends, and only the next scan says that it is so."""
    with closing(browser.new_context()) as context:
        seen = watched(context)
        page = seen.page
        sign_in(page, server.url, "olga", PASSWORD)
        page.goto(f"{server.url}/gaps?check=s3/bucket_versioning_on&status=unmet")
        page.locator(_OTHER).first.click()
        expect(page.locator("main")).to_contain_text("arn:aws:s3:::other")
        page.get_by_label("What was done").fill("Versioning is on since this morning.")
        page.get_by_role("button", name="Claim", exact=True).click()
        expect(page.locator("main")).to_contain_text("Versioning is on since this morning.")
        expect(page.locator("main")).to_contain_text("claimed")
        seen.check()
        boto3.client("s3", region_name=REGION).put_bucket_versioning(
            Bucket="other", VersioningConfiguration={"Status": "Enabled"}
        )
        scan(
            boto3.Session(region_name=REGION),
            regions=(REGION,),
            checks=("s3/bucket_v*",),
            folder=server.folder,
            processes=0,
            as_of=datetime(2026, 11, 22, tzinfo=UTC),
        )
        for _ in range(120):  # the old scan answers until the new one is ready
            page.goto(f"{server.url}/gaps?check=s3/bucket_versioning_on&status=met&rows=all")
            if page.locator(_OTHER).count():
                break
            page.wait_for_timeout(500)
        page.locator(_OTHER).first.click()
        expect(page.locator("main")).to_contain_text("verified")
        seen.check()
        page.goto(f"{server.url}/gaps?check=s3/bucket_versioning_on&status=unmet")
        expect(page.locator(_OTHER)).to_have_count(0)
