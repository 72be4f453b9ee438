"""S3 of the example estate: about thirty buckets, one of them a disaster with a policy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sharedline.demo.estate.place import (
    FRANKFURT,
    HOME,
    IRELAND,
    MANAGEMENT_ID,
    Estate,
    Place,
    allow,
    deny,
    document,
    tags,
)

LOGS = "fennelrye-access-logs"
_BLOCK = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
_OPEN = dict.fromkeys(_BLOCK, False)


@dataclass(frozen=True)
class Bucket:
    """A bucket to make; the defaults are those of a well-kept one."""

    account: str
    region: str
    name: str
    team: str
    data: str = "internal"
    blocked: bool = True
    tls: bool = True
    versioned: bool = True
    logged: bool = True
    kms: bool = False
    expires: int = 0
    acl: str = ""
    public_policy: bool = False
    writers: tuple[str, ...] = ()


def _shop(name: str, team: str, **more: Any) -> Bucket:
    return Bucket("production", FRANKFURT, f"fennelrye-{name}", team, **more)


def _kits(name: str, **more: Any) -> Bucket:
    """The acquired company's buckets, as they were on the day of the purchase."""
    careless: dict[str, Any] = {
        "blocked": False,
        "tls": False,
        "versioned": False,
        "logged": False,
    }
    return Bucket("plumbob", HOME, f"plumbob-{name}", "", "", **(careless | more))


BUCKETS = (
    # The disaster, and beside it how it should have been.
    _shop(
        "customer-exports",
        "data",
        data="customer",
        blocked=False,
        public_policy=True,
        versioned=False,
        logged=False,
        tls=False,
    ),
    _shop("customer-archive", "data", data="customer", kms=True, expires=2555),
    _shop("shop-assets", "shop", data="public", expires=365),
    _shop("shop-uploads", "shop", data="customer", kms=True, expires=90),
    _shop("orders-events", "shop", kms=True, expires=400),
    # Fixed between the first and the second scan.
    _shop("invoices", "data", data="customer", tls=False, versioned=False),
    _shop("recipes", "shop", data="public", logged=False),
    _shop("data-lake-raw", "data", data="customer", kms=True, expires=730),
    _shop("data-lake-curated", "data", data="customer", kms=True),
    _shop("ml-features", "data", logged=False, versioned=False),
    _shop("build-artifacts", "platform", expires=60),
    _shop("terraform-state", "platform", data="secret", kms=True),
    _shop("access-logs", "platform", logged=False, expires=400, writers=("logging.s3",)),
    _shop("lb-logs", "platform", expires=400, writers=("logdelivery.elasticloadbalancing",)),
    _shop("legacy-uploads", "shop", acl="public-read", blocked=False, tls=False),
    Bucket("production", IRELAND, "fennelrye-recovery-copies", "platform", "customer", kms=True),
    Bucket("production", IRELAND, "fennelrye-recovery-state", "platform", logged=False),
    Bucket("production", HOME, "fennelrye-cdn-logs", "platform", logged=False, expires=180),
    Bucket(
        "security",
        FRANKFURT,
        "fennelrye-org-trail",
        "security",
        "audit",
        expires=2555,
        writers=("cloudtrail",),
    ),
    Bucket(
        "security",
        FRANKFURT,
        "fennelrye-config-history",
        "security",
        "audit",
        expires=2555,
        writers=("config",),
    ),
    Bucket(
        "security",
        FRANKFURT,
        "fennelrye-flow-logs",
        "security",
        "audit",
        expires=400,
        writers=("delivery.logs",),
    ),
    Bucket("security", FRANKFURT, "fennelrye-security-logs", "security", "audit", logged=False),
    Bucket("security", FRANKFURT, "fennelrye-findings", "security", "audit", kms=True),
    Bucket("security", HOME, "fennelrye-evidence", "security", "audit", kms=True),
    Bucket("management", HOME, "fennelrye-billing-reports", "finance", logged=False),
    Bucket("management", HOME, "fennelrye-landing-zone", "platform", logged=False, kms=True),
    _kits("website"),
    _kits("backups-2021"),
    _kits("orders", acl="public-read-write"),
    _kits("trail", writers=("cloudtrail",)),
    _kits("dave-test"),
)


def build(estate: Estate) -> None:
    """Account-wide blocks where somebody thought of them, then the buckets."""
    for account in ("management", "security"):
        here = estate.at(account)
        here("s3control").put_public_access_block(
            AccountId=here.id, PublicAccessBlockConfiguration=_BLOCK
        )
    for bucket in sorted(BUCKETS, key=lambda bucket: bucket.name != LOGS):
        _make(estate.at(bucket.account, bucket.region), bucket)
    _access_points(estate.at("production", FRANKFURT))


