"""Statuses are decided by dates, events and the scans of that time, and never guessed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from sharedline.checks.engine import FINDING
from sharedline.incident.model import Chain, Subject, Unknown
from sharedline.incident.render import Told
from sharedline.incident.render_html import page
from sharedline.incident.render_markdown import markdown, md
from sharedline.incident.verdict import Judged, judge
from sharedline.incident.verdict_around import Answer, Around, ask
from sharedline.incident.verdict_examples import ACCOUNT, chain_of
from sharedline.incident.verdict_rules import load
from sharedline.incident.verdict_scans import Scans
from sharedline.incident.verdict_sum import Verdict, summed
from sharedline.inventory.lake import Lake, TableWriter
from sharedline.project import Project, open_project

RULES = load()
ROLE = f"arn:aws:iam::{ACCOUNT}:role/web"
INSTANCE = "i-0123456789abcdef0"
QUIET = Around(answers=(), usual={})


def stolen(delivery: str = "1.0") -> dict[str, Any]:
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/web/{INSTANCE}",
        "accountId": ACCOUNT,
        "accessKeyId": "ASIASTOLEN",
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": ROLE},
            "ec2RoleDelivery": delivery,
        },
    }


def event(name: str, time: str, who: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    service, _, action = name.partition(":")
    return {
        "eventSource": f"{service}.amazonaws.com",
        "eventName": action,
        "eventTime": time,
        "eventID": f"{action}-{time}",
        "userIdentity": who,
        "sourceIPAddress": "198.51.100.7",
        **more,
    }


def breach(day: str = "2020-09-14", delivery: str = "1.0") -> Chain:
    who = stolen(delivery)
    bucket = {"ARN": "arn:aws:s3:::cards", "type": "AWS::S3::Bucket"}
    return chain_of(
        [
            event("s3:ListBuckets", f"{day}T01:00:00+00:00", who),
            event("s3:ListObjects", f"{day}T01:01:00+00:00", who, resources=[bucket]),
            event("s3:GetObject", f"{day}T01:02:00+00:00", who, resources=[bucket]),
            event("s3:GetObject", f"{day}T01:13:00+00:00", who, resources=[bucket]),
        ]
    )


def statuses(verdict: Verdict) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in verdict.rows:
        found.setdefault(row.duty, set()).add(row.status)
    return found


def verdict_of(chain: Chain, around: Around = QUIET, scans: Scans | None = None) -> Verdict:
    return summed(judge(chain, RULES, scans, around), scans)


# -- scans -------------------------------------------------------------------------------------


def finding(check: str, resource: str, status: str, **more: str) -> dict[str, Any]:
    return {
        "check_id": check,
        "resource": resource,
        "ok": {"met": True, "unmet": False}.get(status),
        "reason": f"it is {status}",
        "status": status,
        "severity": "high",
        "duty": "compute.hardening",
        "service": "ec2",
        "side": "customer",
        "owner": "platform",
        "account_id": ACCOUNT,
        "region": "eu-west-1",
        **more,
    }


def scanned(folder: Path, scans: Mapping[str, Sequence[Mapping[str, Any]]]) -> Scans:
    """A lake with a scan per time, each with findings."""
    lake = Lake(str(folder / "lake"))
    for number, (moment, rows) in enumerate(scans.items()):
        name = f"scan{number}"
        writer = TableWriter(lake, lake.path("findings", f"{name}.parquet"), FINDING)
        for row in rows:
            writer.add(row)
        entry = writer.close()
        files = [{**entry, "kind": "findings", "table": "finding"}] if entry else []
        manifest = {
            **dict.fromkeys(("as_of", "started", "ended"), moment),
            "id": name,
            "accounts": [ACCOUNT],
            "regions": [],
            "files": files,
            "tables": {},
            "listings": {},
            "row_errors": {},
            "checks": [],
            "lake_version": 1,
        }
        lake.write(lake.path("scans", name, "manifest.json"), json.dumps(manifest).encode("utf-8"))
    return Scans(Project(folder), lake)


MACHINE = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/{INSTANCE}"
IMDS = "ec2/instance_imdsv2_required"


def hardening(judged: Judged) -> tuple[str, list[str]]:
    one = next(j for j in judged.judgements if j.duty == "compute.hardening")
    return one.status, [e.kind for e in one.evidence]


# -- the public re-enactment, in small ------------------------------------------------------------


def test_the_customers_duties_failed_and_nothing_is_charged_to_aws() -> None:
    verdict = verdict_of(breach())
    found = statuses(verdict)
    assert found["compute.hardening"] == {"failed"}
    assert found["identity.least-privilege"] == {"failed"}
    assert found["monitoring.threat-detection"] == {"failed"}
    assert found["application.edge-protection"] == {"undecidable from this evidence"}
    assert all(r.side != "aws" and r.owner != "AWS" for r in verdict.rows)
    assert any("forged through a proxy" in u.what for u in verdict.unknown)
    assert 4 <= len(verdict.summary) <= 6
    assert "nothing in the evidence is a failure of AWS's" in verdict.summary[1]


def test_what_would_have_stopped_it_first_is_named() -> None:
    verdict = verdict_of(breach())
    assert [r.duty for r in verdict.first] == ["compute.hardening"]
    assert verdict.first[0].stops == 0
    detecting = [r for r in verdict.rows if r.effects == ("detects",)]
    assert detecting
    assert all(r.stops is None for r in detecting)


def test_before_its_date_a_capability_could_not_have_existed() -> None:
    verdict = verdict_of(breach("2019-03-23"))
    found = statuses(verdict)
    assert found["compute.hardening"] == {"could not have existed"}
    assert found["identity.least-privilege"] == {"failed"}
    assert "could not have existed" in found["monitoring.threat-detection"]
    row = next(r for r in verdict.rows if r.duty == "compute.hardening")
    assert row.stops is None
    assert "2019-11-19" in row.evidence[0].says
    assert row.evidence[0].ref.startswith("https://docs.aws.amazon.com/")
    assert any("could not have existed then" in s for s in verdict.summary)


def test_the_day_itself_counts_as_available() -> None:
    status, _ = hardening(judge(breach("2019-11-19"), RULES, None, QUIET))
    assert status == "failed"
    status, _ = hardening(judge(breach("2019-11-18"), RULES, None, QUIET))
    assert status == "could not have existed"


def test_version_two_of_the_metadata_service_was_met_and_did_not_suffice() -> None:
    status, kinds = hardening(judge(breach(delivery="2.0"), RULES, None, QUIET))
    assert (status, kinds) == ("met but insufficient", ["event"])


def test_without_a_trail_to_ask_breadth_and_detection_stay_undecidable() -> None:
    found = statuses(verdict_of(breach(), Around()))
    undecidable = {"undecidable from this evidence"}
    assert found["identity.least-privilege"] == undecidable
    assert found["monitoring.threat-detection"] == undecidable
    assert found["compute.hardening"] == {"failed"}


def test_what_the_workload_does_of_itself_is_no_proof_of_breadth() -> None:
    own = frozenset({f"s3.amazonaws.com:{n}" for n in ("ListBuckets", "ListObjects", "GetObject")})
    found = statuses(verdict_of(breach(), Around((), {ROLE: own})))
    assert found["identity.least-privilege"] == {"undecidable from this evidence"}


def test_an_answer_in_time_is_no_failure_of_detection() -> None:
    moment = datetime(2020, 9, 14, 1, 5, tzinfo=UTC)
    look = Answer(moment, "PutRolePolicy", "arn:aws:iam::1:user/responder", "e", contains=True)
    found = statuses(verdict_of(breach(), Around((look,), {})))
    assert "failed" not in found["monitoring.threat-detection"] | found["monitoring.alerting"]


def test_guardduty_that_raised_the_finding_was_met() -> None:
    chain = breach()
    told = Chain(Subject("guardduty", title="Credentials"), chain.steps)
    assert statuses(verdict_of(told))["monitoring.threat-detection"] == {"met but insufficient"}


# -- what the scans said then ---------------------------------------------------------------------


def plain() -> Chain:
    """A step whose event proves nothing of the metadata service."""
    return breach(delivery="0.9")


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        ("met", "met but insufficient"),
        ("unmet", "failed"),
        ("unknown", "undecidable from this evidence"),
        ("waived", "not in place"),
    ],
)
def test_the_scan_before_the_step_decides(tmp_path: Path, status: str, wanted: str) -> None:
    scans = scanned(tmp_path, {"2020-09-13T00:00:00+00:00": [finding(IMDS, MACHINE, status)]})
    found, kinds = hardening(judge(plain(), RULES, scans, QUIET))
    assert (found, kinds) == (wanted, ["finding"])


def test_the_newest_scan_before_the_step_counts_and_none_after_it(tmp_path: Path) -> None:
    scans = scanned(
        tmp_path,
        {
            "2020-09-01T00:00:00+00:00": [finding(IMDS, MACHINE, "met")],
            "2020-09-13T00:00:00+00:00": [finding(IMDS, MACHINE, "unmet")],
            "2020-09-15T00:00:00+00:00": [finding(IMDS, MACHINE, "met")],
        },
    )
    judged = judge(plain(), RULES, scans, QUIET)
    assert hardening(judged)[0] == "failed"
    assert [m.id for m in judged.scans] == ["scan1"]
    assert judged.later is not None
    assert judged.later.id == "scan2"


def test_a_scan_after_the_step_is_told_and_decides_nothing(tmp_path: Path) -> None:
    scans = scanned(tmp_path, {"2020-09-15T00:00:00+00:00": [finding(IMDS, MACHINE, "unmet")]})
    status, kinds = hardening(judge(plain(), RULES, scans, QUIET))
    assert (status, kinds) == ("undecidable from this evidence", ["missing", "later scan"])


def test_another_machines_finding_decides_nothing(tmp_path: Path) -> None:
    other = MACHINE.replace("0123", "9999")
    scans = scanned(tmp_path, {"2020-09-13T00:00:00+00:00": [finding(IMDS, other, "unmet")]})
    assert hardening(judge(plain(), RULES, scans, QUIET))[0] == "undecidable from this evidence"


def test_a_machine_is_looked_for_where_its_credentials_were_delivered(tmp_path: Path) -> None:
    """Its credentials may ask for something in any Region."""
    service = {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}
    request = {"roleSessionName": INSTANCE, "roleArn": ROLE}
    delivered = event(
        "sts:AssumeRole",
        "2020-09-14T00:30:00+00:00",
        service,
        awsRegion="eu-west-1",
        requestParameters=request,
    )
    used = event(
        "s3:ListBuckets", "2020-09-14T01:00:00+00:00", stolen("0.9"), awsRegion="us-east-1"
    )
    scans = scanned(tmp_path, {"2020-09-13T00:00:00+00:00": [finding(IMDS, MACHINE, "unmet")]})
    assert hardening(judge(chain_of([delivered, used]), RULES, scans, QUIET))[0] == "failed"


def test_a_gap_elsewhere_in_the_account_decides_nothing(tmp_path: Path) -> None:
    check = "lambda/environment_without_secrets"
    other = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:other"
    scans = scanned(tmp_path, {"2020-09-13T00:00:00+00:00": [finding(check, other, "unmet")]})
    who = {
        "type": "IAMUser",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/ci",
        "accessKeyId": "AKIAEXAMPLE",
    }
    chain = chain_of([event("s3:ListBuckets", "2020-09-14T01:00:00+00:00", who)])
    found = next(
        j for j in judge(chain, RULES, scans, QUIET).judgements if j.duty == "application.secrets"
    )
    assert found.status == "undecidable from this evidence"


def test_a_refused_look_around_is_no_proof_of_breadth() -> None:
    refused = event(
        "iam:ListUsers", "2020-09-14T01:00:00+00:00", stolen(), errorCode="AccessDenied"
    )
    asked = event("sts:GetCallerIdentity", "2020-09-14T00:59:00+00:00", stolen())
    verdict = verdict_of(chain_of([asked, refused]), Around(answers=(), usual={}))
    assert "failed" not in statuses(verdict).get("identity.least-privilege", set())


def test_a_region_without_detection_is_not_in_place(tmp_path: Path) -> None:
    check = "guardduty/on_in_every_region"
    rows = [
        finding(check, "arn:aws:account:eu-west-1:x", "unmet"),
        finding(check, "arn:aws:account:us-east-1:x", "met", region="us-east-1"),
    ]
    scans = scanned(tmp_path, {"2020-09-13T00:00:00+00:00": rows})
    judged = judge(breach(), RULES, scans, Around())
    first = next(j for j in judged.judgements if j.duty == "monitoring.threat-detection")
    assert first.status == "not in place"
    assert "eu-west-1" in first.evidence[0].says


def test_the_owner_is_the_rules_or_the_findings(tmp_path: Path) -> None:
    text = (
        '[team.cloud]\nperson = "Ada"\ncontact = "+44 1"\n[team.data]\n'
        '[[rule]]\nteam = "cloud"\n'
        '[[rule]]\nteam = "data"\nduty = "identity.*"\naccount = "111122223333"\n'
    )
    (tmp_path / "owners.toml").write_text(text, "utf-8")
    project = open_project(tmp_path)
    scans = Scans(project, Lake(project.lake_url))
    verdict = verdict_of(breach(), QUIET, scans)
    owners = {r.duty: r.owner for r in verdict.rows}
    assert owners["compute.hardening"] == "cloud"
    assert owners["identity.least-privilege"] == "data"
    assert [(c.owner, c.person) for c in verdict.calls] == [("cloud", "Ada +44 1"), ("data", "")]
    assert "Call cloud (Ada +44 1) and data first" in verdict.summary[-1]


# -- AWS's side --------------------------------------------------------------------------------


def test_a_flaw_of_the_provider_is_awss() -> None:
    support = "arn:aws:iam::111122223333:role/aws-service-role/support.amazonaws.com/S"
    who = {
        "type": "AssumedRole",
        "arn": "arn:aws:sts::111122223333:assumed-role/S/x",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": support}},
    }
    chain = chain_of([event("s3:GetObject", "2021-12-22T10:00:00+00:00", who)])
    verdict = verdict_of(chain)
    row = next(r for r in verdict.rows if r.side == "aws")
    assert (row.duty, row.owner, row.status) == ("infrastructure.service-software", "AWS", "failed")
    assert verdict.unmet == ()
    assert "AWS failed on its own side" in " ".join(verdict.summary)
    told = Told(verdict).data()["provider"]
    assert "could not have changed" in told[0]["you"]


def test_no_step_no_verdict() -> None:
    missing = Unknown("Nothing.", "Elsewhere.", "no-events")
    verdict = verdict_of(Chain(Subject("principal"), unknown=(missing,)))
    assert verdict.rows == ()
    assert verdict.summary == ("No event of the trail belongs to this: nothing can be judged.",)


# -- the trail around the chain ------------------------------------------------------------------


def test_the_trail_says_who_answered_and_what_the_role_does_of_itself() -> None:
    from sharedline.incident.inputs_events import engine_of, read_events

    chain = breach()
    human = {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/ann", "accessKeyId": "AKIAA"}
    own = {**stolen(), "accessKeyId": "ASIAOWN"}
    policy = {"requestParameters": {"roleName": "web", "policyName": "revoke"}}
    events = [
        event("iam:PutRolePolicy", "2020-09-14T01:05:00Z", human, **policy),
        event("iam:DeleteUser", "2020-09-14T01:06:00Z", human, requestParameters={"userName": "x"}),
        event("iam:PutRolePolicy", "2020-09-14T03:00:00Z", human, **policy),
        event("s3:GetObject", "2020-09-10T01:00:00Z", own),
        event("s3:PutObject", "2020-09-10T01:00:00Z", stolen()),
    ]
    engine = engine_of(read_events(json.dumps({"Records": events}).encode(), "t"))
    found = ask(engine, chain)
    engine.close()
    assert found.answers is not None
    assert [(a.name, a.contains) for a in found.answers] == [("PutRolePolicy", True)]
    assert found.usual == {ROLE: frozenset({"s3.amazonaws.com:GetObject"})}
    assert found.answered(chain.steps[0], chain) is True
    assert found.answered(chain.steps[3], chain) is False
    assert found.own_use(chain.steps[0]) is False
    assert found.own_use(chain.steps[2]) is True


# -- the page, Markdown, JSON ----------------------------------------------------------------------

HOSTILE = "<script>alert(1)</script><img src=x onerror=y>|*_`[a](javascript:b)`\u202e\x1b[31m"


def hostile() -> dict[str, Any]:
    who = stolen()
    who["arn"] = who["sessionContext"]["sessionIssuer"]["arn"] = f"arn:aws:iam::1:role/{HOSTILE}"
    bucket = {"ARN": f"arn:aws:s3:::{HOSTILE}"}
    moment = "2020-09-14T01:00:00+00:00"
    events = [event("s3:ListBuckets", moment, who, sourceIPAddress=HOSTILE)]
    events.append(event("s3:GetObject", moment, who, resources=[bucket], errorCode=HOSTILE))
    chain = chain_of(events, Subject("guardduty", title=HOSTILE, type=HOSTILE))
    return Told(verdict_of(chain)).data()


def test_nothing_of_an_event_is_markup_on_the_page() -> None:
    html = page([hostile()])
    assert "<script" not in html
    assert "<img" not in html
    assert "\u202e" not in html
    assert "\x1b" not in html
    assert "&lt;script&gt;" in html
    assert "default-src 'none'; style-src 'sha256-" in unescape(html)
    assert not any(part in html for part in ("<link", "url(", "@import", ' src="'))


def test_nothing_of_an_event_is_markup_in_markdown() -> None:
    text = markdown(hostile())
    assert "<script" not in text
    assert "\u202e" not in text
    assert "\\[a\\](javascript:b)" in text
    lines = [line for line in text.splitlines() if line.startswith("| 1 ")]
    assert lines
    assert lines[0].replace("\\|", "").count("|") == 8
    assert md("a|b<c>`d` https://x.test @e") == (
        "a\\|b&lt;c&gt;\\`d\\` https:&#47;&#47;x.test &#64;e"
    )


def test_the_json_has_the_fields_that_others_rely_on() -> None:
    data = Told(verdict_of(breach())).data()
    assert set(data) >= {"chain", "verdict", "unknown", "summary", "call_first", "runbooks"}
    assert set(data["chain"][0]) >= {"time", "event", "principal", "technique"}
    for row in data["verdict"]:
        assert {"duty", "side", "owner", "status", "evidence", "would_have_stopped"} <= set(row)
        assert row["evidence"]
    first = next(r for r in data["verdict"] if r["duty"] == "compute.hardening")
    assert first["would_have_stopped"]["event"] == "s3:ListBuckets"
    assert json.loads(json.dumps(data)) == data


def test_a_runbook_that_is_written_is_told_from_one_that_is_not(tmp_path: Path) -> None:
    (tmp_path / "stolen-instance-credentials.md").write_text("# Do this\n", "utf-8")
    books = Told(verdict_of(breach()), tmp_path).data()["runbooks"]
    assert {b["name"]: b["written"] for b in books}["stolen-instance-credentials"] is True
    assert not all(b["written"] for b in books)
