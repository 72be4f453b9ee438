"""The room: who may do what in it, what a seat is shown, and what nobody may inject."""

from __future__ import annotations

import json

import pytest
from tests.web.conftest import Visitor
from tests.web.rooms import PEOPLE, Opened, form_in, open_room

from sharedline.exercise import library
from sharedline.exercise.session.acts import ACTS
from sharedline.exercise.session.room import Room
from sharedline.web import processes
from sharedline.web.site import Site
from sharedline.web.views import room_live

STRANGER = {"inject": "stranger", "question": "genuine", "answer": "GetBucketPolicyStatus"}
SAID = {
    "speed": {"speed": "2"},
    "released": {"inject": "trail"},
    "skipped": {"inject": "reads"},
    "added": {
        "title": "One more", "text": "It goes on.", "from": "Press", "to": "You",
        "channel": "phone", "release": "yes",
    },
    "announced": {"text": "Lunch is at noon."},
    "answered": {**STRANGER, "confidence": "80"},
    "chosen": {"decision": "first-step", "option": "close", "confidence": "70", "reason": "Fast"},
    "settled": {
        "decision": "first-step", "option": "close", "confidence": "70", "reason": "Fast",
        "team": "Blue",
    },
    "told": {"to": "Legal", "channel": "phone", "text": "It is open.", "inject": "stranger"},
    "noted": {"text": "Seen.", "visible": "private"},
    "observed": {"action": "SET", "state": "done", "team": "Blue", "note": "Well."},
    "rated": {"objective": "close", "rating": "S", "why": "Slow."},
}  # fmt: skip


@pytest.fixture
def room(site: Site, visit: Visitor) -> Opened:
    return open_room(site, visit)


@pytest.fixture
def running(room: Opened) -> Opened:
    assert room.do("Fay", "started").status_code == 200
    assert room.do("Fay", "released", inject="stranger").status_code == 200
    return room


def _ready(room: Opened, kind: str) -> dict[str, str]:
    """Brings the room to where an act of this kind makes sense."""
    if kind != "started":
        room.do("Fay", "started")
        room.do("Fay", "released", inject="stranger")
    if kind == "resumed":
        room.do("Fay", "paused")
    said = dict(SAID.get(kind, {}))
    if kind == "observed":
        said["action"] = library.load("public-bucket").expected[0].id
    return said


@pytest.mark.parametrize("kind", ACTS)
def test_each_seat_does_what_is_its_own_and_nothing_else(room: Opened, kind: str) -> None:
    said = _ready(room, kind)
    allowed = ACTS[kind].seats
    before = room.state().seq
    for name, (seat, _) in PEOPLE.items():
        if seat in allowed:
            continue
        answer = room.do(name, kind, **said)
        assert answer.status_code == 400, (name, answer.text)
        assert f"A {seat} cannot do this" in answer.json()["error"]
    assert room.state().seq == before, "a refused act left something behind"
    who = next(name for name, (seat, _) in PEOPLE.items() if seat in allowed)
    answer = room.do(who, kind, **said)
    assert answer.status_code == 200, answer.text
    assert answer.json()["seq"] == before + 1
    assert 'id="room"' in room.page(who)


def test_what_is_sent_twice_is_done_once(running: Opened) -> None:
    said = SAID["answered"]
    first = running.do("Ana", "answered", key="same", **said)
    second = running.do("Ana", "answered", key="same", **said)
    assert first.json() == second.json()
    assert len(running.state().answers) == 1
    other = running.do("Ben", "answered", key="same", **said)
    assert other.status_code == 200, "the key of one seat stood in the way of another"
    assert len(running.state().answers) == 2
    changed = running.do("Ana", "answered", key="same", **{**said, "confidence": "5"})
    assert changed.status_code == 400


