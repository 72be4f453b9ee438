"""Amazon ECR: private repositories, how the registry scans, images and what scans found."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, col, item, opt, parent

ECR_REPOSITORY = Table(
    name="ecr_repository",
    service="ecr",
    arn="{repositoryArn}",
    list=Call(operation="DescribeRepositories", items="repositories[]"),
    columns={
        "repository_name": "repositoryName",
        "repository_uri": "repositoryUri",
        "created_at": "createdAt",
        "image_tag_mutability": "imageTagMutability",
        "scan_on_push": opt("imageScanningConfiguration.scanOnPush"),
        "encryption_type": opt("encryptionConfiguration.encryptionType", "AES256"),
        "kms_key": opt("encryptionConfiguration.kmsKey"),
    },
    details=(
        Call(
            operation="BatchGetRepositoryScanningConfiguration",
            params={"repositoryNames": item("repositoryName")},
            batch="repositoryNames",
            size=25,
            items="scanningConfigurations[]",
            match="repositoryName",
            columns={"scan_frequency": "scanFrequency"},
        ),
        Call(
            operation="GetRepositoryPolicy",
            params={"repositoryName": item("repositoryName")},
            columns={"policy": "policyText"},
            absent={"RepositoryPolicyNotFoundException": ""},
        ),
        Call(
            operation="GetLifecyclePolicy",
            params={"repositoryName": item("repositoryName")},
            columns={"lifecycle_policy": "lifecyclePolicyText"},
            absent={"LifecyclePolicyNotFoundException": ""},
        ),
        Call(
            operation="ListTagsForResource",
            params={"resourceArn": item("repositoryArn")},
            columns={"tags": opt("tags")},
        ),
    ),
)

ECR_REGISTRY_SCANNING = Table(
    name="ecr_registry_scanning",
    service="ecr",
    arn="arn:{partition}:account:{region}:{account_id}:region/{region}",
    resource=False,
    list=Call(operation="GetRegistryScanningConfiguration"),
    columns={
        "registry_id": "registryId",
        "scan_type": "scanningConfiguration.scanType",
        "rules": opt("scanningConfiguration.rules"),
    },
    doc="How the registry of this Region scans images: basic or enhanced, and by which rules.",
)

ECR_IMAGE = Table(
    name="ecr_image",
    service="ecr",
    arn="arn:{partition}:ecr:{region}:{account_id}:repository/{repositoryName}/{imageDigest}",
    resource=False,
    parent="ecr_repository",
    list=Call(
        operation="DescribeImages",
        items="imageDetails[]",
        params={"repositoryName": parent("repository_name"), "maxResults": 1000},
        says=True,
    ),
    columns={
        "repository_arn": parent("arn"),
        "repository_name": "repositoryName",
        "image_digest": "imageDigest",
        "image_tags": "imageTags",
        "image_pushed_at": "imagePushedAt",
        "image_manifest_media_type": opt("imageManifestMediaType"),
        "scan_status": opt("imageScanStatus.status"),
        "image_scan_completed_at": opt("imageScanFindingsSummary.imageScanCompletedAt"),
        # No default: without a summary there was no scan, and a scan without criticals says
        # an empty map, which is the zero.
        "critical_count": col(
            "imageScanFindingsSummary.findingSeverityCounts"
            " && (imageScanFindingsSummary.findingSeverityCounts.CRITICAL || `0`)"
            " || (imageScanFindingsSummary && `0`)",
            "int",
            "Critical vulnerabilities found by its last scan; NULL when it was never scanned.",
        ),
        "high_count": col(
            "imageScanFindingsSummary.findingSeverityCounts"
            " && (imageScanFindingsSummary.findingSeverityCounts.HIGH || `0`)"
            " || (imageScanFindingsSummary && `0`)",
            "int",
            "High vulnerabilities found by its last scan; NULL when it was never scanned.",
        ),
    },
    doc="An image of a private repository and what its last scan found.",
)
