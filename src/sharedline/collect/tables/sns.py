"""Amazon SNS: topics and their subscriptions."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, item, opt

SNS_TOPIC = Table(
    name="sns_topic",
    service="sns",
    arn="{TopicArn}",
    list=Call(operation="ListTopics", items="Topics[]"),
    details=(
        Call(
            operation="GetTopicAttributes",
            params={"TopicArn": item("TopicArn")},
            columns={
                "policy": opt("Attributes.Policy", doc="The access policy, as a JSON document."),
                "kms_master_key_id": opt(
                    "Attributes.KmsMasterKeyId", doc="The KMS key; empty where there is none."
                ),
                "display_name": opt("Attributes.DisplayName", doc="The name mails come from."),
                "owner": opt("Attributes.Owner", doc="The account that owns the topic."),
            },
        ),
        Call(
            operation="ListTagsForResource",
            params={"ResourceArn": item("TopicArn")},
            columns={"tags": opt("Tags")},
        ),
    ),
)

SNS_SUBSCRIPTION = Table(
    name="sns_subscription",
    service="sns",
    # A subscription that waits for confirmation has no ARN, so rows carry the topic's.
    arn="{TopicArn}",
    resource=False,
    list=Call(operation="ListSubscriptions", items="Subscriptions[]"),
    columns={
        "topic_arn": "TopicArn",
        "subscription_arn": "SubscriptionArn",
        "protocol": "Protocol",
        "endpoint": opt("Endpoint"),
        "owner": "Owner",
        "confirmed": col(
            "SubscriptionArn && starts_with(SubscriptionArn, 'arn:')",
            "bool",
            "Whether the endpoint confirmed; a pending or deleted subscription delivers nothing.",
        ),
    },
)
