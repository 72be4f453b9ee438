"""Understands a check's SQL: refuses what it may not do, finds what it reads, binds its values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, ParseError, SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from sharedline.checks.portable import list_length, unportable
from sharedline.collect.table import Type
from sharedline.errors import ConfigError
from sharedline.model import Check

_SQL_TYPES: Mapping[Type, str] = {
    "string": "varchar",
    "bool": "boolean",
    "int": "bigint",
    "double": "double",
    "timestamp": "timestamptz",
    "strings": "varchar[]",
    "json": "varchar",
}
Schemas = Callable[[str], Mapping[str, Type] | None]

#: Functions sqlglot has no class for that a check may use; everything else unknown is refused, so
#: that a check from a third party can reach no file, network or setting.
_ALLOWED_ANONYMOUS = frozenset({"array_contains", "list_contains", "starts_with", "contains"})
_FORBIDDEN = (
    exp.Insert,
    exp.Update,
    exp.Delete,
    exp.Create,
    exp.Drop,
    exp.Command,
    exp.Set,
    exp.Pragma,
    exp.Attach,
    exp.Detach,
    exp.Copy,
    exp.CurrentTimestamp,
    exp.CurrentDate,
    exp.CurrentTime,
    exp.Rand,
    exp.Lambda,
    exp.ReadCSV,
    exp.ReadParquet,
)
_SHAPE = ("resource", "ok", "reason")
#: Stands for `scan.as_of` in compiled SQL until the scan's own time is put in.
_MARK = datetime(1901, 2, 3, 4, 5, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Parsed:
    """A check's query and what it stands on.

    `reads` maps each table to its columns; `population` is the table whose rows are judged;
    `plain` says that the outermost SELECT takes rows of the population as they are, so that
    its other columns can be added to the projection.
    """

    check: Check
    reads: Mapping[str, frozenset[str]]
    population: str
    alias: str
    plain: bool
    literals: frozenset[str]
    template: str = ""

    @property
    def query(self) -> exp.Query:
        """The check's SQL as a tree, parsed when an engine needs it."""
        return _tree(self.check.sql)


def _bad(check: Check, what: str, advice: str) -> ConfigError:
    return ConfigError(f"{check.path}: {what}", advice)


def parse(check: Check, schemas: Schemas) -> Parsed:
    """Parses and validates; `ConfigError` says which rule the SQL breaks."""
    query = _one_select(check)
    _refuse(check, query)
    given = {p.name for p in query.find_all(exp.Parameter, exp.Placeholder)}
    for name in sorted(given - set(check.params)):
        raise _bad(check, f"${name} is not a parameter.", "Declare it under [params].")
    names = [s.alias_or_name for s in query.selects]
    if tuple(names) != _SHAPE:
        raise _bad(check, f"it selects {', '.join(names)}.", "Select resource, ok, reason.")
    reads = _reads(check, query, schemas)
    population, alias, plain = _population(query)
    population = check.population or population
    if population not in reads:
        raise _bad(check, "its population is not a table.", 'Name it: population = "s3_bucket".')
    literals = frozenset(x.name for x in query.find_all(exp.Literal) if x.is_string)
    return Parsed(check, reads, population, alias, plain, literals)


@cache
def _tree(sql: str) -> exp.Query:
    tree = sqlglot.parse_one(sql, read="duckdb")
    assert isinstance(tree, exp.Query)
    return tree


def digest(check: Check) -> str:
    """Changes when anything that `parse` looks at does."""
    text = repr((check.sql, sorted(check.params.items(), key=str), check.population))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _compiled() -> dict[str, Any]:
    file = resources.files("sharedline.checks") / "compiled.json"
    return dict(json.loads(file.read_text("utf-8"))) if file.is_file() else {}


