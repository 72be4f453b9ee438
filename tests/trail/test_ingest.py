"""Every shape in which people hold CloudTrail logs gives the same events, once."""

from __future__ import annotations

import gzip
import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from sharedline.inventory.engines import Duck
from sharedline.inventory.lake import Lake
from sharedline.trail import journal, store
from sharedline.trail.ingest import Outcome, ingest
from sharedline.trail.sources import Days

LABELLED = Path(__file__).parents[3] / "shared" / "data" / "trail"


def event(number: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROA:{number % 3}",
            "arn": f"arn:aws:sts::111122223333:assumed-role/web/{number % 3}",
            "accountId": "111122223333",
            "accessKeyId": "ASIAEXAMPLE",
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/web"},
                "attributes": {"mfaAuthenticated": "false", "creationDate": "2026-11-01T00:00:00Z"},
                "ec2RoleDelivery": "2.0",
            },
        },
        "eventTime": f"2026-11-{1 + number % 3:02d}T10:00:{number % 60:02d}Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2",
        "requestParameters": {"bucketName": "b", "key": f'ä"{number}'},
        "responseElements": None,
        "requestID": str(number),
        "eventID": str(uuid.UUID(int=number, version=4)),
        "readOnly": True,
        "resources": [{"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::b/{number}"}],
        "eventType": "AwsApiCall",
        "managementEvent": False,
        "recipientAccountId": "111122223333",
        "eventCategory": "Data",
        **more,
    }


EVENTS = [event(n) for n in range(40)]


def run(folder: Path, *names: str, **more: Any) -> tuple[Outcome, Lake]:
    lake = Lake(str(folder / "lake"))
    places = [str(folder / n) for n in names] or [str(folder / "logs")]
    return ingest(lake, places, processes=0, **more), lake


def rows(
    lake: Lake, sql: str = "select * exclude (source) from cloudtrail order by eventid"
) -> Any:
    duck = Duck(lake)
    store.register(duck, lake)
    return duck.query(sql).to_pylist()


