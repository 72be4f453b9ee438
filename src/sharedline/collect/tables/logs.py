"""Amazon CloudWatch Logs: log groups and the metric filters over them."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, opt

LOGS_LOG_GROUP = Table(
    name="logs_log_group",
    service="logs",
    arn="arn:{partition}:logs:{region}:{account_id}:log-group:{logGroupName}",
    list=Call(operation="DescribeLogGroups", items="logGroups[]"),
    columns={
        "log_group_name": "logGroupName",
        # 0 is CloudWatch's "never expire": the member is absent then.
        "retention_in_days": opt("retentionInDays"),
        "kms_key_id": opt("kmsKeyId"),
        "log_group_class": opt("logGroupClass", "STANDARD"),
        "data_protection_status": opt("dataProtectionStatus"),
        "stored_bytes": opt("storedBytes"),
    },
)

CLOUDWATCH_METRIC_FILTER = Table(
    name="cloudwatch_metric_filter",
    service="logs",
    arn="arn:{partition}:logs:{region}:{account_id}:log-group:{logGroupName}",
    resource=False,
    list=Call(operation="DescribeMetricFilters", items="metricFilters[]"),
    columns={
        "filter_name": "filterName",
        "filter_pattern": opt("filterPattern"),
        "log_group_name": "logGroupName",
        "metric_transformations": opt("metricTransformations", "[]"),
    },
)
