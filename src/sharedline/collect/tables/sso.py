"""IAM Identity Center: the instances through which people sign in."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, opt

SSO_INSTANCE = Table(
    name="sso_instance",
    service="sso-admin",
    arn="{InstanceArn}",
    list=Call(operation="ListInstances", items="Instances[]"),
    columns={
        "identity_store_id": "IdentityStoreId",
        "owner_account_id": opt("OwnerAccountId"),
        "name": opt("Name"),
        "status": opt("Status"),
    },
)
