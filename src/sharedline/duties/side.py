"""Which side of the line a duty falls on: the lines of a service, and their SQL over a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from sharedline.duties.catalogue import ALL, NOT_REVIEWED, Catalogue
from sharedline.errors import ConfigError
from sharedline.model import Line, Side

#: AWS's abstraction level of services without a line file, by id; anything else is "managed",
#: and every cell made from it says `category default, not reviewed`.
UNREVIEWED_CATEGORY = {
    "emr": "infrastructure",
    "gamelift": "infrastructure",
    "batch": "container",
    "apprunner": "container",
    "states": "serverless",
    "glue": "serverless",
    "athena": "serverless",
    "scheduler": "serverless",
    "appsync": "serverless",
}


@dataclass(frozen=True)
class Drawn:
    """The lines tried in order for a service x duty, and whether a person reviewed them."""

    lines: tuple[Line, ...]
    reviewed: bool

    def source(self, line: Line) -> str:
        """The page that says so, or that nobody reviewed it."""
        return line.source if self.reviewed else NOT_REVIEWED


def lines_of(catalogue: Catalogue, service: str) -> dict[str, Drawn]:
    """Every duty that applies to a service with its lines; a service's own override the general."""
    out: dict[str, Drawn] = {}
    general = catalogue.services[ALL].lines if ALL in catalogue.services else ()
    for line in general:
        out[line.duty] = Drawn((line,), reviewed=True)
    if service in catalogue.services:
        own: dict[str, list[Line]] = {}
        for line in catalogue.services[service].lines:
            own.setdefault(line.duty, []).append(line)
        out.update({duty: Drawn(tuple(lines), reviewed=True) for duty, lines in own.items()})
        return out
    category = UNREVIEWED_CATEGORY.get(service, "managed")
    for line in catalogue.categories[category]:
        out[line.duty] = Drawn((line,), reviewed=False)
    return out


def line_for(catalogue: Catalogue, service: str, duty: str) -> Drawn:
    """The lines of one service x duty; the catalogue's usual side where no line speaks of it."""
    found = lines_of(catalogue, service).get(duty)
    if found:
        return found
    usual = catalogue.duties[duty]
    line = Line(service, duty, usual.usual_side, usual.aws, usual.you, usual.source, usual.read)
    return Drawn((line,), reviewed=False)


def qualified(when: str, alias: str) -> str:
    """A line's predicate with every column named by its table's alias."""
    try:
        tree = sqlglot.parse_one(when, read="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise ConfigError(f"the condition {when!r} is not SQL.", "Correct the line.") from error
    for column in tree.find_all(exp.Column):
        column.set("table", exp.to_identifier(alias))
    return str(tree.sql(dialect="duckdb"))


#: Positions that are no line: the deciding column is unknown; no line speaks of such a row.
UNKNOWN_LINE, NO_LINE = -1, -2


def index_sql(lines: Sequence[Line], table: str, alias: str) -> str:
    """SQL for the position of the line that applies to a row of `table`.

    `-1` where a condition cannot be known: a later line must not answer for it. `-2` where no line
    speaks of the row. A line bound to another table does not apply.
    """
    branches, tail = [], f"else {NO_LINE}"
    for position, line in enumerate(lines):
        if line.table and line.table != table:
            continue
        if not line.when or line.when.strip().lower() == "true":
            tail = f"else {position}"
            break
        predicate = qualified(line.when, alias)
        branches.append(
            f"when ({predicate}) is null then {UNKNOWN_LINE} when {predicate} then {position}"
        )
    return f"case {' '.join(branches)} {tail} end" if branches else tail.removeprefix("else ")


def side_of_index(lines: Sequence[Line], index: int) -> Side | None:
    """The side that a position stands for; None where no line speaks of the row."""
    if index == NO_LINE:
        return None
    return Side.UNKNOWN if index == UNKNOWN_LINE else lines[index].side


def conditional_tables(lines: Sequence[Line]) -> set[str]:
    """The tables that lines are bound to."""
    return {line.table for line in lines if line.table}


def columns_read(line: Line) -> set[str]:
    """The columns that a line's condition reads."""
    if not line.when:
        return set()
    tree = sqlglot.parse_one(line.when, read="duckdb")
    return {column.name for column in tree.find_all(exp.Column)}
