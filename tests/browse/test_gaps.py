"""Pages of gaps: the rows and counts of a slow count of the scan, never more than the scope."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.browse import made, slow

from sharedline.browse.fields import FIELDS, FIXED
from sharedline.browse.filters import ORDERS, ROWS, Filters, from_query
from sharedline.browse.gaps import Page, page
from sharedline.browse.index import Index
from sharedline.errors import Error
from sharedline.inventory.lake import Lake
from sharedline.model import SEVERITIES
from sharedline.people.model import Scope
from sharedline.project import Project
from sharedline.results import Results

_VALUES: dict[str, tuple[str, ...]] = {
    **FIXED,
    "severity": SEVERITIES,
    "owner": (*made.OWNERS, "somebody else"),
    "account": (*made.ACCOUNTS, "", "999999999999"),
    "region": ("eu-west-1", "us-east-1", "global", "nowhere"),
    "duty": (*(c[1] for c in made.CHECKS), "data.classification"),
    "service": ("s3", "ec2", "iam", "kms", "lambda"),
    "check": (*(c[0] for c in made.CHECKS), "", "x/y"),
}
SCOPES = st.one_of(
    st.just(Scope()),
    st.builds(
        Scope,
        st.frozensets(st.sampled_from((*made.ACCOUNTS, "444444444444"))),
        st.frozensets(st.sampled_from(made.OWNERS[1:])),
    ),
)
FILTERS = st.builds(
    Filters,
    **{f: st.just(frozenset()) | st.frozensets(st.sampled_from(v), max_size=3)
       for f, v in _VALUES.items()},
    text=st.sampled_from(("", "", "N1", "%", "_", "'", '"', "versioning", "thing/n2", "select 1",
                          "3 resources")),
    rows=st.sampled_from(ROWS),
    order=st.sampled_from(ORDERS),
    page=st.integers(1, 4),
    size=st.sampled_from((1, 7, 50, 200)),
)  # fmt: skip


@pytest.fixture(scope="module")
def rows(project: Project) -> dict[str, list[dict[str, Any]]]:
    return slow.everything(project)


def told(found: Page) -> dict[str, dict[str, int]]:
    return {f: {v: n for v, n, _ in facet.values if n} for f, facet in found.facets.items()}


def key(r: dict[str, Any]) -> tuple[Any, ...]:
    return (r["status"], r["duty"], r["check"], r["resource"], r["account"])


def test_the_rows_are_those_of_the_verb(index: Index, project: Project) -> None:
    lake = Lake(project.lake_url)
    results = Results(lake, lake.latest(), project)
    wanted = results.gaps()
    results.duck.close()
    found: list[dict[str, Any]] = []
    for number in range(1, page(index, Filters(size=37)).pages + 1):
        found += page(index, Filters(size=37, page=number)).rows
    assert [{k: r[k] for k in w} for r, w in zip(found, wanted, strict=True)] == [
        {**w, "life": w["life"] or ""} for w in wanted
    ]


@given(filters=FILTERS, scope=SCOPES)
@settings(max_examples=250)
def test_rows_facets_and_totals_are_those_of_a_slow_count(
    index: Index, rows: dict[str, list[dict[str, Any]]], filters: Filters, scope: Scope
) -> None:
    found = page(index, filters, scope)
    matching, facets = slow.answer(rows[filters.rows], filters, scope)
    assert found.total == len(matching)
    assert told(found) == {f: dict(c) for f, c in facets.items()}
    assert found.pages == max(1, -(-len(matching) // filters.size))
    first = (filters.page - 1) * filters.size
    assert len(found.rows) == max(0, min(filters.size, len(matching) - first))
    assert {key(r) for r in found.rows} <= {key(r) for r in matching}
    if filters.order == "worst" and filters.rows == "gaps":
        assert [key(r) for r in found.rows] == [
            key(r) for r in matching[first : first + filters.size]
        ]
    if filters.order != "worst":
        ages = [r["since"] for r in found.rows if r["since"]]
        assert ages == sorted(ages, reverse=filters.order == "newest")
        assert all(not r["since"] for r in found.rows[len(ages) :])
    assert all(scope.covers(r["account"], r["owner"]) for r in found.rows)


@pytest.mark.parametrize("order", ORDERS)
def test_each_row_is_on_one_page(index: Index, order: str) -> None:
    for query in ({}, {"region": "eu-west-1"}, {"rows": "all", "severity": "critical"}):
        chosen = from_query({**query, "order": order, "size": "40"})
        total = page(index, chosen).total
        ranks = [
            r["rank"]
            for number in range(1, page(index, chosen).pages + 1)
            for r in page(index, from_query({**dict(chosen.pairs()), "page": str(number)})).rows
        ]
        assert len(ranks) == len(set(ranks)) == total > 40


@given(filters=FILTERS)
def test_the_address_says_the_same_filters(filters: Filters) -> None:
    asked = from_query(filters.pairs())
    # An empty value asks nothing: what has no account or check cannot be asked for by address.
    assert asked == Filters(
        **{k: getattr(filters, k) - {""} if k in FIELDS else getattr(filters, k)
           for k in filters.__dataclass_fields__}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"ownr": "x"}, "no filter 'ownr'"),
        ({"severity": "urgent"}, "severity cannot be 'urgent'"),
        ({"page": "0"}, "page cannot be"),
        ({"page": "1e3"}, "page cannot be"),
        ({"page": "9" * 30}, "page cannot be"),
        ({"size": "201"}, "size cannot be"),
        ({"order": "rank; drop table r"}, "order cannot be"),
        ({"text": "a\0b"}, "text is too long or no text"),
        ({"owner": "x" * 3000}, "owner is too long"),
        ({"page": ["1", "2"]}, "page is given twice"),
        ({"account": [str(n) for n in range(300)]}, "300 values"),
    ],
)
def test_what_cannot_be_asked_is_refused(query: dict[str, Any], words: str) -> None:
    with pytest.raises(Error, match=words):
        from_query(query)


@pytest.mark.parametrize("hostile", ["'; drop table r; --", "%", "_", "\\", "N1%' or '1'='1", "?"])
def test_hostile_texts_are_texts(index: Index, hostile: str) -> None:
    before = page(index, Filters()).total
    for name in ("owner", "account", "check", "duty", "region", "service"):
        assert page(index, from_query({name: hostile})).total == 0
    found = page(index, from_query({"text": hostile, "rows": "all", "size": "200"}))
    assert all(hostile.lower() in (r["resource"] + r["reason"]).lower() for r in found.rows)
    assert page(index, Filters()).total == before


def test_a_value_nobody_may_know_of_is_answered_as_one_that_is_not_there(index: Index) -> None:
    mine = Scope(frozenset({made.ACCOUNTS[0]}))
    other, absent = (
        page(index, Filters().but(account=a), mine) for a in (made.ACCOUNTS[1], "999999999999")
    )
    assert other.total == absent.total == 0
    assert [v for v in other.facets["account"].values if not v[2]] == [
        v for v in absent.facets["account"].values if not v[2]
    ]
