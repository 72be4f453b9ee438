"""The demo's trail: real CloudTrail files, one attack in them, and who looked."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from sharedline.demo.build import save_finding
from sharedline.demo.estate import answers, answers_theft, changes, running_estate, theft
from sharedline.demo.estate.place import FRANKFURT, IRELAND, Estate
from sharedline.demo.logs import files, looks
from sharedline.demo.logs import theft as night
from sharedline.demo.logs.record import DAYS
from sharedline.inventory.lake import Lake
from sharedline.trail.ingest import ingest

TODAY = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
WHEN = theft.times(TODAY)
OUTSIDE = {theft.FIRST_ADDRESS, theft.SECOND_ADDRESS}
#: The shape of a name that CloudTrail gives a file of an organisation's trail.
NAME = re.compile(
    r"AWSLogs/o-[a-z0-9]{10,32}/(\d{12})/CloudTrail/([a-z0-9-]+)/(\d{4})/(\d\d)/(\d\d)/"
    r"\1_CloudTrail_\2_\d{8}T\d{4}Z_[A-Z0-9]{16}\.json\.gz"
)
#: Calls whose permission has another name.
PERMISSION = {
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListObjects": "s3:ListBucket",
    "lambda:ListFunctions20150331": "lambda:ListFunctions",
}
Event = dict[str, Any]


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The estate as the last scan finds it, with the fixtures of that day."""
    with running_estate() as (emulator, made):
        emulator.fixtures(None)
        changes.repairs(made)
        changes.relapse(made)
        answers.refresh(emulator, made, tmp_path_factory.mktemp("stage"), TODAY, TODAY)
        yield made