def understood(check: Check, schemas: Schemas) -> Parsed:
    """`parse`, from `compiled.json` where that is current: parsing 300 checks costs 5 s of CPU."""
    kept = _compiled().get(check.id)
    if not kept or kept["digest"] != digest(check):
        return parse(check, schemas)
    return Parsed(
        check,
        {name: frozenset(columns) for name, columns in kept["reads"].items()},
        kept["population"],
        kept["alias"],
        kept["plain"],
        frozenset(kept["literals"]),
        kept["template"],
    )


def dump(checks: Mapping[str, Check], schemas: Schemas) -> str:
    """The text of `compiled.json`: what parsing finds, and the DuckDB SQL with marked values."""
    out = {}
    for check_id in sorted(checks):
        parsed = parse(checks[check_id], schemas)
        marks = {name: f"@@{name}@@" for name in parsed.check.params}
        out[check_id] = {
            "digest": digest(parsed.check),
            "reads": {name: sorted(columns) for name, columns in sorted(parsed.reads.items())},
            "population": parsed.population,
            "alias": parsed.alias,
            "plain": parsed.plain,
            "literals": sorted(parsed.literals),
            "template": str(bound(parsed, _MARK, marks).sql(dialect="duckdb")),
        }
    return json.dumps(out, indent=1, ensure_ascii=False) + "\n"


def _filled(parsed: Parsed, as_of: datetime, params: Mapping[str, Any] | None) -> str:
    sql = parsed.template.replace(_MARK.isoformat(), as_of.isoformat())
    for name, value in {**parsed.check.params, **(params or {})}.items():
        sql = sql.replace(f"'@@{name}@@'", _literal(value).sql(dialect="duckdb"))
    return sql


def _one_select(check: Check) -> exp.Query:
    try:
        statements = sqlglot.parse(check.sql, read="duckdb")
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        place = f"line {first.get('line')}: " if first.get("line") else ""
        what = str(first.get("description", error)).rstrip(".")
        raise _bad(check, f"the SQL does not parse ({place}{what}).", "Correct it.") from error
    except SqlglotError as error:
        raise _bad(check, f"the SQL does not parse ({error}).", "Correct it.") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise _bad(check, "it is not one SELECT.", "Write a single SELECT statement.")
    return statements[0]


def _refuse(check: Check, query: exp.Query) -> None:
    for node in query.walk():
        if isinstance(node, _FORBIDDEN):
            raise _bad(
                check, f"{node.key} may not be used.", "Checks only select; time is scan.as_of."
            )
        if what := unportable(node):
            raise _bad(check, f"{what}.", "The same check must answer alike on DuckDB and Spark.")
        if isinstance(node, exp.Anonymous) and node.name.lower() not in _ALLOWED_ANONYMOUS:
            raise _bad(
                check,
                f"the function {node.name} is not allowed.",
                "Use portable SQL functions; files, network and settings are out of reach.",
            )
        if isinstance(node, exp.Table) and not isinstance(node.this, exp.Identifier):
            raise _bad(check, "it reads from a function.", "Read tables only.")
        if isinstance(node, exp.Table) and (node.db or node.catalog or "/" in node.name):
            raise _bad(check, f"it reads {node.sql()}.", "Read tables by their plain name.")


def _reads(check: Check, query: exp.Query, schemas: Schemas) -> dict[str, frozenset[str]]:
    ctes = {cte.alias for cte in query.find_all(exp.CTE)}
    tables = {t.name for t in query.find_all(exp.Table)} - ctes - {"scan"}
    schema: dict[str, dict[str, str]] = {}
    for name in sorted(tables):
        columns = schemas(name)
        if columns is None:
            raise _bad(check, f"there is no table {name}.", "See `sharedline tables`.")
        schema[name] = {c: _SQL_TYPES[t] for c, t in columns.items()}
    bound = _bind(query.copy(), check.params, datetime(2026, 1, 1).astimezone())
    try:
        qualified = qualify(
            bound, schema=schema, dialect="duckdb", quote_identifiers=False, identify=False
        )
    except OptimizeError as error:
        raise _bad(check, f"{error}.", "See `sharedline tables NAME` for the columns.") from error
    reads: dict[str, set[str]] = {name: set() for name in schema}
    for scope in traverse_scope(qualified):
        for column in scope.columns:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table) and source.name in reads:
                if column.name not in schema[source.name]:
                    raise _bad(
                        check,
                        f"{source.name} has no column {column.name}.",
                        f"See `sharedline tables {source.name}`.",
                    )
                if list_length(column, schema[source.name][column.name]):
                    raise _bad(check, f"len({column.name}) is of a list.", "Use a child table.")
                reads[source.name].add(column.name)
    return {name: frozenset(columns) for name, columns in reads.items()}


