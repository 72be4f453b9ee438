"""Amazon SQS: queues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sharedline.collect.table import Call, Table, col, item, opt


def _named(queue: dict[str, Any], _: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """A queue's name is the last part of its URL; the listing gives nothing else."""
    yield {**queue, "QueueName": queue["QueueUrl"].rsplit("/", 1)[-1]}


_MANAGED = "Attributes.SqsManagedSseEnabled"

SQS_QUEUE = Table(
    name="sqs_queue",
    service="sqs",
    doc="A queue of messages.",
    arn="arn:{partition}:sqs:{region}:{account_id}:{QueueName}",
    list=Call(operation="ListQueues", items="QueueUrls[].{QueueUrl: @}"),
    transform=_named,
    columns={
        "queue_name": col("QueueName", "string", "The name of the queue."),
        "queue_url": col("QueueUrl", "string", "The address that clients send to."),
    },
    details=(
        Call(
            operation="GetQueueAttributes",
            params={"QueueUrl": item("QueueUrl"), "AttributeNames": ["All"]},
            columns={
                "policy": opt("Attributes.Policy", doc="The access policy, as a JSON document."),
                "kms_master_key_id": opt(
                    "Attributes.KmsMasterKeyId", doc="The KMS key; empty where there is none."
                ),
                "sqs_managed_sse_enabled": col(
                    _MANAGED, "bool", "Whether messages are encrypted with keys that SQS manages."
                ),
            },
        ),
        Call(
            operation="ListQueueTags",
            params={"QueueUrl": item("QueueUrl")},
            columns={"tags": opt("Tags")},
        ),
    ),
)
