"""Which network a drill goes to: the one that was named, an isolated one that is there, or one of our own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.azure.ids import last, same_region
from services.azure.networks import NETWORK_API, Json, Networks, addresses, properties, subnets
from services.operations.asking import Hand, ask, created, wait_until
from services.operations.resolve import finish
from services.problems.model import (
    CancelledError,
    DeadlineError,
    Problem,
    ProblemError,
    RefusedError,
    UsageError,
)
from services.recovery.isolation import ISOLATED, Around, prove
from services.recovery.item import ProtectedItem
from services.recovery.vault import Vault
from services.text import _, plain

NEW = "new"
OURS = {"lifeboat": "drill"}
"""The tag of a network that we made for a drill, and may delete with it."""
VAULT_API = "2024-04-01"
GONE = 600.0
"""World seconds after which a network whose deletion was accepted, and that is still there, counts as left."""
_SPACE = "10.0.0.0/24"
_DRILLS, _TAG = (re.compile(rf"(?<![a-z])(?:{words})", re.IGNORECASE) for words in ("drill|test", "drill"))


def region_of(vault: Vault) -> str:
    """The region of the vault, where its machines are recovered. ProblemError when it cannot be read."""
    found = vault.azure.arm.get(vault.ref.id, VAULT_API)
    if found is None:
        raise ProblemError(Problem("no-vault", vault.ref.name, _("The vault is not there any more.")))
    return str(found["location"]).replace(" ", "").lower()


def choose(
    networks: Networks,
    region: str,
    items: Sequence[ProtectedItem],
    wanted: str,
    about: Around,
    group_id: str,
) -> tuple[Json, Json | None]:
    """The network of a drill as Azure has it (or will have it), and the body with which it is made, or None.

    Without a name an isolated one is taken that says that it is for drills, else one is made: another that is empty
    may be kept for something. `group_id` is where a network of our own lies when the item names no group. UsageError
    for a name that is not there; RefusedError for a network in another region.
    """
    if wanted and wanted != NEW:
        return _named(networks, region, wanted), None
    if not wanted:
        for network in sorted(networks.all, key=lambda one: _rank(one, networks, items)):
            if _likely(network, region, items) and prove(networks, network, about).verdict == ISOLATED:
                return network, None
    return _own(networks, region, items[0], group_id)


def _named(networks: Networks, region: str, wanted: str) -> Json:
    key = wanted.lower() if wanted.startswith("/") else ""
    found = [
        one
        for one in networks.all
        if (str(one["id"]).lower() == key if key else str(one["name"]).lower() == wanted.lower())
    ]
    here = [one for one in found if same_region(str(one["location"]), region)]
    if len(here) > 1:
        raise UsageError(
            Problem("ambiguous-network", wanted, _("several networks have this name; give the id"))
        )
    if here:
        return here[0]
    if found:
        what = _("It is in {there}; the machines are recovered in {region}.").format(
            there=plain(str(found[0]["location"])), region=region
        )
        remedy = _("Choose a network in {region}, or leave it out to have one proposed.").format(
            region=region
        )
        raise RefusedError(Problem("network-region", plain(wanted), what, remedy=remedy))
    names = sorted(str(one["name"]) for one in networks.all if same_region(str(one["location"]), region))
    what = _("no such network; in {region} there are: {names}").format(
        region=region, names=plain(", ".join(names)) or _("none")
    )
    raise UsageError(Problem("unknown-network", plain(wanted), what))


def _likely(network: Json, region: str, items: Sequence[ProtectedItem]) -> bool:
    """Whether a network may be proposed at all: what is plainly no place for a drill is not looked into."""
    mapped = {item.network_id.lower() for item in items}
    peered = properties(network).get("virtualNetworkPeerings")
    here = same_region(str(network["location"]), region)
    return (
        here
        and _for_drills(network)
        and not peered
        and str(network["id"]).lower() not in mapped
        and bool(subnets(network))
    )


def _for_drills(network: Json) -> bool:
    """Whether its name has a word that begins with drill or test, or a tag of it one that begins with drill."""
    tags = [text for pair in (network.get("tags") or {}).items() for text in pair]
    return bool(_DRILLS.search(str(network["name"]))) or any(_TAG.search(str(text)) for text in tags)


def _rank(network: Json, networks: Networks, items: Sequence[ProtectedItem]) -> tuple[bool, str]:
    """The same subnets as production first, then by name."""
    production = next((one for one in networks.all if _is(one, items[0].network_id)), {})
    alike = set(subnets(network)) >= set(subnets(production)) if production else False
    return (not alike, str(network["name"]).lower())


def _is(network: Json, id_: str) -> bool:
    return str(network["id"]).lower() == id_.lower()


def is_ours(network: Json | None) -> bool:
    """Whether a drill of ours has made a network, or will."""
    return ((network or {}).get("tags") or {}).get("lifeboat") == OURS["lifeboat"]


def own_id(item: ProtectedItem, group_id: str) -> str:
    """The id of the network that we make for a drill of an item."""
    name = f"{item.azure_name or item.title}-drill"
    return f"{item.group_id or group_id}/providers/Microsoft.Network/virtualNetworks/{name}"


def _own(networks: Networks, region: str, item: ProtectedItem, group_id: str) -> tuple[Json, Json | None]:
    """A network of our own: the spaces and subnets of the network of the real failover, tied to nothing.

    One that an earlier drill of ours has left is taken as it is, and proven like any other.
    """
    production = networks.get(item.network_id) if item.network_id else None
    id_ = own_id(item, group_id)
    name = last(id_)
    known = networks.get(id_)
    if known is not None and is_ours(known):
        return known, None
    if known is not None:
        what = _("A network of this name is there already, and no drill of ours has made it.")
        raise RefusedError(Problem("network-exists", name, what, remedy=_("Name the network to use.")))
    space = (properties(production).get("addressSpace") or {}).get("addressPrefixes") or [_SPACE]
    parts = {key: value for key, value in subnets(production or {}).items() if key != "GatewaySubnet"}
    body: Json = {
        "location": region,
        "tags": dict(OURS),
        "properties": {
            "addressSpace": {"addressPrefixes": list(space)},
            "subnets": [
                {"name": key, "properties": {"addressPrefix": prefix}}
                for key, prefix in (parts or {"default": space[0]}).items()
            ],
        },
    }
    return {"id": id_, "name": name, **body}, body


def make(hand: Hand, network_id: str, body: Json) -> None:
    """Make a network of our own, and wait until it is there."""
    created(hand, "create-network", network_id, NETWORK_API, body)


def removed(hand: Hand, network_id: str) -> bool:
    """Whether a network is gone after `remove`; one that Azure does not let go is left, and no reason to end."""
    try:
        return remove(hand, network_id)
    except (CancelledError, DeadlineError):
        raise
    except ProblemError:
        return False


def remove(hand: Hand, network_id: str) -> bool:
    """Delete a network that a drill of ours has made, when nothing is in it. Whether it is gone, or never was
    ours to delete; False while something of somebody else is in it.
    """
    arm = hand.azure.arm
    found = arm.get(network_id, NETWORK_API)
    if not is_ours(found):
        return True
    interfaces = Networks(arm, network_id.split("/")[2]).interfaces
    if addresses(network_id, interfaces):
        return False

    def gone() -> bool:
        return not arm.exists(network_id, NETWORK_API)

    row = ask(
        hand,
        "delete-network",
        network_id,
        "DELETE",
        None,
        lambda options: arm.send("DELETE", network_id, NETWORK_API, None, options),
        gone,
        polled=False,
    )
    clock = hand.world.clock
    began = clock.now()

    def over() -> bool | None:
        if gone():
            return True
        if (clock.now() - began).total_seconds() > GONE:
            what = _("Azure has accepted to delete it, and it is still there.")
            raise ProblemError(Problem("still-there", plain(last(network_id)), what))
        return None

    try:
        wait_until(hand, last(network_id), over)
    except ProblemError as error:
        if error.problems[0].code == "still-there":
            finish(hand.journal, row, "failed", error)
        raise
    finish(hand.journal, row, "succeeded")
    return True
