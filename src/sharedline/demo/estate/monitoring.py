"""Who watches the example estate: trails, alarms, Config, GuardDuty, Security Hub."""

from __future__ import annotations

import json
from typing import Any

from sharedline.demo.estate import alarms
from sharedline.demo.estate.network import NETWORKS
from sharedline.demo.estate.place import FRANKFURT, HOME, IRELAND, REGIONS, Estate, Place, tags

_FEATURES = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
    "RUNTIME_MONITORING",
)
_AGENTS = ("EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT")


def build(estate: Estate) -> None:
    """Trails and alarms, then the services that look by themselves."""
    _organisation_trail(estate)
    _lonely_trail(estate.at("plumbob"))
    alarms.build(estate)
    for account in ("management", "security", "production"):
        for region in REGIONS:
            _config(estate.at(account, region), estate.accounts["security"])
    _rules(estate.at("production", FRANKFURT))
    _detectors(estate)
    for account, region in (
        ("security", FRANKFURT),
        ("security", IRELAND),
        ("production", FRANKFURT),
        ("production", IRELAND),
    ):
        estate.at(account, region)("securityhub").enable_security_hub(EnableDefaultStandards=True)
    _flow_logs(estate)
    _routes(estate.at("security", FRANKFURT))
    _log_groups(estate.at("production", FRANKFURT))


def _organisation_trail(estate: Estate) -> None:
    here, security = estate.at("management", FRANKFURT), estate.at("security", FRANKFURT)
    here("logs").create_log_group(logGroupName="org-trail")
    here("logs").put_retention_policy(logGroupName="org-trail", retentionInDays=365)
    here("cloudtrail").create_trail(
        Name="org-trail",
        S3BucketName="fennelrye-org-trail",
        IsMultiRegionTrail=True,
        IsOrganizationTrail=True,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True,
        KmsKeyId=security.arn("kms", f"key/{security.get('key/audit')}"),
        CloudWatchLogsLogGroupArn=here.arn("logs", "log-group:org-trail:*"),
        CloudWatchLogsRoleArn=here.iam("role/trail-to-logs"),
        TagsList=tags(team="security"),
    )
    here("cloudtrail").put_event_selectors(
        TrailName="org-trail",
        EventSelectors=[
            {
                "ReadWriteType": "All",
                "IncludeManagementEvents": True,
                "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}],
            }
        ],
    )
    here("cloudtrail").start_logging(Name="org-trail")


def _lonely_trail(kits: Place) -> None:
    """A trail of one Region that goes to a bucket nobody opens."""
    kits("cloudtrail").create_trail(Name="trail", S3BucketName="plumbob-trail")
    kits("cloudtrail").start_logging(Name="trail")


def _config(here: Place, security: str) -> None:
    """Config records everywhere but in production's recovery site."""
    if (here.account, here.region) == ("production", IRELAND):
        return
    config = here("config")
    config.put_configuration_recorder(
        ConfigurationRecorder={
            "name": "default",
            "roleARN": here.iam(
                "role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
            ),
            "recordingGroup": {
                "allSupported": True,
                "includeGlobalResourceTypes": here.region == HOME,
            },
        }
    )
    config.put_delivery_channel(
        DeliveryChannel={"name": "default", "s3BucketName": "fennelrye-config-history"}
    )
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    if here.account == "security" and here.region == FRANKFURT:
        config.put_configuration_aggregator(
            ConfigurationAggregatorName="organisation",
            OrganizationAggregationSource={
                "RoleArn": f"arn:aws:iam::{security}:role/config",
                "AllAwsRegions": True,
            },
        )


def _rules(here: Place) -> None:
    for name, identifier in (
        ("volumes-encrypted", "ENCRYPTED_VOLUMES"),
        ("no-public-buckets", "S3_BUCKET_PUBLIC_READ_PROHIBITED"),
    ):
        here("config").put_config_rule(
            ConfigRule={
                "ConfigRuleName": name,
                "Source": {"Owner": "AWS", "SourceIdentifier": identifier},
            }
        )


