"""EC2 of the example estate: instances, images, volumes, snapshots, a launch template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sharedline.demo.estate.place import FRANKFURT, HOME, IRELAND, REGIONS, Estate, Place, tags

_RECENT, _OLD = "ami-0a1e2023aa6401701", "ami-0a2e2018aa6401703"


@dataclass(frozen=True)
class Machine:
    """An instance to start; the defaults are those of a well-kept one."""

    account: str
    region: str
    name: str
    vpc: str
    group: str
    team: str
    subnet: str = "private-a"
    image: str = _RECENT
    tokens: str = "required"
    hops: int = 1
    public: bool = False
    encrypted: bool = True
    profile: str = "machine"
    user_data: str = ""
    kind: str = "t3.medium"


# S105 and the like would warn: the password is the story, and nobody's.
_LEAKING = "#!/bin/bash\nexport DB_PASSWORD='kits4ever-2019'\n/opt/kits/start.sh\n"
_TIDY = "#!/bin/bash\n/opt/shop/start.sh --config /etc/shop.toml\n"


def _shop(name: str, group: str, team: str = "shop", **more: Any) -> Machine:
    return Machine("production", FRANKFURT, name, "shop", group, team, **more)


def _kits(name: str, group: str, **more: Any) -> Machine:
    """The acquired company's machines: nobody has looked at them since the purchase."""
    careless: dict[str, Any] = {
        "subnet": "public-a",
        "image": _OLD,
        "tokens": "optional",
        "hops": 2,
        "public": True,
        "encrypted": False,
        "profile": "",
    }
    return Machine("plumbob", HOME, name, "plumbob-main", group, "", **(careless | more))


MACHINES = (
    _shop("web-1", "web", user_data=_TIDY),
    _shop("web-2", "web", subnet="private-b", user_data=_TIDY),
    _shop("web-3", "web", user_data=_TIDY),
    _shop("checkout-1", "checkout"),
    _shop("checkout-2", "checkout", subnet="private-b"),
    # Moved from the old data centre with an agent that only knows the first metadata service.
    _shop("orders-worker", "web", tokens="optional", hops=2, profile="orders-worker"),
    _shop("bastion", "bastion", "platform", subnet="public-a", public=True, kind="t3.micro"),
    # Nobody restarted it since the spring: its patches wait.
    _shop("analytics-1", "analytics", "data", kind="r6i.large"),
    _shop("analytics-2", "analytics", "data", kind="r6i.large", encrypted=False),
    _shop("batch-1", "web", "data", image=_OLD),
    Machine("production", IRELAND, "recovery-web-1", "recovery", "web", "shop"),
    Machine("production", IRELAND, "recovery-web-2", "recovery", "web", "shop", "private-b"),
    Machine(
        "production", IRELAND, "print-server", "recovery", "print-server", "platform", "public-a"
    ),
    Machine("security", FRANKFURT, "siem-1", "tools", "siem", "security", kind="m6i.large"),
    Machine("security", FRANKFURT, "siem-2", "tools", "siem", "security", "private-b"),
    _kits("kits-web", "everything", user_data=_LEAKING),
    _kits("kits-windows", "windows"),
    _kits("kits-mysql", "kits-db"),
    _kits("kits-build", "everything", profile="kits-everything"),
    _kits("kits-unknown", "everything", subnet="public-b"),
)


def build(estate: Estate) -> None:
    """Defaults of each Region, then the machines, then what was copied from them."""
    for account in ("management", "security", "production"):
        for region in REGIONS:
            estate.at(account, region)("ec2").enable_ebs_encryption_by_default()
    for account in ("security", "production", "plumbob"):
        _profile(estate.at(account), "machine")
    _profile(estate.at("production"), "orders-worker")
    _profile(estate.at("plumbob"), "kits-everything")
    for machine in MACHINES:
        _start(estate.at(machine.account, machine.region), machine)
    _copies(estate)
    _template(estate.at("production", FRANKFURT))


def _profile(here: Place, name: str) -> None:
    """An instance profile around the role of the same name, which identity.py makes."""
    here("iam").create_instance_profile(InstanceProfileName=name)
    here("iam").add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)


