"""The example rows of every check hold on DuckDB, and Spark gives the same answers.

Starting a Spark query costs a fifth of a second, and there are over a thousand cases. So the rows
of all cases stand in one table per inventory table, told apart by `_case`; a check's query is put
once per case over its own rows, all of them in one UNION ALL. Both engines are given that query.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from sqlglot import exp
from tests.checks.corpus import IDS, check, parsed

from sharedline.checks.examples import Case, cases, run, typed
from sharedline.checks.schemas import schemas
from sharedline.checks.sql import Parsed, bound
from sharedline.errors import ConfigError
from sharedline.inventory.engines import Duck, Engine

if TYPE_CHECKING:
    from sharedline.inventory.spark import Spark

_ALWAYS = frozenset({"arn", "account_id", "region", "tags"})
_ANSWER = ("resource", "ok", "reason", "account_id", "region", "tags")


@pytest.mark.parametrize("check_id", IDS)
def test_examples_hold_on_duckdb(check_id: str) -> None:
    duck = Duck()
    try:
        assert list(run(check(check_id), duck, schemas())) == []
    finally:
        duck.close()


class Corpus:
    """The rows of all cases of all checks, registered with both engines."""

    def __init__(self, spark: Spark) -> None:
        self.duck, self.spark = Duck(), spark
        self.numbers: dict[tuple[str, int], int] = {}
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._columns: dict[str, set[str]] = {}
        for check_id in IDS:
            try:
                self._add(check_id)
            except ConfigError:
                continue  # its own test on DuckDB says what is wrong
        look = schemas()
        for name, used in self._columns.items():
            columns = {c: t for c, t in (look(name) or {}).items() if c in used}
            for engine in (self.duck, self.spark):
                engine.rows(name, self._rows.get(name, []), {"_case": "int", **columns})

    def _add(self, check_id: str) -> None:
        one, look = parsed(check_id), schemas()
        for index, case in enumerate(cases(check(check_id))):
            number = self.numbers[check_id, index] = len(self.numbers)
            for name, columns in one.reads.items():
                self._columns.setdefault(name, set()).update(columns | _ALWAYS)
                for row in case.tables.get(name) or ():
                    values = typed(row, look(name) or {}, f"{check_id}: {case.note}")
                    self._rows.setdefault(name, []).append({**values, "_case": number})

    def query(self, check_id: str) -> exp.Query:
        """The check's query over the rows of each of its cases."""
        parts = []
        for index, case in enumerate(cases(check(check_id))):
            number = self.numbers[check_id, index]
            answers = _over_case(parsed(check_id), case, number).subquery("_q")
            columns = [exp.column(name, "_q") for name in _ANSWER]
            case_column = exp.Literal.number(number).as_("_case")
            parts.append(exp.select(case_column, *columns).from_(answers))
        return parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False)


def _over_case(one: Parsed, case: Case, number: int) -> exp.Query:
    query = bound(one, case.as_of, case.params)
    inner = {cte.alias for cte in query.find_all(exp.CTE)}

    def narrow(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Table) and node.name in one.reads and node.name not in inner:
            rows = exp.select("*").from_(exp.to_table(node.name)).where(f"_case = {number}")
            return rows.subquery(node.alias_or_name)
        return node

    return query.transform(narrow)


@pytest.fixture(scope="session")
def corpus(spark: Spark) -> Iterator[Corpus]:
    made = Corpus(spark)
    yield made
    made.duck.close()


def _answers(engine: Engine, query: exp.Query) -> list[dict[str, Any]]:
    table: pa.Table = engine.query(query.sql(dialect=engine.dialect))
    return sorted(table.to_pylist(), key=lambda r: (r["_case"], str(r["resource"])))


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
@pytest.mark.parametrize("check_id", IDS)
def test_spark_gives_the_same_answers(check_id: str, corpus: Corpus) -> None:
    query = corpus.query(check_id)
    found = _answers(corpus.spark, query)
    expected = {
        (corpus.numbers[check_id, index], resource): ok
        for index, case in enumerate(cases(check(check_id)))
        for resource, ok in case.expect.items()
    }
    assert {(r["_case"], r["resource"]): r["ok"] for r in found} == expected
    assert found == _answers(corpus.duck, query)