def test_without_a_script_the_forms_work_and_double_clicks_count_once(running: Opened) -> None:
    browser = running.browser("Ana")
    target, hidden = form_in(running.page("Ana"), "q-stranger-genuine")
    form = {**hidden, "answer": "ListBuckets", "confidence": "30"}
    for _ in range(2):
        answer = browser.post(target, data=form)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"{running.path}#q-stranger-genuine"
    assert len(running.state().answers) == 1
    again = browser.post(target, data={**form, "answer": "GetBucketTagging"})
    assert again.status_code == 303, "another word is another answer"
    assert [a.answer for a in running.state().answers] == ["ListBuckets", "GetBucketTagging"]
    page = running.page("Ana")
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in page
    still = browser.get(f"{running.path}?still=1").text
    assert "http-equiv" not in still
    refused = browser.post(target, data={**form, "answer": "No such choice"})
    assert refused.status_code == 400
    assert f'href="{running.path}"' in refused.text, "the way back into the room is missing"


@pytest.mark.parametrize("place", ["", "/live", "/state", "/version", "/events"])
def test_nobody_without_a_seat_sees_the_room(running: Opened, visit: Visitor, place: str) -> None:
    answer = visit().get(running.path + place)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/join"
    script = visit().get(running.path + place, headers={"accept": "application/json"})
    assert script.status_code == 401
    assert "Your bucket is open" not in script.text
    assert visit("auditor").get(running.path + place).headers["location"] == "/join"
    lead = visit("editor").get(running.path + place)
    assert lead.headers["location"] == f"/exercises/runs/{running.run.id}/enter"


def test_a_seat_opens_its_own_room_only(running: Opened, visit: Visitor) -> None:
    other = open_room(running.site, visit)
    stranger = visit()
    stranger.cookies.set("sharedline-seat", running.secrets["Fay"])
    assert stranger.get(other.path).status_code == 303
    for path in ("/matrix", "/gaps", "/exercises", f"/exercises/runs/{running.run.id}", "/account"):
        answer = stranger.get(path)
        assert answer.status_code in (303, 404), path
        assert "/sign-in" in answer.headers.get("location", "/sign-in")


def test_a_form_of_elsewhere_is_refused(running: Opened) -> None:
    browser = running.browser("Ana")
    for csrf in ("", "0" * 64):
        answer = browser.post(
            f"{running.path}/do/answered", data={**SAID["answered"], "csrf": csrf, "key": "x"}
        )
        assert answer.status_code == 403
    _, hidden = form_in(running.page("Ana"), "q-stranger-genuine")
    form = {**SAID["answered"], **hidden}
    for name, headers in (
        ("Ana", {"sec-fetch-site": "cross-site"}),
        ("Ben", {}),  # the token of one seat is none of another's
    ):
        answer = running.browser(name).post(
            f"{running.path}/do/answered", data=form, headers=headers
        )
        assert answer.status_code == 403
    assert running.state().answers == ()


def _secret_words() -> list[str]:
    """What players must not read before the end: truths' reasons, consequences, notes, ratings."""
    scenario = library.load("public-bucket")
    words = [q.truth.why for i in scenario.injects for q in i.questions if q.truth]
    words += [o.consequence for d in scenario.decisions for o in d.options]
    words += [i.notes.splitlines()[0] for i in scenario.injects if i.notes]
    words += [a.text for a in scenario.expected] + [o.measure for o in scenario.objectives]
    words += [scenario.injects[-1].title]
    return [w.split("{", 1)[0].strip() for w in words]


def test_players_are_told_no_truth_before_the_end(running: Opened) -> None:
    for name in ("Ana", "Ob"):
        browser = running.browser(name)
        shown = [browser.get(running.path + p).text for p in ("", "/live", "/state")]
        for text in shown:
            for word in _secret_words():
                escaped = json.dumps(word)[1:-1]
                assert word not in text, (name, word)
                assert escaped not in text, (name, word)
            assert '"quality"' not in text
            assert '"truth"' not in text
    lead = running.page("Fay")
    assert sum(word in lead for word in _secret_words()) > 10, "the words are searched in vain"


