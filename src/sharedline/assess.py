"""From a scan's inventory to its findings and matrix: derive, check, draw the line, name owners."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sharedline.checks.engine import (
    EVERY,
    FINDING,
    LIFE,
    Context,
    Judged,
    ListingFailure,
    answers,
    base_tables,
    finishing_sql,
    row_error_sql,
    unlisted,
)
from sharedline.checks.schemas import OWN, own_columns, schemas
from sharedline.checks.sql import Parsed, understood
from sharedline.collect.catalogue import catalogue as table_catalogue
from sharedline.collect.schema import describe
from sharedline.collect.table import Type
from sharedline.derive import columns_of, derivations
from sharedline.duties import catalogue as duty_catalogue
from sharedline.duties import matrix, owners, side, waivers
from sharedline.errors import ConfigError
from sharedline.inventory import literals
from sharedline.inventory.engines import Duck, Engine, open_engine, quoted
from sharedline.inventory.lake import Lake, LakeError, TableWriter
from sharedline.inventory.register import looked_up, register
from sharedline.model import Check, Waiver
from sharedline.project import Project
from sharedline.trail import store, usage
from sharedline.trail.review import tables as looks

#: What owner rules about organisational units need: accounts first, then units.
UNITS = {
    "organizations_account": ("id", "parent_id"),
    "organizations_ou": ("id", "name", "parent_id"),
}
#: Checks judged in one query: planning is most of the cost over small tables, memory over large.
GROUP = 24


@dataclass
class Draft:
    """A scan being made: what its manifest will say."""

    id: str
    as_of: datetime
    partition: str
    accounts: list[str]
    regions: list[str]
    #: The Regions read in each account, where they are not all of them.
    on: dict[str, list[str]] = field(default_factory=dict)
    #: Entries {kind, table, path, rows, sha256, account, region}.
    files: list[dict[str, Any]] = field(default_factory=list)
    #: Columns of each table as stored.
    tables: dict[str, dict[str, Type]] = field(default_factory=dict)
    #: {account_id, region, table, status, call, code, message, action}.
    listings: list[dict[str, Any]] = field(default_factory=list)
    #: table -> {call + ' ' + code: rows}.
    row_errors: dict[str, dict[str, int]] = field(default_factory=dict)
    checks: list[str] = field(default_factory=list)


def needed(
    checks: Mapping[str, Check], project: Project
) -> tuple[dict[str, Parsed], dict[str, frozenset[str]]]:
    """The parsed checks, and the columns of each collected table that anything will read.

    Columns are read by checks (directly or through a derived table), by the conditions of the lines
    of every service whose tables are read, and by owner rules (tags).
    """
    look = schemas(project.tables)
    for check in checks.values():
        _known_duty(check)
    parsed = {check_id: understood(check, look) for check_id, check in checks.items()}
    wanted = _read_by_checks(parsed.values())
    for service in duty_catalogue.load().services.values():
        for line in service.lines:
            if line.table in wanted:
                wanted[line.table].update(side.columns_read(line))
    tables = table_catalogue(project.tables)
    for name in [n for n in wanted if n in tables]:
        for other, more in looked_up(tables[name], wanted[name]).items():
            wanted.setdefault(other, set()).update(more)
    rules = owners.load(project.owners)
    if rules.reads_tags:
        for columns in wanted.values():
            columns.add("tags")
    if rules.reads_units:
        for name, units in UNITS.items():
            wanted.setdefault(name, set()).update(units)
    return parsed, {name: frozenset(columns) for name, columns in wanted.items()}


def _known_duty(check: Check) -> None:
    duties = duty_catalogue.load().duties
    if check.duty not in duties:
        near = [d for d in duties if d.split(".")[0] == check.duty.split(".")[0]]
        raise ConfigError(
            f"{check.path}: there is no duty {check.duty!r}.",
            f"For example {', '.join((near or list(duties))[:5])}.",
        )


def _read_by_checks(parsed: Iterable[Parsed]) -> dict[str, set[str]]:
    """The columns that checks read of each table, and what derived ones are made from."""
    wanted: dict[str, set[str]] = {}
    derived = derivations()
    for one in parsed:
        for name, columns in one.reads.items():
            if name not in derived:
                wanted.setdefault(name, set()).update(columns)
                continue
            wanted.setdefault(name, set())
            for base in base_tables(one, name, whole=False):
                wanted.setdefault(base, set()).update(columns_of(name, base))
    return wanted


class Assessment:
    """One evaluation of a scan's inventory."""

    def __init__(self, project: Project, lake: Lake, draft: Draft, engine: str = "") -> None:
        self.project, self.lake, self.draft = project, lake, draft
        self.duck = Duck(lake)
        url = engine or project.engine
        self.engine: Engine = self.duck if url in ("", "duckdb") else open_engine(url, lake)
        self._look = schemas(project.tables)
        self._done: dict[int, set[str]] = {}
        self._duties = duty_catalogue.load()
        self._owners = owners.load(project.owners)
        self._waivers = waivers.load(project.waivers)
        self.ou_paths: dict[str, str] = {}

    # -- tables ------------------------------------------------------------------------------

    def register(self, name: str, engine: Engine | None = None) -> None:
        """Makes a table of the scan known to an engine (both, by default)."""
        for one in (engine,) if engine else {id(e): e for e in (self.duck, self.engine)}.values():
            done = self._done.setdefault(id(one), set())
            register(one, name, self._look, self._stored, done)

    def _stored(self, name: str) -> tuple[list[str], Mapping[str, Type] | None, int]:
        """A table's files, the columns that they have, and how many rows."""
        found = [f for f in self.draft.files if (f["kind"], f["table"]) == ("inventory", name)]
        paths = [self.lake.path(f["path"]) for f in found]
        return paths, self.draft.tables.get(name), sum(f["rows"] for f in found)

    @contextlib.contextmanager
    def _file(self, kind: str, table: str, columns: Mapping[str, Type]) -> Iterator[TableWriter]:
        """One file of the scan, which replaces an earlier and is listed once it is whole."""
        d = self.draft
        d.files = [f for f in d.files if not (f["kind"] == kind and f["table"] == table)]
        base = ("inventory", table) if kind == "inventory" else (kind,)
        part = "part-0.parquet" if kind == "inventory" else f"{table}.parquet"
        path = self.lake.path(
            *base,
            f"scan={d.id}",
            *(("account=all", "region=all") if kind == "inventory" else ()),
            part,
        )
        writer = TableWriter(self.lake, path, columns)
        try:
            yield writer
        except BaseException:
            writer.abandon()
            raise
        entry = writer.close()
        if entry:
            d.files.append(
                {"kind": kind, "table": table, "account": "all", "region": "all", **entry}
            )
        if kind == "inventory":
            d.tables[table] = dict(columns)

    def _write(
        self, kind: str, table: str, columns: Mapping[str, Type], rows: Iterable[Mapping[str, Any]]
    ) -> None:
        with self._file(kind, table, columns) as writer:
            for row in rows:
                writer.add(row)

    def own_tables(self, attestations: list[Any]) -> None:
        """Writes the tables that the scan itself makes."""
        d = self.draft
        standard = {"tags": "{}", "_errors": []}

        def place(account: str, region: str) -> dict[str, Any]:
            arn = f"arn:{d.partition}:account:{region}:{account}:region/{region}"
            return {"arn": arn, "account_id": account, "region": region, **standard}

        self._write(
            "inventory",
            "account_region",
            own_columns("account_region"),
            [place(a, r) for a in d.accounts for r in d.on.get(a, d.regions)],
        )
        listing = [
            {
                **place(x["account_id"], x["region"]),
                "table_name": x["table"],
                **{k: x[k] for k in ("status", "call", "code")},
            }
            for x in d.listings
        ]
        self._write("inventory", "listing", own_columns("listing"), listing)
        intent = {"account_id": "", "region": "global", **standard}
        self._write(
            "inventory",
            "attestation",
            own_columns("attestation"),
            [
                {
                    **intent,
                    "arn": f"attestation:{n}",
                    "duty": a.duty,
                    "scope": a.scope,
                    "statement": a.statement,
                    "evidence": a.evidence,
                    "by_whom": a.by,
                    "at": a.at,
                    "expires": a.expires,
                }
                for n, a in enumerate(attestations, 1)
                if a.at <= d.as_of
            ],
        )
        self._write(
            "inventory",
            "waiver",
            own_columns("waiver"),
            [{**intent, **_waiver_row(n, w)} for n, w in enumerate(self._waivers, 1)],
        )

    # -- derive ------------------------------------------------------------------------------

    def derive(self, names: set[str]) -> None:
        """Makes the derived tables, those that others are made from first."""
        known = derivations()
        done: set[str] = set()

        def make(name: str) -> None:
            if name in done:
                return
            done.add(name)
            for other in known[name].reads:
                if other in known:
                    make(other)
            derived = known[name]
            if derived.of_trail:
                self._of_trail(name)
                return
            rows = derived.rows(self.draft.tables, self._stream)
            self._write("inventory", name, derived.kinds(), rows)

        for name in sorted(names & set(known)):
            make(name)

    def _of_trail(self, name: str) -> None:
        """Makes a table of the trail, up to the scan's moment; none where the lake has no trail."""
        if not store.available(self.lake):
            return
        store.register(self.duck, self.lake, until=self.draft.as_of)
        if name in looks.TABLES:
            rows = looks.make(name, self.duck, self.lake, self.draft.as_of)
        else:
            rows = usage.make(name, self.duck).to_pylist()
        self._write("inventory", name, derivations()[name].kinds(), rows)

    def _stream(self, table: str, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        self.register(table, self.duck)
        names = dict.fromkeys(("arn", "account_id", "region", *columns))
        listed = ", ".join(quoted(c) for c in names)
        cursor = self.duck.con.cursor()
        for batch in cursor.sql(f"select {listed} from {quoted(table)}").to_arrow_reader(5000):
            yield from batch.to_pylist()

    # -- findings ----------------------------------------------------------------------------

    def context(self) -> Context:
        """What finishing the answers needs to know of the scan."""
        tables = table_catalogue(self.project.tables)
        calls: dict[tuple[str, str], str] = {}
        actions: dict[str, str] = {}
        for name in self.draft.row_errors:
            schema = describe(tables[name], tables)
            listing = len(schema.operations) - len(tables[name].details)
            for column in schema.columns:
                if column.call >= 0:
                    calls[(name, column.name)] = schema.operations[listing + column.call]
        for name in {*self.draft.row_errors, *(x["table"] for x in self.draft.listings)}:
            schema = describe(tables[name], tables)
            actions.update(zip(schema.operations, schema.actions, strict=True))
        failures = tuple(
            ListingFailure(
                table=x["table"],
                account_id=(
                    EVERY if tables[x["table"]].scope == "organization" else x["account_id"]
                ),
                region=x["region"],
                call=x["call"],
                code=x["code"],
                action=x.get("action") or actions.get(x["call"], ""),
            )
            for x in self.draft.listings
            if x["status"] in ("failed", "partial")
        )
        row_errors = {
            t: frozenset(e.split(" ")[0] for e in counts)
            for t, counts in self.draft.row_errors.items()
        }
        return Context(self.draft.as_of, self.draft.partition, failures, calls, actions, row_errors)

    def judge(self, parsed: Parsed) -> Judged:
        """The side, owner and waiver of a check's answers, as SQL."""
        check = parsed.check
        service = self.service_of(parsed)
        drawn = side.line_for(self._duties, service, check.duty)
        scope = owners.Scope(service, check.duty, self.ou_paths)

        def side_sql() -> str:
            tables = side.conditional_tables(drawn.lines) or {""}
            if tables == {""}:
                return f"'{drawn.lines[0].side}'"
            cases = []
            for name in sorted(tables):
                self.register(name, self.duck)
                index = side.index_sql(drawn.lines, name, "t")
                cases.append(f"select t.arn, {index} as n from {quoted(name)} t")
            union = f"select arn, min(n) as n from ({' union all '.join(cases)}) group by arn"
            whens = " ".join(
                f"when {n} then '{side.side_of_index(drawn.lines, n)}'"
                for n in range(-1, len(drawn.lines))
            )
            fallback = side.index_sql(drawn.lines, "", "t")
            other = side.side_of_index(drawn.lines, int(fallback)) if _is_int(fallback) else None
            usual = other or self._duties.duties[check.duty].usual_side
            return (
                f"coalesce((select case s.n {whens} end from ({union}) s "
                f"where s.arn = r.resource), '{usual}')"
            )

        today = self.draft.as_of.date()
        return Judged(
            service,
            side_sql,
            owners.owner_sql(self._owners, scope),
            waivers.waived_sql(self._waivers, check.id, check.duty, today),
        )

    def service_of(self, parsed: Parsed) -> str:
        """The service a check's answers belong to: its population's, or its folder's.

        What is said of whole accounts and Regions belongs to the service that the folder names.
        """
        area = duty_catalogue.canonical(parsed.check.id.split("/")[0])
        if parsed.population in ("account", "account_region") and area in self._duties.services:
            return area
        return self._duties.table_service.get(parsed.population) or area

    def findings(
        self, parsed: Mapping[str, Parsed], previous: list[str], claims: list[Any]
    ) -> None:
        """Writes the findings of all checks and the life of each."""
        context = self.context()
        self._lives(previous, claims)
        stream = self._found(parsed, context)
        self._write_arrow("findings", "finding", FINDING, stream)
        self.draft.checks = sorted(parsed)
        self.duck.files("finding", self._files("findings", "finding"), FINDING)
        ran = ", ".join("'" + c.replace("'", "''") + "'" for c in parsed) or "''"
        accounts = ", ".join(f"'{a}'" for a in self.draft.accounts) or "''"
        regions = ", ".join(f"'{r}'" for r in [*self.draft.regions, "global"])
        names = ", ".join(LIFE)
        # Where a population could not be listed, its findings are out of sight, not gone.
        hidden = (
            "not exists (select 1 from finding f where f.check_id = p.check_id "
            "and f.resource = p.resource and f.account_id = p.account_id) and exists "
            "(select 1 from finding f where f.check_id = p.check_id and f.status = 'unknown' "
            "and f.account_id in (p.account_id, '') and f.region in (p.region, 'global') "
            "and ends_with(f.resource, ':*'))"
        )
        carried = (
            f"select {names} from finding where life <> '' union all "
            f"select {names} from previous_life p where check_id not in ({ran}) "
            f"or account_id not in ({accounts}) or region not in ({regions}) or ({hidden})"
        )
        self._write_arrow("findings", "life", LIFE, iter([self.duck.query(carried)]))

    def _files(self, kind: str, table: str) -> list[str]:
        return [
            self.lake.path(f["path"])
            for f in self.draft.files
            if f["kind"] == kind and f["table"] == table
        ]

    def _lives(self, previous: list[str], claims: list[Any]) -> None:
        self.duck.files("previous_life", previous, LIFE)
        latest: dict[tuple[str, str], datetime] = {}
        for claim in claims:
            if claim.at <= self.draft.as_of:
                latest[(claim.check, claim.resource)] = claim.at
        rows = [{"check_id": c, "resource": r, "at": at} for (c, r), at in latest.items()]
        self.duck.rows(
            "claimed", rows, {"check_id": "string", "resource": "string", "at": "timestamp"}
        )

    def _found(self, parsed: Mapping[str, Parsed], context: Context) -> Iterator[Any]:
        """The findings of all checks, a group of checks at a time."""
        queries: list[str] = []
        unread: list[dict[str, Any]] = []
        bare: dict[str, tuple[Parsed, Judged]] = {}
        for check_id in sorted(parsed):
            one = parsed[check_id]
            judged = self.judge(one)
            params = self.project.params.get(check_id, {})
            raw = answers(one, context, self.engine, self.duck, params, self.register)
            errors = row_error_sql(one, context, lambda t: self.register(t, self.duck))
            sql = finishing_sql(one, context, judged, raw, errors)
            if self.engine is self.duck:
                queries.append(f"({sql})")
            else:  # the answers of another engine are there only now
                yield from self.duck.stream(sql)
            missing = unlisted(one, context, judged.service)
            if missing:
                bare[check_id] = (one, judged)
                unread += [{"check_id": check_id, **row} for row in missing]
        if unread:
            columns = {k: FINDING.get(k, "string") for k in unread[0]}
            self.duck.rows("unread", unread, columns)
            plain = Context(context.as_of, context.partition)
            for check_id, (one, judged) in bare.items():
                raw = f"(select * from unread where check_id = {literals.text(check_id)})"
                sql = finishing_sql(one, plain, judged, raw, None, explained=True)
                queries.append(f"({sql})")
        groups = [
            " union all ".join(queries[start : start + GROUP])
            for start in range(0, len(queries), GROUP)
        ]
        for number, sql in enumerate(groups):
            if self.lake.local:
                self._copy(f"finding-{number}", sql)
            else:
                yield from self.duck.stream(sql)

    def _copy(self, stem: str, sql: str) -> None:
        """Writes a query's findings with DuckDB itself: planned once, streamed to the file."""
        import duckdb  # here, since it takes 12 MB while AWS is being read

        folder = self.lake.path("findings", f"scan={self.draft.id}")
        self.lake.fs.makedirs(folder, exist_ok=True)
        path = f"{folder}/{stem}.parquet"
        target = literals.text(f"{path}.tmp")
        try:
            self.duck.con.execute(f"copy ({sql}) to {target} (format parquet, compression zstd)")
        except duckdb.IOException as error:
            Path(f"{path}.tmp").unlink(missing_ok=True)
            said = str(error).splitlines()[0]
            raise LakeError(
                f"{path} could not be written ({said}).",
                "Free some space and run `sharedline scan --resume`; what was read is kept.",
            ) from error
        entry = self.lake.adopt(f"{path}.tmp", path)
        if entry["rows"]:
            self.draft.files.append(
                {"kind": "findings", "table": "finding", "account": "all", "region": "all", **entry}
            )

    def _write_arrow(
        self, kind: str, table: str, columns: Mapping[str, Type], parts: Iterator[Any]
    ) -> None:
        import pyarrow as pa

        with self._file(kind, table, columns) as writer:
            for part in parts:
                whole = part if isinstance(part, pa.Table) else pa.Table.from_batches([part])
                if whole.num_rows:
                    writer.add_batch(whole)

    # -- the whole ---------------------------------------------------------------------------

    def run(self, parsed: Mapping[str, Parsed], previous: list[str]) -> list[matrix.Cell]:
        """Everything after collection; returns the matrix cells."""
        attestations, claims = [], []
        from sharedline.state import State  # SQLAlchemy takes 12 MB while AWS is being read

        with contextlib.closing(State(self.project.database_url)) as state:
            attestations, claims = state.attestations(), state.claims()
        self.own_tables(attestations)
        self.duck.lock()
        derived = {t for p in parsed.values() for t in p.reads} & set(derivations())
        self.derive({*derived, "service_usage"})
        self._ou_paths()
        self.findings(parsed, previous, claims)
        cells = matrix.cells(self, attestations)
        self._write("findings", "cell", matrix.CELL, [matrix.as_row(c) for c in cells])
        return cells

    def _ou_paths(self) -> None:
        """Organisational unit paths by account, for owner rules that name units."""
        if not self._owners.reads_units:
            return
        found = {}
        for name, columns in UNITS.items():
            self.register(name, self.duck)
            listed = ", ".join(quoted(c) for c in columns)
            found[name] = self.duck.query(f"select {listed} from {quoted(name)}").to_pylist()
        self.ou_paths = owners.ou_paths_of(*found.values())

    def close(self) -> None:
        """Frees the engines."""
        if self.engine is not self.duck:
            self.engine.close()
        self.duck.close()


def _is_int(text: str) -> bool:
    return text.lstrip("-").isdigit()


def _waiver_row(number: int, w: Waiver) -> dict[str, Any]:
    from datetime import UTC, time

    end = datetime.combine(w.expires, time(23, 59, 59), UTC)
    return {
        "arn": f"waiver:{number}",
        "check_glob": w.check,
        "duty_glob": w.duty,
        "resource_glob": w.resource,
        "account_glob": w.account,
        "reason": w.reason,
        "approver": w.approver,
        "expires": end,
    }


__all__ = ["OWN", "Assessment", "Counter", "Draft", "needed"]
