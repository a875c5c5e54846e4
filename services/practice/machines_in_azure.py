"""Virtual machines in Azure: made by drills and failovers, started, stopped, deleted. Facts, not documents."""

from __future__ import annotations

import ipaddress
from typing import Any

from services.practice import effects, resources
from services.practice.store import Document, Store

KIND = "Microsoft.Compute/virtualMachines"
NICS, DISKS = "Microsoft.Network/networkInterfaces", "Microsoft.Compute/disks"
CHANGES = "machine-changes"
RESERVED = 4


def machine_id(group: str, name: str) -> str:
    """A machine's ARM id."""
    return f"{group}/providers/{KIND}/{name}"


def changed(store: Store) -> None:
    """Somebody outside (the guests' endpoints) must look at the machines again."""
    store.set_setting(CHANGES, int(store.setting(CHANGES) or 0) + 1)


def keep(store: Store, machine: Document) -> None:
    """Store a machine."""
    store.put("vm", machine["id"], machine, parent=machine["id"].split("/providers/")[0])
    changed(store)


def placed(store: Store, vnet: Document, subnet: str, wanted: str, own: str = "") -> tuple[str, str]:
    """The subnet and address of a new interface: the same-named subnet, else the first by the alphabet.

    An address that was asked for is kept if it is free there (`own` is the interface that may have it); else
    the source's last part, else the next one.
    """
    names = sorted(vnet["subnets"], key=str.lower)
    name = next((n for n in names if n.lower() == subnet.lower()), names[0] if names else "")
    if not name:
        return "", ""
    net = ipaddress.ip_network(vnet["subnets"][name])
    taken = addresses(store, vnet["id"], own)
    for candidate in candidates(net, wanted):
        if candidate not in taken:
            return name, candidate
    return name, ""


def candidates(net: Any, wanted: str) -> list[str]:
    """Addresses of a subnet in the order in which they are tried."""
    hosts = range(RESERVED, min(net.num_addresses - 1, 4096))
    found = [str(net[index]) for index in hosts]
    try:
        address = ipaddress.ip_address(wanted)
    except ValueError:
        return found
    same = int(address) & (int(net.hostmask) & 0xFF)
    first = [str(address)] if address in net else []
    return [*first, *([str(net[same])] if same in hosts else []), *found]


def addresses(store: Store, vnet_id: str, own: str = "") -> set[str]:
    """The addresses that interfaces other than `own` have in a network."""
    prefix, found = vnet_id.lower() + "/subnets/", set()
    for nic in (n for n in resources.listed(store, NICS) if n["id"].lower() != own.lower()):
        for configuration in nic["properties"].get("ipConfigurations") or []:
            about = configuration.get("properties") or {}
            if str((about.get("subnet") or {}).get("id", "")).lower().startswith(prefix):
                found.add(str(about.get("privateIPAddress")))
    return found


def interface(
    store: Store, nic_id: str, location: str, vnet: Document, place: tuple[str, str], vm_id: str, **more: Any
) -> Document:
    """Make a network interface; `more`: networkSecurityGroup, publicIPAddress as {"id"}."""
    subnet, address = place
    public = {"publicIPAddress": more["publicIPAddress"]} if more.get("publicIPAddress") else {}
    security = {"networkSecurityGroup": more["group"]} if more.get("group") else {}
    configuration = {
        "name": "ipconfig1",
        "id": f"{nic_id}/ipConfigurations/ipconfig1",
        "properties": {
            "provisioningState": "Succeeded",
            "privateIPAddress": address,
            "privateIPAllocationMethod": "Dynamic",
            "privateIPAddressVersion": "IPv4",
            "primary": True,
            "subnet": {"id": f"{vnet['id']}/subnets/{subnet}"},
            **public,
        },
    }
    properties = {
        "ipConfigurations": [configuration],
        "dnsSettings": {"dnsServers": [], "appliedDnsServers": []},
        "enableAcceleratedNetworking": False,
        "enableIPForwarding": False,
        "primary": True,
        "virtualMachine": {"id": vm_id},
        **security,
    }
    return resources.keep(store, NICS, nic_id, location, properties)