def test_after_the_end_players_learn_what_was_right(running: Opened) -> None:
    running.do("Ana", "answered", **SAID["answered"])
    assert "What happened" not in running.page("Ana")
    assert running.do("Fay", "ended").status_code == 200
    page = running.page("Ana")
    assert "What happened" in page
    assert "You were right in 1 of 1" in page
    assert "It answers IsPublic for the policy" in page
    assert "Was it Amazon that was hacked?" not in page, "what was never released is told"
    late = running.do("Ana", "answered", **SAID["answered"])
    assert late.status_code == 400
    assert "ended" in late.json()["error"]


def test_what_a_team_settled_shows_its_consequence_to_that_team_only(running: Opened) -> None:
    said = {k: v for k, v in SAID["settled"].items() if k != "team"}
    assert running.do("Ana", "settled", **said).status_code == 200
    assert "A partner&#39;s download breaks" in running.page("Ben")
    assert "download breaks" not in running.page("Cleo")
    again = running.do("Ben", "settled", **{**said, "option": "save-close"})
    assert again.status_code == 400


def test_options_lie_in_another_order_for_each_player_and_stay_there(running: Opened) -> None:
    def order(name: str) -> list[int]:
        page = running.page(name)
        return [
            page.index(f'id="d-first-step-{o}"')
            for o in ("save-close", "close", "delete-objects", "ask-researcher")
        ]

    def ranks(places: list[int]) -> list[int]:
        return [sorted(places).index(p) for p in places]

    found = {name: ranks(order(name)) for name in ("Ana", "Ben", "Cleo")}
    assert len({tuple(v) for v in found.values()}) > 1
    assert found == {name: ranks(order(name)) for name in found}


NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><b>"


def test_what_people_write_is_text_everywhere(running: Opened) -> None:
    site, run = running.site, running.run
    from sharedline.exercise.session import joining

    who, secret = joining.join(site.database, run.id, run.code, '<b>Eve</b>"', "player", "Blue")
    running.ids["Eve"], running.secrets["Eve"] = who.id, secret
    assert running.do("Eve", "noted", text=NASTY, visible="everyone").status_code == 200
    assert running.do(
        "Eve", "told", to=NASTY, channel="chat", text=NASTY, inject="stranger"
    ).status_code == 200  # fmt: skip
    chosen = {**SAID["chosen"], "reason": NASTY}
    assert running.do("Eve", "chosen", **chosen).status_code == 200
    assert running.do("Fay", "announced", text=NASTY).status_code == 200
    added = {**SAID["added"], "title": NASTY, "text": NASTY, "from": NASTY}
    assert running.do("Fay", "added", **added).status_code == 200
    assert running.do("Eva", "rated", objective="close", rating="P", why=NASTY).status_code == 200
    for name in running.secrets:
        page = running.page(name)
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "<b>Eve" not in page
        assert "&lt;script&gt;alert(1)" in page
    assert running.do("Fay", "ended").status_code == 200
    admin = running.visit("admin")
    for path in ("", "/report", "/report?form=md"):
        text = admin.get(f"/exercises/runs/{run.id}{path}").text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_private_notes_are_nobodys_else(running: Opened) -> None:
    running.do("Ana", "noted", text="Mine alone", visible="private")
    running.do("Ana", "noted", text="Ours in Blue", visible="team")
    seen = {name: running.page(name) for name in PEOPLE}
    assert [name for name, page in seen.items() if "Mine alone" in page] == ["Ana"]
    assert "Ours in Blue" in seen["Ben"]
    assert "Ours in Blue" not in seen["Cleo"]


def test_the_version_changes_with_what_the_seat_may_see(running: Opened) -> None:
    from sharedline.web.views.room import version

    def now(name: str) -> str:
        state = running.state()
        return version(state, state.participants[running.ids[name]])

    before = {name: now(name) for name in PEOPLE}
    running.do("Cleo", "answered", **SAID["answered"])
    after = {name: now(name) for name in PEOPLE}
    assert {n for n in PEOPLE if before[n] != after[n]} == {"Cleo", "Fay", "Eva", "Sam", "Ob"}
    running.do("Fay", "released", inject="trail")
    assert all(now(name) != after[name] for name in PEOPLE)


