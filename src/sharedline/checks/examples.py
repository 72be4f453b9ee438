"""Runs the example rows beside the checks: every check has a pass, a fail and an unknown.

As a command: `python -m sharedline.checks.examples [GLOB …]`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from sharedline.checks.load import folder, load
from sharedline.checks.sql import Parsed, bound_sql, parse
from sharedline.collect.rows import CONVERT
from sharedline.collect.table import Type
from sharedline.errors import ConfigError
from sharedline.inventory.engines import Duck, Engine
from sharedline.model import Check

AS_OF = datetime(2026, 1, 15, tzinfo=UTC)
_KEYS = {"note", "tables", "expect", "as_of", "params"}


@dataclass(frozen=True)
class Case:
    """Example rows by table and the answers expected of them, with a sentence."""

    note: str
    tables: Mapping[str, Sequence[Mapping[str, Any]]]
    expect: Mapping[str, bool | None]
    as_of: datetime
    params: Mapping[str, Any]


def cases(check: Check, root: Path | None = None) -> list[Case]:
    """The cases of the file beside the check; `ConfigError` where it is missing or malformed."""
    path = (root or folder()) / f"{check.id}.test.yaml"
    if not path.is_file():
        raise ConfigError(f"{check.path} has no examples.", f"Write {path.name} beside it.")
    try:
        loaded = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not YAML ({error}).", "Correct it.") from error
    out = []
    for number, case in enumerate(loaded or [], 1):
        if not isinstance(case, dict) or set(case) - _KEYS or not case.get("note"):
            raise ConfigError(
                f"{path}: case {number} is malformed.", f"Allowed keys: {', '.join(sorted(_KEYS))}."
            )
        as_of = CONVERT["timestamp"](case["as_of"]) if case.get("as_of") else AS_OF
        out.append(
            Case(
                case["note"],
                case.get("tables") or {},
                case.get("expect") or {},
                as_of,
                case.get("params") or {},
            )
        )
    return out


def typed(row: Mapping[str, Any], columns: Mapping[str, Type], where: str) -> dict[str, Any]:
    """A YAML row with the columns' types; an unknown column is refused."""
    unknown = set(row) - set(columns)
    if unknown:
        raise ConfigError(
            f"{where}: no column {', '.join(sorted(unknown))}.",
            f"Columns: {', '.join(sorted(columns))}.",
        )
    return {k: None if v is None else CONVERT[columns[k]](v) for k, v in row.items()}


def run_case(parsed: Parsed, case: Case, engine: Engine, schemas: Any) -> list[str]:
    """What is wrong with one case on an engine; nothing when it holds."""
    check = parsed.check
    where = f"{check.id}: {case.note}"
    unread = set(case.tables) - set(parsed.reads)
    if unread:
        return [f"{where}: the check does not read {', '.join(sorted(unread))}"]
    for name in parsed.reads:
        columns = schemas(name)
        rows = [typed(r, columns, f"{where}: {name}") for r in case.tables.get(name) or ()]
        engine.rows(name, rows, columns)
    table = engine.query(bound_sql(parsed, case.as_of, engine.dialect, case.params))
    found: dict[str, bool | None] = {}
    problems = []
    for row in table.to_pylist():
        if row["resource"] in found:
            problems.append(f"{where}: {row['resource']} is answered twice")
        found[row["resource"]] = row["ok"]
        if row["ok"] is False and not row["reason"]:
            problems.append(f"{where}: {row['resource']} is unmet without a reason")
    for resource in sorted({*found, *case.expect}, key=str):
        want = case.expect.get(resource, "no finding")
        got = found.get(resource, "no finding")
        if want is not got and want != got:
            problems.append(f"{where}: {resource}: expected {want}, got {got}")
    return problems


def run(check: Check, engine: Engine, schemas: Any, root: Path | None = None) -> Iterator[str]:
    """Every problem of a check's examples, one sentence each."""
    parsed = parse(check, schemas)
    found = cases(check, root)
    answers = {str(v) for case in found for v in case.expect.values()}
    for wanted, word in (("True", "pass"), ("False", "fail"), ("None", "unknown")):
        if wanted not in answers:
            yield f"{check.id}: no example of {word}"
    for case in found:
        yield from run_case(parsed, case, engine, schemas)


def problems_of(check: Check, tables: Path | None, custom: Path | None) -> list[str]:
    """What is wrong with one check and its examples, on DuckDB."""
    from sharedline.checks.schemas import schemas

    ships = not check.path.startswith(str(custom)) if custom else True
    engine = Duck()
    try:
        return list(run(check, engine, schemas(tables), None if ships else custom))
    except ConfigError as error:
        return [str(error)]
    finally:
        engine.close()


def main(globs: Sequence[str]) -> int:
    """Runs the examples of the chosen checks on DuckDB and prints what is wrong."""
    problems = 0
    checks = load(globs)
    for check in checks.values():
        for problem in problems_of(check, None, None):
            problems += 1
            print(problem)
    print(f"{len(checks)} checks, {problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