def _detectors(estate: Estate) -> None:
    """GuardDuty is on where somebody thought of it: not in production's us-east-1."""
    for account in ("management", "security", "production"):
        for region in REGIONS:
            if (account, region) == ("production", HOME):
                continue
            here = estate.at(account, region)
            # The recovery site and the tools have all but the agents; management the least.
            most = len(_FEATURES) if (account, region) == ("production", FRANKFURT) else 5
            _detector(here, features=_FEATURES[: 1 if account == "management" else most])
    _detector(estate.at("plumbob"), enabled=False)
    # Made to quiet a noisy test; it also hides the stolen credentials of the same Region.
    noisy = estate.at("production", IRELAND)
    _filter(noisy, "quiet-recovery-tests", {"resource.resourceType": {"Eq": ["AccessKey"]}})
    quiet = estate.at("production", FRANKFURT)
    _filter(
        quiet,
        "port-scans-by-our-scanner",
        {
            "type": {"Eq": ["Recon:EC2/Portscan"]},
            "resource.instanceDetails.tags.value": {"Eq": ["scanner"]},
            "severity": {"LessThan": 4},
        },
    )


def _detector(here: Place, features: tuple[str, ...] = (), *, enabled: bool = True) -> None:
    made = here("guardduty").create_detector(
        Enable=enabled,
        FindingPublishingFrequency="FIFTEEN_MINUTES" if features else "SIX_HOURS",
        Features=[_feature(name) for name in features],
        Tags={"team": "security"} if features else {},
    )
    here.keep(f"detector/{here.region}", made["DetectorId"])


def _feature(name: str) -> dict[str, Any]:
    feature: dict[str, Any] = {"Name": name, "Status": "ENABLED"}
    if name == "RUNTIME_MONITORING":
        feature["AdditionalConfiguration"] = [
            {"Name": agent, "Status": "ENABLED"} for agent in _AGENTS
        ]
    return feature


def _filter(here: Place, name: str, criterion: dict[str, Any]) -> None:
    here("guardduty").create_filter(
        DetectorId=here.get(f"detector/{here.region}"),
        Name=name,
        Action="ARCHIVE",
        FindingCriteria={"Criterion": criterion},
    )


def _flow_logs(estate: Estate) -> None:
    """The well-kept networks tell the archive who talked to whom."""
    for network in NETWORKS:
        if network.kept:
            here = estate.at(network.account, network.region)
            here("ec2").create_flow_logs(
                ResourceIds=[here.get(f"vpc/{network.name}")],
                ResourceType="VPC",
                TrafficType="ALL",
                LogDestinationType="s3",
                LogDestination="arn:aws:s3:::fennelrye-flow-logs",
            )


def _routes(here: Place) -> None:
    """Findings of the tools' own account go to the people on call."""
    topic = here("sns").create_topic(
        Name="findings", Attributes={"KmsMasterKeyId": "alias/audit"}, Tags=tags(team="security")
    )["TopicArn"]
    here("sns").subscribe(
        TopicArn=topic, Protocol="https", Endpoint="https://pager.fennelrye.example/aws"
    )
    here("events").put_rule(
        Name="findings-to-people",
        State="ENABLED",
        EventPattern=json.dumps(
            {
                "source": ["aws.guardduty", "aws.securityhub"],
                "detail-type": ["GuardDuty Finding", "Security Hub Findings - Imported"],
            }
        ),
    )
    here("events").put_targets(Rule="findings-to-people", Targets=[{"Id": "people", "Arn": topic}])


def _log_groups(here: Place) -> None:
    logs = here("logs")
    for name, days in (
        ("/api/partners", 365),
        ("/api/delivery-tracking", 365),
        ("/ecs/shop", 365),
        ("/ecs/checkout", 14),
        ("/aws/lambda/orders-intake", 365),
        # Nobody set a time: it grows for ever.
        ("/aws/lambda/send-receipts", 0),
        ("aws-waf-logs-shop", 365),
    ):
        logs.create_log_group(logGroupName=name, tags={"team": "shop"})
        if days:
            logs.put_retention_policy(logGroupName=name, retentionInDays=days)