@pytest.fixture(scope="module")
def folder(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("trail")
    files.write(made, estate, TODAY)
    return made


@pytest.fixture(scope="module")
def events(folder: Path) -> list[Event]:
    found = [
        event
        for path in sorted(folder.rglob("*.gz"))
        for event in json.loads(gzip.decompress(path.read_bytes()))["Records"]
    ]
    return sorted(found, key=lambda event: str(event["eventTime"]))


@pytest.fixture(scope="module")
def finding(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("finding") / "finding.json"
    save_finding(estate, path)
    (found,) = json.loads(path.read_text("utf-8"))["Findings"]
    return dict(found)


def attack(events: list[Event]) -> list[Event]:
    return [event for event in events if event["sourceIPAddress"] in OUTSIDE]


def text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


# The files.


def test_the_reader_takes_every_file(folder: Path, events: list[Event], tmp_path: Path) -> None:
    paths = list(folder.rglob("*.gz"))
    done = ingest(Lake(str(tmp_path)), [str(folder)], processes=0)
    assert (done.aside, done.unread, done.duplicates, done.foreign) == ([], [], 0, 0)
    assert (done.files, done.events) == (len(paths), len(events))
    assert 10_000 < len(events) < 50_000


def test_names_are_cloudtrails_and_true(folder: Path, estate: Estate) -> None:
    seen = set()
    for path in folder.rglob("*.gz"):
        match = NAME.fullmatch(path.relative_to(folder).as_posix())
        assert match, path
        account, region, *day = match.groups()
        records = json.loads(gzip.decompress(path.read_bytes()))["Records"]
        assert {r["recipientAccountId"] for r in records} == {account}
        assert {r["awsRegion"] for r in records} == {region}
        assert {r["eventTime"][:10] for r in records} == {"-".join(day)}
        seen.add(account)
    assert seen == set(estate.accounts.values())


def test_events_say_what_cloudtrail_says(events: list[Event]) -> None:
    ids = [event["eventID"] for event in events]
    assert len(set(ids)) == len(ids)
    for event in events:
        data = event["eventCategory"] == "Data"
        assert event["managementEvent"] is not data
        assert event["userIdentity"]["type"] in {
            *("IAMUser", "AssumedRole", "AWSService", "AWSAccount", "Root", "WebIdentityUser"),
        }
        if event["userIdentity"]["type"] == "AssumedRole":
            assert event["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"]
        json.dumps(event)


def test_it_ends_shortly_before_now_and_is_the_same_each_time(
    estate: Estate, folder: Path, events: list[Event], tmp_path: Path
) -> None:
    last = datetime.fromisoformat(events[-1]["eventTime"])
    assert timedelta() < TODAY - last < timedelta(hours=2)
    assert datetime.fromisoformat(events[0]["eventTime"]) > TODAY - timedelta(days=DAYS + 1)
    files.write(tmp_path, estate, TODAY)
    names = sorted(path.relative_to(folder) for path in folder.rglob("*.gz"))
    assert names == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.gz"))
    assert all((folder / name).read_bytes() == (tmp_path / name).read_bytes() for name in names)


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_the_attack_is_two_to_three_days_old_at_any_hour(hour: int) -> None:
    today = TODAY.replace(hour=hour)
    when = theft.times(today)
    assert when.start.hour == 1
    assert timedelta(days=2) < today - when.last_seen
    assert today - when.start < timedelta(days=3, hours=2)


# The attack.


def test_the_finding_tells_of_the_session_in_the_trail(
    estate: Estate, events: list[Event], finding: dict[str, Any]
) -> None:
    here = estate.at("production", FRANKFURT)
    key = finding["Resource"]["AccessKeyDetails"]["AccessKeyId"]
    stolen = [e for e in attack(events) if e["userIdentity"].get("accessKeyId") == key]
    assert len(stolen) > night.TAKEN
    assert {e["sourceIPAddress"] for e in stolen} == {theft.FIRST_ADDRESS}
    action = finding["Service"]["Action"]["AwsApiCallAction"]
    assert action["RemoteIpDetails"]["IpAddressV4"] == theft.FIRST_ADDRESS
    identities = [e["userIdentity"] for e in stolen]
    assert {i["principalId"] for i in identities} == {
        finding["Resource"]["AccessKeyDetails"]["PrincipalId"]
    }
    assert {i["sessionContext"]["ec2RoleDelivery"] for i in identities} == {"1.0"}
    instance = finding["Resource"]["InstanceDetails"]["InstanceId"]
    assert identities[0]["arn"] == (f"arn:aws:sts::{here.id}:assumed-role/{theft.ROLE}/{instance}")
    times = [e["eventTime"] for e in stolen]
    assert (times[0], times[-1]) == (text(WHEN.first_seen), text(WHEN.last_seen))
    assert finding["Service"]["EventFirstSeen"][:19] == times[0][:19]
    assert finding["Service"]["EventLastSeen"][:19] == times[-1][:19]
    assert finding["Service"]["Archived"] is False


def test_the_credentials_came_from_the_machine_that_answers_the_old_way(
    estate: Estate, events: list[Event], finding: dict[str, Any]
) -> None:
    here = estate.at("production", FRANKFURT)
    key = finding["Resource"]["AccessKeyDetails"]["AccessKeyId"]
    given = [
        e
        for e in events
        if e["eventName"] == "AssumeRole"
        and e["responseElements"]["credentials"]["accessKeyId"] == key
    ]
    assert [e["userIdentity"] for e in given] == [
        {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}
    ]
    assert given[0]["eventTime"] < text(WHEN.start)
    instance = given[0]["requestParameters"]["roleSessionName"]
    (machine,) = here("ec2").describe_instances(InstanceIds=[instance])["Reservations"][0][
        "Instances"
    ]
    assert machine["MetadataOptions"]["HttpTokens"] == "optional"
    assert machine["IamInstanceProfile"]["Arn"].endswith(f"/{theft.MACHINE}")
    # The machine goes on working with the same session, from inside.
    own = {
        e["sourceIPAddress"].split(".")[0]
        for e in events
        if e["userIdentity"].get("accessKeyId") == key and e not in attack(events)
    }
    assert own <= {"10"}


def test_the_role_may_do_what_worked_and_not_what_was_refused(
    estate: Estate, events: list[Event]
) -> None:
    iam = estate.at("production")("iam")
    role = iam.get_role_policy(RoleName=theft.ROLE, PolicyName="own")["PolicyDocument"]
    tried = [
        e
        for e in attack(events)
        if e["userIdentity"]["type"] == "AssumedRole" and e["eventName"] != "GetCallerIdentity"
    ]
    for event in tried:
        refused = event.get("errorMessage", "")
        # The archive's objects need a key of KMS, which the role has no right to.
        if "kms:Decrypt" in refused:
            assert event["requestParameters"]["bucketName"] == theft.SPARED
            continue
        assert may(role, event) is not bool(refused), event["eventName"]


def may(policy: dict[str, Any], event: Event) -> bool:
    """Whether a statement allows it: actions by glob, and users by theirs."""
    service = event["eventSource"].partition(".")[0]
    action = f"{service}:{event['eventName']}"
    action = PERMISSION.get(action, action)
    user = (event["requestParameters"] or {}).get("userName")
    arn = f"arn:aws:iam::{event['recipientAccountId']}:user/{user}"
    return any(
        any(fnmatchcase(action, one) for one in aslist(statement["Action"]))
        and (not user or fnmatchcase(arn, statement["Resource"]))
        for statement in policy["Statement"]
    )


def aslist(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_what_was_left_behind_is_in_iam_and_works_elsewhere(
    estate: Estate, events: list[Event]
) -> None:
    iam = estate.at("production")("iam")
    (kept,) = iam.list_access_keys(UserName=theft.USER)["AccessKeyMetadata"]
    made = [e for e in attack(events) if e["eventName"] == "CreateAccessKey"]
    assert [e["responseElements"]["accessKey"]["accessKeyId"] for e in made] == [
        kept["AccessKeyId"]
    ]
    later = [e for e in attack(events) if e["userIdentity"]["type"] == "IAMUser"]
    assert {e["userIdentity"]["accessKeyId"] for e in later} == {kept["AccessKeyId"]}
    outside = {e["sourceIPAddress"] for e in later} - {"s3.amazonaws.com"}
    assert outside == {theft.SECOND_ADDRESS}
    rail = [e for e in later if "service control policy" in e.get("errorMessage", "")]
    assert Counter(e["eventName"] for e in rail) == {
        "StopLogging": 2,
        "DeleteDetector": 1,
        "RunInstances": 1,
    }


def test_the_guard_rails_that_refused_are_there(estate: Estate) -> None:
    organizations = estate.at("management")("organizations")
    here = estate.accounts["production"]
    unit = organizations.list_parents(ChildId=here)["Parents"][0]["Id"]
    found = organizations.list_policies_for_target(TargetId=unit, Filter="SERVICE_CONTROL_POLICY")[
        "Policies"
    ]
    content = " ".join(
        organizations.describe_policy(PolicyId=p["Id"])["Policy"]["Content"] for p in found
    )
    for action in ("cloudtrail:StopLogging", "guardduty:DeleteDetector", "aws:RequestedRegion"):
        assert action in content


def test_the_buckets_that_were_read_are_there_and_logged(
    estate: Estate, events: list[Event]
) -> None:
    read = Counter(
        e["requestParameters"]["bucketName"]
        for e in attack(events)
        if e["eventName"] == "GetObject" and "errorCode" not in e
    )
    assert read == {
        theft.STOLEN: night.TAKEN,
        theft.SPARED: night.TAKEN_LATER,
        theft.COPIES: night.COPIES_TAKEN,
    }
    names = {b["Name"] for b in estate.at("production")("s3").list_buckets()["Buckets"]}
    assert set(read) <= names


def test_ordinary_events_hold_nothing_of_the_attacker(estate: Estate, events: list[Event]) -> None:
    key = estate.ids[f"production/key-of/{theft.USER}/1"]
    hers = {id(e) for e in attack(events)}
    rest = [e for e in events if id(e) not in hers]
    for event in rest:
        # KMS is asked by S3 on the caller's behalf: the address is the service's.
        if event["sourceIPAddress"] == "s3.amazonaws.com":
            continue
        written = json.dumps(event)
        assert theft.USER not in written
        assert key not in written
        assert not any(address in written for address in OUTSIDE)
    assert len(rest) > 40 * len(hers)


# Who looked.


def test_nobody_saw_the_finding_and_a_filter_hid_the_other(
    estate: Estate, events: list[Event]
) -> None:
    number = estate.accounts["production"]
    seen = [
        e
        for e in events
        if e["recipientAccountId"] == number
        and e["eventSource"] == "guardduty.amazonaws.com"
        and e["eventTime"] > text(WHEN.found)
    ]
    assert {e["userIdentity"].get("userName") for e in seen} <= {theft.USER}
    there = estate.at("production", IRELAND)("guardduty")
    detector = estate.ids[f"production/detector/{IRELAND}"]
    counts = {}
    for archived in ("true", "false"):
        asked = {"Criterion": {"service.archived": {"Eq": [archived]}}}
        found = there.list_findings(DetectorId=detector, FindingCriteria=asked)["FindingIds"]
        counts[archived] = found
    assert counts == {"true": [theft.HIDDEN_FINDING], "false": []}
    (hidden,) = there.get_findings(DetectorId=detector, FindingIds=[theft.HIDDEN_FINDING])[
        "Findings"
    ]
    key = hidden["Resource"]["AccessKeyDetails"]["AccessKeyId"]
    assert key == estate.ids[f"production/key-of/{theft.USER}/1"]
    # Before the night there was no such finding.
    for region in (FRANKFURT, IRELAND):
        here, book = estate.at("production", region), answers.Book(estate, WHEN.start, TODAY)
        assert answers_theft.found(book, here, detector) == []


def test_people_read_in_two_accounts_a_program_in_one_nobody_in_one(
    estate: Estate, events: list[Event]
) -> None:
    names = {number: name for name, number in estate.accounts.items()}
    readers: dict[str, set[str]] = {name: set() for name in names.values()}
    for event in events:
        asked = event["requestParameters"] or {}
        if event["eventName"] == "GetObject" and asked["bucketName"] == looks.BUCKET:
            who = event["userIdentity"]
            name = who.get("userName") or who["sessionContext"]["sessionIssuer"]["userName"]
            readers[names[asked["key"].split("/")[2]]].add(name)
        elif event["eventName"] == "LookupEvents":
            account = names[event["recipientAccountId"]]
            readers[account].add(event["userIdentity"]["userName"])
    assert readers == {
        "security": {"femi.adeyemi", "log-reader"},
        "management": {"femi.adeyemi", "priya.raman"},
        "production": {"log-reader"},
        "plumbob": set(),
    }


def test_people_signed_in_when_iam_says(estate: Estate, events: list[Event]) -> None:
    for account, name, days in (
        ("production", "nina.okafor", 2),
        ("production", "tomas.ruiz", 1),
        ("management", "priya.raman", 1),
        ("plumbob", "admin", 5),
    ):
        times = [
            e["eventTime"]
            for e in events
            if e["eventName"] == "ConsoleLogin"
            and e["recipientAccountId"] == estate.accounts[account]
            and e["userIdentity"].get("userName") == name
            and e["responseElements"]["ConsoleLogin"] == "Success"
        ]
        age = TODAY - datetime.fromisoformat(max(times))
        assert timedelta(days=days) <= age < timedelta(days=days, hours=2), name
