"""Amazon Redshift: clusters, their network, logs and parameters."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, item, opt, parent

REDSHIFT_CLUSTER = Table(
    name="redshift_cluster",
    service="redshift",
    arn="arn:{partition}:redshift:{region}:{account_id}:cluster:{ClusterIdentifier}",
    tags="Tags",
    list=Call(operation="DescribeClusters", items="Clusters[]"),
    columns={
        "cluster_identifier": "ClusterIdentifier",
        "cluster_status": "ClusterStatus",
        "master_username": "MasterUsername",
        "db_name": opt("DBName"),
        "port": "Endpoint.Port",
        "publicly_accessible": "PubliclyAccessible",
        "encrypted": "Encrypted",
        "kms_key_id": opt("KmsKeyId"),
        "allow_version_upgrade": "AllowVersionUpgrade",
        "automated_snapshot_retention_period": "AutomatedSnapshotRetentionPeriod",
        "enhanced_vpc_routing": opt("EnhancedVpcRouting"),
        "multi_az": opt("MultiAZ"),
        "parameter_group_name": col(
            "ClusterParameterGroups[0].ParameterGroupName", "string", "The parameter group in use."
        ),
        "master_password_secret_arn": opt("MasterPasswordSecretArn"),
    },
    details=(
        Call(
            operation="DescribeLoggingStatus",
            params={"ClusterIdentifier": item("ClusterIdentifier")},
            columns={"logging_enabled": "LoggingEnabled"},
        ),
    ),
)

REDSHIFT_CLUSTER_SECURITY_GROUP = Table(
    name="redshift_cluster_security_group",
    service="redshift",
    source="redshift_cluster",
    items="VpcSecurityGroups[]",
    arn="",
    resource=False,
    columns={
        "cluster_identifier": parent("ClusterIdentifier"),
        "group_id": "VpcSecurityGroupId",
        "status": opt("Status"),
    },
)

REDSHIFT_PARAMETER_GROUP = Table(
    name="redshift_parameter_group",
    service="redshift",
    arn="arn:{partition}:redshift:{region}:{account_id}:parametergroup:{ParameterGroupName}",
    tags="Tags",
    list=Call(operation="DescribeClusterParameterGroups", items="ParameterGroups[]"),
    columns={
        "parameter_group_name": "ParameterGroupName",
        "parameter_group_family": "ParameterGroupFamily",
    },
    details=(
        Call(
            operation="DescribeClusterParameters",
            params={"ParameterGroupName": item("ParameterGroupName")},
            items="Parameters[?ParameterName=='require_ssl']",
            columns={
                "require_ssl": col(
                    "ParameterValue", "bool", "Whether clients must connect with TLS."
                )
            },
        ),
    ),
)

REDSHIFT_SERVERLESS_NAMESPACE = Table(
    name="redshift_serverless_namespace",
    service="redshift-serverless",
    arn="{namespaceArn}",
    list=Call(operation="ListNamespaces", items="namespaces[]"),
    columns={
        "namespace_name": "namespaceName",
        "status": "status",
        "admin_username": opt("adminUsername"),
        "admin_password_secret_arn": opt("adminPasswordSecretArn"),
        "kms_key_id": opt("kmsKeyId"),
        "log_exports": col("logExports[]", "strings", "The logs that go to CloudWatch Logs."),
    },
    details=(
        Call(
            operation="ListTagsForResource",
            params={"resourceArn": item("namespaceArn")},
            columns={"tags": opt("tags")},
        ),
    ),
)

REDSHIFT_SERVERLESS_WORKGROUP = Table(
    name="redshift_serverless_workgroup",
    service="redshift-serverless",
    arn="{workgroupArn}",
    list=Call(operation="ListWorkgroups", items="workgroups[]"),
    columns={
        "workgroup_name": "workgroupName",
        "namespace_name": "namespaceName",
        "status": "status",
        "publicly_accessible": opt("publiclyAccessible"),
        "enhanced_vpc_routing": opt("enhancedVpcRouting"),
        "require_ssl": col(
            "configParameters[?parameterKey=='require_ssl'].parameterValue | [0]",
            "bool",
            "Whether clients must connect with TLS.",
        ),
        "track_name": opt("trackName"),
    },
    details=(
        Call(
            operation="ListTagsForResource",
            params={"resourceArn": item("workgroupArn")},
            columns={"tags": opt("tags")},
        ),
    ),
)
