"""Whether a command of AWS's command line exists, by botocore's own models."""

from __future__ import annotations

from functools import cache

import botocore.exceptions
import botocore.session
from botocore import xform_name

#: Names of the command line that are not botocore's.
_SERVICES = {"s3api": "s3", "configservice": "config", "deploy": "codedeploy"}
#: Commands that the command line has beside the operations.
_OWN = frozenset(
    {
        *(f"s3 {verb}" for verb in ("cp", "ls", "mv", "rm", "sync", "mb", "rb", "presign")),
        "cloudtrail validate-logs",
        "logs tail",
        "eks update-kubeconfig",
        "eks get-token",
        "ecr get-login-password",
        "ec2-instance-connect ssh",
        "rds generate-db-auth-token",
        "cloudformation deploy",
        "configure list",
        "sso login",
    }
)


def is_command(text: str) -> bool:
    """Whether `iam update-access-key` is one."""
    service, _, verb = text.partition(" ")
    return text in _OWN or verb in _operations(service)


@cache
def _operations(service: str) -> frozenset[str]:
    if service == "s3":  # its operations are those of `s3api`
        return frozenset()
    try:
        model = botocore.session.get_session().get_service_model(_SERVICES.get(service, service))
    except (botocore.exceptions.UnknownServiceError, botocore.exceptions.DataNotFoundError):
        return frozenset()
    waits = {"wait"} if service else set()
    return frozenset({xform_name(name, "-") for name in model.operation_names} | waits)
