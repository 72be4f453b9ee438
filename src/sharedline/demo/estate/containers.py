"""Containers of the example estate: ECR, ECS and EKS."""

from __future__ import annotations

import json
from typing import Any

from sharedline.demo.estate.place import FRANKFURT, Estate, Place, document, tags

#: Repositories with their team; the last one is open to everybody and scans nothing.
REPOSITORIES = (("shop", "shop"), ("checkout", "shop"), ("recommend", "data"))


def build(estate: Estate) -> None:
    """Images first, then what runs them."""
    here, kits = estate.at("production", FRANKFURT), estate.at("plumbob")
    for name, team in REPOSITORIES:
        _repository(here, name, team, kept=True)
    _repository(here, "old-scripts", "platform", kept=False)
    _repository(kits, "kits", "", kept=False)
    kits("ecr").set_repository_policy(
        repositoryName="kits",
        policyText=document(
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            }
        ),
    )
    _ecs(here)
    _kits_ecs(kits)
    _eks(here)


def _repository(here: Place, name: str, team: str, *, kept: bool) -> None:
    ecr = here("ecr")
    ecr.create_repository(
        repositoryName=name,
        imageTagMutability="IMMUTABLE" if kept else "MUTABLE",
        imageScanningConfiguration={"scanOnPush": kept},
        encryptionConfiguration={"encryptionType": "KMS" if kept else "AES256"},
        tags=tags(**({"team": team} if team else {})),
    )
    if kept:
        rule = {
            "rulePriority": 1,
            "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 30},
            "action": {"type": "expire"},
        }
        ecr.put_lifecycle_policy(
            repositoryName=name, lifecyclePolicyText=json.dumps({"rules": [rule]})
        )
    for number in (1, 2, 3) if kept else (1,):
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"digest": f"sha256:{number:064d}", "size": 7000 + number},
            "layers": [{"digest": f"sha256:{number + 9:064d}", "size": 32_000_000}],
        }
        ecr.put_image(repositoryName=name, imageManifest=json.dumps(manifest), imageTag=str(number))


def _task(here: Place, name: str, role: str, **more: Any) -> str:
    container: dict[str, Any] = {
        "name": name,
        "image": f"{here.id}.dkr.ecr.{here.region}.amazonaws.com/{name}:3",
        "essential": True,
        "readonlyRootFilesystem": True,
        "privileged": False,
        "user": "1000",
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": f"/ecs/{name}",
                "awslogs-region": here.region,
                "awslogs-stream-prefix": name,
            },
        },
    }
    made = here("ecs").register_task_definition(
        family=name,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="512",
        memory="1024",
        taskRoleArn=here.iam(f"role/{role}"),
        executionRoleArn=here.iam("role/task-start"),
        containerDefinitions=[{k: v for k, v in (container | more).items() if v is not None}],
        tags=[{"key": "team", "value": "shop"}] if here.account == "production" else [],
    )
    return str(made["taskDefinition"]["taskDefinitionArn"])


def _ecs(here: Place) -> None:
    ecs = here("ecs")
    ecs.create_cluster(
        clusterName="shop",
        settings=[{"name": "containerInsights", "value": "enabled"}],
        capacityProviders=["FARGATE"],
        tags=[{"key": "team", "value": "shop"}],
    )
    network = {
        "awsvpcConfiguration": {
            "subnets": [here.get(f"subnet/shop-private-{zone}") for zone in ("a", "b")],
            "securityGroups": [here.get("sg/shop/web")],
            "assignPublicIp": "DISABLED",
        }
    }
    for name, more in (
        ("shop", {}),
        # A password in the clear, where a reference to the secret would do.
        ("checkout", {"environment": [{"name": "PAYMENT_PASSWORD", "value": "made-up-9c1f"}]}),
    ):
        task = _task(here, name, f"shop-{'web' if name == 'shop' else 'checkout'}-task", **more)
        ecs.create_service(
            cluster="shop",
            serviceName=name,
            taskDefinition=task,
            desiredCount=2,
            launchType="FARGATE",
            platformVersion="LATEST",
            networkConfiguration=network,
            tags=[{"key": "team", "value": "shop"}],
        )


def _kits_ecs(kits: Place) -> None:
    kits("ecs").create_cluster(clusterName="kits")
    careless = {
        "privileged": True,
        "readonlyRootFilesystem": False,
        "user": None,
        "logConfiguration": None,
    }
    _task(kits, "kits", "kits-everything", **careless)


def _eks(here: Place) -> None:
    eks = here("eks")
    subnets = [here.get(f"subnet/shop-private-{zone}") for zone in ("a", "b")]
    _cluster(here, "platform", "1.34", subnets, public=False)
    # A trial of last year: an old version, its endpoint open to the internet.
    _cluster(here, "trial", "1.29", subnets, public=True)
    eks.create_nodegroup(
        clusterName="platform",
        nodegroupName="general",
        subnets=subnets,
        nodeRole=here.iam("role/eks-node"),
        amiType="AL2023_x86_64_STANDARD",
        version="1.34",
        tags={"team": "platform"},
    )
    eks.create_fargate_profile(
        clusterName="platform",
        fargateProfileName="jobs",
        podExecutionRoleArn=here.iam("role/eks-node"),
        selectors=[{"namespace": "jobs"}],
        subnets=subnets,
        tags={"team": "data"},
    )


def _cluster(here: Place, name: str, version: str, subnets: list[str], *, public: bool) -> None:
    logged = ["api", "audit", "authenticator"]
    more: dict[str, Any] = {}
    if not public:
        more = {
            "logging": {"clusterLogging": [{"types": logged, "enabled": True}]},
            "encryptionConfig": [
                {
                    "resources": ["secrets"],
                    "provider": {"keyArn": here.arn("kms", f"key/{here.get('key/shop')}")},
                }
            ],
        }
    here("eks").create_cluster(
        name=name,
        version=version,
        roleArn=here.iam("role/eks-cluster"),
        resourcesVpcConfig={
            "subnetIds": subnets,
            "endpointPublicAccess": public,
            "endpointPrivateAccess": not public,
            **({"publicAccessCidrs": ["0.0.0.0/0"]} if public else {}),
        },
        tags={"team": "platform"},
        **more,
    )
