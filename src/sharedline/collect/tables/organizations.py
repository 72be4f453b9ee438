"""AWS Organizations: the organization, its accounts and units, its policies and delegations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.table import Call, Table, col, item, opt, parent

#: An account outside any organization answers so: there is nothing to list.
_NONE: Mapping[str, Any] = {"AWSOrganizationsNotInUseException": []}
_SCP = "SERVICE_CONTROL_POLICY"
_ACCOUNT = {
    "id": "Id",
    "email": "Email",
    "name": "Name",
    "status": "Status",
    "joined_method": "JoinedMethod",
    "joined_timestamp": "JoinedTimestamp",
}

ORGANIZATIONS_ORGANIZATION = Table(
    name="organizations_organization",
    service="organizations",
    scope="global",
    arn="{Arn}",
    doc="The organization that each account belongs to; no row for an account that has none.",
    resource=False,
    list=Call(operation="DescribeOrganization", items="Organization", absent=_NONE),
    columns={
        "id": "Id",
        "feature_set": "FeatureSet",
        "master_account_id": "MasterAccountId",
        "master_account_email": opt("MasterAccountEmail"),
    },
)
ORGANIZATIONS_ACCOUNT = Table(
    name="organizations_account",
    service="organizations",
    scope="organization",
    arn="{Arn}",
    list=Call(operation="ListAccounts", items="Accounts[]", absent=_NONE),
    columns={
        **_ACCOUNT,
        "path": col("Paths[0]", "string", "Where it hangs: organization/root/units/…, slash last."),
    },
    details=(
        Call(
            operation="ListParents",
            params={"ChildId": item("Id")},
            columns={
                "parent_id": col("Parents[0].Id", "string", "The root or unit right above it."),
            },
        ),
    ),
)
ORGANIZATIONS_ROOT = Table(
    name="organizations_root",
    service="organizations",
    scope="organization",
    arn="{Arn}",
    list=Call(operation="ListRoots", items="Roots[]", absent=_NONE),
    columns={"id": "Id", "name": "Name"},
)


def _types(root: dict[str, Any], _: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """The kinds that are on, and service control policies in any case: written ones are listed."""
    found = {one["Type"]: one for one in root.get("PolicyTypes") or ()}
    yield from {_SCP: {"Type": _SCP, "Status": "DISABLED"}, **found}.values()


ORGANIZATIONS_POLICY_TYPE = Table(
    name="organizations_policy_type",
    service="organizations",
    scope="organization",
    arn="",
    doc="The kinds of policies of the root, ENABLED or not; arn is the root's.",
    source="organizations_root",
    items="[@]",
    transform=_types,
    resource=False,
    columns={
        "type": col("Type", "string", "The kind of policy."),
        "status": col("Status", "string", "ENABLED, PENDING_ENABLE, PENDING_DISABLE, DISABLED."),
    },
)
ORGANIZATIONS_OU = Table(
    name="organizations_ou",
    service="organizations",
    scope="organization",
    arn="{Arn}",
    doc="The organizational units, nested ones too.",
    parent="organizations_root",
    recursive=True,
    list=Call(
        operation="ListOrganizationalUnitsForParent",
        params={"ParentId": parent("id")},
        items="OrganizationalUnits[]",
    ),
    columns={"id": "Id", "name": "Name", "parent_id": parent("id")},
)
ORGANIZATIONS_POLICY = Table(
    name="organizations_policy",
    service="organizations",
    scope="organization",
    arn="{Arn}",
    doc="The policies of every kind that is switched on: SCPs, RCPs, tag policies and so on.",
    parent="organizations_policy_type",
    list=Call(operation="ListPolicies", params={"Filter": parent("type")}, items="Policies[]"),
    columns={"id": "Id", "name": "Name", "type": "Type", "aws_managed": opt("AwsManaged")},
    details=(
        Call(
            operation="DescribePolicy",
            params={"PolicyId": item("Id")},
            columns={"content": "Policy.Content"},
        ),
    ),
)
ORGANIZATIONS_POLICY_TARGET = Table(
    name="organizations_policy_target",
    service="organizations",
    scope="organization",
    arn="{Arn}",
    doc="Where each policy is attached: a root, a unit or an account, whose arn it is.",
    parent="organizations_policy",
    resource=False,
    list=Call(
        operation="ListTargetsForPolicy", params={"PolicyId": parent("id")}, items="Targets[]"
    ),
    columns={
        "target_id": "TargetId",
        "target_type": col("Type", "string", "ROOT, ORGANIZATIONAL_UNIT or ACCOUNT."),
        "policy_id": parent("id"),
        "policy_type": parent("type"),
        "aws_managed": parent("aws_managed"),
    },
)
ORGANIZATIONS_DELEGATED_ADMINISTRATOR = Table(
    name="organizations_delegated_administrator",
    service="organizations",
    scope="organization",
    arn="{Arn}",
    resource=False,
    list=Call(
        operation="ListDelegatedAdministrators", items="DelegatedAdministrators[]", absent=_NONE
    ),
    columns={**_ACCOUNT, "delegation_enabled_date": "DelegationEnabledDate"},
)
ORGANIZATIONS_DELEGATED_SERVICE = Table(
    name="organizations_delegated_service",
    service="organizations",
    scope="organization",
    arn="arn:{partition}:organizations::{account_id}:delegated-service/{ServicePrincipal}",
    doc="The services that each delegated administrator runs for the organization.",
    parent="organizations_delegated_administrator",
    resource=False,
    list=Call(
        operation="ListDelegatedServicesForAccount",
        params={"AccountId": parent("id")},
        items="DelegatedServices[]",
    ),
    columns={"service_principal": "ServicePrincipal", "delegate_id": parent("id")},
)
ORGANIZATIONS_SERVICE_ACCESS = Table(
    name="organizations_service_access",
    service="organizations",
    scope="organization",
    arn="arn:{partition}:organizations::{account_id}:service-access/{ServicePrincipal}",
    doc="The AWS services that are trusted to work across the organization.",
    resource=False,
    list=Call(
        operation="ListAWSServiceAccessForOrganization",
        items="EnabledServicePrincipals[]",
        absent=_NONE,
    ),
    columns={"service_principal": "ServicePrincipal", "date_enabled": "DateEnabled"},
)
ORGANIZATIONS_RESOURCE_POLICY = Table(
    name="organizations_resource_policy",
    service="organizations",
    scope="organization",
    arn="{ResourcePolicySummary.Arn}",
    doc="The delegation policy: who beside the management account may manage policies.",
    resource=False,
    list=Call(
        operation="DescribeResourcePolicy",
        items="ResourcePolicy",
        absent={**_NONE, "ResourcePolicyNotFoundException": []},
    ),
    columns={"content": "Content"},
)
ORGANIZATIONS_ROOT_ACCESS = Table(
    name="organizations_root_access",
    service="iam",
    scope="organization",
    arn="arn:{partition}:iam::{account_id}:root",
    doc="Which parts of central root access are on: credentials management, root sessions.",
    resource=False,
    list=Call(
        operation="ListOrganizationsFeatures",
        absent={
            # Without trusted access for IAM or all features, none of the parts can be on.
            "ServiceAccessNotEnabledException": {"EnabledFeatures": []},
            "ServiceAccessNotEnabled": {"EnabledFeatures": []},
            "OrganizationNotInAllFeaturesMode": {"EnabledFeatures": []},
            "OrganizationNotInAllFeaturesModeException": {"EnabledFeatures": []},
            "OrganizationNotFound": [],
            "OrganizationNotFoundException": [],
        },
    ),
    columns={"enabled_features": "EnabledFeatures"},
)