def _lookup(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Events": [{"EventId": e["eventID"], "CloudTrailEvent": json.dumps(e)} for e in events]}


def _lines(values: list[Any]) -> str:
    return "\n".join(map(json.dumps, values))


def _lake_rows(events: list[dict[str, Any]]) -> dict[str, Any]:
    """GetQueryResults: a row is a list of one-member objects, all values texts."""

    def text(value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(value)

    return {
        "QueryStatus": "FINISHED",
        "QueryResultRows": [[{k: text(v)} for k, v in e.items() if v is not None] for e in events],
    }


def _athena(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k.lower(): v for k, v in e.items()} for e in events]


SHAPES = {
    "wrapped": json.dumps({"Records": EVENTS}, separators=(",", ":")),
    "wrapped, not compact": json.dumps({"Records": EVENTS}),
    "pretty": json.dumps({"Records": EVENTS}, indent=4),
    "pretty array": json.dumps(EVENTS, indent=2, ensure_ascii=False),
    "array": json.dumps(EVENTS),
    "lines": _lines(EVENTS),
    "lines with an end and empty lines": "\r\n\r\n".join(map(json.dumps, EVENTS)) + "\n",
    "objects one after another, pretty": "\n".join(json.dumps(e, indent=1) for e in EVENTS),
    "objects without anything between": "".join(map(json.dumps, EVENTS)),
    "byte order mark": "\ufeff" + json.dumps({"Records": EVENTS}),
    "wrapped files glued": _lines([{"Records": EVENTS[:7]}, {"Records": EVENTS[7:]}]),
    "answers of lookup-events": json.dumps(_lookup(EVENTS), indent=2),
    "a token before the events": json.dumps({"NextToken": "x", **_lookup(EVENTS)}),
    "EventBridge": _lines([{"version": "0", "detail-type": "x", "detail": e} for e in EVENTS]),
    "CloudWatch Logs": json.dumps({"logEvents": [{"message": json.dumps(e)} for e in EVENTS]}),
    "a search index": _lines([{"_index": "i", "_source": e} for e in EVENTS]),
    "rows of CloudTrail Lake": json.dumps(_lake_rows(EVENTS)),
    "lower-case names": _lines(_athena(EVENTS)),
    "members in another order": _lines([dict(reversed(e.items())) for e in EVENTS]),
}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("expected")
    (folder / "a.json").write_text(SHAPES["wrapped"], "utf-8")
    return rows(run(folder, "a.json")[1])


def _parsed(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its JSON read, so that spaces and order do not count."""
    names = ("requestparameters", "other")
    return {k: json.loads(v) if k in names and v else v for k, v in row.items()}


def test_columns_hold_what_the_event_says(expected: list[dict[str, Any]]) -> None:
    assert len(expected) == len(EVENTS)
    first = expected[0]
    assert first["eventtime"].isoformat() == "2026-11-01T10:00:00+00:00"
    assert json.loads(first["requestparameters"]) == EVENTS[0]["requestParameters"]
    assert first["responseelements"] is None
    assert first["readonly"] is True
    assert first["managementevent"] is False
    assert first["useridentity"]["sessioncontext"]["ec2roledelivery"] == "2.0"
    assert first["useridentity"]["sessioncontext"]["sessionissuer"]["username"] is None
    assert first["useridentity"]["onbehalfof"] is None
    assert first["resources"] == [
        {"arn": "arn:aws:s3:::b/0", "accountid": None, "type": "AWS::S3::Object"}
    ]
    assert first["other"] is None
    assert first["errorcode"] is None


@pytest.mark.parametrize("packed", (False, True), ids=("plain", "gzip"))
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_events(
    shape: str, packed: bool, tmp_path: Path, expected: list[dict[str, Any]]
) -> None:
    text = SHAPES[shape].encode()
    (tmp_path / "a.json").write_bytes(gzip.compress(text) if packed else text)
    done, lake = run(tmp_path, "a.json")
    assert not done.incomplete, done.aside
    assert done.events == len(EVENTS)
    found = rows(lake)
    for row, want in zip(found, expected, strict=True):
        assert _parsed(row) == _parsed(want)


def test_pretty_parts_are_stored_compact(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(SHAPES["pretty"], "utf-8")
    _, lake = run(tmp_path, "a.json")
    assert all("\n" not in r["requestparameters"] for r in rows(lake))


@pytest.mark.parametrize("search", (4000, 1 << 24))
def test_a_big_file_is_cut_between_records(
    search: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sharedline.trail import inflate, read, writer

    monkeypatch.setattr(read, "PIECE", 4000)
    monkeypatch.setattr(read, "SEARCH", search)
    monkeypatch.setattr(inflate, "_IN", 300)
    monkeypatch.setattr(inflate, "_OUT", 1500)
    monkeypatch.setattr(writer, "AT_ONCE", 3)
    monkeypatch.setattr(writer, "SORT", 7)
    long = event(50, requestParameters={"bucketName": "b", "key": 'ä"50', "all": ["x" * 9000]})
    for number, shape in enumerate(SHAPES):
        folder = tmp_path / str(number)
        folder.mkdir()
        text = SHAPES[shape].encode()
        if shape == "lines":  # the first is longer than a piece
            text = json.dumps(long).encode() + b"\n" + text
        (folder / "a.json.gz").write_bytes(gzip.compress(text))
        done, lake = run(folder, "a.json.gz")
        assert not done.incomplete, (shape, done.aside)
        found = {r["eventid"]: json.loads(r["requestparameters"])["key"] for r in rows(lake)}
        given = EVENTS + [long] * (shape == "lines")
        assert found == {e["eventID"]: e["requestParameters"]["key"] for e in given}, shape


def test_records_that_begin_with_different_members_are_cut_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sharedline.trail import inflate, read

    monkeypatch.setattr(read, "PIECE", 3000)
    monkeypatch.setattr(inflate, "_OUT", 1000)
    mixed = [e if n % 7 else dict(reversed(e.items())) for n, e in enumerate(EVENTS)]
    looked_for: list[str] = []
    search = read.Reading._search

    def noted(self: read.Reading, text: str, **more: Any) -> tuple[list[Any], int]:
        looked_for.append(text)
        return search(self, text, **more)

    monkeypatch.setattr(read.Reading, "_search", noted)
    (tmp_path / "a.json").write_text(json.dumps({"Records": mixed}, separators=(",", ":")))
    done, lake = run(tmp_path, "a.json")
    assert not done.incomplete
    assert len(rows(lake)) == len(EVENTS)
    assert not looked_for


def test_nothing_without_a_column_is_lost(tmp_path: Path) -> None:
    odd = event(
        1,
        eventContext={"tagContext": [1]},
        brandNew={"a": [None, 1.5]},
        readOnly="maybe",
        awsRegion={"not": "a text"},
        userIdentity={
            **EVENTS[0]["userIdentity"],
            "inScopeOf": {"credentialsIssuedTo": "x"},
            "sessionContext": {"sourceIdentity": "jo", "attributes": "none"},
        },
        resources=[{"ARNPrefix": "arn:aws:s3:::b/", "type": "AWS::S3::Object", "extra": 1}],
    )
    # Often enough that the new members are learnt on the way.
    many = [{**odd, "eventID": str(n)} for n in range(60)]
    (tmp_path / "a.jsonl").write_text(_lines([*many[:30]]))
    (tmp_path / "b.jsonl").write_text(_lines([*many[30:]]))
    _, lake = run(tmp_path, "a.jsonl", "b.jsonl")
    found = rows(lake)
    assert len(found) == 60
    for row in found:
        other = json.loads(row["other"])
        assert other.pop("userIdentity") == {
            "inScopeOf": {"credentialsIssuedTo": "x"},
            "sessionContext": {"sourceIdentity": "jo", "attributes": "none"},
        }
        assert other.pop("resources") == [{"ARNPrefix": "arn:aws:s3:::b/", "extra": 1}]
        assert other == {
            "eventContext": {"tagContext": [1]},
            "brandNew": {"a": [None, 1.5]},
            "readOnly": "maybe",
            "awsRegion": {"not": "a text"},
        }
        assert (row["readonly"], row["awsregion"]) == (None, None)


@pytest.mark.parametrize(
    ("given", "want"),
    [
        ("2026-11-01T10:00:00Z", "2026-11-01T10:00:00+00:00"),
        ("2025-01-21 17:39:10.000000000", "2025-01-21T17:39:10+00:00"),
        ("2022-09-27 17:09:18", "2022-09-27T17:09:18+00:00"),
        ("20131102T010628Z", "2013-11-02T01:06:28+00:00"),
        ("2026-11-01T12:00:00+02:00", "2026-11-01T10:00:00+00:00"),
        (1730455200, "2024-11-01T10:00:00+00:00"),
        ("1730455200000", "2024-11-01T10:00:00+00:00"),
    ],
)
def test_times_in_their_spellings(given: Any, want: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(_lines([event(eventTime=given)]))
    done, lake = run(tmp_path, "a.json")
    assert not done.incomplete
    assert rows(lake)[0]["eventtime"].isoformat() == want


def test_without_a_time_the_shippers_stamp_counts_else_the_event_is_unusable(
    tmp_path: Path,
) -> None:
    timeless = {k: v for k, v in event(1).items() if k != "eventTime"}
    stamped = {**timeless, "eventID": "s", "@timestamp": "2020-09-14T00:44:23.000Z"}
    bad = event(3, eventTime="yesterday")
    (tmp_path / "a.jsonl").write_text(_lines([timeless, stamped, bad, event(4)]))
    done, lake = run(tmp_path, "a.jsonl")
    assert [r["eventtime"].year for r in rows(lake)] == [2026, 2020]
    assert done.events == 2
    [(path, kept, reason)] = done.aside
    assert (kept, path) == (2, str(tmp_path / "a.jsonl"))
    assert reason == "1 unusable: no eventTime; 1 unusable: eventTime 'yesterday' is no time"


def test_a_repeated_event_is_kept_once_whatever_file_and_run_it_came_with(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "a.json").write_text(json.dumps({"Records": EVENTS[:10] + EVENTS[5:8]}))
    (logs / "b.jsonl").write_text(_lines([dict(reversed(e.items())) for e in EVENTS[:20]]))
    done, lake = run(tmp_path)
    assert (done.events, done.duplicates) == (20, 13)
    (logs / "c.json").write_text(json.dumps(EVENTS[15:], indent=3))
    done, lake = run(tmp_path)
    assert (done.events, done.duplicates, done.skipped.known) == (20, 5, 2)
    found = rows(lake)
    assert [r["eventid"] for r in found] == sorted(e["eventID"] for e in EVENTS)
    assert sum(f.rows for f in journal.files(lake)) == len(EVENTS)


def test_the_same_id_on_different_events_and_no_id_at_all_lose_nothing(tmp_path: Path) -> None:
    redacted = [event(n, eventID="REDACTED") for n in range(6)]
    nameless = [{k: v for k, v in event(n).items() if k != "eventID"} for n in (7, 7)]
    (tmp_path / "a.jsonl").write_text(_lines(redacted + nameless))
    (tmp_path / "b.jsonl").write_text(_lines(redacted))
    done, _ = run(tmp_path, "a.jsonl", "b.jsonl")
    assert (done.events, done.duplicates) == (8, 6)


def test_what_was_read_is_not_read_again_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(_lines(EVENTS[:5]))
    assert run(tmp_path, "a.jsonl")[0].events == 5
    done, _ = run(tmp_path, "a.jsonl")
    assert (done.events, done.files, done.skipped.known) == (0, 0, 1)
    path.write_text(_lines(EVENTS[:9]))
    done, _ = run(tmp_path, "a.jsonl")
    assert (done.events, done.duplicates, done.files) == (4, 5, 1)


def test_the_layout_of_a_log_bucket_tells_logs_digests_and_other_logs_apart(tmp_path: Path) -> None:
    base = tmp_path / "logs" / "AWSLogs"
    insight = event(
        30,
        eventType="AwsCloudTrailInsight",
        eventCategory="Insight",
        insightDetails={"state": "Start"},
    )
    for folder, records in (
        ("o-abc123/111122223333/CloudTrail/us-east-1/2026/11/01", EVENTS[:3]),
        ("111122223333/CloudTrail/us-east-1/2026/11/02", EVENTS[3:6]),
        ("111122223333/CloudTrail-Insight/us-east-1/2026/11/02", [insight]),
        ("111122223333/CloudTrail-Digest/us-east-1/2026/11/02", []),
        ("111122223333/vpcflowlogs/us-east-1/2026/11/02", []),
        ("111122223333/Config/us-east-1/2026/11/02", []),
    ):
        (base / folder).mkdir(parents=True)
        text = json.dumps({"Records": records})
        (base / folder / "x.json.gz").write_bytes(gzip.compress(text.encode()))
    (base / "README").write_text("no log")
    (base / "digest.json").write_text(json.dumps({"digestStartTime": "x", "logFiles": []}))
    days = Days("2026-11-02", "2026-11-02")
    done, _ = run(tmp_path, days=days)
    assert (done.events, done.skipped.by_day) == (3, 1)
    done, lake = run(tmp_path)
    assert (done.events, done.insights, done.digests) == (3, 0, 0)
    skipped = done.skipped
    assert (skipped.digests, skipped.other_logs, skipped.by_name, skipped.known) == (1, 2, 1, 3)
    assert not done.incomplete
    [found] = rows(lake, "select insightdetails, eventtype from cloudtrail_insight")
    assert json.loads(found["insightdetails"]) == {"state": "Start"}
    assert found["eventtype"] == "AwsCloudTrailInsight"
    assert "AwsCloudTrailInsight" not in [r["eventtype"] for r in rows(lake)]


def test_files_are_partitioned_by_day_and_account(tmp_path: Path) -> None:
    strange = [event(0, recipientAccountId="../../x"), event(1, recipientAccountId=None)]
    (tmp_path / "a.jsonl").write_text(_lines([*strange, *EVENTS[2:6]]))
    _, lake = run(tmp_path, "a.jsonl")
    folders = {f.path.rsplit("/", 1)[0] for f in journal.files(lake)}
    assert folders == {
        "trail/event/day=2026-11-01/account=unknown",
        "trail/event/day=2026-11-02/account=unknown",
        "trail/event/day=2026-11-01/account=111122223333",
        "trail/event/day=2026-11-02/account=111122223333",
        "trail/event/day=2026-11-03/account=111122223333",
    }


@pytest.mark.parametrize("processes", (2, 3))
def test_several_processes_read_the_same(
    processes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sharedline.trail import ingest as module

    monkeypatch.setattr(module, "WORTH_FILES", 2)
    monkeypatch.setattr(module, "FILES", 3)
    logs = tmp_path / "logs"
    logs.mkdir()
    for number, one in enumerate(EVENTS):
        (logs / f"{number}.json").write_text(json.dumps({"Records": [one, EVENTS[0]]}))
    lake = Lake(str(tmp_path / "lake"))
    done = ingest(lake, [str(logs)], processes=processes)
    assert (done.events, done.files, done.duplicates) == (40, 40, 40)
    assert len(rows(lake)) == 40
    readers = {f.path.rsplit("-", 2)[1] for f in journal.files(lake)}
    assert readers == set(map(str, range(processes)))  # this process is the first of them


@pytest.mark.skipif(not LABELLED.is_dir(), reason=f"{LABELLED} is not there")
def test_labelled_recordings_are_read_without_loss(tmp_path: Path) -> None:
    wanted: list[dict[str, Any]] = []
    for path in LABELLED.glob("*/*.json*"):
        for line in path.read_text("utf-8").splitlines():
            record = json.loads(line)
            wanted += record.get("events") or [record.get("event") or record]
    timed = [e for e in wanted if e.get("eventTime") or e.get("@timestamp")]
    lake = Lake(str(tmp_path / "lake"))
    done = ingest(lake, [str(LABELLED)], processes=0)
    assert len(timed) > 500
    assert done.events + done.duplicates == len(timed)
    apart = ("p_", "@")
    different = {
        json.dumps({k: v for k, v in e.items() if not k.startswith(apart)}, sort_keys=True)
        for e in timed
    }
    assert done.events >= len(different) - 2
    assert sum(int(r[2].split()[0]) for r in done.aside) == len(wanted) - len(timed)
