"""The attack: a role's credentials out of the metadata service, exports taken, a way back left.

What CloudTrail cannot show is not in it: the forged request through the load balancer that made
the machine ask its metadata service.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sharedline.demo.estate import theft
from sharedline.demo.estate.computers import MACHINES
from sharedline.demo.estate.place import FRANKFURT, HOME, IRELAND, Place, allow, document
from sharedline.demo.estate.theft import COPIES, SPARED, STOLEN, USER, Times
from sharedline.demo.logs.machines import kms, machine_session
from sharedline.demo.logs.record import Actor, Log, stamp, user

#: Objects taken with the stolen session; then, with the new key, from the other two buckets.
TAKEN, TAKEN_LATER, COPIES_TAKEN = 214, 96, 41
_TOOL = "Boto3/1.26.90 Python/3.10.6 Linux/5.15.0-58-generic Botocore/1.29.90"
_SHELL = "aws-cli/2.9.19 Python/3.9.11 Linux/5.15.0-58-generic exe/x86_64.ubuntu.22"
#: What the role may not do, tried within a minute.
_DOORS = (
    *("iam.ListUsers", "iam.ListRoles", "iam.GetAccountAuthorizationDetails"),
    *("ec2.DescribeInstances", "secretsmanager.ListSecrets", "rds.DescribeDBInstances"),
    *("lambda.ListFunctions20150331", "ssm.DescribeParameters", "dynamodb.ListTables"),
)
_LOOKED_INTO = ("customer-archive", "customer-exports", "data-lake-raw", "terraform-state")


def tell(log: Log) -> None:
    """The night, step by step."""
    when = theft.times(log.today)
    thief = _thief(log, when)
    _look_around(log, when, thief)
    _take(log, when, thief)
    _stay(log, when, thief)
    key = user(log.estate.at("production"), USER, theft.SECOND_ADDRESS, _SHELL)
    _come_back(log, when, key)
    _take_more(log, when, key)


def _thief(log: Log, when: Times) -> Actor:
    """The machine's own session, but from somewhere else."""
    here = log.estate.at("production", FRANKFURT)
    machine = next(one for one in MACHINES if one.name == theft.MACHINE)
    own = machine_session(here, machine, when.start)
    return Actor(own.identity, theft.FIRST_ADDRESS, _TOOL)


def _denied(actor: Actor, name: str, resource: str = "*", why: str = "") -> tuple[str, str]:
    """How AWS says no."""
    action = name.replace(".", ":").replace("20150331", "")
    why = why or f"because no identity-based policy allows the {action} action"
    said = f"User: {actor.identity['arn']} is not authorized to perform: {action}"
    if action.startswith("ec2:"):
        return (
            "Client.UnauthorizedOperation",
            f"You are not authorized to perform this operation. {said} {why}",
        )
    code = "AccessDeniedException" if action.split(":")[0] in _NEWER else "AccessDenied"
    return code, f"{said} on resource: {resource} {why}"


#: Services whose refusal has the longer name.
_NEWER = ("secretsmanager", "lambda", "ssm", "dynamodb", "cloudtrail", "guardduty")


def _look_around(log: Log, when: Times, thief: Actor) -> None:
    here, home = log.estate.at("production", FRANKFURT), log.estate.at("production", HOME)
    at = when.start
    log.add(at, home, thief, "sts.GetCallerIdentity")
    log.add(at + timedelta(seconds=41), home, thief, "s3.ListBuckets", {"Host": "s3.amazonaws.com"})
    at += timedelta(seconds=70)
    for name in _DOORS:
        at += timedelta(seconds=log.chance.randint(3, 8))
        log.add(at, here, thief, name, refused=_denied(thief, name))
    for bucket in _LOOKED_INTO:
        for name in ("GetBucketLocation", "GetBucketPolicy", "ListObjects"):
            at += timedelta(seconds=log.chance.randint(2, 5))
            log.add(at, here, thief, f"s3.{name}", {"bucketName": f"fennelrye-{bucket}"})


def _take(log: Log, when: Times, thief: Actor) -> None:
    """Seven months of exports; the archive has a key of its own and stays shut."""
    here = log.estate.at("production", FRANKFURT)
    key = here.arn("kms", f"key/{here.estate.ids['production/key/data']}")
    why = "because no identity-based policy allows the kms:Decrypt action"
    at = when.start + timedelta(minutes=5)
    for number in range(6):
        asked = {"bucketName": SPARED, "key": f"2026/customers-{number:03d}.parquet"}
        refused = ("AccessDenied", _denied(thief, "kms.Decrypt", key, why)[1])
        log.add(
            at + timedelta(seconds=4 * number), here, thief, "s3.GetObject", asked, refused=refused
        )
    at += timedelta(minutes=1)
    for number in range(TAKEN):
        day = when.start - timedelta(days=3 + number)
        asked = {
            "bucketName": STOLEN,
            "key": f"exports/{day:%Y-%m}/customers-{day:%d}.csv.gz",
            "Host": f"{STOLEN}.s3.{FRANKFURT}.amazonaws.com",
        }
        at += timedelta(seconds=log.chance.uniform(4, 9))
        moved = {"bytesTransferredOut": 41_000_000 + log.chance.randint(0, 3_000_000)}
        log.add(at, here, thief, "s3.GetObject", asked, additionalEventData=moved)


