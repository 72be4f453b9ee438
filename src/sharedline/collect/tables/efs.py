"""Amazon EFS: file systems with their policy and backup, and access points."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, item, opt

EFS_FILE_SYSTEM = Table(
    name="efs_file_system",
    service="efs",
    arn="{FileSystemArn}",
    iam_prefix="elasticfilesystem",
    tags="Tags",
    list=Call(operation="DescribeFileSystems", items="FileSystems[]"),
    columns={
        "file_system_id": "FileSystemId",
        "name": opt("Name"),
        "creation_time": "CreationTime",
        "life_cycle_state": "LifeCycleState",
        "encrypted": opt("Encrypted"),
        "kms_key_id": opt("KmsKeyId"),
        "number_of_mount_targets": "NumberOfMountTargets",
        "availability_zone_name": opt("AvailabilityZoneName"),
    },
    details=(
        Call(
            operation="DescribeFileSystemPolicy",
            params={"FileSystemId": item("FileSystemId")},
            columns={"policy": "Policy"},
            absent={"PolicyNotFound": ""},
        ),
        Call(
            operation="DescribeBackupPolicy",
            params={"FileSystemId": item("FileSystemId")},
            columns={"backup_policy_status": "BackupPolicy.Status"},
            absent={"PolicyNotFound": "DISABLED"},
        ),
    ),
)

EFS_ACCESS_POINT = Table(
    name="efs_access_point",
    service="efs",
    arn="{AccessPointArn}",
    iam_prefix="elasticfilesystem",
    tags="Tags",
    list=Call(operation="DescribeAccessPoints", items="AccessPoints[]"),
    columns={
        "access_point_id": "AccessPointId",
        "file_system_id": "FileSystemId",
        "name": opt("Name"),
        "root_directory_path": opt("RootDirectory.Path", "/"),
        "posix_user_uid": opt("PosixUser.Uid", type="string", doc="The user id that is forced."),
    },
)
