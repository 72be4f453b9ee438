"""What people did since the scan: rows, filters and counts show it before the next scan does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.browse import made

from sharedline.browse.filters import Filters
from sharedline.browse.flow import flow
from sharedline.browse.gaps import page
from sharedline.browse.index import Index, open_index
from sharedline.browse.live import Live
from sharedline.browse.mine import mine
from sharedline.duties.waivers import append
from sharedline.model import Waiver
from sharedline.people.model import Scope
from sharedline.state import Claim, State
from sharedline.state.tables import COMMENT

LATER = made.AS_OF + timedelta(hours=1)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    opened = open_index(made.scan(tmp_path, made.rows(200, made.AS_OF, 3)))
    yield opened
    opened.close()


@pytest.fixture
def state(index: Index) -> Iterator[State]:
    opened = State(index.project.database_url)
    yield opened
    opened.close()


def lives(index: Index, live: Live, **given: str) -> dict[str, int]:
    found = page(index, Filters().but(**given), live=live).facets["life"].values
    return {value: n for value, n, _ in found if n}


def test_a_claim_moves_its_row_from_open_to_claimed(index: Index, state: State) -> None:
    live = Live(state.database)
    before = lives(index, live)
    first = page(index, Filters().but(life="open", status="unmet"), live=live).rows[0]
    state.claim(Claim(first["check"], first["resource"], "Ann", "mended", LATER))
    after = lives(index, live)
    assert after["open"] == before["open"] - 1
    assert after["claimed"] == before["claimed"] + 1
    claimed = page(index, Filters(size=200).but(life="claimed"), live=live)
    assert claimed.total == after["claimed"] == len(claimed.rows)
    row = next(r for r in claimed.rows if r["rank"] == first["rank"])
    assert (row["life"], row["now"], row["claimed"]["by"]) == ("open", "claimed", "Ann")
    opened = page(index, Filters(size=200).but(life="open"), live=live)
    assert first["rank"] not in {r["rank"] for r in opened.rows}
    assert opened.total == after["open"]
    # Every other count stays as it was, and under the filter counts what is claimed now.
    owners = {v: n for v, n, _ in claimed.facets["owner"].values if n}
    assert sum(owners.values()) == claimed.total
    nodes = {n.id: n.number.n for n in flow(index, live=live).nodes}
    assert (
        nodes["life-claimed"] == 1 + {n.id: n.number.n for n in flow(index).nodes}["life-claimed"]
    )


def test_a_claim_outside_the_scope_changes_no_count(index: Index, state: State) -> None:
    live, mine_only = Live(state.database), Scope(frozenset({made.ACCOUNTS[0]}))
    row = page(index, Filters().but(life="open", status="unmet", account=made.ACCOUNTS[1])).rows[0]
    before = page(index, Filters(), mine_only, live).facets["life"].values
    state.claim(Claim(row["check"], row["resource"], "Ann", "", LATER))
    assert page(index, Filters(), mine_only, live).facets["life"].values == before
    nodes = [n.number.n for n in flow(index, mine_only, live).nodes]
    assert nodes == [n.number.n for n in flow(index, mine_only).nodes]


def test_claims_from_before_the_scan_are_in_it_already(index: Index, state: State) -> None:
    row = page(index, Filters().but(life="open", status="unmet")).rows[0]
    state.claim(Claim(row["check"], row["resource"], "Ann", "", made.AS_OF - timedelta(days=1)))
    assert not Live(state.database).overlay(index).marks


def test_a_waiver_given_since_marks_the_rows_it_covers(index: Index, state: State) -> None:
    live = Live(state.database)
    assert not live.overlay(index).waived
    later = datetime.now(UTC).date() + timedelta(days=30)
    given = Waiver("it's 50%_fine", "Eve", later, "s3/*", "*", "arn:aws:s3:*", made.ACCOUNTS[0])
    append(index.project.waivers, given)
    append(index.project.waivers, Waiver("over", "Eve", date(2020, 1, 1), "*", "*", "*N*"))
    covered = {
        r["rank"]
        for r in page(index, from_size(200).but(status="unmet", service="s3", rows="all")).rows
        if r["account"] == made.ACCOUNTS[0]
    }
    found = live.overlay(index)
    assert set(found.waived) == covered != set()
    assert lives(index, live, status="unmet")["waived"] == len(
        [r for r in covered if r <= index.gaps]
    )
    row = next(
        r
        for r in page(index, from_size(200).but(life="waived"), live=live).rows
        if r["rank"] in covered
    )
    assert row["waived_since"].startswith("it's 50%_fine (approved by Eve")


def from_size(size: int) -> Filters:
    return Filters(size=size)


def test_comments_are_counted_and_told(index: Index, state: State) -> None:
    live = Live(state.database)
    row = page(index, Filters(), live=live).rows[0]
    assert row["comments"] == 0
    with state.database.begin() as connection:
        connection.execute(
            COMMENT.insert().values(
                check_id=row["check"], resource=row["resource"], account_id=row["account"],
                by_whom="Ann", text="<b>soon</b>", at=LATER,
            )
        )  # fmt: skip
    state.claim(Claim(row["check"], row["resource"], "Bo", "done", LATER + timedelta(hours=1)))
    assert page(index, Filters(), live=live).rows[0]["comments"] == 1
    said = live.said(row["check"], row["resource"], row["account"])
    assert [(s["kind"], s["by"], s["text"]) for s in said] == [
        ("comment", "Ann", "<b>soon</b>"),
        ("claim", "Bo", "done"),
    ]


def test_my_five_things_put_what_somebody_claimed_last(index: Index, state: State) -> None:
    live, scope = Live(state.database), Scope(frozenset(), frozenset({"web"}))
    first = mine(index, scope, live)
    assert 1 < len(first) <= 5
    assert [t.row["owner"] for t in first] == ["web"] * len(first)
    assert len({t.row["check"] or t.row["duty"] for t in first}) == len(first)
    worst = first[0]
    assert worst.row["severity"] == "critical"
    assert "nobody says that it is mended" in worst.why
    assert page(index, Filters(), scope).total >= worst.alike + 1
    state.claim(Claim(worst.row["check"], worst.row["resource"], "Ann", "", LATER))
    assert mine(index, scope, live)[0].row["rank"] != worst.row["rank"]
    assert mine(index, Scope(frozenset(), frozenset({"no such team"})), live) == []
