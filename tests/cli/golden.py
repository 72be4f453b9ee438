"""What the views print on a small scan of fixed rows, kept in `golden/` and reviewed like code.

`python -m tests.cli.golden` writes the files anew.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

from sharedline.assess import Assessment, Draft, needed
from sharedline.checks.load import load
from sharedline.cli.main import main as command
from sharedline.collect.catalogue import catalogue
from sharedline.collect.schema import describe
from sharedline.inventory.lake import Lake, TableWriter
from sharedline.project import open_project
from sharedline.scanning import commit, previous_life

FOLDER = Path(__file__).parent / "golden"
WIDTHS = (80, 160)
CHECKS = (
    "s3/bucket_versioning_on", "s3/bucket_policy_not_public", "s3/bucket_requires_tls",
    "guardduty/on_in_every_region", "lambda/runtime_supported",
    "sqs/queue_encrypted",
)
ACCOUNTS = ("111122223333", "444455556666")
REGIONS = ("eu-central-1", "us-east-1")
#: Names as long as AWS's own: what is cut, and where, is what these files show.
LONG = "fennelrye-customer-exports-of-the-old-shop-2019"
OWNERS = """
[team.data-platform]
person = "Ann Lee"
contact = "ann@example.org"
[team.security-and-compliance]
person = "Bo Chen"
contact = "https://example.org/security"
[[rule]]
team = "data-platform"
service = "s3"
[[rule]]
team = "security-and-compliance"
duty = "monitoring.*"
[[rule]]
team = "security-and-compliance"
resource = "arn:aws:s3:::audit-*"
duty = "data.*"
"""
OPEN = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",'
    '"Action":"s3:GetObject","Resource":"arn:aws:s3:::' + LONG + '/*"}]}'
)
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def _bucket(name: str, **more: Any) -> dict[str, Any]:
    return {"arn": f"arn:aws:s3:::{name}", "name": name, "account_id": ACCOUNTS[0],
            "region": "eu-central-1", "policy": "", "versioning_status": "Enabled", **more}


def _rows(day: int) -> Rows:
    """The tables as read on a day: on the second, one bucket is mended and one got worse."""
    base = {"account_id": ACCOUNTS[0], "region": "eu-central-1"}
    queue = "arn:aws:sqs:eu-central-1:111122223333:orders-waiting-for-the-warehouse.fifo"
    function = "arn:aws:lambda:eu-central-1:111122223333:function:resize-product-images"
    detector = "arn:aws:guardduty:eu-central-1:111122223333:detector/72f5df7c605d2047f6c4f3cdb001"
    return {
        "s3_bucket": (
            _bucket("ledger", versioning_status="" if day == 1 else "Enabled"),
            _bucket(LONG, policy="" if day == 1 else OPEN),
            _bucket("audit-trail", policy=None, _errors=["s3:GetBucketPolicy AccessDenied"]),
        ),
        "guardduty_detector": ({**base, "arn": detector, "status": "ENABLED"},),
        "lambda_function": (
            {**base, "arn": function, "function_name": "resize-product-images",
             "package_type": "Zip", "runtime": "python3.8"},
        ),
        "sqs_queue": (
            {**base, "arn": queue, "kms_master_key_id": "", "sqs_managed_sse_enabled": True},
        ),
    }


def build(folder: Path) -> None:
    """A project with owners, and two scans."""
    (folder / "owners.toml").write_text(OWNERS)
    project = open_project(folder)
    lake, tables = Lake(project.lake_url), catalogue()
    checks = {name: load()[name] for name in CHECKS}
    for day in (1, 2):
        at = datetime(2026, 11, day, 12, tzinfo=UTC)
        draft = Draft(f"2026110{day}T120000Z-abcd", at, "aws", list(ACCOUNTS), list(REGIONS))
        for name, rows in _rows(day).items():
            columns = {c.name: c.type for c in describe(tables[name], tables).columns}
            path = lake.path("inventory", name, f"scan={draft.id}", "part-0.parquet")
            writer = TableWriter(lake, path, columns)
            for row in rows:
                writer.add({"tags": "{}", "_errors": [], **row})
                for error in row.get("_errors", ()):
                    draft.row_errors.setdefault(name, {})[error] = 1
            draft.tables[name] = columns
            draft.files.append({"kind": "inventory", "table": name, "account": ACCOUNTS[0],
                                "region": REGIONS[0], **(writer.close() or {})})
        draft.listings = [
            {"account_id": ACCOUNTS[1], "region": "us-east-1", "table": "sqs_queue",
             "status": "failed", "call": "sqs:ListQueues", "code": "AccessDenied", "message": "",
             "action": ""},
        ]
        work = Assessment(project, lake, draft)
        try:
            work.run(needed(checks, project)[0], previous_life(lake, draft))
        finally:
            work.close()
        commit(lake, draft, {
            "started": at.isoformat(), "ended": at.isoformat(), "intent": project.intent_digest(),
        })


VIEWS: Mapping[str, tuple[str, ...]] = {
    "matrix": ("matrix",),
    "matrix-service": ("matrix", "--service", "s3"),
    "gaps": ("gaps",),
    "findings": ("findings",),
    "show": ("show", f"arn:aws:s3:::{LONG}"),
    "diff": ("diff", "20261101"),
    "tables": ("tables", "sqs_queue"),
    "owners-explain": ("owners", "explain", "arn:aws:s3:::audit-trail", "--duty", "data.exposure"),
    "permissions": ("permissions", "--checks", "s3/bucket_*", "--format", "text"),
}


def shown(folder: Path, arguments: Sequence[str], width: int) -> str:
    """What a command prints on a terminal of that width, messages last, and how it ends."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    env = {"COLUMNS": str(width), "LINES": "50", "NO_COLOR": "1"}
    with (
        mock.patch.dict(os.environ, env),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            command([*arguments, "--dir", str(folder)])
        except SystemExit as ended:
            code = ended.code
    lines = [line.rstrip() for line in (out.getvalue() + err.getvalue()).splitlines()]
    told = " ".join(f"'{a}'" if "*" in a else a for a in arguments)
    return "\n".join([f"$ sharedline {told}", *lines, f"(exit {code or 0})", ""])


def main() -> None:
    """Writes all the files."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.txt"):
        path.unlink()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder)
        for view, arguments in VIEWS.items():
            for width in WIDTHS:
                text = shown(folder, arguments, width)
                (FOLDER / f"{view}-{width}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
