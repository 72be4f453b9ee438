"""AWS Config: recorders, delivery, rules, aggregators, and the counts of what it discovered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.table import Call, Table, col, item, opt
from sharedline.collect.tables.tagging import service_of

CONFIG_CONFIGURATION_RECORDER = Table(
    name="config_configuration_recorder",
    service="config",
    arn="arn:{partition}:config:{region}:{account_id}:configuration-recorder/{name}",
    list=Call(operation="DescribeConfigurationRecorders", items="ConfigurationRecorders[]"),
    columns={
        "name": "name",
        "role_arn": opt("roleARN"),
        "all_supported": opt("recordingGroup.allSupported"),
        "include_global_resource_types": opt("recordingGroup.includeGlobalResourceTypes"),
        "resource_types": "recordingGroup.resourceTypes",
        "excluded_resource_types": col(
            "recordingGroup.exclusionByResourceTypes.resourceTypes",
            "strings",
            "The resource types that are left out of the record.",
        ),
        "use_only": opt("recordingGroup.recordingStrategy.useOnly"),
        "recording_frequency": opt("recordingMode.recordingFrequency"),
    },
    details=(
        Call(
            operation="DescribeConfigurationRecorderStatus",
            params={"ConfigurationRecorderNames": [item("name")]},
            items="ConfigurationRecordersStatus[]",
            columns={
                "recording": opt("recording"),
                "last_status": opt("lastStatus"),
                "last_error_code": opt("lastErrorCode"),
                "last_status_change_time": opt("lastStatusChangeTime"),
            },
        ),
    ),
)

CONFIG_DELIVERY_CHANNEL = Table(
    name="config_delivery_channel",
    service="config",
    arn="arn:{partition}:config:{region}:{account_id}:delivery-channel/{name}",
    resource=False,
    list=Call(operation="DescribeDeliveryChannels", items="DeliveryChannels[]"),
    columns={
        "name": "name",
        "s3_bucket_name": "s3BucketName",
        "sns_topic_arn": opt("snsTopicARN"),
        "s3_kms_key_arn": opt("s3KmsKeyArn"),
    },
    details=(
        Call(
            operation="DescribeDeliveryChannelStatus",
            params={"DeliveryChannelNames": [item("name")]},
            items="DeliveryChannelsStatus[]",
            columns={
                "history_last_status": opt("configHistoryDeliveryInfo.lastStatus"),
                "history_last_error_code": opt("configHistoryDeliveryInfo.lastErrorCode"),
                "history_last_successful_time": opt("configHistoryDeliveryInfo.lastSuccessfulTime"),
                "snapshot_last_status": opt("configSnapshotDeliveryInfo.lastStatus"),
                "stream_last_status": opt("configStreamDeliveryInfo.lastStatus"),
            },
        ),
    ),
)

CONFIG_RULE = Table(
    name="config_rule",
    service="config",
    arn="{ConfigRuleArn}",
    list=Call(operation="DescribeConfigRules", items="ConfigRules[]"),
    columns={
        "config_rule_name": "ConfigRuleName",
        "config_rule_state": "ConfigRuleState",
        "source_identifier": opt("Source.SourceIdentifier"),
        "source_owner": "Source.Owner",
        "created_by": opt("CreatedBy"),
    },
    details=(
        Call(
            operation="DescribeComplianceByConfigRule",
            params={"ConfigRuleNames": item("ConfigRuleName")},
            batch="ConfigRuleNames",
            size=25,
            items="ComplianceByConfigRules[]",
            match="ConfigRuleName",
            columns={"compliance_type": opt("Compliance.ComplianceType", "INSUFFICIENT_DATA")},
        ),
    ),
)

CONFIG_AGGREGATOR = Table(
    name="config_aggregator",
    service="config",
    arn="{ConfigurationAggregatorArn}",
    list=Call(operation="DescribeConfigurationAggregators", items="ConfigurationAggregators[]"),
    columns={
        "configuration_aggregator_name": "ConfigurationAggregatorName",
        "organization_all_aws_regions": opt("OrganizationAggregationSource.AllAwsRegions"),
        "organization_role_arn": opt("OrganizationAggregationSource.RoleArn"),
        "account_aggregation_sources": opt("AccountAggregationSources", "[]"),
    },
)


def _service(count: dict[str, Any], _: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """`AWS::EC2::Instance` is the service `ec2`."""
    parts = str(count.get("resourceType", "")).split("::")
    if len(parts) == 3 and count.get("count"):
        yield {**count, "service": service_of(parts[1], parts[2])}


CONFIG_DISCOVERED_RESOURCE = Table(
    name="config_discovered_resource",
    service="config",
    arn="arn:{partition}:account:{region}:{account_id}:region/{region}",
    resource=False,
    doc="How many resources of a type the recorder of the Region has discovered.",
    list=Call(operation="GetDiscoveredResourceCounts", items="resourceCounts[]"),
    transform=_service,
    columns={
        "resource_type": "resourceType",
        "resource_count": "count",
        "service": col("service", "string", "The service, from the resource type."),
    },
)
