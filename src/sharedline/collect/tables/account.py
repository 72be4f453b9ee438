"""AWS accounts: who is asked, whom AWS may call about it, and what it is known as."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, opt

_NONE = {"ResourceNotFoundException": ""}


def _contact(kind: str) -> Call:
    """The alternate contact of one kind; an account without one answers ResourceNotFound."""
    name = kind.lower()
    return Call(
        operation="GetAlternateContact",
        service="account",
        params={"AlternateContactType": kind},
        columns={
            f"{name}_contact_name": opt("AlternateContact.Name"),
            f"{name}_contact_email": opt("AlternateContact.EmailAddress"),
            f"{name}_contact_phone": opt("AlternateContact.PhoneNumber"),
        },
        absent=_NONE,
        action="account:GetAlternateContact",
    )


ACCOUNT = Table(
    name="account",
    service="sts",
    scope="global",
    arn="arn:{partition}:iam::{account_id}:root",
    doc="One row per AWS account that was read, with the contacts that AWS has on file.",
    list=Call(operation="GetCallerIdentity"),
    columns={"caller_arn": col("Arn", "string", "The identity that the account was read with.")},
    details=(
        _contact("SECURITY"),
        _contact("BILLING"),
        _contact("OPERATIONS"),
        Call(
            operation="GetContactInformation",
            service="account",
            action="account:GetContactInformation",
            columns={
                "full_name": opt("ContactInformation.FullName"),
                "company_name": opt("ContactInformation.CompanyName"),
                "phone_number": opt("ContactInformation.PhoneNumber"),
            },
            absent=_NONE,
        ),
        Call(
            operation="ListAccountAliases",
            service="iam",
            columns={
                "alias": col("AccountAliases[0]", "string", "The sign-in alias.", default=""),
            },
        ),
    ),
)
