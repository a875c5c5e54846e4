"""Virtual machines as Microsoft.Compute answers them."""

from __future__ import annotations

from typing import Any

from services.practice import effects, ids, lro
from services.practice.arm import SUBSCRIPTION
from services.practice.clock import stamp
from services.practice.machines_in_azure import KIND, machine_id
from services.practice.store import Document
from services.practice.web import Answer, Call, Refusal, Router

ALL = SUBSCRIPTION + "/providers/Microsoft.Compute/virtualMachines"
GROUP = SUBSCRIPTION + "/resourceGroups/{rg}/providers/Microsoft.Compute/virtualMachines"
ONE = GROUP + "/{vm}"
# verb of the path -> power afterwards, seconds that it takes
VERBS = {
    "start": ("running", 45.0),
    "restart": ("running", 60.0),
    "poweroff": ("stopped", 30.0),
    "deallocate": ("deallocated", 45.0),
}
SHOWN = {
    "running": "VM running",
    "stopped": "VM stopped",
    "deallocated": "VM deallocated",
    "starting": "VM starting",
    "creating": "VM starting",
}
routes = Router()


def instance_view(machine: Document) -> Document:
    """The machine as it runs."""
    power = "starting" if machine["power"] == "creating" else machine["power"]
    view: Document = {
        "computerName": machine["source"],
        "osName": machine["os"].lower(),
        "disks": [
            {"name": disk.rsplit("/", 1)[1], "statuses": [status("ProvisioningState/succeeded", machine)]}
            for disk in machine["disks"]
        ],
        "bootDiagnostics": {},
        "hyperVGeneration": "V1",
        "statuses": [status("ProvisioningState/succeeded", machine), status(f"PowerState/{power}", machine)],
    }
    if power == "running":
        ready = {
            "code": "ProvisioningState/succeeded",
            "level": "Info",
            "displayStatus": "Ready",
            "message": "Guest Agent is running",
            "time": stamp(machine["since"]),
        }
        view["vmAgent"] = {"vmAgentVersion": "2.7.41491.1083", "statuses": [ready], "extensionHandlers": []}
    return view


def status(code: str, machine: Document) -> dict[str, Any]:
    """One status line."""
    kind, _, value = code.partition("/")
    shown = SHOWN.get(value, "") if kind == "PowerState" else "Provisioning succeeded"
    return {"code": code, "level": "Info", "displayStatus": shown, "time": stamp(machine["since"])}


def view(machine: Document, instance: bool) -> Document:
    """The machine as ARM answers it."""
    os_disk, *data = machine["disks"]
    properties: Document = {
        "hardwareProfile": {"vmSize": machine["size"]},
        "provisioningState": "Creating" if machine["power"] == "creating" else "Succeeded",
        "vmId": ids.derived(machine["id"], str(machine["created"])),
        "storageProfile": {
            "osDisk": {**attached(os_disk), "osType": machine["os"], "caching": "ReadWrite"},
            "dataDisks": [{**attached(disk), "lun": lun} for lun, disk in enumerate(data)],
        },
        "networkProfile": {"networkInterfaces": [{"id": machine["nic"], "properties": {"primary": True}}]},
        "diagnosticsProfile": {"bootDiagnostics": {"enabled": True}},
        "timeCreated": stamp(machine["created"]),
    }
    if machine["availabilitySet"]:
        properties["availabilitySet"] = {"id": machine["availabilitySet"]}
    if instance:
        properties["instanceView"] = instance_view(machine)
    return {
        "id": machine["id"],
        "name": machine["name"],
        "type": KIND,
        "location": machine["location"],
        "tags": machine["tags"],
        "properties": properties,
    }


def attached(disk_id: str) -> Document:
    """A managed disk of a machine."""
    return {
        "name": disk_id.rsplit("/", 1)[1],
        "createOption": "Attach",
        "managedDisk": {"id": disk_id, "storageAccountType": "Standard_LRS"},
        "deleteOption": "Detach",
    }


@routes.on("GET", ALL)
def list_all(call: Call) -> Answer:
    """The machines of the subscription."""
    whole = call.query.get("statusOnly", "").lower() == "true"
    return Answer(body={"value": [view(m, whole) for m in call.store.all("vm")]})


@routes.on("GET", GROUP)
def list_group(call: Call) -> Answer:
    """The machines of a group."""
    return Answer(body={"value": [view(m, False) for m in call.store.all("vm", ids.group_of(call)["id"])]})


def machine_of(call: Call) -> Document:
    """The machine named in the path."""
    group = ids.group_of(call)
    machine = call.store.get("vm", machine_id(group["id"], call.path["vm"]))
    if machine is None:
        raise Refusal(
            404,
            "ResourceNotFound",
            f"The Resource '{KIND}/{call.path['vm']}' under resource group '{group['name']}' was not found.",
        )
    return machine


@routes.on("GET", ONE)
def get(call: Call) -> Answer:
    """One machine, with its instance view if asked."""
    asked = "instanceview" in call.query.get("$expand", "").lower()
    return Answer(body=view(machine_of(call), asked))


@routes.on("GET", ONE + "/instanceView")
def get_instance_view(call: Call) -> Answer:
    """How the machine runs."""
    return Answer(body=instance_view(machine_of(call)))


@routes.on("POST", ONE + "/retrieveBootDiagnosticsData", changes=False)
def boot_diagnostics(call: Call) -> Answer:
    """Where the screenshot and the serial log lie (nothing is there)."""
    machine = machine_of(call)
    base = f"{call.origin}/practice/boot/{machine['name']}"
    return Answer(body={"consoleScreenshotBlobUri": base + ".bmp", "serialConsoleLogBlobUri": base + ".log"})


@routes.on("POST", *(f"{ONE}/{verb}" for verb in VERBS))
def change_power(call: Call) -> Answer:
    """Start, restart, stop or deallocate."""
    machine = machine_of(call)
    power, seconds = VERBS[call.url_path.rstrip("/").rsplit("/", 1)[1].lower()]
    payload = {"vm": machine["id"], "power": power}
    effects.schedule(call.store, call.now + seconds, "machine-power", payload)
    return watched(call, machine, seconds)


@routes.on("DELETE", ONE)
def delete(call: Call) -> Answer:
    """Delete a machine; its disks and interface stay. 204 if there is none."""
    machine = call.store.get("vm", machine_id(ids.group_of(call)["id"], call.path["vm"]))
    if machine is None:
        return Answer(204)
    effects.schedule(call.store, call.now + 45.0, "machine-removed", {"vm": machine["id"]})
    return watched(call, machine, 45.0)


def watched(call: Call, machine: Document, seconds: float) -> Answer:
    """202 with where it can be watched."""
    operation = lro.begun(call, machine["id"], seconds)
    base = f"/subscriptions/{call.path['sub']}/providers/Microsoft.Compute/locations/{machine['location']}"
    return lro.watched(call, operation, base, 202, None)
