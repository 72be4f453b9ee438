"""A lake of finished scans with as many findings as wanted, made by DuckDB: no AWS, no checks run."""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sharedline.checks.engine import FINDING
from sharedline.checks.load import load as load_checks
from sharedline.duties.catalogue import load as load_duties
from sharedline.duties.matrix import CELL, Cell, as_row
from sharedline.inventory.engines import DUCK_TYPES
from sharedline.inventory.lake import LAKE_VERSION, Lake, TableWriter

ACCOUNTS, OWNERS, CHECKS, PER_RESOURCE = 40, 60, 400, 4
REGIONS = ("us-east-1", "eu-west-1", "eu-central-1", "us-west-2", "ap-southeast-2", "global")
FIRST = datetime(2026, 9, 1, 6, tzinfo=UTC)
#: Of a hundred findings so many unmet, then unknown, then waived; the others are met.
UNMET, UNKNOWN, WAIVED = 28, 34, 36


@functools.cache
def kinds() -> list[tuple[str, str, str, str]]:
    """(check, duty, service, severity) of `CHECKS` checks, ours and copies of ours."""
    known = load_duties().services
    ours = [
        (c.id, c.duty, c.id.split("/")[0], c.severity) for c in load_checks(()).values()
    ]
    ours = [k for k in ours if k[2] in known]
    more = [(f"{c}_{n}", d, s, v) for n in range(2, 9) for c, d, s, v in ours]
    by_service: dict[str, int] = defaultdict(int)
    out = []
    for kind in ours + more:  # every service has enough for each resource to be asked differently
        if kind in ours or by_service[kind[2]] < PER_RESOURCE:
            by_service[kind[2]] += 1
            out.append(kind)
    return out + [k for k in more if k not in out][: max(0, CHECKS - len(out))]


def _finding_sql(rows: int, number: int, at: datetime) -> str:
    """Findings of scan `number`: each scan gives other answers to three of a hundred."""
    regions = "[" + ", ".join(f"'{r}'" for r in REGIONS) + "]"
    moment = f"'{at.isoformat()}'::timestamptz"
    changed = " + ".join(
        f"(case when hash(i, {n}) % 100 < 3 then {n} else 0 end)" for n in range(1, number + 1)
    )
    return f"""
with base as (
  select i, i // {PER_RESOURCE} as k, (hash(i, 'answer', {changed or 0}) % 100)::int as u,
    hash(i, 'since') % 1000 as v from range({rows}) t(i)),
placed as (
  select b.*, 100000000001 + floor({ACCOUNTS} * pow((hash(k, 'a') % 10000) / 10000.0, 1.6))::bigint
    as account, {regions}[1 + (hash(k, 'r') % {len(REGIONS)})::int] as region,
    s.service, s.ids, 1 + ((hash(k, 'c') + i) % len(s.ids))::int as at_check
  from base b join service s
    on s.n = floor((select count(*) from service) * pow((hash(k, 's') % 10000) / 10000.0, 1.4))),
kinded as (select p.*, unnest(ids[at_check:at_check]) as kind from placed p),
owned as (
  select *, case when hash(account, service) % 10 = 0 then 'nobody'
    else 'team-' || (hash(account, service) % {OWNERS - 1})::varchar end as owner,
    case when u < {UNMET} then 'unmet' when u < {UNKNOWN} then 'unknown'
      when u < {WAIVED} then 'waived' else 'met' end as status
  from kinded)
select kind.check_id as check_id,
  'arn:aws:' || service || ':' || region || ':' || account || ':thing/prod-' || k as resource,
  case when status = 'unknown' then null else status = 'met' end as ok,
  case status when 'met' then 'As desired.' when 'unknown' then 'Not readable: x:Get answered '
    || 'AccessDenied.' else 'Setting ' || (v % 7) || ' of prod-' || k || ' is off.' end as reason,
  status, case when status = 'unmet' then case when v % 9 = 0 then 'claimed' else 'open' end
    when status = 'waived' then 'waived' when status = 'met' and v % 6 = 0 then 'verified'
    else '' end as life,
  case when status in ('unmet', 'waived') or (status = 'met' and v % 6 = 0) then
    least({moment}, {moment} - to_days((pow(v / 1000.0, 3) * 200)::int)) end as since,
  0 as reopened, kind.severity as severity, kind.duty as duty, service,
  case when hash(kind.check_id) % 100 < 4 then 'aws' when hash(kind.check_id) % 100 < 30
    then 'shared' else 'customer' end as side, owner,
  case when status = 'waived' then 'accepted (approved by CISO until 2027-01-01)' end as waiver,
  account::varchar as account_id, region, null as tags,
  case when status = 'unknown' then 'x:Get' end as denied_call,
  case when status = 'unknown' then 'AccessDenied' end as code,
  case when status = 'unknown' then 'x:GetThing' end as grant_action
from owned"""


