"""A whole exercise in real browsers: a facilitator and three players, nobody's words lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.web.browser import Server, Watched, chromium, sign_in, watched
from tests.web.conftest import PASSWORD
from tests.web.rooms import up

from sharedline.exercise.session import store
from sharedline.exercise.session.model import RunState
from sharedline.exercise.session.room import Room
from sharedline.people import accounts
from sharedline.people.model import Role
from sharedline.project import open_project
from sharedline.state.database import Database

#: A loaded machine takes its time; nothing here measures it.
PATIENCE = 30_000
PHONE = {"width": 400, "height": 800}


@dataclass
class Table:
    """A server, browsers, and who sits in them."""

    folder: Path
    server: Server
    browser: Browser
    stack: ExitStack
    seats: dict[str, Watched] = field(default_factory=dict)

    def seat(self, name: str, **look: object) -> Page:
        """A browser of somebody's own."""
        context = self.browser.new_context(**look)  # type: ignore[arg-type]
        self.stack.callback(context.close)
        context.set_default_timeout(PATIENCE)
        self.seats[name] = watched(context)
        return self.seats[name].page

    def check(self, *names: str) -> None:
        """Nothing was refused by the policy, no script failed, nobody is shut out."""
        for name in names or self.seats:
            self.seats[name].check()

    def state(self) -> RunState:
        """What the database holds."""
        project = open_project(self.folder)
        with closing(Database(project.database_url)) as database:
            return Room(database, store.runs(database)[0].run.id).state()


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    project = open_project(tmp_path)
    with closing(Database(project.database_url)) as database, database.begin() as connection:
        accounts.add(connection, "lea", "Lea Lead", "", Role.EDITOR, (), PASSWORD)
    with chromium() as browser, up(tmp_path) as server, ExitStack() as stack:
        yield Table(tmp_path, server, browser, stack)


def _opened(table: Table, *, pace: str = "You, by hand", speed: str = "1") -> tuple[Page, str]:
    """The facilitator in their room, and its code."""
    lead = table.seat("Lea", viewport={"width": 1280, "height": 900})
    sign_in(lead, table.server.url, "lea", PASSWORD)
    lead.goto(f"{table.server.url}/exercises/public-bucket/open")
    lead.get_by_label("Teams, one in each line").fill("Blue\nRed")
    lead.get_by_label(pace).check()
    lead.get_by_label("Speed").fill(speed)
    table.check("Lea")
    lead.get_by_role("button", name="Open the room").click()
    lead.wait_for_url(re.compile(r"/room/"))
    return lead, lead.locator(".bigcode").inner_text()


def _joined(table: Table, code: str, name: str, team: str, **look: object) -> Page:
    page = table.seat(name, **look)
    page.goto(f"{table.server.url}/join/{code}")
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your team, if you play").select_option(team)
    if look.get("java_script_enabled", True):  # without, nothing in the page answers questions
        table.check(name)
    page.get_by_role("button", name="Enter the room").click()
    page.wait_for_url(re.compile(r"/room/"))
    return page


def _shows(page: Page, text: str) -> None:
    expect(page.get_by_text(text).first).to_be_visible(timeout=PATIENCE)


def _release(lead: Page, title: str) -> None:
    button = lead.get_by_role("button", name=re.compile(rf"Release now\W+{re.escape(title)}"))
    button.click()
    expect(button).to_have_count(0, timeout=PATIENCE)


def _answer(page: Page, answer: str) -> None:
    form = page.locator("#q-stranger-genuine")
    form.get_by_label(answer).check()
    form.get_by_role("button", name="Answer").click()