def _make(here: Place, bucket: Bucket) -> None:
    s3, name = here("s3"), bucket.name
    asked: dict[str, Any] = {"Bucket": name}
    if here.region != HOME:
        asked["CreateBucketConfiguration"] = {"LocationConstraint": here.region}
    asked["ObjectOwnership"] = "ObjectWriter" if bucket.acl else "BucketOwnerEnforced"
    if bucket.acl == "public-read":
        asked["ACL"] = bucket.acl
    s3.create_bucket(**asked)
    if bucket.acl == "public-read-write":
        _open_to_writers(here, name)
    owner = {"team": bucket.team} if bucket.team else {}
    labels = tags(**owner, **({"data": bucket.data} if bucket.data else {}))
    if labels:
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": labels})
    s3.put_public_access_block(
        Bucket=name, PublicAccessBlockConfiguration=_BLOCK if bucket.blocked else _OPEN
    )
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=_encryption(bucket))
    policy = policy_of(bucket)
    if policy:
        s3.put_bucket_policy(Bucket=name, Policy=policy)
    if bucket.versioned:
        version(here, name)
    if bucket.expires:
        s3.put_bucket_lifecycle_configuration(
            Bucket=name, LifecycleConfiguration={"Rules": [_expiry(bucket.expires)]}
        )
    if bucket.logged and (bucket.account, bucket.region) == ("production", FRANKFURT):
        target = {"TargetBucket": LOGS, "TargetPrefix": f"{name}/"}
        s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={"LoggingEnabled": target})


def _open_to_writers(here: Place, name: str) -> None:
    """Grant by grant: of the ready-made list, moto keeps one permission only."""
    s3 = here("s3")
    everybody = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    given = s3.get_bucket_acl(Bucket=name)
    grants = given["Grants"] + [
        {"Grantee": everybody, "Permission": permission} for permission in ("READ", "WRITE")
    ]
    s3.put_bucket_acl(Bucket=name, AccessControlPolicy={"Grants": grants, "Owner": given["Owner"]})


def version(here: Place, name: str) -> None:
    """Keep old versions of what is in a bucket."""
    here("s3").put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def require_tls(here: Place, name: str) -> None:
    """Refuse requests that are not encrypted on their way."""
    here("s3").put_bucket_policy(Bucket=name, Policy=document(_tls(name)))


def _encryption(bucket: Bucket) -> dict[str, Any]:
    kind = "aws:kms" if bucket.kms else "AES256"
    default: dict[str, Any] = {"SSEAlgorithm": kind}
    if bucket.kms:
        default["KMSMasterKeyID"] = "alias/data"
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]}


def _expiry(days: int) -> dict[str, Any]:
    return {
        "ID": f"{days}-days",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Expiration": {"Days": days},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }


def _tls(name: str) -> dict[str, Any]:
    return deny(
        "s3:*",
        [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
        Sid="OnlyEncrypted",
        Principal={"AWS": "*"},
        Condition={"Bool": {"aws:SecureTransport": "false"}},
    )


def policy_of(bucket: Bucket) -> str:
    """The bucket's policy, or nothing."""
    statements = [_tls(bucket.name)] if bucket.tls else []
    if bucket.public_policy:
        everything = [f"arn:aws:s3:::{bucket.name}", f"arn:aws:s3:::{bucket.name}/*"]
        statements.append(
            allow(["s3:GetObject", "s3:ListBucket"], everything, Sid="Agency", Principal="*")
        )
    statements += [
        allow(
            "s3:PutObject",
            f"arn:aws:s3:::{bucket.name}/*",
            Sid=f"Logs{service.replace('.', '').title()}",
            Principal={"Service": f"{service}.amazonaws.com"},
            Condition={"StringEquals": {"aws:SourceAccount": MANAGEMENT_ID}},
        )
        for service in bucket.writers
    ]
    return document(*statements) if statements else ""


def _access_points(here: Place) -> None:
    """One for the data team inside the VPC, one that a partner reads from anywhere."""
    control = here("s3control")
    control.create_access_point(
        AccountId=here.id,
        Name="curated-inside",
        Bucket="fennelrye-data-lake-curated",
        VpcConfiguration={"VpcId": here.get("vpc/shop")},
        PublicAccessBlockConfiguration=_BLOCK,
    )
    control.create_access_point(
        AccountId=here.id,
        Name="recipes-partners",
        Bucket="fennelrye-recipes",
        PublicAccessBlockConfiguration=_OPEN,
    )
    arn = here.arn("s3", "accesspoint/recipes-partners")
    control.put_access_point_policy(
        AccountId=here.id,
        Name="recipes-partners",
        Policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [allow("s3:GetObject", f"{arn}/object/*", Principal="*")],
            }
        ),
    )
