"""KMS keys, secrets and parameters of the example estate."""

from __future__ import annotations

from typing import Any

from sharedline.demo.estate.place import (
    FRANKFURT,
    HOME,
    IRELAND,
    STRANGER,
    Estate,
    Place,
    allow,
    document,
    tags,
)


def build(estate: Estate) -> None:
    """Keys with and without rotation, one on its way out, one that everybody may use."""
    here = estate.at("production", FRANKFURT)
    key(here, "data", "data")
    key(here, "shop", "shop")
    # Fixed between the second and the third scan.
    key(here, "orders", "shop", rotation=False)
    key(here, "search", "data", policy=_with(here, Principal="*"))
    for account, region in (
        ("production", FRANKFURT),
        ("production", IRELAND),
        ("security", FRANKFURT),
    ):
        key(estate.at(account, region), f"disks/{region}", "platform")
    old = key(here, "old-archive", "data")
    here("kms").schedule_key_deletion(KeyId=old, PendingWindowInDays=30)
    signing = here("kms").create_key(
        Description="Signs recipes for partners", KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048"
    )["KeyMetadata"]["KeyId"]
    here.keep("key/signing", signing)
    key(estate.at("security", FRANKFURT), "audit", "security", policy=_audit(estate))
    key(estate.at("security", HOME), "evidence", "security")
    kits = estate.at("plumbob")
    key(kits, "kits", "", rotation=False, policy=_stranger(kits))
    _secrets(here, kits)
    _parameters(here, kits)


def key(here: Place, name: str, team: str, *, rotation: bool = True, policy: str = "") -> str:
    """A symmetric key with an alias."""
    asked: dict[str, Any] = {"Policy": policy} if policy else {"Policy": _own(here)}
    made = here("kms").create_key(
        Description=f"{name} data",
        Tags=[{"TagKey": "team", "TagValue": team}] if team else [],
        **asked,
    )["KeyMetadata"]["KeyId"]
    here("kms").create_alias(AliasName=f"alias/{name}", TargetKeyId=made)
    if rotation:
        here("kms").enable_key_rotation(KeyId=made)
    return here.keep(f"key/{name}", made)


def _root(here: Place) -> dict[str, Any]:
    return allow("kms:*", Sid="Account", Principal={"AWS": here.iam("root")})


def _own(here: Place) -> str:
    return document(_root(here))


def _with(here: Place, **more: Any) -> str:
    return document(_root(here), allow(["kms:Decrypt", "kms:GenerateDataKey"], **more))


def _stranger(here: Place) -> str:
    return _with(here, Principal={"AWS": f"arn:aws:iam::{STRANGER}:root"})


def _audit(estate: Estate) -> str:
    here = estate.at("security", FRANKFURT)
    management = estate.at("management", FRANKFURT)
    return document(
        _root(here),
        allow(
            ["kms:GenerateDataKey*", "kms:DescribeKey"],
            Principal={"Service": "cloudtrail.amazonaws.com"},
            Condition={
                "StringEquals": {"aws:SourceArn": management.arn("cloudtrail", "trail/org-trail")}
            },
        ),
    )


def _secrets(here: Place, kits: Place) -> None:
    rotator = here.arn("lambda", "function:rotate-secrets")
    # The function that rotates is made here: Secrets Manager wants it to exist.
    here.keep("function/rotator", rotator)
    for name, team in (
        ("shop/orders-db", "shop"),
        ("shop/payment-provider", "shop"),
        ("data/warehouse", "data"),
    ):
        _secret(here, name, team)
    # The mail provider's key: made once, never rotated.
    _secret(here, "shop/mail-provider", "shop")
    _secret(kits, "kits/everything", "")
    kits("secretsmanager").put_resource_policy(
        SecretId="kits/everything",
        ResourcePolicy=document(allow("secretsmanager:GetSecretValue", Principal="*")),
    )


def _secret(here: Place, name: str, team: str) -> None:
    made = here("secretsmanager").create_secret(
        Name=name,
        Description=f"Example of {name}",
        SecretString='{"value": "made up"}',
        KmsKeyId="alias/shop" if here.account == "production" else "alias/aws/secretsmanager",
        Tags=tags(**({"team": team} if team else {})),
    )
    here.keep(f"secret/{name}", made["ARN"])


def rotate(here: Place) -> None:
    """Turn rotation on for the secrets that have it, once their function exists."""
    for name in ("shop/orders-db", "data/warehouse"):
        here("secretsmanager").rotate_secret(
            SecretId=name,
            RotationLambdaARN=here.get("function/rotator"),
            RotationRules={"AutomaticallyAfterDays": 30},
        )


def _parameters(here: Place, kits: Place) -> None:
    shop = here("ssm")
    shop.put_parameter(Name="/shop/feature-flags", Value="new-basket=on", Type="String")
    shop.put_parameter(
        Name="/shop/partner-token", Value="made up", Type="SecureString", KeyId="alias/shop"
    )
    kits("ssm").put_parameter(Name="/kits/db-password", Value="made up", Type="String")