def _population(query: exp.Query) -> tuple[str, str, bool]:
    """The table of the outermost FROM (through CTEs), its alias, and whether rows come as is."""
    ctes = {c.alias: c.this for c in query.find_all(exp.CTE)}
    select, plain = query, True
    while True:
        if isinstance(select, exp.SetOperation):
            select, plain = select.left, False
            continue
        if not isinstance(select, exp.Select):
            return "", "", False
        if select.args.get("group") or select.args.get("distinct"):
            plain = False
        source = select.args.get("from_") or select.args.get("from")
        table = source.this if source is not None else None
        if isinstance(table, exp.Subquery):
            select, plain = table.this, False
        elif isinstance(table, exp.Table) and table.name in ctes:
            select, plain = ctes[table.name], False
        elif isinstance(table, exp.Table):
            return table.name, table.alias_or_name, plain
        else:
            return "", "", False


def _literal(value: object) -> exp.Expression:
    if isinstance(value, list):
        return exp.Tuple(expressions=[exp.convert(v) for v in value])
    return exp.convert(value)


def _moment(as_of: datetime) -> exp.Expression:
    return exp.cast(exp.Literal.string(as_of.isoformat()), "timestamptz")


def _bind(query: exp.Query, params: Mapping[str, object], as_of: datetime) -> exp.Query:
    """The query with `scan.as_of` and `$name` replaced by values."""

    def replace(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Column) and node.table == "scan" and node.name == "as_of":
            return _moment(as_of)
        if isinstance(node, exp.Parameter | exp.Placeholder):
            return _literal(params[node.name])
        return node

    return query.transform(replace)


def bound_sql(
    parsed: Parsed, as_of: datetime, dialect: str, params: Mapping[str, Any] | None = None
) -> str:
    """The check's SQL for an engine, selecting also account_id, region and tags of its rows."""
    if parsed.template and dialect == "duckdb":
        return _filled(parsed, as_of, params)
    return str(bound(parsed, as_of, params).sql(dialect=dialect))


def bound(parsed: Parsed, as_of: datetime, params: Mapping[str, Any] | None = None) -> exp.Query:
    """The check's query with its values, before it is written in an engine's dialect."""
    values = {**parsed.check.params, **(params or {})}
    query = _bind(parsed.query, values, as_of)
    if parsed.plain and isinstance(query, exp.Select):
        for name in ("account_id", "region", "tags"):
            query = query.select(exp.column(name, table=parsed.alias).as_(name), copy=False)
    else:
        base = exp.to_table(parsed.population).as_("_p")
        arn, wanted = exp.column("arn", "_p"), exp.column("resource", "_r")
        columns = [exp.column(n, "_p").as_(n) for n in ("account_id", "region", "tags")]
        once = (
            exp.select(
                exp.column("arn", "_p").as_("arn"),
                *(exp.Min(this=c.this).as_(c.alias) for c in columns),
            )
            .from_(base)
            .group_by(arn)
        )
        outer = exp.select(
            *(exp.column(n, "_r").as_(n) for n in _SHAPE),
            *(exp.column(c.alias, "_b").as_(c.alias) for c in columns),
        )
        query = outer.from_(query.subquery("_r")).join(
            once.subquery("_b"),
            on=exp.EQ(this=exp.column("arn", "_b"), expression=wanted),
            join_type="left",
        )
    return query