def _cells(con: Any) -> list[dict[str, Any]]:
    """The matrix of the findings just made, with cells that no check covers besides."""
    found: dict[tuple[str, str], Cell] = {}
    for service, duty, side, owner, status, n in con.execute(
        "select service, duty, side, owner, status, count(*) from f group by all order by all"
    ).fetchall():
        cell = found.setdefault((service, duty), Cell(service, duty))
        cell.sides[side] += n
        cell.owners[owner] += n
        cell.findings[status] += n
    for service in sorted({s for s, _ in found}):
        for duty in list(load_duties().duties)[::4]:
            if (service, duty) not in found:
                cell = found[service, duty] = Cell(service, duty)
                cell.sides["customer"] += 3
                cell.owners["nobody" if len(found) % 3 else "team-1"] += 3
    return [as_row(cell) for cell in found.values()]


def make(folder: Path, rows: int, scans: int = 2) -> None:
    """Writes `scans` finished scans of so many findings below `folder`/lake, a week apart."""
    import duckdb

    lake = Lake(str(folder / "lake"))
    con = duckdb.connect()
    con.execute("set timezone = 'UTC'")
    by_service: dict[str, list[dict[str, str]]] = defaultdict(list)
    for check, duty, service, severity in kinds():
        by_service[service].append({"check_id": check, "duty": duty, "severity": severity})
    con.execute("create table service (n int, service varchar, "
                "ids struct(check_id varchar, duty varchar, severity varchar)[])")
    con.executemany("insert into service values (?, ?, ?)",
                    [(n, s, ids) for n, (s, ids) in enumerate(by_service.items())])
    for number in range(scans):
        at = FIRST + timedelta(days=7 * number)
        scan = f"{at:%Y%m%dT%H%M%SZ}-bench{number}"
        path = lake.path("findings", f"scan={scan}", "finding.parquet")
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        listed = ", ".join(f"{c}::{DUCK_TYPES[t]} as {c}" for c, t in FINDING.items())
        con.execute(f"copy (select {listed} from ({_finding_sql(rows, number, at)})) "
                    f"to '{path}' (format parquet, compression zstd)")
        con.execute(f"create or replace view f as select * from read_parquet('{path}')")
        writer = TableWriter(lake, lake.path("findings", f"scan={scan}", "cell.parquet"), CELL)
        for row in _cells(con):
            writer.add(row)
        _commit(lake, scan, at, [("finding", lake.entry(path, rows)), ("cell", writer.close())])
    con.close()


def _commit(lake: Lake, scan: str, at: datetime, files: list[tuple[str, Any]]) -> None:
    accounts = [str(100_000_000_001 + n) for n in range(ACCOUNTS)]
    data = {
        "lake_version": LAKE_VERSION, "version": "0", "id": scan, "as_of": at.isoformat(),
        "started": at.isoformat(), "ended": at.isoformat(), "accounts": accounts,
        "regions": list(REGIONS[:-1]), "checks": [], "tables": {}, "listings": [],
        "row_errors": {}, "intent": "",
        "files": [{"kind": "findings", "table": t, "account": "all", "region": "all", **entry}
                  for t, entry in files if entry],
    }
    lake.write(lake.path("scans", scan, "manifest.json"), json.dumps(data).encode())
