"""The kinds of findings that GuardDuty makes, and those that AWS has retired, as dated data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from sharedline.duties.catalogue import read_toml, refuse_unknown
from sharedline.errors import ConfigError

SEVERITIES = ("low", "medium", "high", "critical", "varies")
_KEYS = {"plan", "needs", "collected", *SEVERITIES}
#: Which services a finding's middle part speaks of; none where it needs no resource of its own.
_SERVICES: Mapping[str, tuple[str, ...]] = {
    "EC2": ("ec2",),
    "S3": ("s3",),
    "Kubernetes": ("eks",),
    "EKS": ("eks",),
    "ECS": ("ecs",),
    "Lambda": ("lambda",),
    "RDS": ("rds", "aurora"),
    "Runtime": ("ec2", "eks", "ecs"),
    "Container": ("ec2", "eks", "ecs"),
    "Route53Resolver": ("vpc",),
    "SageMaker": ("sagemaker",),
    "SES": ("ses",),
    "IAM": (),
    "IAMUser": (),
    "Organizations": (),
    "RolesAnywhere": (),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of finding. `variable`: the severity is AWS's default, and circumstances change it."""

    type: str
    severity: str
    plan: str
    needs: tuple[str, ...]
    collected: bool
    variable: bool

    @property
    def resource(self) -> str:
        """The middle part: `S3` of `Policy:S3/BucketPublicAccessGranted`."""
        return self.type.partition(":")[2].partition("/")[0]

    @property
    def services(self) -> tuple[str, ...]:
        """The services of which one must be in use for it to be made."""
        return _SERVICES[self.resource]


def _path() -> Path:
    return Path(str(resources.files("sharedline.runbooks"))) / "guardduty.toml"


@cache
def kinds() -> Mapping[str, Kind]:
    """The active kinds by type."""
    path, made = _path(), {}
    for group in read_toml(path)["group"]:
        refuse_unknown(group, _KEYS, str(path))
        for severity in SEVERITIES:
            for written in group.get(severity, "").split():
                name = written.rstrip("*")
                if name in made:
                    raise ConfigError(f"{path}: {name} stands there twice.", "Keep one.")
                made[name] = Kind(
                    name,
                    severity,
                    group["plan"],
                    tuple(group.get("needs", ())),
                    bool(group.get("collected", True)),
                    severity == "varies" or name != written,
                )
    return dict(sorted(made.items()))


@cache
def retired() -> frozenset[str]:
    """The kinds that GuardDuty no longer makes."""
    return frozenset(read_toml(_path())["retired"].split())
