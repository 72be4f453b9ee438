"""Alarms on the trail of the example estate: some tell the people on call, some nobody."""

from __future__ import annotations

from sharedline.demo.estate.place import FRANKFURT, Estate, tags

#: What CIS wants an alarm for, by name: the filter patterns. Half of the list has one here.
_PATTERNS = {
    "root-use": (
        '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS '
        '&& $.eventType != "AwsServiceEvent" }'
    ),
    "sign-in-without-mfa": (
        '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") '
        '&& ($.userIdentity.type = "IAMUser") '
        '&& ($.responseElements.ConsoleLogin = "Success") }'
    ),
    "sign-in-failures": (
        '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }'
    ),
    "organisation-changes": (
        "{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = AcceptHandshake) || "
        "($.eventName = AttachPolicy) || ($.eventName = CreateAccount) || ($.eventName = "
        "CreateOrganizationalUnit) || ($.eventName = CreatePolicy) || ($.eventName = "
        "DeclineHandshake) || ($.eventName = DeleteOrganization) || ($.eventName = "
        "DeleteOrganizationalUnit) || ($.eventName = DeletePolicy) || ($.eventName = "
        "DetachPolicy) || ($.eventName = DisablePolicyType) || ($.eventName = EnablePolicyType) "
        "|| ($.eventName = InviteAccountToOrganization) || ($.eventName = LeaveOrganization) || "
        "($.eventName = MoveAccount) || ($.eventName = RemoveAccountFromOrganization) || "
        "($.eventName = UpdatePolicy) || ($.eventName = UpdateOrganizationalUnit)) }"
    ),
    "trail-changes": (
        "{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = "
        "DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging) }"
    ),
    "key-deletion": (
        "{ ($.eventSource = kms.amazonaws.com) && (($.eventName = DisableKey) || "
        "($.eventName = ScheduleKeyDeletion)) }"
    ),
    "bucket-policy-changes": (
        "{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || "
        "($.eventName = PutBucketPolicy) || ($.eventName = PutBucketCors) || "
        "($.eventName = PutBucketLifecycle) || ($.eventName = PutBucketReplication) || "
        "($.eventName = DeleteBucketPolicy) || ($.eventName = DeleteBucketCors) || "
        "($.eventName = DeleteBucketLifecycle) || ($.eventName = DeleteBucketReplication)) }"
    ),
}
#: Whom each alarm tells. The list of the old operations team never confirmed its subscription;
#: a pattern that is not here is counted, and nobody is told.
_TOLD = {
    "root-use": "on-call",
    "sign-in-without-mfa": "on-call",
    "sign-in-failures": "on-call",
    "organisation-changes": "on-call",
    "trail-changes": "old-ops-list",
    "key-deletion": "old-ops-list",
}


def build(estate: Estate) -> None:
    """Topics, metric filters over the trail, and alarms on some of them."""
    here = estate.at("management", FRANKFURT)
    for name in ("on-call", "old-ops-list"):
        topic = here("sns").create_topic(
            Name=name,
            Attributes={"KmsMasterKeyId": "alias/aws/sns"},
            Tags=tags(team="security"),
        )["TopicArn"]
        here.keep(f"topic/{name}", topic)
        here("sns").subscribe(
            TopicArn=topic, Protocol="email", Endpoint=f"{name}@fennelrye.example"
        )
    for name, pattern in _PATTERNS.items():
        here("logs").put_metric_filter(
            logGroupName="org-trail",
            filterName=name,
            filterPattern=pattern,
            metricTransformations=[
                {"metricName": name, "metricNamespace": "trail", "metricValue": "1"}
            ],
        )
    for name, topic in _TOLD.items():
        here("cloudwatch").put_metric_alarm(
            AlarmName=name,
            Namespace="trail",
            MetricName=name,
            Statistic="Sum",
            Period=300,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching",
            AlarmActions=[here.get(f"topic/{topic}")],
        )
