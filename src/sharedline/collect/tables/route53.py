"""Amazon Route 53: hosted zones."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, opt

ROUTE53_HOSTED_ZONE = Table(
    name="route53_hosted_zone",
    service="route53",
    scope="global",
    arn="arn:{partition}:route53:::hostedzone/{zone}",
    list=Call(operation="ListHostedZones", items="HostedZones[]"),
    transform=lambda found, _: ({**found, "zone": str(found["Id"]).rpartition("/")[2]},),
    columns={
        "id": col("zone", "string", "The id of the zone."),
        "name": "Name",
        "private_zone": opt("Config.PrivateZone"),
        "resource_record_set_count": opt("ResourceRecordSetCount"),
    },
)
