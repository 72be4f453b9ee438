"""Lambda, queues, topics, events and APIs of the example estate."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from typing import Any

from sharedline.demo.estate import keys
from sharedline.demo.estate.place import FRANKFURT, Estate, Place, allow, deny, document, tags


@cache
def _code() -> bytes:
    """A function's zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        # The time of the file is part of the hash that AWS shows.
        archive.writestr(
            zipfile.ZipInfo("main.py", (2026, 1, 2, 3, 4, 6)), "def handler(*_): ...\n"
        )
    return buffer.getvalue()


def build(estate: Estate) -> None:
    """Functions, then what calls them."""
    here, kits = estate.at("production", FRANKFURT), estate.at("plumbob")
    _functions(here)
    keys.rotate(here)
    _kits_functions(kits)
    _queues(here, kits)
    _topics(here, kits)
    _events(here)
    _apis(here, kits)


def _function(here: Place, name: str, team: str, role: str, runtime: str, **more: Any) -> None:
    """A function from a zip; without a runtime, from an image."""
    code: dict[str, Any] = {
        "Runtime": runtime,
        "Handler": "main.handler",
        "Code": {"ZipFile": _code()},
    }
    if not runtime:
        image = f"{here.id}.dkr.ecr.{here.region}.amazonaws.com/{name}:3"
        code = {"PackageType": "Image", "Code": {"ImageUri": image}}
    made = here("lambda").create_function(
        FunctionName=name,
        Role=here.iam(f"role/{role}"),
        Tags={"team": team} if team else {},
        **(code | more),
    )
    here.keep(f"function/{name}", made["FunctionArn"])


def _functions(here: Place) -> None:
    inside = {
        "VpcConfig": {
            "SubnetIds": [here.get(f"subnet/shop-private-{zone}") for zone in ("a", "b")],
            "SecurityGroupIds": [here.get("sg/shop/web")],
        }
    }
    role = "orders-function"
    _function(here, "rotate-secrets", "platform", role, "python3.13", **inside)
    _function(
        here,
        "orders-intake",
        "shop",
        role,
        "python3.13",
        **inside,
        Environment={
            "Variables": {"QUEUE": "orders", "SECRET_ARN": here.get("secret/shop/orders-db")}
        },
        TracingConfig={"Mode": "Active"},
    )
    _function(
        here,
        "send-receipts",
        "shop",
        role,
        "nodejs22.x",
        # The mail provider's key, in the clear.
        Environment={"Variables": {"MAIL_API_KEY": "made-up-5f2c81d09e7b4a36", "FROM": "shop"}},
    )
    # AWS has stopped patching this runtime.
    _function(here, "resize-photos", "shop", role, "python3.8")
    _function(here, "recommend", "data", role, "")


def _kits_functions(kits: Place) -> None:
    _function(
        kits,
        "kits-webhook",
        "",
        "lambda-anything",
        "nodejs14.x",
        Environment={"Variables": {"DB_PASSWORD": "kits4ever-2019", "STAGE": "prod"}},
    )
    awslambda = kits("lambda")
    awslambda.create_function_url_config(FunctionName="kits-webhook", AuthType="NONE")
    awslambda.add_permission(
        FunctionName="kits-webhook",
        StatementId="anybody",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )
    _function(kits, "kits-scores", "", "lambda-anything", "python3.13")


def _queues(here: Place, kits: Place) -> None:
    sqs = here("sqs")
    for name, team in (("orders", "shop"), ("orders-failed", "shop"), ("receipts", "shop")):
        url = sqs.create_queue(
            QueueName=name,
            Attributes={
                "KmsMasterKeyId": "alias/shop",
                "Policy": document(_tls(here.arn("sqs", name), "sqs:*")),
            },
            tags={"team": team},
        )["QueueUrl"]
        here.keep(f"queue/{name}", url)
    here("lambda").create_event_source_mapping(
        FunctionName="orders-intake", EventSourceArn=here.arn("sqs", "orders"), BatchSize=10
    )
    arn = kits.arn("sqs", "kits-mail")
    kits("sqs").create_queue(
        QueueName="kits-mail",
        Attributes={
            "SqsManagedSseEnabled": "false",
            "Policy": document(allow("sqs:*", arn, Principal="*")),
        },
    )


