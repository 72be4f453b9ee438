"""AWS CloudHSM: clusters of hardware security modules."""

from __future__ import annotations

from sharedline.collect.table import Call, Table, opt

CLOUDHSM_CLUSTER = Table(
    name="cloudhsm_cluster",
    service="cloudhsmv2",
    iam_prefix="cloudhsm",
    arn="arn:{partition}:cloudhsm:{region}:{account_id}:cluster/{ClusterId}",
    list=Call(operation="DescribeClusters", items="Clusters[]"),
    tags="TagList",
    columns={"cluster_id": "ClusterId", "hsm_type": opt("HsmType"), "state": "State"},
)