def test_a_whole_exercise(table: Table) -> None:
    lead, code = _opened(table)
    ana = _joined(table, code, "Ana", "Blue")
    ben = _joined(table, code, "Ben", "Blue", viewport=PHONE, color_scheme="dark")
    cleo = table.seat("Cleo")
    cleo.goto(f"{table.server.url}/join")
    cleo.get_by_label("The code").fill(code.lower())
    table.check("Cleo")
    cleo.get_by_role("button", name="Go on").click()
    cleo.get_by_label("Your name").fill("Cleo")
    cleo.get_by_label("Your team, if you play").select_option("Red")
    cleo.get_by_role("button", name="Enter the room").click()
    _shows(ana, "Ana, Ben")
    _shows(lead, "Cleo")

    # Messages come by themselves, and are announced.
    lead.get_by_role("button", name="Start the exercise").click()
    _shows(ben, "Running")
    _release(lead, "Your bucket is open")
    for page in (ana, ben, cleo):
        _shows(page, "Your bucket is open")
        expect(page.locator("#said")).to_contain_text("Your bucket is open")
        expect(page.locator("#m-stranger .fresh")).to_be_visible()

    # An answer with how sure one is, by the keyboard alone.
    slider = ana.locator("#q-stranger-genuine").get_by_label("How sure are you")
    slider.focus()
    slider.press("End")
    slider.press("ArrowLeft")
    expect(ana.locator("#q-stranger-genuine output")).to_have_text("95")
    _answer(ana, "GetBucketPolicyStatus")
    _shows(ana, "95 % sure")
    _shows(lead, "1 of 2")
    table.check("Lea", "Ana", "Ben", "Cleo")

    # Half a sentence outlives a message that comes, and a reload.
    why = ben.locator("#d-first-step").get_by_label("Why")
    why.fill("Because the")
    why.focus()
    _release(lead, "Who opened it")
    _shows(ben, "Who opened it")
    expect(why).to_have_value("Because the")
    expect(why).to_be_focused()
    why.press_sequentially(" policy is proof")
    ben.locator("#d-first-step").get_by_label("Turn on Block Public Access at once.").check()
    ben.reload()
    expect(ben.locator("#d-first-step").get_by_label("Why")).to_have_value(
        re.compile("policy is proof")
    )
    expect(
        ben.locator("#d-first-step").get_by_label("Turn on Block Public Access at once.")
    ).to_be_checked()
    ben.get_by_role("button", name="This is what I would do").first.click()
    _shows(ben, "You would:")

    # Without a connection: kept, said so, sent by itself.
    cleo.context.set_offline(True)
    _answer(cleo, "ListBuckets")
    _shows(cleo, "1 thing is not yet sent")
    expect(cleo.locator("#q-stranger-genuine .sent")).to_have_text("Not yet sent.")
    assert len(table.state().answers) == 1
    cleo.context.set_offline(False)
    expect(cleo.locator("#q-stranger-genuine .state")).to_contain_text(
        "ListBuckets", timeout=PATIENCE
    )
    expect(cleo.locator("#line")).to_be_empty(timeout=PATIENCE)

    # The server is gone and comes back; nobody reloads.
    table.server.kill()
    ana.get_by_label("A note").fill("Written in the dark")
    ana.get_by_role("button", name="Write it down").click()
    _shows(ana, "not yet sent")
    ana.get_by_label("A note").fill("And another")
    ana.get_by_role("button", name="Write it down").click()
    table.server.start()
    _shows(ben, "Written in the dark")
    _shows(ben, "And another")
    expect(ana.locator("#line")).to_be_empty(timeout=PATIENCE)
    assert [n.text for n in table.state().notes] == ["Written in the dark", "And another"]

    # The team settles it, tells somebody, and everybody hears the facilitator.
    decide = ana.locator("#d-first-step")
    decide.get_by_label("Save policy, ACL and settings").check()
    decide.get_by_role("button", name="Settle it for Blue").click()
    _shows(ben, "Closed at minute nine.")
    expect(cleo.get_by_text("Closed at minute nine.")).to_have_count(0)
    ana.get_by_label("Whom").fill("Legal")
    ana.get_by_label("What you tell them").fill("A bucket is open.")
    ana.get_by_role("button", name="Tell them").click()
    _shows(ben, "A bucket is open.")
    lead.get_by_label("Say to everybody").fill("Five minutes more.")
    lead.get_by_role("button", name="Say it").click()
    _shows(cleo, "Five minutes more.")
    table.check()

    _ended(table, lead, ana)


