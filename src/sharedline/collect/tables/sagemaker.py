"""Amazon SageMaker AI: notebook instances and how far they reach."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, item, opt

SAGEMAKER_NOTEBOOK_INSTANCE = Table(
    name="sagemaker_notebook_instance",
    service="sagemaker",
    arn="{NotebookInstanceArn}",
    list=Call(operation="ListNotebookInstances", items="NotebookInstances[]"),
    columns={
        "notebook_instance_name": "NotebookInstanceName",
        "notebook_instance_status": opt("NotebookInstanceStatus"),
    },
    details=(
        Call(
            operation="DescribeNotebookInstance",
            params={"NotebookInstanceName": item("NotebookInstanceName")},
            columns={
                # Both are enabled unless somebody chose otherwise.
                "direct_internet_access": opt("DirectInternetAccess", "Enabled"),
                "root_access": opt("RootAccess", "Enabled"),
                "subnet_id": opt("SubnetId"),
                "kms_key_id": opt("KmsKeyId"),
                "platform_identifier": opt("PlatformIdentifier"),
            },
        ),
        Call(
            operation="ListTags",
            params={"ResourceArn": item("NotebookInstanceArn")},
            columns={"tags": opt("Tags")},
        ),
    ),
)
