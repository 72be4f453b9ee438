"""Amazon RDS and Aurora: instances, clusters and what protects and maintains them."""

from __future__ import annotations

from sharedline.collect.table import Call, Col, Ref, Table, col, item, opt, parent

_SHARED: dict[str, str | Col | Ref] = {
    "engine": "Engine",
    "engine_version": "EngineVersion",
    "storage_encrypted": "StorageEncrypted",
    "storage_encryption_type": opt("StorageEncryptionType"),
    "kms_key_id": opt("KmsKeyId"),
    "master_username": "MasterUsername",
    "secret_arn": opt("MasterUserSecret.SecretArn"),
    "backup_retention_period": "BackupRetentionPeriod",
    "deletion_protection": opt("DeletionProtection"),
    "iam_database_authentication_enabled": opt("IAMDatabaseAuthenticationEnabled"),
    "copy_tags_to_snapshot": opt("CopyTagsToSnapshot"),
    "monitoring_interval": opt("MonitoringInterval"),
    "enabled_cloudwatch_logs_exports": col(
        "EnabledCloudwatchLogsExports[]", "strings", "The logs that go to CloudWatch Logs."
    ),
    "engine_lifecycle_support": opt("EngineLifecycleSupport"),
    "preferred_maintenance_window": opt("PreferredMaintenanceWindow"),
}

RDS_INSTANCE = Table(
    name="rds_instance",
    service="rds",
    arn="{DBInstanceArn}",
    tags="TagList",
    list=Call(operation="DescribeDBInstances", items="DBInstances[]"),
    columns={
        **_SHARED,
        "db_instance_identifier": "DBInstanceIdentifier",
        "db_cluster_identifier": opt("DBClusterIdentifier"),
        "db_instance_class": "DBInstanceClass",
        "db_instance_status": "DBInstanceStatus",
        "instance_create_time": opt("InstanceCreateTime"),
        "publicly_accessible": "PubliclyAccessible",
        "endpoint_address": opt("Endpoint.Address"),
        # The endpoint is there once the instance is created; clusters give it to their own.
        "port": "Endpoint.Port",
        "multi_az": "MultiAZ",
        "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
        "read_replica_source_db_instance_identifier": opt("ReadReplicaSourceDBInstanceIdentifier"),
        "read_replica_source_db_cluster_identifier": opt("ReadReplicaSourceDBClusterIdentifier"),
        "db_parameter_group_name": col(
            "DBParameterGroups[0].DBParameterGroupName", "string", "The parameter group in use."
        ),
        "parameter_apply_status": col(
            "DBParameterGroups[0].ParameterApplyStatus",
            "string",
            "`in-sync` once the instance runs with the group's current parameters.",
        ),
        "ca_certificate_identifier": opt("CACertificateIdentifier"),
        "vpc_id": opt("DBSubnetGroup.VpcId"),
        "custom_iam_instance_profile": opt("CustomIamInstanceProfile"),
    },
)

RDS_INSTANCE_SECURITY_GROUP = Table(
    name="rds_instance_security_group",
    service="rds",
    source="rds_instance",
    items="VpcSecurityGroups[]",
    arn="",
    resource=False,
    columns={
        "instance_arn": parent("DBInstanceArn"),
        "group_id": "VpcSecurityGroupId",
        "status": opt("Status"),
    },
)

RDS_INSTANCE_SUBNET = Table(
    name="rds_instance_subnet",
    service="rds",
    source="rds_instance",
    items="DBSubnetGroup.Subnets[]",
    arn="",
    resource=False,
    columns={
        "instance_arn": parent("DBInstanceArn"),
        "vpc_id": parent("DBSubnetGroup.VpcId"),
        "subnet_id": "SubnetIdentifier",
    },
)

RDS_CLUSTER = Table(
    name="rds_cluster",
    service="rds",
    arn="{DBClusterArn}",
    tags="TagList",
    list=Call(operation="DescribeDBClusters", items="DBClusters[]"),
    columns={
        **_SHARED,
        "db_cluster_identifier": "DBClusterIdentifier",
        "status": "Status",
        "engine_mode": opt("EngineMode"),
        "multi_az": "MultiAZ",
        # Said by Multi-AZ DB clusters and by Aurora; absent is not off.
        "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
        "publicly_accessible": opt("PubliclyAccessible"),
        "endpoint": opt("Endpoint"),
        "port": "Port",
        "db_cluster_parameter_group": opt("DBClusterParameterGroup"),
        "http_endpoint_enabled": opt("HttpEndpointEnabled"),
        "serverless_v2_platform_version": opt("ServerlessV2PlatformVersion"),
        "global_cluster_identifier": opt("GlobalClusterIdentifier"),
    },
)


