"""Amazon EventBridge: the rules of the default bus, where findings of AWS services arrive."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, item, opt

#: Only a rule that can match a finding of a security service is asked for its targets.
_MAY_MATCH = " || ".join(
    [
        "contains(EventPattern, 'guardduty')",
        "contains(EventPattern, 'securityhub')",
        "contains(EventPattern, 'prefix')",
        "contains(EventPattern, 'suffix')",
        "contains(EventPattern, 'wildcard')",
        "contains(EventPattern, 'anything-but')",
        "contains(EventPattern, 'ignore-case')",
        "!contains(EventPattern, 'source')",
    ]
)

EVENTS_RULE = Table(
    name="events_rule",
    service="events",
    arn="{Arn}",
    doc="A rule of the default event bus: what it matches and where matches go.",
    list=Call(operation="ListRules", items="Rules[]"),
    columns={
        "name": "Name",
        "event_pattern": opt("EventPattern"),
        "state": "State",
        "schedule_expression": opt("ScheduleExpression"),
        "managed_by": opt("ManagedBy"),
        "event_bus_name": opt("EventBusName", "default"),
    },
    details=(
        Call(
            operation="ListTargetsByRule",
            params={"Rule": item("Name")},
            columns={
                "target_arns": col(
                    "Targets[].Arn",
                    "strings",
                    "Where matches go; asked only for rules that can match a finding.",
                )
            },
            when=f"EventPattern && ({_MAY_MATCH})",
        ),
    ),
)

EVENTS_EVENT_BUS = Table(
    name="events_event_bus",
    service="events",
    arn="{Arn}",
    list=Call(operation="ListEventBuses", items="EventBuses[]"),
    columns={"name": "Name", "policy": opt("Policy")},
    details=(
        Call(
            operation="DescribeEventBus",
            params={"Name": item("Name")},
            columns={"kms_key_identifier": opt("KmsKeyIdentifier")},
        ),
    ),
)
