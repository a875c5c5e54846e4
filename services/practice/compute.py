"""The compute answers that a plan needs: quota and sizes."""

from __future__ import annotations

from services.practice.arm import REGIONS, SUBSCRIPTION
from services.practice.web import Answer, Call, Refusal, Router

LOCATION = SUBSCRIPTION + "/providers/Microsoft.Compute/locations/{location}"
# name, cores, memory in MB, data disks, family
SIZES = (
    ("Standard_B2s", 2, 4096, 4, "standardBSFamily"),
    ("Standard_D2s_v3", 2, 8192, 4, "standardDSv3Family"),
    ("Standard_D4s_v3", 4, 16384, 8, "standardDSv3Family"),
    ("Standard_D8s_v3", 8, 32768, 16, "standardDSv3Family"),
    ("Standard_F4s_v2", 4, 8192, 8, "standardFSv2Family"),
)
routes = Router()


def region_of(call: Call) -> str:
    """The region in the path."""
    name = call.path["location"].replace(" ", "").lower()
    if name not in REGIONS:
        raise Refusal(
            400, "NoRegisteredProviderFound", f"No registered resource provider found for location '{name}'."
        )
    return name


def limit(name: str, shown: str, used: int, most: int) -> dict[str, object]:
    """One quota."""
    return {
        "limit": most,
        "unit": "Count",
        "currentValue": used,
        "name": {"value": name, "localizedValue": shown},
    }


@routes.on("GET", LOCATION + "/usages")
def usages(call: Call) -> Answer:
    """The core quotas of a region."""
    region = region_of(call)
    families = sorted({size[4] for size in SIZES})
    known = {size[0]: size for size in SIZES}
    here = [m for m in call.store.all("vm") if m["location"] == region]
    cores = {f: sum(known[m["size"]][1] for m in here if known[m["size"]][4] == f) for f in families}
    value = [
        limit("cores", "Total Regional vCPUs", 6 + sum(cores.values()), 100),
        limit("virtualMachines", "Virtual Machines", 2 + len(here), 25000),
    ]
    return Answer(body={"value": value + [limit(f, f, 2 + cores[f], 50) for f in families]})


@routes.on("GET", SUBSCRIPTION + "/providers/Microsoft.Network/locations/{location}/usages")
def network_usages(call: Call) -> Answer:
    """The network quotas of a region."""
    region = region_of(call)
    networks = sum(1 for v in call.store.all("vnet") if v["location"] == region)
    machines = sum(1 for m in call.store.all("vm") if m["location"] == region)
    value = [
        limit("VirtualNetworks", "Virtual Networks", networks, 1000),
        limit("NetworkInterfaces", "Network Interfaces", 2 + machines, 65536),
        limit("PublicIPAddresses", "Public IP Addresses", 0, 1000),
    ]
    return Answer(body={"value": value})


@routes.on("GET", SUBSCRIPTION + "/providers/Microsoft.Storage/locations/{location}/usages")
def storage_usages(call: Call) -> Answer:
    """The storage account quota of a region."""
    region_of(call)
    used = sum(1 for a in call.store.all("storage") if a["location"] == call.path["location"].lower())
    return Answer(body={"value": [limit("StorageAccounts", "Storage Accounts", used, 250)]})


@routes.on("GET", LOCATION + "/vmSizes")
def sizes(call: Call) -> Answer:
    """The sizes of a region."""
    region_of(call)
    return Answer(
        body={
            "value": [
                {
                    "name": name,
                    "numberOfCores": cores,
                    "memoryInMB": memory,
                    "maxDataDiskCount": disks,
                    "osDiskSizeInMB": 1047552,
                    "resourceDiskSizeInMB": cores * 8192,
                }
                for name, cores, memory, disks, _ in SIZES
            ]
        }
    )


@routes.on("GET", SUBSCRIPTION + "/providers/Microsoft.Compute/skus")
def skus(call: Call) -> Answer:
    """The sizes as SKUs of every region."""
    value = [
        {
            "resourceType": "virtualMachines",
            "name": name,
            "tier": "Standard",
            "family": family,
            "locations": [region],
            "locationInfo": [{"location": region, "zones": ["1", "2", "3"]}],
            "restrictions": [],
            "capabilities": [
                {"name": "vCPUs", "value": str(cores)},
                {"name": "MemoryGB", "value": str(memory // 1024)},
                {"name": "MaxDataDiskCount", "value": str(disks)},
                {"name": "PremiumIO", "value": "True"},
            ],
        }
        for region in REGIONS
        for name, cores, memory, disks, family in SIZES
    ]
    wanted = call.query.get("$filter", "").lower()
    return Answer(body={"value": [v for v in value if not wanted or f"'{v['locations'][0]}'" in wanted]})
