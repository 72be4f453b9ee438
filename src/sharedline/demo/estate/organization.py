"""The organisation of the example estate: units, accounts, guard rails, the role for scanning."""

from __future__ import annotations

from sharedline.demo.estate.place import (
    ADMIN_ROLE,
    MANAGEMENT_ID,
    MEMBERS,
    REGIONS,
    SCAN_ROLE,
    Estate,
    deny,
    document,
    tags,
    trust,
)

_UNITS = {"security": "Security", "production": "Workloads", "plumbob": "Acquired"}
_TRUSTED = ("account", "cloudtrail", "config", "guardduty", "securityhub", "sso")
#: The guard rails; the acquired company has none of them yet.
_GUARD_RAILS = {
    "keep-security-services": (
        ("Security", "Workloads"),
        document(
            deny(
                [
                    "cloudtrail:DeleteTrail",
                    "cloudtrail:StopLogging",
                    "config:DeleteConfigurationRecorder",
                    "guardduty:DeleteDetector",
                    "organizations:LeaveOrganization",
                    "securityhub:DisableSecurityHub",
                ],
                Sid="KeepSecurityServices",
            )
        ),
    ),
    "regions-in-use": (
        ("Workloads",),
        document(
            {
                "Sid": "RegionsInUse",
                "Effect": "Deny",
                "NotAction": ["iam:*", "organizations:*", "route53:*", "cloudfront:*", "sts:*"],
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": list(REGIONS)}},
            }
        ),
    ),
}


def build(estate: Estate) -> None:
    """Make the organisation first: everything else needs the accounts."""
    here = estate.at("management")
    organizations = here("organizations")
    made = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    estate.keep("organization", made)
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    units = {}
    for unit in _UNITS.values():
        made = organizations.create_organizational_unit(ParentId=root, Name=unit)
        units[unit] = made["OrganizationalUnit"]["Id"]
    for name in MEMBERS:
        status = organizations.create_account(
            AccountName=f"fennelrye-{name}" if name != "plumbob" else "plumbob-kits",
            Email=f"aws+{name}@fennelrye.example",
            RoleName=ADMIN_ROLE,
        )["CreateAccountStatus"]
        estate.accounts[name] = status["AccountId"]
        organizations.move_account(
            AccountId=status["AccountId"],
            SourceParentId=root,
            DestinationParentId=units[_UNITS[name]],
        )
    for name, (targets, content) in _GUARD_RAILS.items():
        policy = organizations.create_policy(
            Content=content,
            Description=name.replace("-", " "),
            Name=name,
            Type="SERVICE_CONTROL_POLICY",
        )["Policy"]["PolicySummary"]["Id"]
        for target in targets:
            organizations.attach_policy(PolicyId=policy, TargetId=units[target])
    _delegate(estate)
    for name in estate.accounts:
        _roles(estate, name)
        if name != "plumbob":
            _contact(estate, name)


def _delegate(estate: Estate) -> None:
    organizations = estate.at("management")("organizations")
    for name in _TRUSTED:
        organizations.enable_aws_service_access(ServicePrincipal=f"{name}.amazonaws.com")
    for name in ("guardduty", "access-analyzer"):
        organizations.register_delegated_administrator(
            AccountId=estate.accounts["security"], ServicePrincipal=f"{name}.amazonaws.com"
        )


def _contact(estate: Estate, name: str) -> None:
    """Whom AWS calls about security; the acquired company told it nobody."""
    estate.at(name)("account").put_alternate_contact(
        AlternateContactType="SECURITY",
        Name="Femi Adeyemi",
        Title="Head of security",
        EmailAddress="security@fennelrye.example",
        PhoneNumber="+490000001",
    )


def _roles(estate: Estate, name: str) -> None:
    """The read-only role for scans, beside the one that Organizations makes in member accounts."""
    iam = estate.at(name)("iam")
    from_management = trust({"AWS": f"arn:aws:iam::{MANAGEMENT_ID}:root"})
    made = iam.create_role(
        RoleName=SCAN_ROLE,
        Description="Reads the configuration for Sharedline; asked for in ticket FR-114.",
        AssumeRolePolicyDocument=from_management,
        Tags=tags(team="security"),
    )["Role"]["RoleId"]
    estate.at(name).keep(f"role/{SCAN_ROLE}", made)
    iam.attach_role_policy(RoleName=SCAN_ROLE, PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
