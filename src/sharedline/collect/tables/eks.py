"""Amazon EKS: clusters, managed node groups, Fargate profiles, add-ons, supported versions."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, item, opt, parent

EKS_CLUSTER = Table(
    name="eks_cluster",
    service="eks",
    arn="{arn}",
    list=Call(operation="ListClusters", items="clusters[]", params={"maxResults": 100}),
    describe=Call(operation="DescribeCluster", items="cluster", params={"name": item("@")}),
    tags="tags",
    columns={
        "name": "name",
        "status": opt("status"),
        "version": "version",
        "platform_version": opt("platformVersion"),
        "created_at": "createdAt",
        "vpc_id": opt("resourcesVpcConfig.vpcId"),
        # A cluster is made with a public endpoint, open to 0.0.0.0/0, unless told otherwise.
        "endpoint_public_access": opt("resourcesVpcConfig.endpointPublicAccess", True),
        "endpoint_private_access": opt("resourcesVpcConfig.endpointPrivateAccess"),
        "public_access_cidrs": col(
            'resourcesVpcConfig.publicAccessCidrs || `["0.0.0.0/0"]`',
            "strings",
            "Networks that the public endpoint lets in; everybody unless narrowed.",
        ),
        "enabled_log_types": col(
            "logging.clusterLogging[?enabled].types[]",
            "strings",
            "Control plane logs that are sent to CloudWatch Logs.",
        ),
        "kms_key_arn": col(
            "encryptionConfig[?contains(resources, 'secrets')].provider.keyArn | [0]",
            "string",
            "Your KMS key that encrypts Kubernetes secrets; empty for a key that AWS owns.",
            default="",
        ),
        "compute_config_enabled": opt("computeConfig.enabled"),
        "authentication_mode": opt("accessConfig.authenticationMode"),
        "support_type": opt("upgradePolicy.supportType"),
        "deletion_protection": opt("deletionProtection"),
        "connector_provider": opt("connectorConfig.provider"),
        "outpost_arns": "outpostConfig.outpostArns",
    },
)

EKS_NODEGROUP = Table(
    name="eks_nodegroup",
    service="eks",
    arn="{nodegroupArn}",
    parent="eks_cluster",
    list=Call(
        operation="ListNodegroups",
        items="nodegroups[]",
        params={"clusterName": parent("name"), "maxResults": 100},
    ),
    describe=Call(
        operation="DescribeNodegroup",
        items="nodegroup",
        params={"clusterName": parent("name"), "nodegroupName": item("@")},
    ),
    tags="tags",
    columns={
        "nodegroup_name": "nodegroupName",
        "cluster_name": "clusterName",
        "status": opt("status"),
        "version": opt("version"),
        "release_version": opt("releaseVersion"),
        "ami_type": "amiType",
        "capacity_type": opt("capacityType"),
        "launch_template_id": opt("launchTemplate.id"),
        "launch_template_version": opt("launchTemplate.version"),
        "remote_access_ec2_ssh_key": opt("remoteAccess.ec2SshKey"),
        "remote_access_source_count": col(
            "length(remoteAccess.sourceSecurityGroups || `[]`)",
            "int",
            "How many security groups SSH is limited to; with none and a key, port 22 is open.",
        ),
        "created_at": "createdAt",
        "modified_at": "modifiedAt",
        "auto_scaling_groups": "resources.autoScalingGroups[].name",
    },
)

EKS_FARGATE_PROFILE = Table(
    name="eks_fargate_profile",
    service="eks",
    arn="{fargateProfileArn}",
    parent="eks_cluster",
    list=Call(
        operation="ListFargateProfiles",
        items="fargateProfileNames[]",
        params={"clusterName": parent("name"), "maxResults": 100},
    ),
    describe=Call(
        operation="DescribeFargateProfile",
        items="fargateProfile",
        params={"clusterName": parent("name"), "fargateProfileName": item("@")},
    ),
    tags="tags",
    columns={
        "fargate_profile_name": "fargateProfileName",
        "cluster_name": "clusterName",
        "status": opt("status"),
        "pod_execution_role_arn": opt("podExecutionRoleArn"),
        "subnets": "subnets",
    },
)

EKS_CLUSTER_VERSION = Table(
    name="eks_cluster_version",
    service="eks",
    arn="arn:{partition}:iam::{account_id}:root",
    # The calendar is the same in every Region: asked once per account.
    scope="global",
    resource=False,
    list=Call(
        operation="DescribeClusterVersions",
        items="clusterVersions[]",
        params={"includeAll": True},
    ),
    columns={
        "cluster_version": "clusterVersion",
        "version_status": opt("versionStatus"),
        "release_date": opt("releaseDate"),
        "end_of_standard_support_date": opt("endOfStandardSupportDate"),
        "end_of_extended_support_date": opt("endOfExtendedSupportDate"),
    },
    doc="A Kubernetes version that EKS offers, and until when AWS supports it.",
)
