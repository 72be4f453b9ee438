"""Makes the files that pages ask: a scan's rows sorted worst first, as numbers, counted beforehand.

Texts are kept once each and rows hold their numbers, so that a million rows filter in a
millisecond. The same rows lie there sorted by account, by owner, by kind and by age, for what is
asked of a few of them; `cube_kind` and `cube_place` hold what is asked of all of them.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from sharedline.browse.fields import BANDS, LOW, case_sql, severity_sql
from sharedline.browse.pool import COUNTED, LOOKED_UP
from sharedline.checks.schemas import own_columns
from sharedline.collect.table import Type
from sharedline.inventory import literals
from sharedline.inventory.engines import Duck, quiet
from sharedline.inventory.lake import Lake, Manifest, arrow_schema
from sharedline.model import NOBODY
from sharedline.results import Results

#: Raised when the file changes so that an older one would be misread.
VERSION = 1
#: DuckDB's own limit while it builds; what it sorts beyond it goes to the disk.
MEMORY = "800MB"

_TEXTS = (
    "check_id", "resource", "reason", "status", "life", "severity", "duty", "service", "side",
    "owner", "waiver", "account_id", "region", "denied_call", "grant_action",
)  # fmt: skip
_COLUMNS: Mapping[str, Type] = {
    **dict.fromkeys(_TEXTS, "string"), "since": "timestamp", "reopened": "int",
}  # fmt: skip
#: What rows are chosen and counted by; rank 1 is the worst, aged 1 the oldest.
CODES = "sec, kind, owner, account, region, status, life, side, age, change, owned, sev, rank, aged"
#: The same rows in other orders: by what a question is about.
SORTED = {"p_account": "account", "p_owner": "owner", "p_kind": "kind"}
_LOW = ", ".join(LOW)
#: What is shown of a row; of these two tables hold the texts.
ROW = (
    "rank", "kind", "owner", "account", "region", "status", "life", "side", "age", "change",
    "resource", "reason", "denied_call", "grant_action", "waiver", "since", "reopened",
)  # fmt: skip
_TOLD: Mapping[str, str] = {
    "resource": "res.text", "reason": "why.text", "denied_call": "denied_call",
    "grant_action": "grant_action", "waiver": "waiver",
}  # fmt: skip
BATCH = 10_000


def build(
    path: Path, lake: Lake, manifest: Manifest, before: Manifest | None, results: Results
) -> None:
    """Writes the files of a scan into a folder; its changes are counted against `before`."""
    con = quiet(str(path / COUNTED))
    try:
        con.execute("set timezone='UTC'")
        con.execute(f"set memory_limit='{MEMORY}'")
        con.execute(f"set temp_directory={literals.text(str(path / 'spill'))}")
        if not lake.local:
            con.register_filesystem(lake.fs)
        _sources(con, lake, manifest, before, cell_gaps(results))
        _words(con)
        _rows(con, manifest, compared=before is not None)
        _orders(con)
        _cubes(con)
        _single(con, path / LOOKED_UP)
        for name in ("now", "was", "cellgap", "gone", "plain", "known"):
            con.execute(f"drop {'table' if name in ('cellgap', 'gone') else 'view'} {name}")
        _meta(con, manifest, before, results)
        con.execute("checkpoint")
    finally:
        con.close()


def _view(con: Any, lake: Lake, manifest: Manifest | None, name: str) -> None:
    paths = lake.files(manifest, "findings", "finding") if manifest else []
    shown = ", ".join(f"coalesce({c}, '') as {c}" for c in _TEXTS) + ", since, reopened"
    if not paths:
        nothing = ", ".join(f"null::varchar as {c}" for c in _TEXTS)
        empty = f"select {nothing}, null::timestamptz as since, 0 as reopened where false"
        con.execute(f"create view {name} as {empty}")
        return
    listed = ", ".join(literals.text(lake.uri(p)) for p in paths)
    con.execute(
        f"create view {name} as select {shown} from "
        f"read_parquet([{listed}], union_by_name=true, hive_partitioning=false)"
    )


def _sources(con: Any, lake: Lake, manifest: Manifest, before: Manifest | None,
             cell_gaps: Iterable[Mapping[str, Any]]) -> None:  # fmt: skip
    """`now`, `was`, `cellgap` (what whole cells lack), `gone` (gaps of before, not seen now)."""
    _view(con, lake, manifest, "now")
    _view(con, lake, before, "was")
    rows = [
        {
            **{c: str(g.get(c, "")) for c in _TEXTS},
            "account_id": g["account"], "check_id": g["check"], "grant_action": g["grant"],
            "since": manifest.as_of, "reopened": 0, "seq": n,
        }
        for n, g in enumerate(cell_gaps, 1)
    ]  # fmt: skip
    columns: dict[str, Type] = {**_COLUMNS, "seq": "int"}
    con.register("_gaps", pa.Table.from_pylist(rows, schema=arrow_schema(columns)))
    con.execute("create table cellgap as select * from _gaps")
    con.unregister("_gaps")
    con.execute(
        "create table gone as select * from was anti join now using (check_id, resource, account_id) "
        "where status in ('unmet', 'unknown') and side <> 'aws'"
    )
    names = ", ".join(_COLUMNS)
    gap = "status in ('unmet', 'unknown') and side <> 'aws'"
    con.execute(
        f"create view plain as select {names}, case when {gap} then 0 else 1 end as sec, 0 as seq "
        f"from now union all select {names}, 0, seq from cellgap "
        f"union all select {names}, 2, 0 from gone"
    )


def _words(con: Any) -> None:
    """Every text once, numbered in the order of the texts."""
    parts = " union ".join(
        f"select '{field}' as field, {column} as text from plain"
        for field, column in (("owner", "owner"), ("account", "account_id"), ("region", "region"))
    )
    con.execute(
        "create table word as select field, row_number() over (partition by field order by text)"
        f"::int as code, text from ({parts})"
    )
    con.execute(
        "create table kind as select row_number() over (order by sev, duty, check_id, service, "
        "severity)::int as code, * from (select distinct severity, duty, service, check_id, "
        f"{severity_sql('severity')} as sev from plain)"
    )
    for table, column in (("res", "resource"), ("why", "reason")):
        con.execute(
            f"create table {table} as select row_number() over (order by text)::int as id, text "
            f"from (select distinct {column} as text from plain) order by text"
        )
    con.execute(
        "create table more as select row_number() over ()::int as id, * from (select distinct "
        "denied_call, grant_action, waiver from plain)"
    )


def _change(*, compared: bool) -> str:
    """SQL for what became of a row since the scan before; numbers of `FIXED['change']`."""
    if not compared:
        return "6"
    return (
        "case when p.seq > 0 then 6 when p.sec = 2 then 4 when w.status = p.status then 5 "
        "when p.status in ('unmet', 'unknown') and w.status is null then 0 "
        "when p.status = 'unmet' then 1 when p.status = 'unknown' then 2 "
        "when p.status = 'met' and w.status in ('unmet', 'unknown') then 3 else 4 end"
    )


def _rows(con: Any, manifest: Manifest, *, compared: bool) -> None:
    """The table `r`: rank 1 is the worst; gaps (sec 0), other findings (1), gaps gone (2)."""
    days = f"(epoch({literals.moment(manifest.as_of)}) - epoch(p.since)) / 86400"
    ages = " ".join(f"when {days} < {end} then {n}" for n, end in enumerate(BANDS))
    con.execute(
        "create view known as select check_id, resource, account_id, any_value(status) as status "
        "from was group by all"
    )
    joined = "left join known w using (check_id, resource, account_id)" if compared else ""
    con.execute(f"""
