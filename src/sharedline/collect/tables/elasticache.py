"""Amazon ElastiCache: replication groups and the clusters (nodes) in and outside of them."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, item, opt

_TAGS = Call(
    operation="ListTagsForResource",
    params={"ResourceName": item("ARN")},
    columns={"tags": opt("TagList")},
)
_SHARED = {
    "at_rest_encryption_enabled": "AtRestEncryptionEnabled",
    "transit_encryption_enabled": "TransitEncryptionEnabled",
    "auth_token_enabled": "AuthTokenEnabled",
    "snapshot_retention_limit": opt("SnapshotRetentionLimit"),
    "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
}

ELASTICACHE_REPLICATION_GROUP = Table(
    name="elasticache_replication_group",
    service="elasticache",
    arn="{ARN}",
    list=Call(operation="DescribeReplicationGroups", items="ReplicationGroups[]"),
    columns={
        **_SHARED,
        "replication_group_id": "ReplicationGroupId",
        "engine": opt("Engine"),
        "status": "Status",
        "automatic_failover": "AutomaticFailover",
        "multi_az": opt("MultiAZ"),
        "transit_encryption_mode": opt("TransitEncryptionMode"),
        "kms_key_id": opt("KmsKeyId"),
        "user_group_ids": col("UserGroupIds[]", "strings", "The user groups that may connect."),
    },
    details=(_TAGS,),
)

ELASTICACHE_CLUSTER = Table(
    name="elasticache_cluster",
    service="elasticache",
    arn="{ARN}",
    list=Call(operation="DescribeCacheClusters", items="CacheClusters[]"),
    columns={
        **_SHARED,
        "cache_cluster_id": "CacheClusterId",
        "engine": "Engine",
        "engine_version": "EngineVersion",
        "replication_group_id": opt("ReplicationGroupId"),
        "cache_subnet_group_name": opt("CacheSubnetGroupName"),
        "cache_cluster_status": "CacheClusterStatus",
    },
    details=(_TAGS,),
)
