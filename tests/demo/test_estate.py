"""The example estate: its accounts are apart, its fixtures hold, every call is answered."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore
import pytest

from sharedline.collect.catalogue import shipped
from sharedline.collect.processes import collect
from sharedline.collect.run import Job, Report, closure
from sharedline.collect.schema import describe
from sharedline.collect.table import Ref
from sharedline.collect.who import reach, shards_of
from sharedline.demo.build import build, copy_project
from sharedline.demo.emulator import Emulator, start
from sharedline.demo.estate import answers, organization, running_estate
from sharedline.demo.estate.place import FRANKFURT, HOME, IRELAND, REGIONS, SCAN_ROLE, Estate
from sharedline.demo.estate.whole import SEED
from sharedline.demo.fixtures import ALL, Fixtures, load
from sharedline.demo.story import tell
from sharedline.duties import owners, waivers
from sharedline.errors import ConfigError, Error
from sharedline.inventory.sink import LakeSink
from sharedline.project import open_project
from sharedline.scanning import Options
from sharedline.state import State

TODAY = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

Running = tuple[Emulator, Estate]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """One estate for this module; the tests only read it."""
    with running_estate() as found:
        yield found


@pytest.fixture(scope="module")
def estate(running: Running) -> Estate:
    return running[1]


@pytest.fixture(scope="module")
def collected(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Every table with every column, read as a scan reads them."""
    tables = shipped()
    wanted = {
        name: frozenset(column.name for column in describe(table, tables).columns)
        for name, table in tables.items()
    }
    options = Options(
        regions=REGIONS, org=True, org_role=SCAN_ROLE, endpoint_url=estate.url, rate=100.0
    )
    who = reach(options, estate.session()._session)
    sink = LakeSink(str(tmp_path_factory.mktemp("lake")), "test")
    job = Job(access=who.access, sink=sink, wanted=closure(wanted, tables))
    return collect(job, shards_of(who), processes=0, progress=lambda _: None, session=who.session)


def fixtures_at(estate: Estate, folder: Path, at: datetime) -> Fixtures:
    """What `answers.write` makes for a scan at a moment, checked."""
    answers.write(estate, folder, at, TODAY)
    return load(folder, TODAY)


def output(found: Fixtures, estate: Estate, account: str, region: str, name: str) -> Any:
    """The first answer of a fixture."""
    service, operation = name.split(".")
    number = estate.accounts[account]
    case = next(found.find(service, operation, number, region))
    return case.answer(case.when, number, region)


# Every call is answered.


def test_every_table_is_read_whole(collected: Report) -> None:
    failed = [
        (shard.account_id, shard.region, name, failure["call"], failure["code"])
        for shard, journal in collected.journals.items()
        for name, entry in journal.items()
        for failure in entry["failures"]
    ]
    assert failed == []
    errors = Counter[str]()
    for journal in collected.journals.values():
        for entry in journal.values():
            errors.update(entry["row_errors"])
    assert errors == {}


def test_no_operation_is_unknown(estate: Estate, collected: Report) -> None:
    """Also those that this estate gives no reason to call, a workspace's tags for instance."""
    called = {(service, operation) for service, operation, _ in collected.calls}
    here = estate.at("production", FRANKFURT)
    unknown = []
    for table in shipped().values():
        for call in table.calls():
            service = call.service or table.service
            if (service, call.operation) in called:
                continue
            model = here(service).meta.service_model.operation_model(call.operation)
            given = {k: v for k, v in call.params.items() if not refers(v)}
            shape = model.input_shape
            asked = {n: example(shape.members[n]) for n in shape.required_members} if shape else {}
            try:
                getattr(here(service), botocore.xform_name(call.operation))(**(asked | given))
            except botocore.exceptions.ClientError as error:
                if "UnknownOperation" in error.response["Error"]["Code"]:
                    unknown.append(f"{service}.{call.operation}")
    assert unknown == []


def refers(value: Any) -> bool:
    """Whether a parameter comes from a row."""
    if isinstance(value, Ref):
        return True
    parts = (
        value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    )
    return any(refers(part) for part in parts)


