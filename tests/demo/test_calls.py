"""Requests are recognised as what botocore meant when it made them."""

import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
import botocore.session
import pytest
from botocore.config import Config
from moto.core.request import Request

from sharedline.demo.calls import Call, identify, services_by_signing_name

READS = ("List", "Get", "Describe", "BatchGet", "Head", "Lookup", "Generate")
SERVICES = """
    accessanalyzer account acm apigateway apigatewayv2 artifact autoscaling backup cloudfront
    cloudtrail cloudwatch config dynamodb ecr ecs efs eks elasticache elb elbv2 events
    eventbridgev2 guardduty iam inspector2 kms lambda logs macie2 opensearch organizations
    redshift resource-explorer-2 resourcegroupstaggingapi route53 s3 s3control secretsmanager
    securityhub ses sesv2 sns sqs ssm sts timestream-write wafv2
"""
# One and the same request; S3's older operation was replaced by the longer name.
SAME_REQUEST = {
    ("s3", "GetBucketLifecycle"): ("s3", "GetBucketLifecycleConfiguration"),
    ("s3", "GetBucketNotification"): ("s3", "GetBucketNotificationConfiguration"),
    ("timestream-write", "DescribeEndpoints"): ("timestream-query", "DescribeEndpoints"),
    ("timestream-write", "ListTagsForResource"): ("timestream-query", "ListTagsForResource"),
}


def sample(shape: Any) -> Any:
    """The smallest value that a shape allows."""
    if shape is None:
        return {}
    kind = shape.type_name
    if kind == "structure":
        return {name: sample(shape.members[name]) for name in shape.required_members}
    if kind == "list":
        return [sample(shape.member)]
    if kind == "map":
        return {"key": sample(shape.value)}
    if kind == "string":
        return (shape.enum or ["123456789012"])[0]
    return {"boolean": True, "blob": b"x", "timestamp": 0}.get(kind, 1)


class SentError(Exception):
    """Stops botocore where it would send."""


def requests_of(service: str) -> Iterator[tuple[str, dict[str, Any], Request]]:
    config = Config(parameter_validation=False)
    session: Any = boto3.Session("AKIAIOSFODNN7EXAMPLE", "secret", region_name="eu-west-1")
    client = session.client(service, endpoint_url="http://127.0.0.1:5000", config=config)

    def stop(request: Any, **_: Any) -> None:
        raise SentError(request)

    client.meta.events.register_first("before-send.*.*", stop)
    for name in client.meta.service_model.operation_names:
        if name.startswith(READS):
            params = sample(client.meta.service_model.operation_model(name).input_shape)
            with pytest.raises(SentError) as sent:
                client._make_api_call(name, params)
            yield name, params, received(sent.value.args[0])


def received(sent: Any) -> Request:
    """A request as the server sees it."""
    url = urlsplit(sent.url)
    body = sent.body.read() if hasattr(sent.body, "read") else sent.body or b""
    environ = {
        "REQUEST_METHOD": sent.method,
        "PATH_INFO": unquote(url.path),
        "RAW_URI": url.path,
        "QUERY_STRING": url.query,
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body.encode() if isinstance(body, str) else body),
        "HTTP_HOST": "127.0.0.1:5000",
    }
    for name, value in sent.headers.items():
        key = name.upper().replace("-", "_")
        plain = key in ("CONTENT_TYPE", "CONTENT_LENGTH")
        text = value.decode() if isinstance(value, bytes) else value
        environ[key if plain else f"HTTP_{key}"] = text
    return Request(environ)


@pytest.mark.parametrize("service", SERVICES.split())
def test_every_read_operation_is_recognised(service: str) -> None:
    seen = 0
    for name, params, request in requests_of(service):
        call = identify(request)
        assert call is not None, name
        expected = SAME_REQUEST.get((service, name), (service, name))
        assert (call.service, call.operation) == expected
        # CloudFront, IAM and a few others sign for us-east-1 wherever they are called from.
        assert call.region in ("eu-west-1", "us-east-1")
        assert call.account == "123456789012"
        assert set(params) <= set(call.params), name
        seen += 1
    assert seen


def test_what_is_not_a_known_call() -> None:
    def asked(**headers: str) -> Call | None:
        return identify(Request({"REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(), **headers}))

    scope = "AWS4-HMAC-SHA256 Credential=AKIA/20261121/eu-west-1/{}/aws4_request, Signature=0"
    assert asked() is None
    assert asked(HTTP_AUTHORIZATION="Bearer token") is None
    assert asked(HTTP_AUTHORIZATION=scope.format("nonesuch")) is None
    target = {"HTTP_X_AMZ_TARGET": "TrentService.Nonesuch"}
    assert asked(HTTP_AUTHORIZATION=scope.format("kms"), **target) is None


def test_services_agree_with_the_models() -> None:
    session = botocore.session.get_session()
    read = {
        service.name: (name, service)
        for name, services in services_by_signing_name().items()
        for service in services
    }
    assert set(read) == set(session.get_available_services())
    for name in ("s3control", "opensearch", "elbv2", "lexv2-models", "sagemaker", "ssm-incidents"):
        model = session.get_service_model(name)
        signing_name, service = read[name]
        assert signing_name == model.signing_name
        assert service.api_version == model.api_version
        assert model.resolved_protocol in service.protocols
        assert service.target_prefix == model.metadata.get("targetPrefix")


def test_a_service_of_the_very_name_comes_first() -> None:
    by_name = services_by_signing_name()
    assert [service.name for service in by_name["rds"]] == ["rds", "docdb", "neptune"]
    assert by_name["s3"][0].name == "s3"
