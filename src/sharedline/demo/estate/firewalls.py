"""Security groups of the example estate: most reach what they must, some reach everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sharedline.demo.estate.place import FRANKFURT, HOME, IRELAND, Estate, Place, tags

ANYWHERE, ANYWHERE6 = "0.0.0.0/0", "::/0"


@dataclass(frozen=True)
class Opening:
    """An ingress rule: from a CIDR, another group (`sg:name`) or a prefix list (`pl:name`)."""

    source: str
    first: int
    last: int = 0
    why: str = ""
    protocol: str = "tcp"


_SHOP = "10.20.0.0/16"
GROUPS: dict[tuple[str, str, str], dict[str, tuple[str, tuple[Opening, ...]]]] = {
    ("production", FRANKFURT, "shop"): {
        "alb": (
            "shop",
            (Opening(ANYWHERE, 443, why="Customers"), Opening(ANYWHERE, 80, why="Redirects")),
        ),
        "web": ("shop", (Opening("sg:alb", 8080, why="From the load balancer"),)),
        "checkout": ("shop", (Opening("sg:web", 8443, why="From the shop"),)),
        "orders-db": ("data", (Opening("sg:checkout", 5432, why="Orders"),)),
        # Opened for a dashboard vendor and left so.
        "reports-db": ("data", (Opening(ANYWHERE, 5432, why="dashboards"),)),
        # The list of offices holds everybody, which the rule does not show.
        "analytics": ("data", (Opening("pl:offices", 22, why="Data team, from the offices"),)),
        # A person opened it for an evening.
        "bastion": ("platform", (Opening(ANYWHERE, 22, why="tomas, until Friday"),)),
        "endpoints": ("platform", (Opening(_SHOP, 443, why="AWS endpoints"),)),
        "cache": ("shop", (Opening("sg:web", 6379, why="Sessions"),)),
    },
    ("production", IRELAND, "recovery"): {
        "web": ("shop", (Opening("10.21.0.0/16", 8080, why="Inside"),)),
        # IPv4 was closed after an audit; IPv6 was not in the audit.
        "print-server": ("platform", (Opening(ANYWHERE6, 3389, why="Remote desktop"),)),
        "db": ("data", (Opening("sg:web", 5432, why="Replica"),)),
    },
    ("security", FRANKFURT, "tools"): {
        "siem": ("security", (Opening("10.10.0.0/16", 9200, why="Log shippers"),)),
    },
    ("plumbob", HOME, "plumbob-main"): {
        "everything": ("", (Opening(ANYWHERE, 0, 65535, why="it works now", protocol="-1"),)),
        "windows": (
            "",
            (Opening(ANYWHERE, 3389, why="RDP"), Opening(ANYWHERE6, 3389, why="RDP")),
        ),
        "kits-db": ("", (Opening(ANYWHERE, 3306, why="MySQL"), Opening(ANYWHERE, 22))),
    },
}


def build(estate: Estate) -> None:
    """All groups first, then their rules, which name each other."""
    for (account, region, vpc), groups in GROUPS.items():
        here = estate.at(account, region)
        for name, (team, _) in groups.items():
            made = here("ec2").create_security_group(
                GroupName=name,
                Description=f"{name} of {vpc}",
                VpcId=here.get(f"vpc/{vpc}"),
                TagSpecifications=[
                    {
                        "ResourceType": "security-group",
                        "Tags": tags(name, **({"team": team} if team else {})),
                    }
                ],
            )
            here.keep(f"sg/{vpc}/{name}", made["GroupId"])
        for name, (_, openings) in groups.items():
            group = here.get(f"sg/{vpc}/{name}")
            for opening in openings:
                here("ec2").authorize_security_group_ingress(
                    GroupId=group, IpPermissions=[permission(here, vpc, opening)]
                )


def permission(here: Place, vpc: str, opening: Opening) -> dict[str, Any]:
    """An opening as EC2 writes it."""
    rule: dict[str, Any] = {"IpProtocol": opening.protocol}
    if opening.protocol != "-1":
        rule |= {"FromPort": opening.first, "ToPort": opening.last or opening.first}
    said = {"Description": opening.why} if opening.why else {}
    kind, _, name = opening.source.partition(":")
    if kind == "sg":
        rule["UserIdGroupPairs"] = [{"GroupId": here.get(f"sg/{vpc}/{name}"), **said}]
    elif kind == "pl":
        rule["PrefixListIds"] = [{"PrefixListId": here.get(f"prefix-list/{name}"), **said}]
    elif ":" in opening.source:
        rule["Ipv6Ranges"] = [{"CidrIpv6": opening.source, **said}]
    else:
        rule["IpRanges"] = [{"CidrIp": opening.source, **said}]
    return rule
