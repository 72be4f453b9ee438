"""File systems and backups of the example estate, and the accounts' own corners."""

from __future__ import annotations

from typing import Any

from sharedline.demo.estate.place import FRANKFURT, IRELAND, Estate, Place, deny, document


def build(estate: Estate) -> None:
    """Files, then the vaults that hold their copies."""
    here, kits = estate.at("production", FRANKFURT), estate.at("plumbob")
    _files(here, "kitchen-photos", "shop", kept=True)
    _files(here, "scratch", "data", kept=False)
    _files(kits, "kits-home", "", kept=False)
    _vaults(here, estate.at("production", IRELAND))
    _patching(here)
    _patching(estate.at("production", IRELAND))
    _pools(here, kits)


def _files(here: Place, name: str, team: str, *, kept: bool) -> None:
    efs = here("efs")
    more: dict[str, Any] = {}
    if kept:
        more["KmsKeyId"] = here.arn("kms", f"key/{here.get('key/data')}")
    labels = [{"Key": "Name", "Value": name}]
    if team:
        labels.append({"Key": "team", "Value": team})
    made = efs.create_file_system(
        CreationToken=name, Encrypted=kept, Backup=kept, Tags=labels, **more
    )["FileSystemId"]
    here.keep(f"files/{name}", made)
    if kept:
        insecure = {"Bool": {"aws:SecureTransport": "false"}}
        efs.put_file_system_policy(
            FileSystemId=made,
            Policy=document(deny("*", Principal={"AWS": "*"}, Condition=insecure)),
        )
        efs.create_access_point(
            FileSystemId=made,
            PosixUser={"Uid": 1000, "Gid": 1000},
            RootDirectory={
                "Path": "/photos",
                "CreationInfo": {"OwnerUid": 1000, "OwnerGid": 1000, "Permissions": "750"},
            },
            Tags=labels,
        )


def _vaults(here: Place, recovery: Place) -> None:
    for place, name in ((here, "daily"), (recovery, "copies")):
        key = place.arn("kms", f"key/{here.get('key/data')}")
        made = place("backup").create_backup_vault(
            BackupVaultName=name, EncryptionKeyArn=key, BackupVaultTags={"team": "platform"}
        )
        place.keep(f"vault/{name}", made["BackupVaultArn"])
    here("backup").create_backup_plan(
        BackupPlan={
            "BackupPlanName": "daily",
            "Rules": [
                {
                    "RuleName": "daily",
                    "TargetBackupVaultName": "daily",
                    "ScheduleExpression": "cron(0 2 * * ? *)",
                    "Lifecycle": {"DeleteAfterDays": 35},
                }
            ],
        },
        BackupPlanTags={"team": "platform"},
    )


def _patching(here: Place) -> None:
    """A baseline that approves within a week; the recovery site's waits for two months."""
    days = 7 if here.region == FRANKFURT else 60
    made = here("ssm").create_patch_baseline(
        Name="linux",
        OperatingSystem="AMAZON_LINUX_2023",
        ApprovalRules={
            "PatchRules": [
                {
                    "PatchFilterGroup": {
                        "PatchFilters": [{"Key": "CLASSIFICATION", "Values": ["Security"]}]
                    },
                    "ComplianceLevel": "CRITICAL",
                    "ApproveAfterDays": days,
                }
            ]
        },
    )
    here.keep(f"baseline/{here.region}", made["BaselineId"])


def _pools(here: Place, kits: Place) -> None:
    here("cognito-idp").create_user_pool(
        PoolName="customers",
        MfaConfiguration="OPTIONAL",
        Policies={
            "PasswordPolicy": {
                "MinimumLength": 12,
                "RequireUppercase": True,
                "RequireLowercase": True,
                "RequireNumbers": True,
                "RequireSymbols": True,
            }
        },
        UserPoolTags={"team": "shop"},
        DeletionProtection="ACTIVE",
    )
    kits("cognito-idp").create_user_pool(PoolName="players")
    kits("cognito-identity").create_identity_pool(
        IdentityPoolName="players", AllowUnauthenticatedIdentities=True
    )