def _snapshot(kind: str) -> Call:
    """Who may restore a manual snapshot; automated ones cannot be shared."""
    attributes = f"{kind}SnapshotAttributesResult.{kind}SnapshotAttributes"
    restore = f"{attributes}[?AttributeName=='restore'].AttributeValues[]"
    return Call(
        operation=f"Describe{kind}SnapshotAttributes",
        params={f"{kind}SnapshotIdentifier": item(f"{kind}SnapshotIdentifier")},
        when="SnapshotType=='manual'",
        columns={
            "restore_account_ids": col(
                restore, "strings", "The accounts that may restore it; `all` is everybody."
            ),
            "is_public": col(
                f"contains({restore} || `[]`, 'all')",
                "bool",
                "Whether every AWS account may restore it.",
                default=False,
            ),
        },
    )


RDS_SNAPSHOT = Table(
    name="rds_snapshot",
    service="rds",
    arn="{DBSnapshotArn}",
    tags="TagList",
    list=Call(operation="DescribeDBSnapshots", items="DBSnapshots[]"),
    columns={
        "db_snapshot_identifier": "DBSnapshotIdentifier",
        "db_instance_identifier": "DBInstanceIdentifier",
        "snapshot_type": "SnapshotType",
        "snapshot_create_time": opt("SnapshotCreateTime"),
        "engine": "Engine",
        "encrypted": "Encrypted",
    },
    details=(_snapshot("DB"),),
)

RDS_CLUSTER_SNAPSHOT = Table(
    name="rds_cluster_snapshot",
    service="rds",
    arn="{DBClusterSnapshotArn}",
    tags="TagList",
    list=Call(operation="DescribeDBClusterSnapshots", items="DBClusterSnapshots[]"),
    columns={
        "db_cluster_snapshot_identifier": "DBClusterSnapshotIdentifier",
        "db_cluster_identifier": "DBClusterIdentifier",
        "snapshot_type": "SnapshotType",
        "snapshot_create_time": opt("SnapshotCreateTime"),
        "engine": "Engine",
        "storage_encrypted": "StorageEncrypted",
    },
    details=(_snapshot("DBCluster"),),
)

RDS_PARAMETER_GROUP = Table(
    name="rds_parameter_group",
    service="rds",
    arn="{DBParameterGroupArn}",
    list=Call(operation="DescribeDBParameterGroups", items="DBParameterGroups[]"),
    columns={
        "db_parameter_group_name": "DBParameterGroupName",
        "db_parameter_group_family": "DBParameterGroupFamily",
    },
)

_TLS = "Parameters[?ParameterName=='rds.force_ssl' || ParameterName=='require_secure_transport']"

RDS_PARAMETER = Table(
    name="rds_parameter",
    service="rds",
    doc="A security parameter of a DB parameter group: the ones that force TLS.",
    parent="rds_parameter_group",
    arn="",
    resource=False,
    list=Call(
        operation="DescribeDBParameters",
        params={"DBParameterGroupName": parent("db_parameter_group_name")},
        items=_TLS,
    ),
    columns={
        "group_arn": parent("arn"),
        "db_parameter_group_name": parent("db_parameter_group_name"),
        "parameter_name": col("ParameterName", "string", "The parameter's name."),
        "parameter_value": col(
            "ParameterValue", "string", "Its value; empty where the engine decides.", default=""
        ),
    },
)

RDS_MAJOR_ENGINE_VERSION = Table(
    name="rds_major_engine_version",
    service="rds",
    arn="arn:{partition}:account:{region}:{account_id}:region/{region}",
    resource=False,
    list=Call(operation="DescribeDBMajorEngineVersions", items="DBMajorEngineVersions[]"),
    columns={
        "engine": "Engine",
        "major_engine_version": "MajorEngineVersion",
        "standard_support_end": col(
            "SupportedEngineLifecycles[?ends_with(LifecycleSupportName, 'standard-support')]"
            ".LifecycleSupportEndDate | [0]",
            "timestamp",
            "When AWS's standard support ends; after it come charges, then a forced upgrade.",
        ),
    },
)

RDS_PENDING_MAINTENANCE_ACTION = Table(
    name="rds_pending_maintenance_action",
    service="rds",
    doc="Maintenance that AWS has announced for an instance or cluster and not applied yet.",
    arn="{ResourceIdentifier}",
    resource=False,
    list=Call(operation="DescribePendingMaintenanceActions", items="PendingMaintenanceActions[]"),
    columns={
        "actions": col(
            "PendingMaintenanceActionDetails[].Action", "strings", "What is waiting to be applied."
        ),
        "forced_apply_date": col(
            "PendingMaintenanceActionDetails[?ForcedApplyDate].ForcedApplyDate | [0]",
            "timestamp",
            "When AWS applies it by itself, in the next maintenance window or not.",
        ),
    },
)
