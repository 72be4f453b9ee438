"""Who looks at the trail and at findings: people in two accounts, a program in one, nobody in one.

The security lead reads the logs of the security and management accounts. Production's are copied
into the SIEM, which nobody has open; the acquired company's lie where CloudTrail put them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sharedline.demo.estate.place import FRANKFURT, HOME, Place
from sharedline.demo.logs.machines import every
from sharedline.demo.logs.people import OFFICE
from sharedline.demo.logs.record import DAYS, Actor, Log, assume, console, service, session, stamp

BUCKET = "fennelrye-org-trail"
#: Whose logs people query, on which days before the last scan; and what the SIEM copies.
QUERIED = ("security", "management")
QUERY_DAYS = (27, 20, 13, 5)
COPIED = ("security", "production")


def tell(log: Log) -> None:
    """Every look."""
    _queries(log)
    _security_console(log)
    _management_console(log)
    _siem(log)


def _file(log: Log, account: str, at: datetime) -> dict[str, Any]:
    """One of the trail's log files, as the bucket names it."""
    number = log.estate.accounts[account]
    root = f"AWSLogs/{log.estate.ids['organization']}/{number}/CloudTrail/{FRANKFURT}"
    key = f"{root}/{at:%Y/%m/%d}/{number}_CloudTrail_{FRANKFURT}_{at:%Y%m%dT%H%MZ}.json.gz"
    return {"bucketName": BUCKET, "key": key}


def _femi(log: Log, at: datetime) -> tuple[Place, Actor]:
    here = log.estate.at("security", FRANKFURT)
    return here, console(here, "femi.adeyemi", OFFICE, at, mfa=True)


def _queries(log: Log) -> None:
    """Athena over the trail's bucket, some days before a meeting."""
    for days in QUERY_DAYS:
        at = log.at(days, 13, minutes=12)
        here, femi = _femi(log, at - timedelta(minutes=20))
        for number in range(3):
            at += timedelta(minutes=4)
            ran = log.id()
            # CloudTrail does not tell the text of a query; the objects that were read tell more.
            asked = {
                "queryString": "***OBFUSCATED***",
                "queryExecutionContext": {"database": "security_lake", "catalog": "AwsDataCatalog"},
                "workGroup": "primary",
                "resultConfiguration": {"outputLocation": "s3://fennelrye-security-logs/athena/"},
            }
            answer = {"queryExecutionId": ran}
            log.add(
                at, here, femi, "athena.StartQueryExecution", asked, answer=answer, readOnly=False
            )
            table = {"databaseName": "security_lake", "name": "cloudtrail_logs"}
            log.add(at, here, _by_athena(femi), "glue.GetTable", table)
            for account in QUERIED:
                for hour in range(1 + number, 24, 4):
                    read = _file(log, account, log.at(days + 1 + number, hour))
                    moment = at + timedelta(seconds=2 + hour)
                    log.add(moment, here, _by_athena(femi), "s3.GetObject", read)
            done = {"queryExecutionId": ran}
            log.add(at + timedelta(seconds=50), here, femi, "athena.GetQueryResults", done)


def _by_athena(actor: Actor) -> Actor:
    host = "athena.amazonaws.com"
    return Actor({**actor.identity, "invokedBy": host}, host, host)


def _security_console(log: Log) -> None:
    """Event history, GuardDuty and Security Hub: of the security account, where Femi signs in."""
    for days in (26, 19, 12, 8, 4, 1):
        at = log.at(days, 9, minutes=31)
        if at.weekday() >= 5:
            continue
        here, femi = _femi(log, at)
        detector = {"detectorId": here.get(f"detector/{FRANKFURT}")}
        looked = {
            "lookupAttributes": [{"attributeKey": "EventName", "attributeValue": "ConsoleLogin"}],
            "startTime": stamp(at - timedelta(days=4)),
            "maxResults": 50,
        }
        log.add(at + timedelta(minutes=2), here, femi, "cloudtrail.LookupEvents", looked)
        log.add(at + timedelta(minutes=6), here, femi, "guardduty.ListFindings", detector)
        log.add(at + timedelta(minutes=7), here, femi, "guardduty.GetFindings", detector)
        log.add(at + timedelta(minutes=11), here, femi, "securityhub.GetFindings", {})
    here, femi = _femi(log, log.at(8, 9, minutes=31))
    closed = {
        "findingIdentifiers": [{"id": here.arn("securityhub", "finding/closed-1")}],
        "workflow": {"status": "RESOLVED"},
        "note": {"text": "Rotated.", "updatedBy": "femi.adeyemi"},
    }
    log.add(log.at(8, 9, minutes=50), here, femi, "securityhub.BatchUpdateFindings", closed)


def _management_console(log: Log) -> None:
    """The platform's lead once looked up who had changed the organisation."""
    here = log.estate.at("management", HOME)
    at = log.at(6, 15, minutes=4)
    priya = console(here, "priya.raman", OFFICE, at, mfa=True)
    asked = {
        "lookupAttributes": [
            {"attributeKey": "EventSource", "attributeValue": "organizations.amazonaws.com"}
        ]
    }
    log.add(at + timedelta(minutes=5), here, priya, "cloudtrail.LookupEvents", asked)


def _siem(log: Log) -> None:
    """A function copies log files into the SIEM as they come."""
    here = log.estate.at("security", FRANKFURT)
    agent = "Boto3/1.40.61 exec-env/AWS_Lambda_python3.12"
    for at in every(log, 2, 0.6):
        if at < log.at(DAYS):
            continue
        to = session(here, "log-reader", "trail-to-siem", at, "10.10.16.31", agent)
        assume(log, at, here, service("lambda"), to)
        for number, account in enumerate(COPIED, 1):
            read = _file(log, account, at - timedelta(minutes=15))
            log.add(at + timedelta(seconds=number), here, to, "s3.GetObject", read)
