"""Amazon ElastiCache: replication groups and the clusters (nodes) in and outside of them."""

from __future__ import annotations

from sharedline.collect.table import Call, Col, Ref, Table, col, item, opt

_TAGS = Call(
    operation="ListTagsForResource",
    params={"ResourceName": item("ARN")},
    columns={"tags": opt("TagList")},
)
_SHARED: dict[str, str | Col | Ref] = {
    "at_rest_encryption_enabled": opt("AtRestEncryptionEnabled"),
    "transit_encryption_enabled": opt("TransitEncryptionEnabled"),
    "auth_token_enabled": opt("AuthTokenEnabled"),
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
        "storage_encryption_type": opt("StorageEncryptionType"),
        "kms_key_id": opt("KmsKeyId"),
        "user_group_ids": col("UserGroupIds[]", "strings", "The user groups that may connect."),
    },
    details=(_TAGS,),
)

ELASTICACHE_CACHE_CLUSTER = Table(
    name="elasticache_cache_cluster",
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

ELASTICACHE_SERVERLESS_CACHE = Table(
    name="elasticache_serverless_cache",
    service="elasticache",
    arn="{ARN}",
    list=Call(operation="DescribeServerlessCaches", items="ServerlessCaches[]"),
    columns={
        "serverless_cache_name": "ServerlessCacheName",
        "engine": "Engine",
        "status": "Status",
        "connection_type": opt("ConnectionType"),
        "storage_encryption_type": opt("StorageEncryptionType"),
        "kms_key_id": opt("KmsKeyId"),
        "snapshot_retention_limit": opt("SnapshotRetentionLimit"),
    },
    details=(_TAGS,),
)
