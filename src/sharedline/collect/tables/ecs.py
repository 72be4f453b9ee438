"""Amazon ECS: clusters, services and their task sets, task definitions and their containers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sharedline.collect.settings import kinds_in_pairs
from sharedline.collect.table import Call, Table, col, item, opt, parent

ECS_CLUSTER = Table(
    name="ecs_cluster",
    service="ecs",
    arn="{clusterArn}",
    list=Call(operation="ListClusters", items="clusterArns[]"),
    describe=Call(
        operation="DescribeClusters",
        items="clusters[]",
        batch="clusters",
        size=100,
        params={"include": ["SETTINGS", "CONFIGURATIONS", "TAGS"]},
    ),
    tags="tags",
    columns={
        "cluster_name": "clusterName",
        "status": opt("status"),
        "container_insights": col(
            "settings[?name=='containerInsights'].value | [0]",
            "string",
            "Container Insights: `enabled`, `enhanced` or `disabled`.",
            default="disabled",
        ),
        "execute_command_logging": opt("configuration.executeCommandConfiguration.logging"),
        "execute_command_kms_key_id": opt("configuration.executeCommandConfiguration.kmsKeyId"),
        "registered_container_instances_count": opt("registeredContainerInstancesCount"),
        "running_tasks_count": opt("runningTasksCount"),
        "active_services_count": opt("activeServicesCount"),
        "capacity_providers": "capacityProviders",
    },
)

ECS_SERVICE = Table(
    name="ecs_service",
    service="ecs",
    arn="{serviceArn}",
    parent="ecs_cluster",
    list=Call(
        operation="ListServices",
        items="serviceArns[]",
        params={"cluster": parent("arn"), "maxResults": 100},
    ),
    describe=Call(
        operation="DescribeServices",
        items="services[]",
        batch="services",
        size=10,
        params={"cluster": parent("arn"), "include": ["TAGS"]},
    ),
    tags="tags",
    columns={
        "service_name": "serviceName",
        "cluster_arn": "clusterArn",
        "status": opt("status"),
        "launch_type": opt("launchType"),
        "platform_version": opt("platformVersion"),
        "platform_family": opt("platformFamily"),
        "task_definition": opt("taskDefinition"),
        "assign_public_ip": opt(
            "networkConfiguration.awsvpcConfiguration.assignPublicIp", "DISABLED"
        ),
        "subnets": "networkConfiguration.awsvpcConfiguration.subnets",
        "security_groups": "networkConfiguration.awsvpcConfiguration.securityGroups",
        "capacity_providers": "capacityProviderStrategy[].capacityProvider",
        "enable_execute_command": opt("enableExecuteCommand"),
        "desired_count": opt("desiredCount"),
        "scheduling_strategy": opt("schedulingStrategy"),
    },
)

ECS_TASK_SET = Table(
    name="ecs_task_set",
    service="ecs",
    arn="{taskSetArn}",
    source="ecs_service",
    items="taskSets[]",
    tags="tags",
    columns={
        "service_arn": parent("serviceArn"),
        "status": opt("status"),
        "launch_type": opt("launchType"),
        "assign_public_ip": opt(
            "networkConfiguration.awsvpcConfiguration.assignPublicIp", "DISABLED"
        ),
    },
)

ECS_CAPACITY_PROVIDER = Table(
    name="ecs_capacity_provider",
    service="ecs",
    arn="{capacityProviderArn}",
    list=Call(
        operation="DescribeCapacityProviders",
        items="capacityProviders[]",
        params={"include": ["TAGS"]},
    ),
    tags="tags",
    columns={
        "name": "name",
        "status": opt("status"),
        # Empty for Fargate's own providers, which have no instances to protect.
        "auto_scaling_group_arn": opt("autoScalingGroupProvider.autoScalingGroupArn"),
        "managed_termination_protection": opt(
            "autoScalingGroupProvider.managedTerminationProtection", "DISABLED"
        ),
        "managed_scaling_status": opt("autoScalingGroupProvider.managedScaling.status"),
    },
)

_EFS = "taskDefinition.volumes[?efsVolumeConfiguration]"

ECS_TASK_DEFINITION = Table(
    name="ecs_task_definition",
    service="ecs",
    arn="{taskDefinition.taskDefinitionArn}",
    # Deployments leave thousands of old revisions; a family's name stands for its latest active.
    list=Call(
        operation="ListTaskDefinitionFamilies",
        items="families[]",
        params={"status": "ACTIVE", "maxResults": 100},
    ),
    describe=Call(
        operation="DescribeTaskDefinition",
        params={"taskDefinition": item("@"), "include": ["TAGS"]},
    ),
    tags="tags",
    columns={
        "family": "taskDefinition.family",
        "revision": "taskDefinition.revision",
        "status": opt("taskDefinition.status"),
        # `bridge` on EC2, `awsvpc` on Fargate when nothing was chosen: AWS then says nothing.
        "network_mode": opt("taskDefinition.networkMode"),
        "pid_mode": opt("taskDefinition.pidMode"),
        "ipc_mode": opt("taskDefinition.ipcMode"),
        "task_role_arn": opt("taskDefinition.taskRoleArn"),
        "execution_role_arn": opt("taskDefinition.executionRoleArn"),
        "requires_compatibilities": "taskDefinition.requiresCompatibilities",
        "operating_system_family": opt("taskDefinition.runtimePlatform.operatingSystemFamily"),
        "efs_volumes": col(f"{_EFS}.name", "strings", "Its volumes on Amazon EFS."),
        "efs_volume_count": col(f"length({_EFS} || `[]`)", "int", "How many volumes are on EFS."),
        "efs_volumes_without_tls": col(
            f"length({_EFS[:-1]} && efsVolumeConfiguration.transitEncryption!='ENABLED'] || `[]`)",
            "int",
            "How many of its EFS volumes are mounted without TLS.",
        ),
    },
    doc="The latest active revision of each task definition family.",
)


def _container(found: dict[str, Any], _: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    """Replaces the environment by its names and the kinds of credential found in it."""
    environment = found.get("environment") or []
    names = [str(pair.get("name", "")) for pair in environment]
    kept = {k: v for k, v in found.items() if k != "environment"}
    yield {**kept, "EnvironmentNames": names, "EnvironmentSecrets": kinds_in_pairs(environment)}


ECS_CONTAINER = Table(
    name="ecs_container",
    service="ecs",
    arn="",
    resource=False,
    source="ecs_task_definition",
    items="taskDefinition.containerDefinitions[]",
    transform=_container,
    columns={
        "family": parent("taskDefinition.family"),
        "operating_system_family": parent(
            "taskDefinition.runtimePlatform.operatingSystemFamily", ""
        ),
        "name": "name",
        "image": opt("image"),
        "user": opt("user"),
        "privileged": opt("privileged"),
        "readonly_root_filesystem": opt("readonlyRootFilesystem"),
        "log_driver": opt("logConfiguration.logDriver"),
        "secret_names": col("secrets[].name", "strings", "Variables filled from a secret store."),
        "environment_names": col(
            "EnvironmentNames", "strings", "Names of the variables written in plain text."
        ),
        "environment_secrets": col(
            "EnvironmentSecrets",
            "json",
            "Plain variables that hold a credential, name to kind; `{}` for none. Never a value.",
        ),
        "added_capabilities": "linuxParameters.capabilities.add",
    },
    doc="A container of a task definition; its ARN is that of the task definition.",
)