def _tls(arn: str, actions: str) -> dict[str, Any]:
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    return deny(actions, arn, Sid="OnlyEncrypted", Principal="*", Condition=insecure)


def _topics(here: Place, kits: Place) -> None:
    arn = here.arn("sns", "order-news")
    own = allow("sns:Publish", arn, Principal={"AWS": here.iam("root")})
    here("sns").create_topic(
        Name="order-news",
        Attributes={
            "KmsMasterKeyId": "alias/shop",
            "Policy": document(own, _tls(arn, "sns:Publish")),
        },
        Tags=tags(team="shop"),
    )
    here("sns").subscribe(TopicArn=arn, Protocol="sqs", Endpoint=here.arn("sqs", "receipts"))
    arn = kits.arn("sns", "kits-alerts")
    kits("sns").create_topic(Name="kits-alerts")
    kits("sns").set_topic_attributes(
        TopicArn=arn,
        AttributeName="Policy",
        AttributeValue=document(allow(["sns:Publish", "sns:Subscribe"], arn, Principal="*")),
    )


def _events(here: Place) -> None:
    events = here("events")
    events.create_event_bus(Name="shop")
    events.put_rule(
        Name="order-placed",
        EventBusName="shop",
        EventPattern='{"source": ["shop.orders"]}',
        State="ENABLED",
    )
    events.put_targets(
        Rule="order-placed",
        EventBusName="shop",
        Targets=[{"Id": "queue", "Arn": here.arn("sqs", "orders")}],
    )


def _apis(here: Place, kits: Place) -> None:
    _rest_api(here, "partners", "shop", kept=True)
    _rest_api(kits, "kits-api", "", kept=False)
    http = here("apigatewayv2").create_api(
        Name="delivery-tracking", ProtocolType="HTTP", Tags={"team": "shop"}
    )["ApiId"]
    here("apigatewayv2").create_stage(
        ApiId=http,
        StageName="live",
        AccessLogSettings={
            "DestinationArn": here.arn("logs", "log-group:/api/delivery-tracking"),
            "Format": "$context.requestId",
        },
    )
    here("apigatewayv2").create_route(
        ApiId=http, RouteKey="GET /deliveries/{id}", AuthorizationType="AWS_IAM"
    )


def _rest_api(here: Place, name: str, team: str, *, kept: bool) -> None:
    gateway = here("apigateway")
    api = gateway.create_rest_api(
        name=name,
        endpointConfiguration={"types": ["REGIONAL"]},
        tags={"team": team} if team else {},
    )["id"]
    here.keep(f"api/{name}", api)
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    gateway.put_method(
        restApiId=api,
        resourceId=root,
        httpMethod="GET",
        authorizationType="AWS_IAM" if kept else "NONE",
    )
    gateway.put_integration(
        restApiId=api, resourceId=root, httpMethod="GET", type="MOCK", integrationHttpMethod="GET"
    )
    deployment = gateway.create_deployment(restApiId=api)["id"]
    gateway.create_stage(
        restApiId=api, stageName="live", deploymentId=deployment, tracingEnabled=kept
    )
    if kept:
        group = here.arn("logs", f"log-group:/api/{name}")
        changes = (
            ("/accessLogSettings/destinationArn", group),
            ("/accessLogSettings/format", "$context.requestId"),
            ("/*/*/logging/loglevel", "INFO"),
            ("/*/*/metrics/enabled", "true"),
        )
        gateway.update_stage(
            restApiId=api,
            stageName="live",
            patchOperations=[
                {"op": "replace", "path": path, "value": value} for path, value in changes
            ],
        )
