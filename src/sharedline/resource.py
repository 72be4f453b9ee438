"""Looks into a scan: one resource with everything about it, who owns it and why, free queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sharedline.assess import UNITS
from sharedline.checks.schemas import schemas
from sharedline.collect.catalogue import catalogue
from sharedline.collect.schema import describe
from sharedline.derive import derivations, required
from sharedline.duties import owners, side
from sharedline.duties.catalogue import load as load_duties
from sharedline.errors import Error
from sharedline.inventory import literals
from sharedline.inventory.engines import Duck, quoted
from sharedline.inventory.lake import Lake
from sharedline.inventory.register import register as register_table
from sharedline.results import Results
from sharedline.trail import store, usage
from sharedline.trail.review import tables as looks


def register(results: Results, name: str) -> None:
    """Makes a table of the scan known to the results' DuckDB."""
    look = schemas(results.project.tables)
    if look(name) is None:
        raise Error(f"There is no table {name}.", "See `sharedline tables`.")

    if name in usage.TABLES:
        # Always of the whole trail as it is now: more may have been ingested since the scan.
        if name not in results.registered:
            usage.register(results.duck, results.lake, (name,))
            results.registered.add(name)
        return
    if name in looks.TABLES and name not in results.manifest.data["tables"]:
        if name not in results.registered:
            rows = looks.make(name, results.duck, results.lake, results.manifest.as_of)
            results.duck.rows(name, rows, looks.TABLES[name].kinds())
            results.registered.add(name)
        return
    if name in derivations() and name not in results.manifest.data["tables"]:
        _make(results, name)
        return

    def files(table: str) -> tuple[list[str], Any, int]:
        m = results.manifest
        found = [f for f in m.data["files"] if (f["kind"], f["table"]) == ("inventory", table)]
        paths = results.lake.files(m, "inventory", table)
        return paths, m.data["tables"].get(table), sum(f["rows"] for f in found)

    register_table(results.duck, name, look, files, results.registered)


def _make(results: Results, name: str) -> None:
    """Makes a derived table that no check of the scan read, from what the scan did read."""
    if name in results.registered:
        return
    derived = derivations()[name]
    stored = results.manifest.data["tables"]
    missing = sorted(t for t in required(name) if t not in stored)
    if missing:
        raise Error(
            f"The scan did not read {', '.join(missing)}, which {name} is made from.",
            "Scan again with all checks.",
        )
    known = set(stored) | set(derivations())
    rows = derived.rows(known, lambda table, columns: _stream(results, table, columns))
    results.duck.rows(name, list(rows), derived.kinds())
    results.registered.add(name)


