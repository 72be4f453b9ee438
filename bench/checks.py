"""All checks over a million resources made up in a lake: deriving, judging, drawing the matrix."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.machine import measure, python

ROWS = 1_000_000
#: How the resources spread over the tables that estates fill; every other table has `OTHERS` rows.
SPREAD = {
    "ec2_security_group_rule": 180, "ec2_volume": 120, "ec2_instance": 90, "ec2_snapshot": 90,
    "ec2_network_interface": 60, "lambda_function": 80, "logs_log_group": 80, "s3_bucket": 40,
    "sqs_queue": 30, "sns_topic": 20, "iam_role": 40, "iam_user": 10, "iam_policy": 20,
    "rds_instance": 20, "rds_snapshot": 20, "dynamodb_table": 20, "kms_key": 20, "ec2_subnet": 15,
    "ec2_security_group": 40, "secretsmanager_secret": 20, "cloudwatch_alarm": 20,
    "ec2_vpc": 3, "ecr_repository": 10, "elbv2_listener": 10, "elbv2_load_balancer": 5,
}
OTHERS = 50
ACCOUNTS = tuple(f"{n:012d}" for n in range(100_000_000_001, 100_000_000_011))
REGIONS = ("us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2", "us-west-2")
AS_OF = datetime(2026, 11, 21, 12, tzinfo=UTC)
_POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::100000000001:role/deploy"},
     "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"},
    {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
     "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]})


def _value(name: str, kind: str) -> str:
    """SQL for a column of row `i`: ids that join, flags that differ, now and then unknown."""
    if name == "_errors":
        return "[]::varchar[]"
    if name == "tags":
        return "case when i % 3 = 0 then '{\"team\": \"a\"}' else '{}' end"
    if name == "service":
        return "'service-' || (i % 10)"
    if name.endswith("version") and kind == "string":
        return "(i % 9 + 5) || '.' || (i % 12)"
    if kind == "json":
        asks = "policy" in name or name in ("document", "content")
        return f"case when i % 4 = 0 then '{_POLICY}' else '' end" if asks else "'[]'"
    return {
        "string": f"'{name}-' || (i % 5000)",
        "bool": "case when i % 97 = 0 then null else i % 7 > 1 end",
        "int": "case when i % 89 = 0 then null else i % 400 end",
        "double": "(i % 400)::double",
        "timestamp": f"'{AS_OF.isoformat()}'::timestamptz - to_days((i % 500)::int)",
        "strings": f"['{name}-' || (i % 5000)]",
    }[kind]


def _given(name: str) -> dict[str, str]:
    """The columns that are the same in every table."""
    account = " ".join(f"when {n} then '{a}'" for n, a in enumerate(ACCOUNTS))
    region = " ".join(f"when {n} then '{r}'" for n, r in enumerate(REGIONS))
    return {
        "arn": f"'arn:aws:bench:::{name}/' || i",
        "account_id": f"case i % {len(ACCOUNTS)} {account} end",
        "region": f"case i % {len(REGIONS)} {region} end",
        "cidr": "case i % 3 when 0 then '0.0.0.0/0' else '10.' || (i % 250) || '.0.0/16' end",
    }


def build(folder: Path) -> tuple[Any, Any]:
    """Writes the tables with DuckDB; the lake and the draft of a scan that has read them."""
    import duckdb

    from sharedline.assess import Draft
    from sharedline.collect.catalogue import catalogue
    from sharedline.collect.schema import describe
    from sharedline.inventory.engines import DUCK_TYPES
    from sharedline.inventory.lake import Lake

    tables = catalogue()
    lake = Lake(str(folder))
    draft = Draft("bench", AS_OF, "aws", list(ACCOUNTS), list(REGIONS))
    whole = sum(SPREAD.values())
    con = duckdb.connect()
    con.execute("set timezone='UTC'")
    for name in tables:
        columns = {c.name: c.type for c in describe(tables[name], tables).columns}
        rows = SPREAD[name] * ROWS // whole if name in SPREAD else OTHERS
        given = _given(name)
        made = ", ".join(
            f'({given.get(c, _value(c, kind))})::{DUCK_TYPES[kind]} as "{c}"'
            for c, kind in columns.items()
        )
        path = lake.path("inventory", name, "scan=bench", "account=all", "region=all",
                         "part-0.parquet")
        lake.fs.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        con.execute(f"copy (select {made} from range({rows}) t(i)) to '{path}' "
                    "(format parquet, compression zstd)")
        draft.files.append({"kind": "inventory", "table": name, "account": "all", "region": "all",
                            **lake.entry(path, rows)})
        draft.tables[name] = columns
    con.close()
    return lake, draft


def assess(folder: Path) -> None:
    """Judges the estate of `folder`, in a process of its own; prints its parts as JSON."""
    from sharedline.assess import Assessment, Draft, needed
    from sharedline.checks.load import load
    from sharedline.inventory.lake import Lake
    from sharedline.project import open_project

    given = json.loads((folder / "draft.json").read_text())
    draft = Draft(**{**given, "as_of": AS_OF})
    project = open_project(folder)
    took: dict[str, float] = {}

    class Timed(Assessment):
        def derive(self, names: set[str]) -> None:
            started = time.monotonic()
            super().derive(names)
            took["derive"] = time.monotonic() - started

        def findings(self, *args: Any) -> None:
            started = time.monotonic()
            super().findings(*args)
            took["checks"] = time.monotonic() - started

    started = time.monotonic()
    parsed, _ = needed(load((), project.checks), project)
    work = Timed(project, Lake(str(folder)), draft)
    work.run(parsed, [])
    took["all"] = time.monotonic() - started
    found = work.duck.query("select count(*) as n from finding").to_pylist()[0]["n"]
    work.close()
    print(json.dumps({"checks": len(parsed), "findings": found, "took": took}))


def main() -> None:
    """Makes the estate, judges it in a process that is measured, prints the parts."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(os.environ.get("BENCH_LAKE", scratch))
        if not (folder / "draft.json").is_file():
            folder.mkdir(exist_ok=True)
            _, draft = build(folder)
            kept = {k: getattr(draft, k) for k in draft.__dataclass_fields__ if k != "as_of"}
            (folder / "draft.json").write_text(json.dumps(kept))
        usage = measure(python("-m", "bench.checks", str(folder)))
        if usage.code:
            raise SystemExit(usage.out)
        said = json.loads(usage.out.splitlines()[-1])
        took = said["took"]
        print(f"  {said['checks']} checks over {ROWS:,} resources, {said['findings']:,} findings")
        print(f"  {usage} (at most 20 s and 2 GB for 80 checks)")
        matrix = took["all"] - took["derive"] - took["checks"]
        print(f"  derived tables {took['derive']:.1f} s, checks {took['checks']:.1f} s, "
              f"matrix and the rest {matrix:.1f} s")


if __name__ == "__main__":
    assess(Path(sys.argv[1]))
