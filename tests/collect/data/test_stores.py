"""Tables, file systems, queues, topics, warehouses, searches and caches from API to verdict."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3

REGION = "us-east-1"
ACCOUNT = "123456789012"
Verdicts = Callable[..., Any]


def policy(action: str, resource: str = "*", principal: Any = "*") -> str:
    body = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [body]})


def judged(found: dict[tuple[str, str], bool | None], check: str) -> dict[str, bool | None]:
    """The answers of a check by the last part of the resource's ARN."""
    return {
        r.replace("/", ":").rpartition(":")[2]: ok for (c, r), ok in found.items() if c == check
    }


def test_dynamodb_tables(verdicts: Verdicts) -> None:
    dynamodb = boto3.client("dynamodb", region_name=REGION)
    for name, good in (("good", True), ("bad", False)):
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            DeletionProtectionEnabled=good,
            SSESpecification={"Enabled": good, **({"SSEType": "KMS"} if good else {})},
        )
    dynamodb.update_continuous_backups(
        TableName="good", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/bad"
    dynamodb.put_resource_policy(ResourceArn=table, Policy=policy("dynamodb:GetItem", table))
    found = verdicts("dynamodb/*")
    for check in (
        "point_in_time_recovery_on",
        "deletion_protected",
        "encrypted_with_kms",
        "policy_not_public",
    ):
        assert judged(found, f"dynamodb/table_{check}") == {"good": True, "bad": False}, check


def test_efs_file_systems(verdicts: Verdicts) -> None:
    efs = boto3.client("efs", region_name=REGION)
    good = efs.create_file_system(CreationToken="a", Encrypted=True, Backup=True)["FileSystemId"]
    bad = efs.create_file_system(CreationToken="b", Encrypted=False)["FileSystemId"]
    deny = json.loads(policy("*"))
    deny["Statement"][0].update(Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})
    efs.put_file_system_policy(FileSystemId=good, Policy=json.dumps(deny))
    efs.put_file_system_policy(
        FileSystemId=bad, Policy=policy("elasticfilesystem:ClientRootAccess")
    )
    point = efs.create_access_point(ClientToken="c", FileSystemId=good)["AccessPointId"]
    forced = efs.create_access_point(
        ClientToken="d",
        FileSystemId=good,
        PosixUser={"Uid": 0, "Gid": 0},
        RootDirectory={"Path": "/app"},
    )["AccessPointId"]
    found = verdicts("efs/*")
    for check in ("encrypted", "backed_up", "policy_not_public", "requires_tls"):
        assert judged(found, f"efs/file_system_{check}") == {good: True, bad: False}, check
    for check in ("root_enforced", "user_enforced"):
        assert judged(found, f"efs/access_point_{check}") == {point: False, forced: True}, check


def test_queues_and_topics(verdicts: Verdicts) -> None:
    sqs = boto3.client("sqs", region_name=REGION)
    sns = boto3.client("sns", region_name=REGION)
    sqs.create_queue(QueueName="good")
    sqs.create_queue(QueueName="bad", Attributes={"SqsManagedSseEnabled": "false"})
    sqs.create_queue(
        QueueName="kms",
        Attributes={"SqsManagedSseEnabled": "false", "KmsMasterKeyId": "alias/aws/sqs"},
    )
    url = sqs.get_queue_url(QueueName="bad")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy("sqs:SendMessage")})
    sns.create_topic(Name="good", Attributes={"KmsMasterKeyId": "alias/aws/sns"})
    topic = sns.create_topic(Name="bad")["TopicArn"]
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=policy("sns:Publish", topic)
    )
    found = verdicts("sqs/*", "sns/*")
    expect = {"good": True, "bad": False, "kms": True}
    assert judged(found, "sqs/queue_encrypted") == expect
    assert judged(found, "sqs/queue_policy_not_public") == expect
    assert judged(found, "sns/topic_encrypted_with_kms") == {"good": True, "bad": False}
    assert judged(found, "sns/topic_policy_not_public") == {"good": True, "bad": False}


def test_redshift_clusters(verdicts: Verdicts) -> None:
    redshift = boto3.client("redshift", region_name=REGION)
    for name, good in (("good", True), ("bad", False)):
        redshift.create_cluster(
            ClusterIdentifier=name,
            NodeType="ra3.large",
            MasterUsername="owner" if good else "awsuser",
            MasterUserPassword="Not-a-real-0ne",
            PubliclyAccessible=not good,
            Encrypted=good,
            AllowVersionUpgrade=good,
            EnhancedVpcRouting=good,
            AutomatedSnapshotRetentionPeriod=7 if good else 1,
        )
    found = verdicts("redshift/cluster_*")
    for check in (
        "not_publicly_accessible",
        "encrypted",
        "version_upgrades_on",
        "enhanced_vpc_routing_on",
        "backed_up",
        "admin_name_custom",
    ):
        assert judged(found, f"redshift/cluster_{check}") == {"good": True, "bad": False}, check
    assert judged(found, "redshift/cluster_audit_logged") == {"good": False, "bad": False}


def test_opensearch_domains(verdicts: Verdicts) -> None:
    search = boto3.client("opensearch", region_name=REGION)
    for name, good in (("good", True), ("badd", False)):
        search.create_domain(
            DomainName=name,
            EngineVersion="OpenSearch_2.19",
            EncryptionAtRestOptions={"Enabled": good},
            NodeToNodeEncryptionOptions={"Enabled": good},
            AdvancedSecurityOptions={"Enabled": good},
            DomainEndpointOptions={
                "EnforceHTTPS": good,
                "TLSSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10",
            },
            AccessPolicies="" if good else policy("es:*"),
            **({"VPCOptions": {"SubnetIds": ["subnet-1"]}} if good else {}),
        )
    found = verdicts("opensearch/*")
    for check in ("encrypted", "nodes_encrypted", "fine_grained_access_on", "requires_tls"):
        assert judged(found, f"opensearch/domain_{check}") == {"good": True, "badd": False}, check
    assert judged(found, "opensearch/domain_policy_not_public")["badd"] is False


def test_elasticache_replication_groups(verdicts: Verdicts) -> None:
    cache = boto3.client("elasticache", region_name=REGION)
    for name, good in (("good", True), ("bad", False)):
        cache.create_replication_group(
            ReplicationGroupId=name,
            ReplicationGroupDescription=name,
            Engine="redis",
            NumCacheClusters=2,
            AtRestEncryptionEnabled=good,
            TransitEncryptionEnabled=good,
            AutomaticFailoverEnabled=good,
            SnapshotRetentionLimit=5 if good else 0,
        )
    found = verdicts("elasticache/replication_group_*")
    for check in ("encrypted", "requires_tls", "failover_on", "backed_up"):
        answers = judged(found, f"elasticache/replication_group_{check}")
        assert answers == {"good": True, "bad": False}, check


def test_a_region_with_data_needs_a_backup_plan(verdicts: Verdicts) -> None:
    boto3.client("efs", region_name=REGION).create_file_system(CreationToken="a")
    region = ("backup/plan_exists", f"arn:aws:account:{REGION}:{ACCOUNT}:region/{REGION}")
    assert verdicts("backup/plan_exists") == {region: False}
