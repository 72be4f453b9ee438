"""AWS KMS: keys with their rotation and policy, and the grants on them."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, item, opt, parent

#: Rotation can be asked for symmetric keys whose material KMS made; for others it is an error.
_ROTATES = "KeyManager=='CUSTOMER' && KeySpec=='SYMMETRIC_DEFAULT' && Origin=='AWS_KMS'"

KMS_KEY = Table(
    name="kms_key",
    service="kms",
    arn="{Arn}",
    list=Call(operation="ListKeys", items="Keys[]"),
    describe=Call(operation="DescribeKey", params={"KeyId": item("KeyId")}, items="KeyMetadata"),
    columns={
        "key_id": "KeyId",
        "description": opt("Description"),
        "creation_date": "CreationDate",
        "enabled": "Enabled",
        "key_state": "KeyState",
        "key_usage": "KeyUsage",
        "key_manager": "KeyManager",
        "key_spec": "KeySpec",
        "origin": "Origin",
        "multi_region": opt("MultiRegion"),
        "multi_region_key_type": opt("MultiRegionConfiguration.MultiRegionKeyType"),
        "deletion_date": opt("DeletionDate"),
        "valid_to": opt("ValidTo"),
    },
    details=(
        Call(
            operation="GetKeyRotationStatus",
            params={"KeyId": item("KeyId")},
            when=_ROTATES,
            columns={
                "key_rotation_enabled": opt("KeyRotationEnabled"),
                "rotation_period_in_days": opt("RotationPeriodInDays"),
            },
        ),
        Call(
            operation="GetKeyPolicy",
            params={"KeyId": item("KeyId"), "PolicyName": "default"},
            when="KeyManager=='CUSTOMER'",
            columns={"policy": opt("Policy")},
        ),
        Call(
            operation="ListResourceTags",
            params={"KeyId": item("KeyId")},
            when="KeyManager=='CUSTOMER'",
            columns={"tags": opt("Tags")},
        ),
    ),
)

KMS_GRANT = Table(
    name="kms_grant",
    service="kms",
    parent="kms_key",
    arn="{KeyId}",
    resource=False,
    list=Call(operation="ListGrants", params={"KeyId": parent("arn")}, items="Grants[]"),
    columns={
        "key_arn": parent("arn"),
        "key_manager": parent("key_manager"),
        "grant_id": "GrantId",
        "name": opt("Name"),
        "creation_date": "CreationDate",
        "grantee_principal": opt("GranteePrincipal"),
        "grantee_service_principal": opt("GranteeServicePrincipal"),
        "retiring_principal": opt("RetiringPrincipal"),
        "issuing_account": opt("IssuingAccount"),
        "operations": col("Operations[]", "strings", "What the grantee may do with the key."),
        "is_constrained": col(
            "Constraints!=null", "bool", "Whether the grant asks for an encryption context."
        ),
    },
)