def _stream(results: Results, table: str, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    register(results, table)
    listed = ", ".join(quoted(c) for c in dict.fromkeys(("arn", "account_id", "region", *columns)))
    for batch in results.duck.query(f"select {listed} from {quoted(table)}").to_batches():
        yield from batch.to_pylist()


def _tables(results: Results) -> list[str]:
    """The tables of the scan that hold rows, resources first."""
    seen = {f["table"] for f in results.manifest.data["files"] if f["kind"] == "inventory"}
    known = catalogue(results.project.tables)
    return sorted((t for t in seen if t in known), key=lambda t: (not known[t].resource, t))


def find(results: Results, wanted: str) -> tuple[str, dict[str, Any]]:
    """The table and row of a resource by ARN, or by the end of one; `Error` where none is."""
    known = catalogue(results.project.tables)
    hits: dict[str, tuple[str, dict[str, Any]]] = {}
    for name in _tables(results):
        if not known[name].resource:
            continue
        register(results, name)
        where = f"arn = {literals.text(wanted)}"
        if not wanted.startswith("arn:"):
            after = (f"ends_with(arn, {literals.text(mark + wanted)})" for mark in "/:")
            where = f"({' or '.join(after)})"
        for row in results.duck.query(
            f"select * from {quoted(name)} where {where} limit 20"
        ).to_pylist():
            hits.setdefault(row["arn"], (name, row))
    if len(hits) > 1:
        raise Error(f"{wanted!r} could be {', '.join(sorted(hits)[:5])}.", "Give the whole ARN.")
    if not hits:
        raise Error(
            f"The scan holds no resource {wanted!r}.",
            "Give an ARN as `sharedline findings` shows them.",
        )
    return next(iter(hits.values()))


def ou_paths(results: Results) -> dict[str, str]:
    """Organisational unit paths by account, where owner rules ask for them."""
    if not owners.load(results.project.owners).reads_units:
        return {}
    found = []
    for name, columns in UNITS.items():
        register(results, name)
        listed = ", ".join(quoted(c) for c in columns)
        found.append(results.duck.query(f"select {listed} from {quoted(name)}").to_pylist())
    return owners.ou_paths_of(*found)


def about(results: Results, wanted: str) -> dict[str, Any]:
    """A resource's line, findings, owners and columns."""
    table, row = find(results, wanted)
    cat = load_duties()
    service = cat.service_of(table)
    register_of = owners.load(results.project.owners)
    paths = ou_paths(results)
    lines = []
    for duty, drawn in side.lines_of(cat, service).items():
        index = side.index_sql(drawn.lines, table, "r")
        owner = owners.owner_sql(register_of, owners.Scope(service, duty, paths))
        arn = literals.text(row["arn"])
        sql = (
            f"select {index} as n, {owner} as owner from "
            f"(select *, arn as resource from {quoted(table)} where arn = {arn}) r limit 1"
        )
        found = results.duck.query(sql).to_pylist()[0]
        where = side.side_of_index(drawn.lines, found["n"])
        if where is None:
            continue
        line = drawn.lines[found["n"]] if found["n"] >= 0 else drawn.lines[-1]
        halves = [f"AWS: {line.aws}" if line.aws else "", f"You: {line.you}" if line.you else ""]
        lines.append(
            {
                "duty": duty,
                "side": where.value,
                "owner": "AWS" if where.value == "aws" else found["owner"],
                "aws": line.aws,
                "customer": line.you,
                "text": " ".join(h for h in halves if h),
                "when": line.when,
                "source": drawn.source(line),
            }
        )
    findings = [
        {
            "check": f["check_id"],
            "status": f["status"],
            "severity": f["severity"],
            "life": f["life"],
            "reason": f["reason"],
            "owner": f["owner"],
            "duty": f["duty"],
            "grant": f["grant_action"],
        }
        for f in results.rows(f"resource = {literals.text(row['arn'])}", "status desc, check_id")
    ]
    return {
        "arn": row["arn"],
        "table": table,
        "service": service,
        "service_name": cat.name_of(service),
        "account_id": row["account_id"],
        "region": row["region"],
        "line": lines,
        "findings": findings,
        "columns": {k: v for k, v in row.items() if k not in ("arn", "account_id", "region")},
        "scan": results.manifest.id,
    }


def explain_owner(results: Results, wanted: str, duty: str) -> dict[str, Any]:
    """Every owner rule with whether it matches a resource's duty, and the one that decided."""
    table, row = find(results, wanted)
    cat = load_duties()
    if duty not in cat.duties:
        raise Error(f"There is no duty {duty!r}.", "See `sharedline duties`.")
    register_of = owners.load(results.project.owners)
    scope = owners.Scope(cat.service_of(table), duty, ou_paths(results))
    arn = literals.text(row["arn"])
    source = f"(select *, arn as resource from {quoted(table)} where arn = {arn} limit 1) r"
    rules, decided = [], "no rule: nobody owns it"
    for rule in register_of.rules:
        predicate = owners.rule_sql(rule, scope, register_of)
        matches = False
        if predicate is not None:
            sql = f"select coalesce({predicate}, false) as hit from {source}"
            matches = bool(results.duck.query(sql).to_pylist()[0]["hit"])
        team = rule.team or f"tag {rule.team_from_tag}"
        rules.append({"place": rule.place, "team": team, "matches": "yes" if matches else "no"})
        if matches:
            decided = rule.place
    expression = owners.owner_sql(register_of, scope)
    owner = results.duck.query(f"select {expression} as o from {source}").to_pylist()[0]["o"]
    owning = register_of.teams.get(owner)
    person = " ".join(x for x in (owning.person, owning.contact) if x) if owning else ""
    return {
        "resource": row["arn"],
        "duty": duty,
        "owner": owner,
        "person": person,
        "decided_by": decided,
        "rules": rules,
    }


def _select(sql: str) -> tuple[Any, set[str]]:
    """The parsed SELECT, and the names that it defines itself."""
    import sqlglot
    from sqlglot import exp

    try:
        statements = sqlglot.parse(sql, read="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise Error(f"The SQL does not parse: {str(error).splitlines()[0]}", "Correct it.") from (
            error
        )
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise Error("That is not one SELECT.", "Only SELECT statements can be run.")
    return statements[0], {c.alias for c in statements[0].find_all(exp.CTE)}


def _answer(duck: Duck, sql: str) -> tuple[list[str], list[dict[str, Any]]]:
    import duckdb

    duck.lock()
    try:
        found = duck.query(sql)
    except duckdb.Error as error:
        raise Error(f"{str(error).splitlines()[0]}.", "See `sharedline tables NAME`.") from error
    return list(found.column_names), list(found.to_pylist())


def query(results: Results, sql: str) -> tuple[list[str], list[dict[str, Any]]]:
    """Runs one SELECT of the user's over the scan's tables, read-only and without other files."""
    from sqlglot import exp

    tree, ctes = _select(sql)
    known = schemas(results.project.tables)
    _ = results.duck
    results.duck.rows(
        "scan",
        [{"id": results.manifest.id, "as_of": results.manifest.as_of}],
        {"id": "string", "as_of": "timestamp"},
    )
    for table in tree.find_all(exp.Table):
        name = table.name
        if name in ctes or name in ("finding", "cell", "scan"):
            continue
        if name in store.TABLES and store.available(results.lake):
            store.register(results.duck, results.lake)
            continue
        if not name or known(name) is None:
            raise Error(f"There is no table {table.sql()!r}.", "See `sharedline tables`.")
        register(results, name)
    return _answer(results.duck, sql)


def query_trail(lake: Lake, sql: str) -> tuple[list[str], list[dict[str, Any]]]:
    """The same over a lake that holds a trail and no scan."""
    from sqlglot import exp

    tree, ctes = _select(sql)
    for table in tree.find_all(exp.Table):
        if table.name not in (*ctes, *store.TABLES, *usage.TABLES):
            raise Error(f"There is no table {table.sql()!r}.", "Run `sharedline scan` first.")
    duck = Duck(lake)
    try:
        wanted = {table.name for table in tree.find_all(exp.Table)} - ctes
        usage.register(duck, lake, tuple(sorted(wanted & set(usage.TABLES))))
        return _answer(duck, sql)
    finally:
        duck.close()


def unread(results: Results) -> list[dict[str, Any]]:
    """The calls of a scan that failed, what they read, and the action to grant."""
    tables = catalogue(results.project.tables)
    actions: dict[str, str] = {"sts:AssumeRole": "sts:AssumeRole"}
    for table in tables.values():
        schema = describe(table, tables)
        actions.update(zip(schema.operations, schema.actions, strict=True))
    found: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(
        lambda: {"tables": set(), "places": set()}
    )
    for f in results.manifest.failures:
        entry = found[(f["call"], f["code"])]
        entry["tables"].add(f["table"])
        entry["places"].add(f"{f['account_id']}/{f['region']}")
    for table_name, counts in results.manifest.data.get("row_errors", {}).items():
        for key, n in counts.items():
            call, _, code = key.partition(" ")
            entry = found[(call, code)]
            entry["tables"].add(table_name)
            entry["places"].add(f"{n} rows")
    return [
        {
            "call": call,
            "code": code,
            "action": actions.get(call, ""),
            "tables": ", ".join(sorted(entry["tables"])),
            "places": ", ".join(sorted(entry["places"])[:6])
            + (f" and {len(entry['places']) - 6} more" if len(entry["places"]) > 6 else ""),
        }
        for (call, code), entry in sorted(found.items())
    ]