def made(store: Store, at: float, facts: dict[str, Any]) -> Document | None:
    """Make a machine with its interface and disks. None if its network is gone.

    `facts`: id, location, size, os, network, subnet, address, item, purpose, disks [[name, GB]], source.
    """
    vnet = store.get("vnet", facts["network"])
    group, name = facts["id"].split("/providers/")[0], facts["id"].rsplit("/", 1)[1]
    if vnet is None:
        return None
    nic_id = f"{group}/providers/{NICS}/{name}-nic"
    place = placed(store, vnet, facts["subnet"], facts["address"], nic_id)
    more = {k: {"id": facts[k]} for k in ("group", "publicIPAddress") if facts.get(k)}
    interface(store, nic_id, facts["location"], vnet, place, facts["id"], **more)
    disks = [disk(store, at, group, name, index, facts) for index in range(len(facts["disks"]))]
    machine: Document = {
        "id": facts["id"],
        "name": name,
        "location": facts["location"],
        "size": facts["size"],
        "os": facts["os"],
        "created": at,
        "power": "creating",
        "since": at,
        "nic": nic_id,
        "disks": disks,
        "address": place[1],
        "item": facts["item"],
        "purpose": facts["purpose"],
        "source": facts["source"],
        "sourceAddress": facts["sourceAddress"],
        "availabilitySet": facts.get("availabilitySet") or "",
        "tags": facts.get("tags") or {},
    }
    keep(store, machine)
    return machine


def disk(store: Store, at: float, group: str, name: str, index: int, facts: dict[str, Any]) -> str:
    """Make one managed disk; its id."""
    from services.practice.clock import stamp

    suffix, size = facts["disks"][index]
    disk_id = f"{group}/providers/{DISKS}/{name}-{suffix}"
    properties = {
        "osType": facts["os"] if index == 0 else None,
        "creationData": {"createOption": "Upload"},
        "diskSizeGB": size,
        "diskState": "Attached",
        "timeCreated": stamp(at),
        "hyperVGeneration": "V1",
    }
    resources.keep(
        store,
        DISKS,
        disk_id,
        facts["location"],
        {k: v for k, v in properties.items() if v is not None},
        managedBy=facts["id"],
        sku={"name": "Standard_LRS", "tier": "Standard"},
    )
    return disk_id


def power(store: Store, machine_key: str, state: str, at: float) -> None:
    """The machine is now running, stopped or deallocated."""
    machine = store.get("vm", machine_key)
    if machine is not None:
        keep(store, machine | {"power": state, "since": at})


@effects.effect("machine-power")
def machine_power(store: Store, at: float, payload: dict[str, Any]) -> None:
    """A change of power has come about."""
    power(store, payload["vm"], payload["power"], at)


def removed(store: Store, machine_key: str, disks: bool = True, nic: bool = True) -> None:
    """Delete a machine, its interface and its disks, also where somebody deleted the machine before."""
    group, name = machine_key.split("/providers/")[0], machine_key.rsplit("/", 1)[1].lower()
    store.delete("vm", machine_key)
    if nic:
        store.delete("resource", f"{group}/providers/{NICS}/{name}-nic")
    for one in resources.listed(store, DISKS, group) if disks else []:
        if one["name"].lower().startswith((f"{name}-osdisk", f"{name}-datadisk")):
            store.delete("resource", one["id"])
    changed(store)


@effects.effect("machine-removed")
def machine_removed(store: Store, _: float, payload: dict[str, Any]) -> None:
    """A deletion has come about; disks and interface stay, as with a delete in the portal without ticks."""
    machine = store.get("vm", payload["vm"])
    if machine is not None:
        for resource_id in (*machine["disks"], machine["nic"]):
            detach(store, resource_id)
    removed(store, payload["vm"], disks=False, nic=False)


def detach(store: Store, resource_id: str) -> None:
    """An interface or disk belongs to no machine any more."""
    resource = store.get("resource", resource_id)
    if resource is None:
        return
    properties = {k: v for k, v in resource["properties"].items() if k != "virtualMachine"}
    if "diskState" in properties:
        properties["diskState"] = "Unattached"
    kept = {k: v for k, v in resource.items() if k != "managedBy"} | {"properties": properties}
    store.put("resource", resource_id, kept)