def _start(here: Place, machine: Machine) -> None:
    owner = {"team": machine.team} if machine.team else {}
    labels = tags(machine.name, **owner)
    asked: dict[str, Any] = {
        "ImageId": machine.image,
        "InstanceType": machine.kind,
        "MinCount": 1,
        "MaxCount": 1,
        "MetadataOptions": {
            "HttpTokens": machine.tokens,
            "HttpPutResponseHopLimit": machine.hops,
            "HttpEndpoint": "enabled",
        },
        "SubnetId": here.get(f"subnet/{machine.vpc}-{machine.subnet}"),
        "SecurityGroupIds": [here.get(f"sg/{machine.vpc}/{machine.group}")],
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": _disk(here, machine)}],
        "TagSpecifications": [
            {"ResourceType": kind, "Tags": labels} for kind in ("instance", "volume")
        ],
    }
    if machine.profile:
        asked["IamInstanceProfile"] = {"Name": machine.profile}
    if machine.user_data:
        asked["UserData"] = machine.user_data
    made = here("ec2").run_instances(**asked)["Instances"][0]
    here.keep(f"instance/{machine.name}", made["InstanceId"])
    here.keep(f"volume/{machine.name}", made["BlockDeviceMappings"][0]["Ebs"]["VolumeId"])
    # A subnet of the acquired company gives every machine an address; here it is a choice.
    if machine.public and machine.account != "plumbob":
        address = here("ec2").allocate_address(Domain="vpc")["AllocationId"]
        here("ec2").associate_address(AllocationId=address, InstanceId=made["InstanceId"])


def _disk(here: Place, machine: Machine) -> dict[str, Any]:
    disk: dict[str, Any] = {
        "VolumeSize": 40,
        "VolumeType": "gp3",
        "Encrypted": machine.encrypted,
    }
    if machine.encrypted:
        disk["KmsKeyId"] = here.arn("kms", f"key/{here.get(f'key/disks/{here.region}')}")
    return disk


def _copies(estate: Estate) -> None:
    """Snapshots and images; one snapshot was shared with everybody to move it quickly."""
    here = estate.at("production", FRANKFURT)
    for name in ("checkout-1", "analytics-1"):
        _snapshot(here, name, f"weekly copy of {name}", "data")
    public = _snapshot(here, "analytics-2", "customer survey 2025, for the agency", "data")
    here.keep("snapshot/public", public)
    here("ec2").modify_snapshot_attribute(
        SnapshotId=public,
        Attribute="createVolumePermission",
        OperationType="add",
        GroupNames=["all"],
    )
    kits = estate.at("plumbob")
    image = kits("ec2").create_image(
        InstanceId=kits.get("instance/kits-web"), Name="kits-web-2024", Description="golden image"
    )["ImageId"]
    kits("ec2").modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})
    # Left behind by a machine that is gone.
    lost = kits("ec2").create_volume(AvailabilityZone=f"{HOME}a", Size=200, Encrypted=False)
    kits.keep("volume/left-behind", lost["VolumeId"])


def _snapshot(here: Place, name: str, said: str, team: str) -> str:
    made = here("ec2").create_snapshot(
        VolumeId=here.get(f"volume/{name}"),
        Description=said,
        TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags(name, team=team)}],
    )
    return str(made["SnapshotId"])


def _template(here: Place) -> None:
    ec2 = here("ec2")
    template = ec2.create_launch_template(
        LaunchTemplateName="web",
        LaunchTemplateData={
            "ImageId": _RECENT,
            "InstanceType": "t3.medium",
            "SecurityGroupIds": [here.get("sg/shop/web")],
            "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
        },
    )["LaunchTemplate"]["LaunchTemplateId"]
    here("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="web",
        LaunchTemplate={"LaunchTemplateId": template, "Version": "$Default"},
        MinSize=0,
        MaxSize=6,
        DesiredCapacity=0,
        HealthCheckType="ELB",
        HealthCheckGracePeriod=120,
        VPCZoneIdentifier=",".join(here.get(f"subnet/shop-private-{zone}") for zone in ("a", "b")),
        Tags=[{**tag, "PropagateAtLaunch": True} for tag in tags("web", team="shop")],
    )
