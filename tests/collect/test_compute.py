"""The compute and application tables and checks, end to end against the local emulator."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest

from sharedline import Finding, scan
from sharedline.demo.emulator import Emulator, start
from sharedline.demo.rules import Deny

REGION = "us-east-1"
# Support dates pass: the scans of these tests all happen on this day.
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET = "correct-horse-battery-42"
SERVICES = (
    "ssm", "inspector2", "ecr", "ecs", "eks", "lambda", "elasticbeanstalk", "lightsail",
    "workspaces", "codebuild", "kinesis", "sagemaker", "stepfunctions",
)  # fmt: skip
CHECKS = tuple(f"{service}/*" for service in SERVICES)
Answers = dict[tuple[str, str], bool | None]


def _session() -> Any:
    made: Any = boto3.Session
    return made(
        region_name=REGION,
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="secret",
    )


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with start(Path(__file__).parent / "compute_estate", clock=NOW, seed=7) as running:
        _build(running.url)
        yield running


def _build(url: str) -> None:
    session = _session()

    def client(service: str) -> Any:
        return session.client(service, endpoint_url=url)

    role = client("iam").create_role(RoleName="app", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    _containers(client("ecr"), client("ecs"), client("ec2"))
    eks = client("eks")
    vpc = {"endpointPublicAccess": False}
    eks.create_cluster(name="prod", version="1.35", roleArn=role, resourcesVpcConfig=vpc)
    eks.create_cluster(name="old", version="1.19", roleArn=role, resourcesVpcConfig={})
    eks.create_cluster(name="edge", version="1.34", roleArn=role, resourcesVpcConfig=vpc)
    eks.create_nodegroup(clusterName="old", nodegroupName="n", subnets=["s"], nodeRole=role)
    _functions(client("lambda"), role)
    ec2 = client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)
    ssm = client("ssm")
    content = json.dumps({"schemaVersion": "2.2", "description": "d", "mainSteps": []})
    for name in ("deploy", "inner"):
        ssm.create_document(
            Name=name, Content=content, DocumentType="Command", DocumentFormat="JSON"
        )
    ssm.modify_document_permission(Name="deploy", PermissionType="Share", AccountIdsToAdd=["all"])
    ssm.put_parameter(Name="/app/db_password", Value=SECRET, Type="String")
    ssm.create_patch_baseline(Name="slow", OperatingSystem="AMAZON_LINUX_2023")
    client("inspector2").enable(accountIds=["123456789012"], resourceTypes=["EC2"])
    _pipelines(client, role)
    beanstalk = client("elasticbeanstalk")
    beanstalk.create_application(ApplicationName="shop")
    beanstalk.create_environment(
        ApplicationName="shop", EnvironmentName="shop-prod", SolutionStackName="x"
    )


def _containers(ecr: Any, ecs: Any, ec2: Any) -> None:
    ecr.create_repository(repositoryName="web", imageTagMutability="IMMUTABLE")
    ecr.create_repository(repositoryName="batch", imageScanningConfiguration={"scanOnPush": True})
    policy = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    ecr.set_repository_policy(repositoryName="batch", policyText=text)
    ecs.create_cluster(clusterName="prod")
    bad = {
        "name": "app", "image": "i", "memory": 128, "privileged": True,
        "environment": [
            {"name": "AWS_SECRET_ACCESS_KEY", "value": "k"},
            {"name": "DB_PASSWORD", "value": SECRET},
        ],
    }  # fmt: skip
    good = {
        "name": "app", "image": "i", "memory": 128, "user": "1000", "readonlyRootFilesystem": True,
        "logConfiguration": {"logDriver": "awslogs"},
        "environment": [{"name": "LOG_LEVEL", "value": "info"}],
    }  # fmt: skip
    ecs.register_task_definition(family="bad", containerDefinitions=[good])
    ecs.register_task_definition(
        family="bad", networkMode="host", pidMode="host", containerDefinitions=[good, bad]
    )
    ecs.register_task_definition(family="good", networkMode="awsvpc", containerDefinitions=[good])
    network = {
        "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
        "securityGroups": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
        "assignPublicIp": "ENABLED",
    }
    ecs.create_service(
        cluster="prod", serviceName="open", taskDefinition="good", desiredCount=1,
        launchType="FARGATE", networkConfiguration={"awsvpcConfiguration": network},
    )  # fmt: skip
    ecs.create_service(cluster="prod", serviceName="inner", taskDefinition="bad", desiredCount=1)


def _pipelines(client: Any, role: str) -> None:
    client("codebuild").create_project(
        name="release",
        source={"type": "BITBUCKET", "location": f"https://build:{SECRET}@bitbucket.org/a/b.git"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [
                {"name": "AWS_SECRET_ACCESS_KEY", "value": SECRET, "type": "PLAINTEXT"},
                {"name": "NPM_TOKEN", "value": "npm", "type": "SECRETS_MANAGER"},
            ],
        },
        serviceRole=role,
    )  # fmt: skip
    client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    client("sagemaker").create_notebook_instance(
        NotebookInstanceName="lab", InstanceType="ml.t3.medium", RoleArn=role, RootAccess="Disabled"
    )
    state = {"Type": "Pass", "End": True}
    client("stepfunctions").create_state_machine(
        name="order", definition=json.dumps({"StartAt": "A", "States": {"A": state}}), roleArn=role
    )


def _functions(client: Any, role: str) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.py", "x")
    made: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("pay", "python3.13", {"DB_PASSWORD": SECRET}),
        ("old", "python3.7", {"LOG_LEVEL": "info"}),
        ("go", "provided.al2023", {}),
    )
    for name, runtime, variables in made:
        client.create_function(
            FunctionName=name, Runtime=runtime, Role=role, Handler="a.b",
            Code={"ZipFile": archive.getvalue()}, Environment={"Variables": variables},
        )  # fmt: skip
    given = {"StatementId": "s", "Action": "lambda:InvokeFunction"}
    client.add_permission(FunctionName="pay", Principal="*", **given)
    client.add_permission(
        FunctionName="old", Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::b", **given
    )


def _scan(emulator: Emulator, lake: Path) -> list[Finding]:
    done = scan(
        session=_session(), regions=(REGION,), checks=CHECKS, lake=lake, processes=0,
        endpoint_url=emulator.url, as_of=NOW,
    )  # fmt: skip
    return list(done.findings())


def _answers(findings: list[Finding]) -> Answers:
    found = {(f.check, f.resource.split(":", 5)[-1]): f.ok for f in findings}
    assert len(found) == len(findings), "a resource is judged twice"
    return found


@pytest.fixture(scope="module")
def scanned(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answers]:
    lake = tmp_path_factory.mktemp("lake")
    return lake, _answers(_scan(emulator, lake))


EXPECTED: Answers = {
    ("ssm/patches_installed", "instance/i-0000000000000000a"): True,
    ("ssm/patches_installed", "managed-instance/mi-0000000000000000c"): False,
    ("ssm/patch_scan_recent", "instance/i-0000000000000000a"): True,
    ("ssm/patch_scan_recent", "instance/i-0000000000000000b"): False,
    ("ssm/associations_compliant", "instance/i-0000000000000000a"): False,
    ("ssm/document_not_public", "document/deploy"): False,
    ("ssm/document_not_public", "document/inner"): True,
    ("ssm/document_public_sharing_blocked", f"region/{REGION}"): False,
    ("ssm/automation_output_logged", f"region/{REGION}"): False,
    ("ssm/secret_parameter_encrypted", "parameter/app/db_password"): False,
    ("inspector2/ec2_scanning_on", f"region/{REGION}"): True,
    ("inspector2/ecr_scanning_on", f"region/{REGION}"): False,
    ("inspector2/findings_fixed_in_time", "finding/old"): False,
    ("ecr/repository_scanned", "repository/web"): False,
    ("ecr/repository_scanned", "repository/batch"): True,
    ("ecr/tags_immutable", "repository/web"): True,
    ("ecr/tags_immutable", "repository/batch"): False,
    ("ecr/lifecycle_policy_set", "repository/web"): False,
    ("ecr/repository_not_public", "repository/web"): True,
    ("ecr/repository_not_public", "repository/batch"): False,
    ("ecr/latest_image_without_critical_findings", "repository/web"): True,
    ("ecr/latest_image_without_critical_findings", "repository/batch"): None,
    ("ecs/service_without_public_ip", "service/prod/open"): False,
    ("ecs/service_without_public_ip", "service/prod/inner"): True,
    ("ecs/fargate_platform_latest", "service/prod/open"): True,
    ("ecs/cluster_container_insights_on", "cluster/prod"): False,
    ("ecs/capacity_provider_protects_instances", "capacity-provider/nodes"): False,
    ("ecs/task_definition_without_host_pid", "task-definition/bad:2"): False,
    ("ecs/task_definition_without_host_pid", "task-definition/good:1"): True,
    ("ecs/task_definition_without_host_network", "task-definition/bad:2"): False,
    ("ecs/containers_not_privileged", "task-definition/bad:2"): False,
    ("ecs/containers_not_privileged", "task-definition/good:1"): True,
    ("ecs/containers_read_only_root", "task-definition/bad:2"): False,
    ("ecs/containers_read_only_root", "task-definition/good:1"): True,
    ("ecs/containers_send_logs", "task-definition/bad:2"): False,
    ("ecs/containers_send_logs", "task-definition/good:1"): True,
    ("ecs/linux_containers_not_root", "task-definition/bad:2"): False,
    ("ecs/linux_containers_not_root", "task-definition/good:1"): True,
    ("ecs/environment_without_aws_keys", "task-definition/bad:2"): False,
    ("ecs/environment_without_aws_keys", "task-definition/good:1"): True,
    ("ecs/environment_without_secrets", "task-definition/bad:2"): False,
    ("ecs/environment_without_secrets", "task-definition/good:1"): True,
    ("eks/endpoint_not_public", "cluster/prod"): True,
    ("eks/endpoint_not_public", "cluster/old"): False,
    ("eks/endpoint_not_open_to_everybody", "cluster/old"): False,
    ("eks/cluster_version_supported", "cluster/prod"): True,
    ("eks/cluster_version_supported", "cluster/old"): False,
    # The shipped dates would say supported; what the API says in this scan wins.
    ("eks/cluster_version_supported", "cluster/edge"): False,
    ("eks/secrets_encrypted_with_own_key", "cluster/prod"): False,
    ("eks/audit_logs_on", "cluster/prod"): False,
    ("lambda/function_not_public", "function:pay"): False,
    ("lambda/function_not_public", "function:old"): False,
    ("lambda/function_not_public", "function:go"): True,
    ("lambda/runtime_supported", "function:pay"): True,
    ("lambda/runtime_supported", "function:old"): False,
    ("lambda/os_only_runtime_supported", "function:go"): True,
    ("lambda/runtime_updates_automatic", "function:pay"): False,
    ("lambda/runtime_updates_automatic", "function:old"): True,
    ("lambda/environment_without_secrets", "function:pay"): False,
    ("lambda/environment_without_secrets", "function:old"): True,
    ("lambda/url_requires_authentication", "function:pay:live"): False,
    ("elasticbeanstalk/enhanced_health_on", "environment/shop/shop-prod"): False,
    ("elasticbeanstalk/managed_updates_on", "environment/shop/shop-prod"): True,
    ("elasticbeanstalk/logs_sent_to_cloudwatch", "environment/shop/shop-prod"): False,
    ("lightsail/admin_ports_not_open", "Instance/blog"): False,
    ("lightsail/snapshots_automatic", "Instance/blog"): True,
    ("lightsail/bucket_not_public", "Bucket/media"): False,
    ("codebuild/source_url_without_credentials", "project/release"): False,
    ("codebuild/environment_without_aws_keys", "project/release"): False,
    ("codebuild/environment_without_secrets", "project/release"): False,
    ("codebuild/build_logs_kept", "project/release"): None,
    ("kinesis/stream_encrypted", "stream/clicks"): False,
    ("kinesis/stream_retention_sufficient", "stream/clicks"): False,
    ("sagemaker/notebook_without_direct_internet", "notebook-instance/lab"): False,
    ("sagemaker/notebook_in_vpc", "notebook-instance/lab"): False,
    ("sagemaker/notebook_without_root", "notebook-instance/lab"): True,
    ("stepfunctions/state_machine_logs", "stateMachine:order"): False,
}


def test_every_answer_is_the_planted_one(scanned: tuple[Path, Answers]) -> None:
    found = scanned[1]
    assert {key: found.get(key, "no finding") for key in EXPECTED} == EXPECTED


def test_an_instance_that_nobody_manages_is_unmet(scanned: tuple[Path, Answers]) -> None:
    answers = [ok for (check, _), ok in scanned[1].items() if check == "ssm/instance_managed"]
    assert answers == [False]


def test_what_does_not_apply_is_not_judged(scanned: tuple[Path, Answers]) -> None:
    found = scanned[1]
    # Never scanned, so nothing can be said of its patches; ssm/patch_scan_recent says that.
    assert ("ssm/patches_installed", "instance/i-0000000000000000b") not in found
    assert ("lambda/runtime_supported", "function:go") not in found
    assert ("ecs/fargate_platform_latest", "service/prod/inner") not in found
    assert ("ecs/capacity_provider_protects_instances", "capacity-provider/FARGATE") not in found


def test_no_secret_reaches_the_lake(scanned: tuple[Path, Answers]) -> None:
    files = list(scanned[0].rglob("*.parquet"))
    assert len(files) > 20
    for file in files:
        assert SECRET not in json.dumps(pq.read_table(file).to_pylist(), default=str), file.name


def _denied(emulator: Emulator, lake: Path, calls: Sequence[str]) -> list[Finding]:
    emulator.rules(deny=[Deny(*call.split(":")) for call in calls])
    try:
        return _scan(emulator, lake)
    finally:
        emulator.rules()


DETAILS = {
    "lambda:GetPolicy": "lambda/function_not_public",
    "lambda:GetRuntimeManagementConfig": "lambda/runtime_updates_automatic",
    "ecr:GetRepositoryPolicy": "ecr/repository_not_public",
    "ssm:DescribeDocumentPermission": "ssm/document_not_public",
    "ssm:DescribeInstancePatchStates": "ssm/patches_installed",
    "ssm:GetPatchBaseline": "ssm/patch_baseline_approves_in_time",
    "elasticbeanstalk:DescribeConfigurationSettings": "elasticbeanstalk/managed_updates_on",
}
LISTINGS = {
    "ecr:GetLifecyclePolicy": "ecr/lifecycle_policy_set",
    "ecr:DescribeImages": "ecr/latest_image_without_critical_findings",
    "ssm:DescribeInstanceInformation": "ssm/instance_managed",
    "ecs:DescribeTaskDefinition": "ecs/containers_not_privileged",
    "lambda:ListFunctionUrlConfigs": "lambda/url_requires_authentication",
    "inspector2:BatchGetAccountStatus": "inspector2/ec2_scanning_on",
}


@pytest.mark.parametrize("denied", [DETAILS, LISTINGS], ids=["details", "listings"])
def test_what_is_denied_is_unknown_and_named(
    emulator: Emulator, tmp_path: Path, denied: dict[str, str]
) -> None:
    findings = _denied(emulator, tmp_path / "lake", list(denied))
    for call, check in denied.items():
        answers = [f for f in findings if f.check == check]
        assert answers, check
        assert {f.ok for f in answers} == {None}, check
        assert {f.denied_call for f in answers} == {call}, check


def test_shipped_dates_stand_in_for_the_kubernetes_calendar(
    emulator: Emulator, tmp_path: Path
) -> None:
    findings = _denied(emulator, tmp_path / "lake", ["eks:DescribeClusterVersions"])
    found = _answers([f for f in findings if f.check == "eks/cluster_version_supported"])
    assert {name.removeprefix("cluster/"): ok for (_, name), ok in found.items()} == {
        "prod": True,
        "edge": True,
        "old": False,
    }
