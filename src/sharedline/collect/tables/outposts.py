"""AWS Outposts: racks and servers of AWS in the customer's own building."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, opt

OUTPOSTS_OUTPOST = Table(
    name="outposts_outpost",
    service="outposts",
    arn="{OutpostArn}",
    list=Call(operation="ListOutposts", items="Outposts[]"),
    tags="Tags",
    columns={
        "outpost_id": "OutpostId",
        "owner_id": opt("OwnerId"),
        "life_cycle_status": opt("LifeCycleStatus"),
        "supported_hardware_type": opt("SupportedHardwareType"),
    },
)
