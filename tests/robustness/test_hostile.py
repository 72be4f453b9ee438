"""Names, tags and policies that hold markup, quotes, escapes, directions, or a megabyte."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from sharedline.collect.rows import as_json, tags_of
from sharedline.text import json_visible, visible

from .conftest import ACCOUNT, REGION

HOSTILE = (
    "=1+1|'\"<script>alert(1)</script>\x1b[31mred\x1b]0;title\x07\x9b31m\u202egnp.exe\u2066"
    "\u200b\x00\r\n| | \\ `$(id)` \U000e0041 ' or 1=1 --"
)
#: What a terminal acts on: control and direction characters other than the line's own end.
ACTING = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
ARN = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{HOSTILE}"


def acting(text: str) -> set[str]:
    return {c for c in text if c != "\n" and unicodedata.category(c) in ACTING}


@pytest.fixture
def folder(aws: Any, cli: Any, tmp_path: Path) -> Iterator[Path]:
    """A scanned project whose resources, tags, owners and waivers are hostile."""
    kms = boto3.client("kms", region_name=REGION)
    kms.create_key(Description=HOSTILE, Tags=[{"TagKey": "team", "TagValue": HOSTILE}])
    boto3.client("cloudwatch", region_name=REGION).put_metric_alarm(
        AlarmName=HOSTILE, MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanThreshold", Statistic="Sum",
    )
    team = json.dumps(HOSTILE, ensure_ascii=False)
    (tmp_path / "owners.toml").write_text(
        f'[team.{team}]\nperson = {team}\ncontact = "x"\n[[rule]]\nteam = {team}\n'
        f'[[rule]]\nteam_from_tag = "team"\n[[rule]]\nteam = {team}\ntag = {{ {team} = {team} }}\n'
    )
    (tmp_path / "waivers.toml").write_text(
        f"[[waiver]]\nresource = {team}\nreason = {team}\napprover = {team}\n"
        "expires = 2099-01-01\n"
    )
    ended = cli("scan", "--dir", tmp_path, "--regions", REGION, "--checks",
                "kms/*,cloudwatch/*,s3/bucket_versioning_on", "--processes", 0, "--rate", 50)
    assert ended.code in (1, 3)
    assert not acting(ended.out + ended.err)
    yield tmp_path


VERBS: list[tuple[str, ...]] = [
    ("matrix",), ("matrix", "--service", "kms"), ("gaps", "--limit", "0"),
    ("findings", "--limit", "0"), ("scans",), ("owners", "teams"), ("tables",), ("duties",),
    ("show", ARN), ("owners", "explain", ARN, "--duty", "monitoring.alerting"),
    ("query", "select arn, alarm_name as name, * from cloudwatch_alarm"),
    ("query", 'select 1 as "\x1b[31m\u202e"'), ("query", "select \x1b[31m"),
    ("show", "\x1b[31mnone"), ("checks", "list"), ("checks", "list", "\x1b[31m"), ("diff", "\x1b[31m"),
    ("assess",), ("report",),
    ("claim", "kms/key_rotation_on", ARN, "--by", HOSTILE.replace("\x00", "")),
    ("attest", "data.classification", "x", "--evidence", "e", "--by", "b", "--scope", "\x1b[31m"),
    ("waive", "--resource", "\x1b[31m", "--reason", "\x1b[1m", "--approver", "a", "--expires",
     "2099-01-01"),
]


def test_no_verb_prints_what_a_terminal_acts_on(folder: Path, cli: Any) -> None:
    shown = ""
    for verb in VERBS:
        place = () if verb[0] in ("duties",) else ("--dir", folder)
        ended = cli(*verb, *place)
        assert ended.code in (0, 1, 2, 3), verb
        assert not acting(ended.out), (verb, acting(ended.out))
        assert not acting(ended.err), (verb, acting(ended.err))
        shown += ended.out
    assert "\\x1b[31mred" in shown
    assert "\\u202egnp" in shown


def test_machine_formats_and_the_report_say_it_whole_and_harmlessly(folder: Path, cli: Any) -> None:
    for fmt in ("json", "csv", "markdown", "sarif", "ocsf", "asff"):
        ended = cli("findings", "--dir", folder, "--format", fmt)
        assert not acting(ended.out), fmt
        if fmt == "json":
            assert ARN in {f["resource"] for f in json.loads(ended.out)}
    assert cli("report", "--dir", folder).code == 0
    page = (folder / "report.html").read_text()
    assert "<script>alert" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_json_for_people_is_the_same_json() -> None:
    text = json.dumps({HOSTILE: [HOSTILE, "é", "漢", "\U0001f600"]}, ensure_ascii=False, indent=2)
    assert json.loads(json_visible(text)) == json.loads(text)
    assert not acting(json_visible(text))
    assert "漢" in json_visible(text)


@pytest.mark.parametrize("plane", [0, 1, 2, 14, 15, 16])
def test_every_character_that_acts_is_escaped(plane: int) -> None:
    every = [chr(plane * 0x10000 + i) for i in range(0x10000)]
    left = [c for c in every if acting(json_visible(c) if c >= " " else "")]
    assert left == []
    assert not acting(visible("".join(every), lines=False))


def test_half_a_surrogate_pair_is_kept_from_the_lake(tmp_path: Path) -> None:
    assert tags_of({"a": "\ud800b"}) == '{"a": "?b"}'
    assert as_json("\udfff") == '"?"'


def test_policies_of_a_megabyte(
    aws: Any, verdicts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large, deep and malformed policies are judged or unknown, in good time."""
    from sharedline.collect.clients import Caller

    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "é" * 200}
    large = {"Version": "2012-10-17", "Statement": [statement] * 3200}
    policies = {
        "ledger": json.dumps(large, ensure_ascii=False),
        "leaky": '{"Statement": ' + "[" * 5000 + "]" * 5000 + "}",
    }
    assert len(policies["ledger"].encode()) > 1_000_000
    real = Caller.call

    def call(self: Any, account: str, region: str, service: str, operation: str, params: Any) -> Any:
        if operation == "GetBucketPolicy":
            return {"Policy": policies[params["Bucket"]]}
        return real(self, account, region, service, operation, params)

    monkeypatch.setattr(Caller, "call", call)
    found = verdicts(checks=("s3/bucket_requires_tls", "s3/bucket_not_publicly_*"))
    tls = {r.rsplit(":")[-1]: ok for (c, r), ok in found.items() if c == "s3/bucket_requires_tls"}
    assert tls["ledger"] is False
    assert tls["leaky"] is not True