def example(shape: Any) -> Any:
    """Something of this shape that AWS could not know."""
    if shape.type_name == "structure":
        return {name: example(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [example(shape.member)]
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "x" * max(shape.metadata.get("min", 1), 12)
    return {"map": {}, "boolean": True}.get(shape.type_name, 1)


# Fixtures.


@pytest.mark.parametrize("days", [0, 7, 21])
def test_fixtures_of_each_stage_hold(running: Running, tmp_path: Path, days: int) -> None:
    emulator, estate = running
    emulator.fixtures(None)
    try:
        found = fixtures_at(estate, tmp_path / "stage", TODAY - timedelta(days=days))
    finally:
        answers.refresh(emulator, estate, tmp_path / "again", TODAY, TODAY)
    assert len(found.cases) > 150


def test_every_shipped_fixture_answers_a_table() -> None:
    asked = {
        f"{call.service or table.service}.{call.operation}"
        for table in shipped().values()
        for call in table.calls()
    }
    folder = Path(answers.__file__).parents[1] / "fixtures"
    names = {path.stem for path in folder.rglob("*.yaml")}
    assert names
    assert sorted(names - asked) == []


def test_findings_appear_when_they_were_made(running: Running, tmp_path: Path) -> None:
    emulator, estate = running
    emulator.fixtures(None)
    try:
        early = fixtures_at(estate, tmp_path / "early", TODAY - timedelta(days=21))
        late = fixtures_at(estate, tmp_path / "late", TODAY)
    finally:
        emulator.fixtures(tmp_path / "late")
    counts = [
        len(output(found, estate, "production", FRANKFURT, "guardduty.GetFindings")["Findings"])
        for found in (early, late)
    ]
    assert counts == [4, 6]
    pings = [
        output(found, estate, "security", FRANKFURT, "ssm.DescribeInstanceInformation")
        for found in (early, late)
    ]
    first, second = (p["InstanceInformationList"][0]["LastPingDateTime"] for p in pings)
    assert second - first == timedelta(days=21)


def test_a_name_that_nothing_has_is_refused(
    estate: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "demo/fixtures" / ALL / ALL / "ec2.GetEbsDefaultKmsKeyId.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("- output: {KmsKeyId: $(production/key/nothing)}\n")
    monkeypatch.setattr(answers, "files", lambda _: tmp_path / "demo")
    with pytest.raises(ConfigError, match=r"\$\(production/key/nothing\)"):
        answers.write(estate, tmp_path / "out", TODAY)


# The estate.


def test_accounts_are_apart(estate: Estate) -> None:
    buckets = {
        account: {b["Name"] for b in estate.at(account)("s3").list_buckets()["Buckets"]}
        for account in estate.accounts
    }
    assert {account: len(names) for account, names in buckets.items()} == {
        "management": 2,
        "security": 6,
        "production": 18,
        "plumbob": 5,
    }
    assert len(set.union(*buckets.values())) == 31
    machines = Counter[str]()
    for account in estate.accounts:
        for region in REGIONS:
            for group in estate.at(account, region)("ec2").describe_instances()["Reservations"]:
                machines[f"{account}/{region}"] += len(group["Instances"])
    assert machines == {
        f"production/{FRANKFURT}": 10,
        f"production/{IRELAND}": 3,
        f"security/{FRANKFURT}": 2,
        f"plumbob/{HOME}": 5,
    }


def test_ids_are_the_same_each_time(estate: Estate) -> None:
    with start(seed=SEED) as emulator:
        again = Estate(emulator.url)
        organization.build(again)
        assert again.accounts == estate.accounts


def test_the_disaster_and_its_opposite(estate: Estate) -> None:
    s3 = estate.at("production", FRANKFURT)("s3")
    statements = [
        statement
        for statement in json.loads(
            s3.get_bucket_policy(Bucket="fennelrye-customer-exports")["Policy"]
        )["Statement"]
        if statement["Effect"] == "Allow"
    ]
    assert [s["Principal"] for s in statements] == ["*"]
    blocks = [
        set(
            s3.get_public_access_block(Bucket=f"fennelrye-customer-{name}")[
                "PublicAccessBlockConfiguration"
            ].values()
        )
        for name in ("exports", "archive")
    ]
    assert blocks == [{False}, {True}]


def test_the_acquired_company_stands_outside_the_guard_rails(estate: Estate) -> None:
    organizations = estate.at("management")("organizations")
    own = {}
    for account, number in estate.accounts.items():
        unit = organizations.list_parents(ChildId=number)["Parents"][0]["Id"]
        policies = organizations.list_policies_for_target(
            TargetId=unit, Filter="SERVICE_CONTROL_POLICY"
        )["Policies"]
        own[account] = {p["Name"] for p in policies if not p["AwsManaged"]}
    assert own["plumbob"] == set()
    assert own["production"] == {"keep-security-services", "regions-in-use"}


def test_credential_report_names_the_users_that_are_there(estate: Estate) -> None:
    for account in estate.accounts:
        iam = estate.at(account)("iam")
        lines = iam.get_credential_report()["Content"].decode().splitlines()
        arns = {line.split(",")[1] for line in lines[1:]}
        users = {user["Arn"] for user in iam.list_users()["Users"]}
        assert arns - users == {f"arn:aws:iam::{estate.accounts[account]}:root"}
        assert users <= arns


# The folder.


def test_the_folder_is_a_project(estate: Estate, tmp_path: Path) -> None:
    copy_project(tmp_path, estate, TODAY)
    project = open_project(tmp_path)
    assert project.scan["endpoint_url"] == estate.url
    register = owners.load(project.owners)
    named = {number for rule in register.rules for number in rule.account}
    assert estate.accounts["plumbob"] not in named
    assert estate.accounts["production"] in named
    expired = [w for w in waivers.load(project.waivers) if w.expires < TODAY.date()]
    assert [w.check for w in expired] == ["elb/http_redirected_to_https"]


def test_people_speak_when_they_did(estate: Estate, tmp_path: Path) -> None:
    copy_project(tmp_path, estate, TODAY)
    project = open_project(tmp_path)
    first, last = TODAY - timedelta(days=21), TODAY
    tell(project, estate, TODAY, None, first)
    state = State(project.database_url)
    before, claimed = state.attestations(), state.claims()
    tell(project, estate, TODAY, first, last)
    after = state.attestations()
    assert all(a.at <= first for a in before)
    assert claimed == []
    assert {a.duty for a in after[len(before) :]} == {"monitoring.log-review"}
    assert len(state.claims()) == 3
    state.close()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(Error, match="is not empty"):
        build(tmp_path, lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
