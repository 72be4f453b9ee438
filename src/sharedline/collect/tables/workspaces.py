"""Amazon WorkSpaces: desktops, the encryption of their volumes, and their directories."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, item, opt

WORKSPACES_WORKSPACE = Table(
    name="workspaces_workspace",
    service="workspaces",
    arn="arn:{partition}:workspaces:{region}:{account_id}:workspace/{WorkspaceId}",
    list=Call(operation="DescribeWorkspaces", items="Workspaces[]"),
    columns={
        "workspace_id": "WorkspaceId",
        "directory_id": opt("DirectoryId"),
        "user_name": opt("UserName"),
        "state": opt("State"),
        "root_volume_encryption_enabled": opt("RootVolumeEncryptionEnabled"),
        "user_volume_encryption_enabled": opt("UserVolumeEncryptionEnabled"),
        "volume_encryption_key": opt("VolumeEncryptionKey"),
        "running_mode": opt("WorkspaceProperties.RunningMode"),
        "operating_system_name": opt("WorkspaceProperties.OperatingSystemName"),
    },
    details=(
        Call(
            operation="DescribeTags",
            params={"ResourceId": item("WorkspaceId")},
            columns={"tags": opt("TagList")},
        ),
    ),
)

WORKSPACES_DIRECTORY = Table(
    name="workspaces_directory",
    service="workspaces",
    arn="arn:{partition}:workspaces:{region}:{account_id}:directory/{DirectoryId}",
    list=Call(operation="DescribeWorkspaceDirectories", items="Directories[]"),
    columns={
        "directory_id": "DirectoryId",
        "directory_type": opt("DirectoryType"),
        "state": opt("State"),
        "enable_internet_access": opt("WorkspaceCreationProperties.EnableInternetAccess"),
        "user_enabled_as_local_administrator": opt(
            "WorkspaceCreationProperties.UserEnabledAsLocalAdministrator"
        ),
        "enable_maintenance_mode": opt("WorkspaceCreationProperties.EnableMaintenanceMode", True),
        "ip_group_ids": "ipGroupIds",
    },
)