def test_the_clock_releases_without_anybody_and_the_version_says_so(
    site: Site, visit: Visitor
) -> None:
    from datetime import timedelta

    from sharedline.web.views.room import version

    room = open_room(site, visit, pace="clock")
    room.do("Fay", "started")
    real = Room(site.database, room.run.id)
    early = real.state()
    late = real.state(as_of=early.as_of + timedelta(minutes=7))
    ana = early.participants[room.ids["Ana"]]
    assert early.seq == late.seq
    assert version(early, ana) != version(late, ana)


def test_the_version_is_asked_cheaply(running: Opened) -> None:
    browser = running.browser("Ana")
    from sharedline.web.views import room_live

    room_live.watch_of(running.site).state(running.run.id)
    mark = running.page("Ana").split('data-version="', 1)[1].split('"', 1)[0]
    import time

    time.sleep(room_live.FRESH)
    assert browser.get(f"{running.path}/version?after={mark}").status_code == 204
    answer = browser.get(f"{running.path}/version?after=else")
    assert answer.json() == {"version": mark}


def test_a_seat_has_so_many_streams_and_is_then_told_to_ask(running: Opened) -> None:
    watch = room_live.watch_of(running.site)
    me = running.ids["Ana"]
    assert all(watch.open(running.run.id, me) for _ in range(room_live.EACH))
    assert running.browser("Ana").get(f"{running.path}/events").status_code == 204
    watch.shut(running.run.id, me)
    assert watch.open(running.run.id, me)


@pytest.mark.parametrize("count", range(1, processes.MOST + 1))
def test_processes_together_leave_a_browser_connections(site: Site, count: int) -> None:
    watch = room_live.Watch(site.database, count)
    taken = sum(watch.open("run", "seat") for _ in range(10))
    assert taken >= 1
    assert taken * count <= 4, "of the six that a browser opens to a host"


def test_an_answer_is_taken_as_its_choice_is_written(running: Opened) -> None:
    said = {**SAID["answered"], "answer": " getbucketPOLICYstatus "}
    assert running.do("Ana", "answered", **said).status_code == 200
    assert running.state().answers[0].answer == "GetBucketPolicyStatus"
    bad = running.do("Ana", "answered", **{**SAID["answered"], "confidence": "much"})
    assert bad.status_code == 400
    assert running.do("Ana", "no-such-act").status_code == 404


def test_only_the_facilitator_gives_seats_and_a_link_works_once(
    running: Opened, visit: Visitor
) -> None:
    from tests.web.conftest import token_in

    for name in ("Ana", "Eva", "Ob"):
        answer = running.browser(name).post(
            f"{running.path}/seats",
            data={"name": "X", "seat": "scribe", "csrf": token_in(running.page(name))},
        )
        assert answer.status_code == 403
    lead, csrf = running.browser("Fay"), token_in(running.page("Fay"))
    for seat in ("facilitator", "king"):
        form = {"name": "X", "seat": seat, "csrf": csrf}
        assert lead.post(f"{running.path}/seats", data=form).status_code == 400
    form = {"name": "Nia", "seat": "evaluator", "csrf": csrf}
    page = lead.post(f"{running.path}/seats", data=form)
    assert page.status_code == 200
    link = page.text.split('readonly value="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    guest = visit()
    door = guest.get(link)
    assert "Nia" in door.text
    fields = {"secret": link.split("seat=")[1], "csrf": token_in(door.text)}
    entered = guest.post(link.split("?")[0], data=fields)
    assert entered.status_code == 303
    assert guest.get(running.path).status_code == 200
    assert "Objectives" in guest.get(running.path).text
    second = visit()
    assert second.get(link).status_code == 404
    # Somebody lost their browser: a new link, and the old one is worth nothing.
    again = lead.post(f"{running.path}/seats/{running.ids['Ana']}", data={"csrf": csrf})
    assert again.status_code == 200
    assert running.browser("Ana").get(running.path).status_code == 303
    gone = lead.post(f"{running.path}/seats/{running.ids['Fay']}", data={"csrf": csrf})
    assert gone.status_code == 404
