"""Amazon Lightsail: instances and the ports they open, disks, databases, containers, buckets."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, opt, parent

LIGHTSAIL_INSTANCE = Table(
    name="lightsail_instance",
    service="lightsail",
    arn="{arn}",
    list=Call(operation="GetInstances", items="instances[]"),
    tags="tags",
    columns={
        "name": "name",
        "blueprint_id": opt("blueprintId"),
        "blueprint_name": opt("blueprintName"),
        "created_at": "createdAt",
        "public_ip_address": opt("publicIpAddress"),
        "ipv6_addresses": "ipv6Addresses",
        "state": opt("state.name"),
        "http_tokens": opt("metadataOptions.httpTokens"),
        "http_endpoint": opt("metadataOptions.httpEndpoint"),
        "auto_snapshot_status": col(
            "addOns[?name=='AutoSnapshot'].status | [0]",
            "string",
            "Automatic snapshots: `Enabled`, or anything else for off.",
            default="Disabled",
        ),
    },
)

LIGHTSAIL_INSTANCE_PORT = Table(
    name="lightsail_instance_port",
    service="lightsail",
    arn="",
    resource=False,
    source="lightsail_instance",
    items="networking.ports[]",
    columns={
        "instance_name": parent("name"),
        "from_port": "fromPort",
        "to_port": "toPort",
        "protocol": "protocol",
        "access_type": opt("accessType"),
        "cidrs": "cidrs",
        "ipv6_cidrs": "ipv6Cidrs",
        "cidr_list_aliases": "cidrListAliases",
    },
    doc="A port range that the firewall of a Lightsail instance opens; its ARN is the instance's.",
)

LIGHTSAIL_DISK = Table(
    name="lightsail_disk",
    service="lightsail",
    arn="{arn}",
    list=Call(operation="GetDisks", items="disks[]"),
    tags="tags",
    columns={"name": "name", "state": opt("state"), "attached_to": opt("attachedTo")},
)

LIGHTSAIL_RELATIONAL_DATABASE = Table(
    name="lightsail_relational_database",
    service="lightsail",
    arn="{arn}",
    list=Call(operation="GetRelationalDatabases", items="relationalDatabases[]"),
    tags="tags",
    columns={
        "name": "name",
        "engine": opt("engine"),
        "engine_version": opt("engineVersion"),
        "state": opt("state"),
        "publicly_accessible": "publiclyAccessible",
        "backup_retention_enabled": "backupRetentionEnabled",
    },
)

LIGHTSAIL_CONTAINER_SERVICE = Table(
    name="lightsail_container_service",
    service="lightsail",
    arn="{arn}",
    list=Call(operation="GetContainerServices", items="containerServices[]"),
    tags="tags",
    columns={
        "name": "containerServiceName",
        "state": opt("state"),
        "is_disabled": opt("isDisabled"),
    },
)

LIGHTSAIL_BUCKET = Table(
    name="lightsail_bucket",
    service="lightsail",
    arn="{arn}",
    list=Call(operation="GetBuckets", items="buckets[]"),
    tags="tags",
    columns={
        "name": "name",
        "get_object": opt("accessRules.getObject", "private"),
        "allow_public_overrides": opt("accessRules.allowPublicOverrides"),
        "object_versioning": opt("objectVersioning"),
    },
)
