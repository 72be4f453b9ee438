"""AWS IAM: the credentials of an account, who holds them, and when they were last used."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sharedline.collect.table import Call, Table, col, item, opt

#: A report takes seconds to minutes in a large account: asked at growing pauses, two minutes long.
PAUSES = (1, 2, 2, 5, 5, 10, 15, 20, 30, 30)
_ROOT_ARN = "arn:{partition}:iam::{account_id}:root"


def generate_credential_report(client: Any) -> None:
    """Orders the report and waits for it; AWS keeps one for four hours and then answers at once.

    When it is not ready in time, reading it fails and says so: nothing is assumed.
    """
    for pause in PAUSES:
        if client.call("GenerateCredentialReport").get("State") == "COMPLETE":
            return
        time.sleep(pause)


def _keys(row: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for number in ("1", "2"):
        active = _bool(row.get(f"access_key_{number}_active"))
        rotated = _time(row.get(f"access_key_{number}_last_rotated"))
        if active or rotated:  # a key that exists but is inactive keeps its date
            yield {
                "User": row["user"],
                "Number": int(number),
                "Active": active,
                "LastRotated": rotated,
                "LastUsed": _time(row.get(f"access_key_{number}_last_used_date")),
            }


def _bool(value: str | None) -> bool | None:
    return {"true": True, "false": False}.get((value or "").lower())


def _time(value: str | None) -> str | None:
    """A date of the report; `N/A`, `no_information` and `not_supported` are none."""
    return value if value and value[:1].isdigit() else None


def report_rows(answer: dict[str, Any], _: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """The lines of the CSV report, one item per user, the root user among them."""
    content = answer.get("Content") or b""
    text = content.decode("utf-8") if isinstance(content, bytes) else content
    for row in csv.DictReader(io.StringIO(text)):
        yield {
            "Arn": row["arn"],
            "User": row["user"],
            "GeneratedTime": answer.get("GeneratedTime"),
            "CreateDate": _time(row.get("user_creation_time")),
            # The root row says `not_supported` where there is nothing to tell.
            "PasswordEnabled": _bool(row.get("password_enabled")),
            "PasswordLastUsed": _time(row.get("password_last_used")),
            "PasswordLastChanged": _time(row.get("password_last_changed")),
            "MfaActive": _bool(row.get("mfa_active")),
            "Key1Active": _bool(row.get("access_key_1_active")),
            "Key1LastUsed": _time(row.get("access_key_1_last_used_date")),
            "Key2Active": _bool(row.get("access_key_2_active")),
            "Key2LastUsed": _time(row.get("access_key_2_last_used_date")),
            "Keys": list(_keys(row)),
        }


IAM_CREDENTIAL_REPORT = Table(
    name="iam_credential_report",
    service="iam",
    scope="global",
    arn="{Arn}",
    doc="One row per user and the root user: passwords, keys, MFA. Up to four hours old.",
    resource=False,
    prepare=generate_credential_report,
    actions=("iam:GenerateCredentialReport",),
    # Not a plain path: the items are lines of a CSV, which the service model does not describe.
    list=Call(operation="GetCredentialReport", items="[@]"),
    transform=report_rows,
    columns={
        "user_name": col("User", "string", "The name; `<root_account>` for the root user."),
        "generated_time": col("GeneratedTime", "timestamp", "When the report was made."),
        "create_date": col("CreateDate", "timestamp", "When the user was created."),
        "password_enabled": col("PasswordEnabled", "bool", "The user can sign in to the console."),
        "password_last_used": col("PasswordLastUsed", "timestamp", "NULL: never, as far as known."),
        "password_last_changed": col("PasswordLastChanged", "timestamp", "When it was last set."),
        "mfa_active": col("MfaActive", "bool", "An MFA device is enabled for the user."),
        "access_key_1_active": col("Key1Active", "bool", "The first access key works."),
        "access_key_1_last_used": col("Key1LastUsed", "timestamp", "NULL: never used."),
        "access_key_2_active": col("Key2Active", "bool", "The second access key works."),
        "access_key_2_last_used": col("Key2LastUsed", "timestamp", "NULL: never used."),
    },
)
IAM_ACCESS_KEY = Table(
    name="iam_access_key",
    service="iam",
    scope="global",
    arn="",
    doc="The access keys of each user, from the credential report; arn is the user's.",
    source="iam_credential_report",
    items="Keys[]",
    resource=False,
    columns={
        "user_name": col("User", "string", "The user."),
        "key_number": col("Number", "int", "1 or 2: the report does not say the id."),
        "active": col("Active", "bool", "The key works."),
        "last_rotated": col("LastRotated", "timestamp", "When it was made or last changed."),
        "last_used": col("LastUsed", "timestamp", "When it last signed a call; NULL: never."),
    },
)
IAM_ACCOUNT_SUMMARY = Table(
    name="iam_account_summary",
    service="iam",
    scope="global",
    arn=_ROOT_ARN,
    doc="What IAM counts in an account, and which credentials its root user has.",
    resource=False,
    list=Call(operation="GetAccountSummary", items="SummaryMap"),
    columns={
        "account_mfa_enabled": col("AccountMFAEnabled", "int", "1: the root user has MFA."),
        "account_access_keys_present": col(
            "AccountAccessKeysPresent", "int", "1: the root user has access keys."
        ),
        # Where AWS does not say, the root user is taken to have its password: the safe reading.
        "account_password_present": col(
            "AccountPasswordPresent", "int", "1: the root user has a password.", default=1
        ),
        "users": col("Users", "int", "How many users there are."),
        "providers": col("Providers", "int", "How many identity providers there are."),
    },
)
IAM_PASSWORD_POLICY = Table(
    name="iam_password_policy",
    service="iam",
    scope="global",
    arn=_ROOT_ARN,
    doc="The account's own password policy; `is_configured` is false where AWS's default applies.",
    resource=False,
    list=Call(
        operation="GetAccountPasswordPolicy",
        items="PasswordPolicy",
        absent={
            "NoSuchEntity": {"Exists": False},
            "NoSuchEntityException": {"Exists": False},
        },
    ),
    columns={
        "is_configured": col("Exists", "bool", "The account has its own policy.", default=True),
        "minimum_password_length": opt("MinimumPasswordLength"),
        "require_symbols": opt("RequireSymbols"),
        "require_numbers": opt("RequireNumbers"),
        "require_uppercase_characters": opt("RequireUppercaseCharacters"),
        "require_lowercase_characters": opt("RequireLowercaseCharacters"),
        "allow_users_to_change_password": opt("AllowUsersToChangePassword"),
        "max_password_age": opt("MaxPasswordAge"),
        "password_reuse_prevention": opt("PasswordReusePrevention"),
    },
)
IAM_VIRTUAL_MFA_DEVICE = Table(
    name="iam_virtual_mfa_device",
    service="iam",
    scope="global",
    arn="{SerialNumber}",
    resource=False,
    list=Call(
        operation="ListVirtualMFADevices",
        params={"AssignmentStatus": "Assigned"},
        items="VirtualMFADevices[]",
    ),
    columns={
        "serial_number": "SerialNumber",
        "user_arn": opt("User.Arn"),
        "enable_date": opt("EnableDate"),
    },
)
IAM_SERVER_CERTIFICATE = Table(
    name="iam_server_certificate",
    service="iam",
    scope="global",
    arn="{Arn}",
    list=Call(operation="ListServerCertificates", items="ServerCertificateMetadataList[]"),
    columns={
        "server_certificate_name": "ServerCertificateName",
        "upload_date": "UploadDate",
        "expiration": "Expiration",
    },
)
IAM_OIDC_PROVIDER = Table(
    name="iam_oidc_provider",
    service="iam",
    scope="global",
    arn="{Arn}",
    list=Call(operation="ListOpenIDConnectProviders", items="OpenIDConnectProviderList[]"),
    details=(
        Call(
            operation="GetOpenIDConnectProvider",
            params={"OpenIDConnectProviderArn": item("Arn")},
            columns={"url": "Url", "client_id_list": "ClientIDList", "create_date": "CreateDate"},
        ),
    ),
)
IAM_SAML_PROVIDER = Table(
    name="iam_saml_provider",
    service="iam",
    scope="global",
    arn="{Arn}",
    list=Call(operation="ListSAMLProviders", items="SAMLProviderList[]"),
    columns={"valid_until": "ValidUntil", "create_date": "CreateDate"},
)
