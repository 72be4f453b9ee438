"""What happens in the example estate between its scans: repairs, a new thing, and a relapse."""

from __future__ import annotations

from sharedline.demo.estate import buckets, theft
from sharedline.demo.estate.firewalls import ANYWHERE, Opening, permission
from sharedline.demo.estate.place import FRANKFURT, Estate, Place, allow, document

_TO_ALL = Opening(ANYWHERE, 22, why="tomas, until Friday")
_TO_OFFICE = Opening("203.0.113.0/26", 22, why="Head office")


def _bastion(here: Place, shut: Opening, opened: Opening) -> None:
    group = here.get("sg/shop/bastion")
    here("ec2").revoke_security_group_ingress(
        GroupId=group, IpPermissions=[permission(here, "shop", shut)]
    )
    here("ec2").authorize_security_group_ingress(
        GroupId=group, IpPermissions=[permission(here, "shop", opened)]
    )


def repairs(estate: Estate) -> None:
    """After the first scan: the invoices are guarded, the bastion is shut."""
    here = estate.at("production", FRANKFURT)
    buckets.require_tls(here, "fennelrye-invoices")
    buckets.version(here, "fennelrye-invoices")
    _bastion(here, _TO_ALL, _TO_OFFICE)


def relapse(estate: Estate) -> None:
    """After the second: a key rotates, the bastion stands open, a campaign starts, a thief comes."""
    here = estate.at("production", FRANKFURT)
    here("kms").enable_key_rotation(KeyId=here.get("key/orders"))
    _bastion(here, _TO_OFFICE, _TO_ALL)
    arn = here.arn("sqs", "campaign-signups")
    here("sqs").create_queue(
        QueueName="campaign-signups",
        Attributes={
            "SqsManagedSseEnabled": "false",
            "Policy": document(allow("sqs:SendMessage", arn, Principal="*")),
        },
        tags={"team": "shop"},
    )
    theft.leave_user(estate)