def _stay(log: Log, when: Times, thief: Actor) -> None:
    """A user that looks like a partner's, which the role may make, with a policy for everything."""
    home = log.estate.at("production", HOME)
    made, arn = when.user_made, home.iam(f"user/{USER}")
    answer = {
        "user": {
            "path": "/",
            "userName": USER,
            "userId": home.get(f"user/{USER}"),
            "arn": arn,
            "createDate": stamp(made),
        }
    }
    log.add(made, home, thief, "iam.CreateUser", {"userName": USER}, answer=answer)
    asked: dict[str, Any] = {
        "userName": USER,
        "policyName": "feed",
        "policyDocument": document(allow("*")),
    }
    log.add(made + timedelta(seconds=38), home, thief, "iam.PutUserPolicy", asked)
    key = {
        "accessKey": {
            "userName": USER,
            "accessKeyId": home.get(f"key-of/{USER}/1"),
            "status": "Active",
            "createDate": stamp(when.last_seen),
        }
    }
    asked = {"userName": USER}
    log.add(when.last_seen, home, thief, "iam.CreateAccessKey", asked, answer=key)


def _come_back(log: Log, when: Times, key: Actor) -> None:
    """The new key, from elsewhere: it tries to blind the watchers, and a guard rail holds."""
    here, home = log.estate.at("production", FRANKFURT), log.estate.at("production", HOME)
    rail = "with an explicit deny in a service control policy"
    at = when.second
    log.add(at, home, key, "sts.GetCallerIdentity")
    log.add(at + timedelta(seconds=33), here, key, "cloudtrail.DescribeTrails")
    trail = f"arn:aws:cloudtrail:{FRANKFURT}:{log.estate.accounts['management']}:trail/org-trail"
    for number, (name, asked, resource) in enumerate(
        (
            ("cloudtrail.StopLogging", {"name": trail}, trail),
            ("cloudtrail.StopLogging", {"name": trail}, trail),
            (
                "guardduty.DeleteDetector",
                {"detectorId": here.get(f"detector/{FRANKFURT}")},
                here.arn("guardduty", f"detector/{here.get(f'detector/{FRANKFURT}')}"),
            ),
        )
    ):
        moment = at + timedelta(minutes=1, seconds=17 * number)
        log.add(moment, here, key, name, asked, refused=_denied(key, name, resource, rail))
    at += timedelta(minutes=4)
    for name in ("secretsmanager.ListSecrets", "rds.DescribeDBInstances", "iam.ListUsers"):
        at += timedelta(seconds=11)
        log.add(at, here, key, name)
    secret = {"secretId": here.get("secret/shop/orders-db")}
    log.add(at + timedelta(seconds=30), here, key, "secretsmanager.GetSecretValue", secret)
    far = log.estate.at("production", "ap-south-1")
    machines = {"instanceType": "p4d.24xlarge", "minCount": 8, "maxCount": 8}
    refused = _denied(key, "ec2.RunInstances", why=rail)
    log.add(at + timedelta(minutes=2), far, key, "ec2.RunInstances", machines, refused=refused)


def _take_more(log: Log, when: Times, key: Actor) -> None:
    """The archive opens to a key that may do everything; so do the copies in the other Region."""
    here, there = log.estate.at("production", FRANKFURT), log.estate.at("production", IRELAND)
    at = when.second + timedelta(minutes=9)
    _objects(log, at, here, key, SPARED, TAKEN_LATER)
    at = when.hidden - timedelta(minutes=14)
    for name in ("ec2.DescribeInstances", "rds.DescribeDBSnapshots", "s3.GetBucketLocation"):
        at += timedelta(seconds=13)
        log.add(at, there, key, name, {"bucketName": COPIES} if name.startswith("s3.") else None)
    _objects(log, at, there, key, COPIES, COPIES_TAKEN)


def _objects(log: Log, at: datetime, here: Place, key: Actor, bucket: str, count: int) -> None:
    log.add(at, here, key, "s3.ListObjects", {"bucketName": bucket})
    for number in range(count):
        at += timedelta(seconds=log.chance.uniform(5, 11))
        asked = {"bucketName": bucket, "key": f"2026/customers-{number:03d}.parquet"}
        log.add(at, here, key, "s3.GetObject", asked)
        if here.region == FRANKFURT and number % 12 == 0:
            kms(log, at, here, key, "Decrypt", asked)
