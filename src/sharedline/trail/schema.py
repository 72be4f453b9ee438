"""The columns of an event in the lake: names as in Athena's public table of CloudTrail logs.

Ref: https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table.html and
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
(read 2026-11-21). Here times and booleans are typed, where that table has texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pyarrow as pa

Kind = Literal["text", "json", "bool", "time", "identity", "resources"]

#: CloudTrail's members that have a column, in the columns' order; a column is the name in lower case.
MEMBERS: Mapping[str, Kind] = {
    "eventVersion": "text",
    "userIdentity": "identity",
    "eventTime": "time",
    "eventSource": "text",
    "eventName": "text",
    "awsRegion": "text",
    "sourceIPAddress": "text",
    "userAgent": "text",
    "errorCode": "text",
    "errorMessage": "text",
    "requestParameters": "json",
    "responseElements": "json",
    "additionalEventData": "json",
    "requestID": "text",
    "eventID": "text",
    "resources": "resources",
    "eventType": "text",
    "apiVersion": "text",
    "readOnly": "bool",
    "managementEvent": "bool",
    "recipientAccountId": "text",
    "serviceEventDetails": "json",
    "sharedEventID": "text",
    "vpcEndpointId": "text",
    "vpcEndpointAccountId": "text",
    "eventCategory": "text",
    "sessionCredentialFromConsole": "bool",
    "tlsDetails": "json",
    "addendum": "json",
    "edgeDeviceDetails": "json",
    "insightDetails": "json",
}
#: Members by their name in lower case, as Athena's exports spell them.
BY_COLUMN: Mapping[str, str] = {name.lower(): name for name in MEMBERS}


def _texts(*names: str) -> list[tuple[str, pa.DataType]]:
    return [(name, pa.string()) for name in names]


ATTRIBUTES = pa.struct(_texts("mfaauthenticated", "creationdate"))
ISSUER = pa.struct(_texts("type", "principalid", "arn", "accountid", "username"))
FEDERATION = pa.struct(_texts("federatedprovider", "attributes"))
BEHALF = pa.struct(_texts("userid", "identitystorearn"))
SESSION = pa.struct(
    [
        ("attributes", ATTRIBUTES),
        ("sessionissuer", ISSUER),
        ("ec2roledelivery", pa.string()),
        ("webidfederationdata", FEDERATION),
    ]
)
IDENTITY = pa.struct(
    [
        *_texts("type", "principalid", "arn", "accountid", "invokedby", "accesskeyid", "username"),
        ("identityprovider", pa.string()),
        ("onbehalfof", BEHALF),
        ("sessioncontext", SESSION),
    ]
)
RESOURCE = pa.struct(_texts("arn", "accountid", "type"))

_ARROW: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "json": pa.string(),
    "bool": pa.bool_(),
    "time": pa.timestamp("us", tz="UTC"),
    "identity": IDENTITY,
    "resources": pa.list_(RESOURCE),
}
#: `source` is the file an event came from; `other` holds the members without a column, as JSON.
SCHEMA = pa.schema(
    [
        *((name.lower(), _ARROW[kind]) for name, kind in MEMBERS.items()),
        ("source", pa.string()),
        ("other", pa.string()),
    ]
)
#: Leaves with few different values: a dictionary pays there, and costs time everywhere else.
DICTIONARIES = [
    "eventversion",
    "eventsource",
    "eventname",
    "awsregion",
    "useragent",
    "errorcode",
    "eventtype",
    "apiversion",
    "recipientaccountid",
    "eventcategory",
    "tlsdetails",
    "source",
    "useridentity.type",
    "useridentity.principalid",
    "useridentity.arn",
    "useridentity.accountid",
    "useridentity.accesskeyid",
    "useridentity.username",
    "useridentity.sessioncontext.attributes.mfaauthenticated",
    "useridentity.sessioncontext.attributes.creationdate",
    "useridentity.sessioncontext.ec2roledelivery",
    "useridentity.sessioncontext.sessionissuer.type",
    "useridentity.sessioncontext.sessionissuer.principalid",
    "useridentity.sessioncontext.sessionissuer.arn",
    "useridentity.sessioncontext.sessionissuer.accountid",
    "useridentity.sessioncontext.sessionissuer.username",
    "resources.list.element.accountid",
    "resources.list.element.type",
]


def sql_type(kind: pa.DataType, dialect: str) -> str:
    """An Arrow type in the words of DuckDB or Spark."""
    spark = dialect == "spark"
    if pa.types.is_struct(kind):
        fields = [kind.field(n) for n in range(kind.num_fields)]
        typed = [(f.name, sql_type(f.type, dialect)) for f in fields]
        if spark:
            return "struct<" + ", ".join(f"`{name}`: {inner}" for name, inner in typed) + ">"
        return "struct(" + ", ".join(f'"{name}" {inner}' for name, inner in typed) + ")"
    if pa.types.is_list(kind):
        inner = sql_type(kind.value_type, dialect)
        return f"array<{inner}>" if spark else f"{inner}[]"
    if pa.types.is_timestamp(kind):
        return "timestamp" if spark else "timestamptz"
    if pa.types.is_boolean(kind):
        return "boolean"
    return "string" if spark else "varchar"
