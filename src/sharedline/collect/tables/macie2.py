"""Amazon Macie: whether it watches the S3 data of a Region."""

from __future__ import annotations

from sharedline.collect.table import Call, Table

#: Macie answers a Region where it is off with the code of a denial: only the message tells.
_OFF = "AccessDeniedException: Macie is not enabled"

MACIE2_SESSION = Table(
    name="macie2_session",
    service="macie2",
    arn="arn:{partition}:macie2:{region}:{account_id}:session",
    list=Call(operation="GetMacieSession", absent={_OFF: [], "ResourceNotFoundException": []}),
    columns={
        "status": "status",
        "finding_publishing_frequency": "findingPublishingFrequency",
    },
    details=(
        Call(
            operation="GetAutomatedDiscoveryConfiguration",
            columns={"automated_discovery_status": "status"},
            absent={_OFF: "DISABLED"},
        ),
    ),
)
