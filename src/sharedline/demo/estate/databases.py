"""Databases of the example estate: RDS, Aurora, DynamoDB, ElastiCache, Redshift, OpenSearch."""

from __future__ import annotations

from typing import Any

from sharedline.demo.estate.place import (
    FRANKFURT,
    IRELAND,
    Estate,
    Place,
    allow,
    document,
    tags,
)

#: What every well-kept instance has.
_KEPT: dict[str, Any] = {
    "StorageEncrypted": True,
    "PubliclyAccessible": False,
    "MultiAZ": True,
    "BackupRetentionPeriod": 14,
    "DeletionProtection": True,
    "EnableIAMDatabaseAuthentication": True,
    "AutoMinorVersionUpgrade": True,
    "CopyTagsToSnapshot": True,
    "MonitoringInterval": 60,
    "EnableCloudwatchLogsExports": ["postgresql", "upgrade"],
}
_CARELESS: dict[str, Any] = {
    "StorageEncrypted": False,
    "PubliclyAccessible": True,
    "MultiAZ": False,
    "BackupRetentionPeriod": 0,
    "DeletionProtection": False,
    "EnableIAMDatabaseAuthentication": False,
    "AutoMinorVersionUpgrade": False,
    "CopyTagsToSnapshot": False,
}


def build(estate: Estate) -> None:
    """The databases, area by area."""
    here, kits = estate.at("production", FRANKFURT), estate.at("plumbob")
    for place, vpc in ((here, "shop"), (estate.at("production", IRELAND), "recovery")):
        place("rds").create_db_subnet_group(
            DBSubnetGroupName=vpc,
            DBSubnetGroupDescription=f"Data subnets of {vpc}",
            SubnetIds=[place.get(f"subnet/{vpc}-data-{zone}") for zone in ("a", "b")],
        )
    kits("rds").create_db_subnet_group(
        DBSubnetGroupName="kits",
        DBSubnetGroupDescription="All there is",
        SubnetIds=[kits.get(f"subnet/plumbob-main-public-{zone}") for zone in ("a", "b")],
    )
    _instances(here, kits)
    _cluster(here)
    _snapshots(here, kits)
    _tables(here, kits)
    _caches(here, kits)
    _warehouse(here, kits)
    _search(here, kits)


def _instance(here: Place, name: str, group: str, team: str, **more: Any) -> None:
    asked: dict[str, Any] = {
        "DBInstanceIdentifier": name,
        "DBInstanceClass": "db.m6g.large",
        "Engine": "postgres",
        "EngineVersion": "16.6",
        "AllocatedStorage": 100,
        "MasterUsername": "fr_owner",
        "MasterUserPassword": "made-up-for-the-demo",
        "VpcSecurityGroupIds": [here.get(group)],
        "Tags": tags(name, **({"team": team} if team else {})),
    }
    if more.get("MonitoringInterval"):
        asked["MonitoringRoleArn"] = here.iam("role/database-monitoring")
    here("rds").create_db_instance(**(asked | more))


def _instances(here: Place, kits: Place) -> None:
    shop = {"DBSubnetGroupName": "shop"}
    rds = here("rds")
    rds.create_db_parameter_group(
        DBParameterGroupName="postgres16-tls",
        DBParameterGroupFamily="postgres16",
        Description="Encrypted connections only",
    )
    rds.modify_db_parameter_group(
        DBParameterGroupName="postgres16-tls",
        Parameters=[
            {
                "ParameterName": "rds.force_ssl",
                "ParameterValue": "1",
                "ApplyMethod": "pending-reboot",
            }
        ],
    )
    tls = {"DBParameterGroupName": "postgres16-tls"}
    _instance(here, "customers", "sg/shop/orders-db", "data", **_KEPT, **shop, **tls)
    _instance(here, "suppliers", "sg/shop/orders-db", "data", **_KEPT, **shop, **tls)
    # Made for a dashboard vendor in one afternoon.
    _instance(
        here,
        "reports",
        "sg/shop/reports-db",
        "data",
        **{**_CARELESS, "BackupRetentionPeriod": 1, "MasterUsername": "postgres"},
        **shop,
        Port=5432,
    )
    _instance(
        kits,
        "kitsdb",
        "sg/plumbob-main/kits-db",
        "",
        **{**_CARELESS, "MasterUsername": "admin", "Engine": "mysql", "EngineVersion": "5.7.44"},
        DBSubnetGroupName="kits",
    )


def _cluster(here: Place) -> None:
    rds = here("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="orders",
        Engine="aurora-postgresql",
        EngineVersion="16.6",
        MasterUsername="fr_owner",
        MasterUserPassword="made-up-for-the-demo",
        DBSubnetGroupName="shop",
        VpcSecurityGroupIds=[here.get("sg/shop/orders-db")],
        StorageEncrypted=True,
        KmsKeyId=here.arn("kms", f"key/{here.get('key/shop')}"),
        BackupRetentionPeriod=14,
        DeletionProtection=True,
        EnableIAMDatabaseAuthentication=True,
        CopyTagsToSnapshot=True,
        EnableCloudwatchLogsExports=["postgresql"],
        Tags=tags("orders", team="shop"),
    )
    for number, zone in ((1, "a"), (2, "b")):
        rds.create_db_instance(
            DBInstanceIdentifier=f"orders-{number}",
            DBClusterIdentifier="orders",
            DBInstanceClass="db.r6g.large",
            Engine="aurora-postgresql",
            AvailabilityZone=f"{here.region}{zone}",
            DBSubnetGroupName="shop",
            EnableIAMDatabaseAuthentication=True,
            EnableCloudwatchLogsExports=["postgresql"],
            CopyTagsToSnapshot=True,
            StorageEncrypted=True,
            PubliclyAccessible=False,
            AutoMinorVersionUpgrade=True,
            MonitoringInterval=60,
            MonitoringRoleArn=here.iam("role/database-monitoring"),
            Tags=tags(f"orders-{number}", team="shop"),
        )