create table r as
select *, row_number() over (order by since nulls last, rank)::int as aged from (
select row_number() over (order by sec, seq, status, kind, res, account, region)::int as rank, *
  exclude (seq)
from (
  select p.sec::utinyint as sec, p.seq, k.code as kind, o.code as owner, a.code as account,
    g.code as region, ({case_sql("p.status", "status", "unknown")})::utinyint as status,
    ({case_sql("p.life", "life", "none")})::utinyint as life,
    ({case_sql("p.side", "side", "unknown")})::utinyint as side,
    (case when p.since is null then {len(BANDS) + 1} {ages} else {len(BANDS)} end)::utinyint as age,
    ({_change(compared=compared)})::utinyint as change, k.sev::utinyint as sev,
    (p.owner = {literals.text(NOBODY)})::utinyint as owned,
    res.id as res, why.id as why, more.id as more, epoch_us(p.since) as since,
    coalesce(p.reopened, 0)::int as reopened
  from plain p {joined}
  join kind k on k.severity = p.severity and k.duty = p.duty and k.service = p.service
    and k.check_id = p.check_id
  join word o on o.field = 'owner' and o.text = p.owner
  join word a on a.field = 'account' and a.text = p.account_id
  join word g on g.field = 'region' and g.text = p.region
  join res on res.text = p.resource join why on why.text = p.reason
  join more on more.denied_call = p.denied_call and more.grant_action = p.grant_action
    and more.waiver = p.waiver
))
order by rank""")


def _orders(con: Any) -> None:
    for name, column in SORTED.items():
        con.execute(f"create table {name} as select {CODES} from r order by sec, {column}, rank")
    con.execute(f"create table p_age as select {CODES} from r order by aged")
    con.execute("create table at_res as select res, rank from r where sec < 2 order by res, rank")


def _cubes(con: Any) -> None:
    con.execute(
        f"create table cube_kind as select sec, kind, {_LOW}, count(*)::int as n from r group by all"
    )
    parts = " union all ".join(
        f"select '{f}' as field, sec, {f} as code, sev, {_LOW}, count(*)::int as n from r group by all"
        for f in ("owner", "account", "region")
    )
    con.execute(f"create table cube_place as {parts}")


def cell_gaps(results: Results) -> list[dict[str, Any]]:
    """What whole cells lack, as the verb `gaps` lists it after the findings."""
    return results._cell_gaps()  # noqa: SLF001 of `gaps` only this part, not a million rows


def _single(con: Any, path: Path) -> None:
    """The same rows for SQLite, with their texts, to be looked up by rank."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as target:
        target.execute("pragma journal_mode=off")
        target.execute("pragma synchronous=off")
        target.execute(f"create table row (rank integer primary key, {', '.join(ROW[1:])})")
        target.execute("begin")
        named = ", ".join(_TOLD.get(c, f"r.{c}") for c in ROW)
        found = con.execute(
            f"select {named} from r join res on res.id = r.res join why on why.id = r.why "
            "join more on more.id = r.more order by rank"
        )
        put = f"insert into row values ({', '.join('?' * len(ROW))})"
        while rows := found.fetchmany(BATCH):
            target.executemany(put, rows)
        target.execute("commit")


def _meta(con: Any, manifest: Manifest, before: Manifest | None, results: Results) -> None:
    """What is asked of the whole scan: its cells, the statements of people, counts of sections."""
    sections = dict(con.execute("select sec, count(*) from r group by all").fetchall())
    told = {
        "version": VERSION,
        "scan": manifest.id,
        "as_of": manifest.as_of.isoformat(),
        "before": before.id if before else "",
        "sections": [sections.get(n, 0) for n in range(3)],
        "cells": results.cells(),
        "attestations": [
            {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()}
            for row in attestations(results)
        ],
    }
    con.execute("create table meta (told varchar)")
    con.execute("insert into meta values (?)", [json.dumps(told, ensure_ascii=False)])


def attestations(results: Results) -> list[dict[str, Any]]:
    """The statements of people as they stood at the scan, newest first."""
    files = results.lake.files(results.manifest, "inventory", "attestation")
    if not files:
        return []
    duck = Duck(results.lake)
    try:
        duck.files("attestation", files, own_columns("attestation"))
        rows = list(duck.query('select * from attestation order by "at" desc').to_pylist())
    finally:
        duck.close()
    for row in rows:
        row["expired"] = row["expires"] <= results.manifest.as_of
    return rows
