"""Amazon Cognito: user pools with their sign-in rules, and identity pools."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, item, opt

COGNITO_USER_POOL = Table(
    name="cognito_user_pool",
    service="cognito-idp",
    arn="arn:{partition}:cognito-idp:{region}:{account_id}:userpool/{Id}",
    list=Call(operation="ListUserPools", params={"MaxResults": 60}, items="UserPools[]"),
    columns={"id": "Id", "name": "Name", "creation_date": "CreationDate"},
    details=(
        Call(
            operation="DescribeUserPool",
            params={"UserPoolId": item("Id")},
            columns={
                "mfa_configuration": opt("UserPool.MfaConfiguration", "OFF"),
                "key_type": opt("UserPool.KeyConfiguration.KeyType", "AWS_OWNED_KEY"),
                "advanced_security_mode": opt(
                    "UserPool.UserPoolAddOns.AdvancedSecurityMode", "OFF"
                ),
                "deletion_protection": opt("UserPool.DeletionProtection", "INACTIVE"),
                "allowed_first_auth_factors": (
                    "UserPool.Policies.SignInPolicy.AllowedFirstAuthFactors"
                ),
                # Where a pool has no policy of its own, Cognito's defaults apply: 8 characters of
                # all kinds. https://docs.aws.amazon.com/cognito/latest/developerguide/
                # managing-users-passwords.html, 2026-11-21.
                "minimum_length": opt("UserPool.Policies.PasswordPolicy.MinimumLength", 8),
                "require_uppercase": opt("UserPool.Policies.PasswordPolicy.RequireUppercase"),
                "require_lowercase": opt("UserPool.Policies.PasswordPolicy.RequireLowercase"),
                "require_numbers": opt("UserPool.Policies.PasswordPolicy.RequireNumbers"),
                "require_symbols": opt("UserPool.Policies.PasswordPolicy.RequireSymbols"),
                "temporary_password_validity_days": opt(
                    "UserPool.Policies.PasswordPolicy.TemporaryPasswordValidityDays", 7
                ),
                "tags": opt("UserPool.UserPoolTags"),
            },
        ),
    ),
)
COGNITO_IDENTITY_POOL = Table(
    name="cognito_identity_pool",
    service="cognito-identity",
    arn="arn:{partition}:cognito-identity:{region}:{account_id}:identitypool/{IdentityPoolId}",
    list=Call(operation="ListIdentityPools", params={"MaxResults": 60}, items="IdentityPools[]"),
    columns={"identity_pool_id": "IdentityPoolId", "identity_pool_name": "IdentityPoolName"},
    details=(
        Call(
            operation="DescribeIdentityPool",
            params={"IdentityPoolId": item("IdentityPoolId")},
            columns={
                "allow_unauthenticated_identities": opt("AllowUnauthenticatedIdentities"),
                "allow_classic_flow": opt("AllowClassicFlow"),
            },
        ),
    ),
)