def _snapshots(here: Place, kits: Place) -> None:
    here("rds").create_db_snapshot(
        DBSnapshotIdentifier="customers-before-move",
        DBInstanceIdentifier="customers",
        Tags=tags(team="data"),
    )
    # Given to an agency with one click; the click was "public".
    kits("rds").create_db_snapshot(
        DBSnapshotIdentifier="kitsdb-for-agency", DBInstanceIdentifier="kitsdb"
    )
    kits("rds").modify_db_snapshot_attribute(
        DBSnapshotIdentifier="kitsdb-for-agency", AttributeName="restore", ValuesToAdd=["all"]
    )


def _table(here: Place, name: str, team: str, *, kept: bool) -> None:
    asked: dict[str, Any] = {}
    if kept:
        asked = {
            "DeletionProtectionEnabled": True,
            "SSESpecification": {
                "Enabled": True,
                "SSEType": "KMS",
                "KMSMasterKeyId": here.arn("kms", f"key/{here.get('key/shop')}"),
            },
        }
    made = here("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=tags(**({"team": team} if team else {})),
        **asked,
    )["TableDescription"]["TableArn"]
    here.keep(f"table/{name}", made)
    if kept:
        here("dynamodb").update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )


def _tables(here: Place, kits: Place) -> None:
    _table(here, "baskets", "shop", kept=True)
    _table(here, "deliveries", "shop", kept=True)
    _table(here, "vouchers", "shop", kept=False)
    _table(kits, "kits-players", "", kept=False)
    arn = kits.get("table/kits-players")
    kits("dynamodb").put_resource_policy(
        ResourceArn=arn, Policy=document(allow("dynamodb:Scan", arn, Principal="*"))
    )


def _caches(here: Place, kits: Place) -> None:
    here("elasticache").create_replication_group(
        ReplicationGroupId="sessions",
        ReplicationGroupDescription="Baskets and sign-ins",
        Engine="redis",
        EngineVersion="7.1",
        CacheNodeType="cache.t4g.medium",
        NumCacheClusters=2,
        AutomaticFailoverEnabled=True,
        MultiAZEnabled=True,
        TransitEncryptionEnabled=True,
        AtRestEncryptionEnabled=True,
        SnapshotRetentionLimit=7,
        AuthToken="made-up-for-the-demo",
        Tags=tags(team="shop"),
    )
    kits("elasticache").create_cache_cluster(
        CacheClusterId="kits-cache",
        Engine="redis",
        CacheNodeType="cache.t2.micro",
        NumCacheNodes=1,
        EngineVersion="5.0.6",
        AutoMinorVersionUpgrade=False,
    )


def _warehouse(here: Place, kits: Place) -> None:
    redshift = here("redshift")
    redshift.create_cluster_parameter_group(
        ParameterGroupName="warehouse",
        ParameterGroupFamily="redshift-1.0",
        Description="Encrypted connections only",
    )
    redshift.create_cluster(
        ClusterIdentifier="warehouse",
        ClusterParameterGroupName="warehouse",
        NodeType="ra3.xlplus",
        MasterUsername="fr_owner",
        MasterUserPassword="Made-up-4-the-demo",
        DBName="warehouse",
        NumberOfNodes=2,
        ClusterType="multi-node",
        Encrypted=True,
        PubliclyAccessible=False,
        EnhancedVpcRouting=True,
        AutomatedSnapshotRetentionPeriod=14,
        Tags=tags(team="data"),
    )
    redshift.enable_logging(
        ClusterIdentifier="warehouse", BucketName="fennelrye-access-logs", S3KeyPrefix="warehouse/"
    )
    kits("redshift").create_cluster(
        ClusterIdentifier="kits-numbers",
        NodeType="dc2.large",
        MasterUsername="awsuser",
        MasterUserPassword="Made-up-4-the-demo",
        ClusterType="single-node",
        Encrypted=False,
        PubliclyAccessible=True,
    )


def _search(here: Place, kits: Place) -> None:
    here("opensearch").create_domain(
        DomainName="recipes",
        EngineVersion="OpenSearch_2.17",
        EncryptionAtRestOptions={"Enabled": True},
        NodeToNodeEncryptionOptions={"Enabled": True},
        DomainEndpointOptions={
            "EnforceHTTPS": True,
            "TLSSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10",
        },
        VPCOptions={
            "SubnetIds": [here.get("subnet/shop-data-a")],
            "SecurityGroupIds": [here.get("sg/shop/endpoints")],
        },
        TagList=tags(team="data"),
    )
    kits("opensearch").create_domain(
        DomainName="kits-search",
        EngineVersion="Elasticsearch_6.8",
        EncryptionAtRestOptions={"Enabled": False},
        DomainEndpointOptions={"EnforceHTTPS": False},
        AccessPolicies=document(allow("es:*", Principal={"AWS": "*"})),
    )
