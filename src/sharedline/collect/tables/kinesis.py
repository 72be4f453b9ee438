"""Amazon Kinesis Data Streams: the encryption and retention of each stream."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, item, opt

KINESIS_STREAM = Table(
    name="kinesis_stream",
    service="kinesis",
    arn="{StreamARN}",
    list=Call(operation="ListStreams", items="StreamNames[]"),
    describe=Call(
        operation="DescribeStreamSummary",
        items="StreamDescriptionSummary",
        params={"StreamName": item("@")},
    ),
    columns={
        "stream_name": "StreamName",
        "stream_status": opt("StreamStatus"),
        "encryption_type": opt("EncryptionType", "NONE"),
        "key_id": opt("KeyId"),
        "retention_period_hours": "RetentionPeriodHours",
    },
)
