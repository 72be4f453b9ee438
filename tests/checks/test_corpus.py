"""Every check that ships is whole: its duty, controls, words, population, and what it may not say.

That its SQL holds on its examples is `test_examples.py`; here it is read, and run on rows of which
nothing could be read.
"""

from __future__ import annotations

import re

import pytest
from sqlglot import exp
from tests.checks.corpus import IDS, check, parsed

from sharedline.checks.examples import AS_OF, cases
from sharedline.checks.load import folder
from sharedline.checks.schemas import OWN, schemas
from sharedline.checks.sql import bound_sql
from sharedline.collect.catalogue import shipped
from sharedline.collect.schema import describe
from sharedline.collect.table import STANDARD
from sharedline.derive import derivations
from sharedline.duties.catalogue import load as load_duties
from sharedline.inventory.engines import Duck
from sharedline.model import SEVERITIES

#: CIS AWS Foundations Benchmark v7.0.0: the last number in each section that holds any.
_CIS = {"2.1": 6, "2": 21, "3.1": 4, "3.2": 4, "3.3": 1, "4": 10, "5": 16, "6.1": 2, "6": 8}
#: Sections whose first number is a group of its own.
_GROUPS = {"2.1", "3.1", "3.2", "3.3", "6.1"}
_WELL_FORMED = {
    "aws-fsbp": re.compile(r"[A-Z][A-Za-z0-9]*\.\d{1,3}"),
    # Security Hub's controls that its own FSBP standard does not hold.
    "aws-security-hub": re.compile(r"[A-Z][A-Za-z0-9]*\.\d{1,3}"),
    "cis-aws-7.0.0": re.compile(r"[2-6](\.\d{1,2}){1,2}"),
    "nist-800-53-r5": re.compile(r"[A-Z]{2}-\d{1,2}(\(\d{1,2}\))?"),
}
_LEAST = 80


def _in_cis(control: str) -> bool:
    section, _, number = control.rpartition(".")
    return control not in _GROUPS and 1 <= int(number) <= _CIS.get(section, 0)


def test_there_are_enough_checks() -> None:
    assert len(IDS) >= _LEAST


def test_examples_stand_beside_a_check() -> None:
    beside = {
        p.relative_to(folder()).as_posix().removesuffix(".test.yaml")
        for p in folder().rglob("*.test.yaml")
    }
    assert sorted(beside ^ set(IDS)) == []


def test_titles_are_told_apart() -> None:
    titles = [check(i).title for i in IDS]
    assert sorted({t for t in titles if titles.count(t) > 1}) == []


@pytest.mark.parametrize("check_id", IDS)
def test_front_matter(check_id: str) -> None:
    one = check(check_id)
    assert re.fullmatch(r"[a-z][a-z0-9]*/[a-z][a-z0-9]*(_[a-z0-9]+)*", check_id)
    assert one.duty in load_duties().duties
    assert one.severity in SEVERITIES
    assert not one.title.endswith(".")
    assert one.title == one.title.strip()
    assert len(one.title) <= 100
    assert one.why.endswith((".", "!", "?"))
    assert len(one.fix) >= 20
    assert set(one.controls) <= set(_WELL_FORMED)
    assert any(one.controls.values()), "a check answers at least one control"
    for framework, ids in one.controls.items():
        assert len(ids) == len(set(ids))
        for control in ids:
            assert _WELL_FORMED[framework].fullmatch(control), f"{framework} {control}"
            assert framework != "cis-aws-7.0.0" or _in_cis(control), control


@pytest.mark.parametrize("check_id", IDS)
def test_its_query_is_allowed_and_its_tables_exist(check_id: str) -> None:
    one = parsed(check_id)
    known = {*shipped(), *derivations(), *OWN}
    assert set(one.reads) <= known
    made_from = {
        t for name in set(one.reads) & set(derivations()) for t in derivations()[name].reads
    }
    assert set(check(check_id).tolerates) <= {*one.reads, *made_from}
    assert {p.name for p in one.query.find_all(exp.Parameter, exp.Placeholder)} == set(
        check(check_id).params
    )


@pytest.mark.parametrize("check_id", IDS)
def test_unknown_is_not_coalesced_into_an_answer(check_id: str) -> None:
    """`coalesce(x, false)` answers where nothing was read; say `case when` and why."""
    for node in parsed(check_id).query.find_all(exp.Coalesce):
        for value in node.expressions:
            assert not isinstance(value, exp.Boolean), node.sql()


@pytest.mark.parametrize("check_id", IDS)
def test_no_join_can_drop_a_resource(check_id: str) -> None:
    """The outermost SELECT joins its population with left joins only."""
    query = parsed(check_id).query
    select = query if isinstance(query, exp.Select) else query.find(exp.Select)
    assert select is not None
    for join in select.args.get("joins") or ():
        assert join.side == "LEFT" or join.kind == "CROSS" or not join.args.get("on"), join.sql()


def _asked_per_item(table: str) -> set[str]:
    """The columns of a table that calls per item fill, so that one can be denied alone."""
    if table not in shipped():
        return set()
    return {c.name for c in describe(shipped()[table], shipped()).columns if c.call >= 0}


@pytest.mark.parametrize("check_id", IDS)
def test_what_could_not_be_read_is_unknown(check_id: str) -> None:
    """Two resources of which the ARN alone is known: each once, and unknown.

    A filter may drop them only by columns of the listing itself, which come with the row or not at
    all. A check that asks other tables may find its answer there.
    """
    one, look, duck = parsed(check_id), schemas(), Duck()
    blank = [
        {"arn": f"arn:{n}", "account_id": "111111111111", "region": "us-east-1"} for n in (1, 2)
    ]
    try:
        for name in one.reads:
            duck.rows(name, blank if name == one.population else [], look(name) or {})
        found = duck.query(bound_sql(one, AS_OF, "duckdb")).to_pylist()
    finally:
        duck.close()
    # A child without an ARN of its own is named by columns that are unknown here too.
    answered = [row["resource"] for row in found if row["resource"]]
    assert len(answered) == len(set(answered))
    if len(found) < len(blank):
        filters = [c.name for w in one.query.find_all(exp.Where) for c in w.find_all(exp.Column)]
        assert sorted(_asked_per_item(one.population) & set(filters)) == []
    if set(one.reads) == {one.population} and one.reads[one.population] - set(STANDARD):
        assert {row["ok"] for row in found} <= {None}


@pytest.mark.parametrize("check_id", IDS)
def test_examples_speak_of_what_is_judged(check_id: str) -> None:
    """A sentence each, all different; rows of the population have an ARN and an account."""
    found = cases(check(check_id))
    notes = [case.note for case in found]
    assert len(notes) == len(set(notes))
    for case in found:
        assert isinstance(case.note, str)
        rows = case.tables.get(parsed(check_id).population) or ()
        assert all(row.get("arn") for row in rows), case.note
