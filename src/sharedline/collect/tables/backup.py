"""AWS Backup: vaults, plans, recovery points, and what was ever backed up."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, item, opt, parent

BACKUP_VAULT = Table(
    name="backup_vault",
    service="backup",
    arn="{BackupVaultArn}",
    list=Call(operation="ListBackupVaults", items="BackupVaultList[]"),
    columns={
        "backup_vault_name": "BackupVaultName",
        "vault_type": opt("VaultType"),
        "encryption_key_arn": opt("EncryptionKeyArn"),
        "encryption_key_type": opt("EncryptionKeyType"),
        "number_of_recovery_points": opt("NumberOfRecoveryPoints"),
        "locked": opt("Locked"),
        "lock_date": opt("LockDate"),
        "min_retention_days": opt("MinRetentionDays"),
    },
    details=(
        Call(
            operation="GetBackupVaultAccessPolicy",
            params={"BackupVaultName": item("BackupVaultName")},
            columns={"policy": opt("Policy")},
            absent={"ResourceNotFoundException": ""},
        ),
    ),
)

BACKUP_PLAN = Table(
    name="backup_plan",
    service="backup",
    arn="{BackupPlanArn}",
    list=Call(operation="ListBackupPlans", items="BackupPlansList[]"),
    columns={
        "backup_plan_id": "BackupPlanId",
        "backup_plan_name": "BackupPlanName",
        "creation_date": "CreationDate",
        "last_execution_date": opt("LastExecutionDate"),
    },
)

BACKUP_PROTECTED_RESOURCE = Table(
    name="backup_protected_resource",
    service="backup",
    arn="{ResourceArn}",
    resource=False,
    list=Call(operation="ListProtectedResources", items="Results[]"),
    columns={
        "resource_type": "ResourceType",
        "last_backup_time": opt("LastBackupTime"),
        "last_backup_vault_arn": opt("LastBackupVaultArn"),
    },
)

BACKUP_RECOVERY_POINT = Table(
    name="backup_recovery_point",
    service="backup",
    arn="{RecoveryPointArn}",
    parent="backup_vault",
    list=Call(
        operation="ListRecoveryPointsByBackupVault",
        params={"BackupVaultName": parent("backup_vault_name")},
        items="RecoveryPoints[]",
    ),
    columns={
        "backup_vault_name": "BackupVaultName",
        "resource_arn": "ResourceArn",
        "resource_type": opt("ResourceType"),
        "status": "Status",
        "creation_date": "CreationDate",
        "is_encrypted": "IsEncrypted",
        "encryption_key_arn": opt("EncryptionKeyArn"),
    },
)
