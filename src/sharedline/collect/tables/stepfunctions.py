"""AWS Step Functions: state machines and what their executions log."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, item, opt

STEPFUNCTIONS_STATE_MACHINE = Table(
    name="stepfunctions_state_machine",
    service="stepfunctions",
    arn="{stateMachineArn}",
    list=Call(operation="ListStateMachines", items="stateMachines[]"),
    columns={"name": "name", "type": col("type", "string", "`STANDARD` or `EXPRESS`.")},
    details=(
        Call(
            operation="DescribeStateMachine",
            params={"stateMachineArn": item("stateMachineArn")},
            columns={"logging_level": opt("loggingConfiguration.level", "OFF")},
        ),
        Call(
            operation="ListTagsForResource",
            params={"resourceArn": item("stateMachineArn")},
            columns={"tags": opt("tags")},
        ),
    ),
)