def _ended(table: Table, lead: Page, ana: Page) -> None:
    lead.locator("#act-SET").count()
    lead.get_by_role("button", name="done: Blue").first.click()
    lead.get_by_text("End…").click()
    lead.get_by_role("button", name="End the exercise").click()
    _shows(ana, "What happened")
    _shows(ana, "You were right in 1 of 1")
    rate = lead.locator("#rate-close")
    rate.get_by_label("Performed with some challenges").check()
    rate.get_by_label("Why").fill("The policy was saved late.")
    rate.get_by_role("button", name="Rate").click()
    _shows(lead, "Rated S by Lea Lead")
    table.check("Lea", "Ana", "Ben", "Cleo")
    lead.get_by_role("link", name="Scores, and every row behind them").click()
    _shows(lead, "Decision quality")
    lead.get_by_role("button", name="Propose what is to be done").click()
    lead.wait_for_url(re.compile(r"#improvements"))
    table.check("Lea")
    lead.get_by_role("link", name="After-action report").click()
    _shows(lead, "EXERCISE")
    table.seats["Lea"].check(axe=False)  # the report is tried by its own tests
    state = table.state()
    assert state.ended_at is not None
    assert {a.answer for a in state.answers} == {"GetBucketPolicyStatus", "ListBuckets"}
    assert [s.team for s in state.settled] == ["Blue"]
    assert [r.rating for r in state.ratings] == ["S"]
    assert [o.state for o in state.observed] == ["done"]


def test_eight_tabs_of_one_browser_all_go_on(table: Table) -> None:
    """Six connections to a host are all that a browser opens: streams must not hold them."""
    lead, code = _opened(table)
    ana = _joined(table, code, "Ana", "Blue")
    tabs = [ana]
    for _ in range(7):
        tab = ana.context.new_page()
        tab.goto(ana.url)
        tabs.append(tab)
    lead.get_by_role("button", name="Start the exercise").click()
    _release(lead, "Your bucket is open")
    for tab in tabs:
        _shows(tab, "Your bucket is open")
    _answer(tabs[-1], "ListBuckets")
    _shows(tabs[0], "Answered")


def test_where_the_stream_never_opens_the_page_asks(table: Table) -> None:
    lead, code = _opened(table)
    ana = table.seat("Ana")
    asked: list[str] = []
    ana.on("request", lambda r: asked.append(r.url) if "/version" in r.url else None)
    ana.route("**/events**", lambda _route: None)  # as behind a proxy that holds it back
    ana.goto(f"{table.server.url}/join/{code}")
    ana.get_by_label("Your name").fill("Ana")
    ana.get_by_label("Your team, if you play").select_option("Blue")
    ana.get_by_role("button", name="Enter the room").click()
    ana.wait_for_url(re.compile(r"/room/"))
    lead.get_by_role("button", name="Start the exercise").click()
    _release(lead, "Your bucket is open")
    _shows(ana, "Your bucket is open")
    assert asked, "it came by the stream after all"
    table.check("Ana")


def test_without_a_script(table: Table) -> None:
    lead, code = _opened(table, pace="The clock, at their minutes", speed="60")
    ana = _joined(table, code, "Ana", "Blue", java_script_enabled=False)
    lead.get_by_role("button", name="Start the exercise").click()
    _shows(lead, "Running")
    ana.reload()
    _answer(ana, "ListBuckets")
    expect(ana.locator("#q-stranger-genuine .state")).to_contain_text("ListBuckets")
    assert ana.url.endswith("#q-stranger-genuine")
