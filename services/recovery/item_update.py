"""The update that Azure is asked for when settings of a protected item are changed.

Azure takes every setting whole: what is left out is gone. So all that stays is sent as it is. Source: Site Recovery
API 2025-08-01, UpdateReplicationProtectedItemInputProperties, VMNicInputDetails, IPConfigInputDetails,
InMageAzureV2UpdateReplicationProtectedItemInput; the details that are read use the same words but for two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.problems.model import Problem, RefusedError
from services.text import _

Json = dict[str, Any]
_MACHINE = ("licenseType", "selectedTfoAzureNetworkId", "selectedSourceNicId")
_PROVIDER = (
    "targetProximityPlacementGroupId",
    "targetAvailabilityZone",
    "targetVmTags",
    "targetManagedDiskTags",
    "targetNicTags",
    "sqlServerLicenseType",
)
_NIC = (
    "recoveryNetworkSecurityGroupId",
    "enableAcceleratedNetworkingOnRecovery",
    "tfoNetworkSecurityGroupId",
    "enableAcceleratedNetworkingOnTfo",
    "recoveryNicName",
    "recoveryNicResourceGroupName",
    "reuseExistingNic",
    "tfoReuseExistingNic",
    "targetNicName",
)
_NIC_READ = {"tfoNicName": "tfoRecoveryNicName", "tfoNicResourceGroupName": "tfoRecoveryNicResourceGroupName"}
"""What is written under another name than it is read."""
_IP = (
    "isSeletedForFailover",
    "recoverySubnetName",
    "recoveryStaticIPAddress",
    "recoveryPublicIPAddressId",
    "recoveryLBBackendAddressPoolIds",
    "tfoSubnetName",
    "tfoStaticIPAddress",
    "tfoPublicIPAddressId",
    "tfoLBBackendAddressPoolIds",
)


def update_body(
    provider: str, details: Mapping[str, Any], now: Mapping[str, str], wanted: Mapping[str, str]
) -> Json:
    """The body of the update; `now` are the settings as they are, `wanted` those that change (item_settings).

    RefusedError for a provider whose settings are not known here.
    """
    if provider not in ("InMageAzureV2", "HyperVReplicaAzure"):
        what = _("The settings of provider {provider} cannot be changed from here yet.").format(
            provider=provider
        )
        raise RefusedError(Problem("provider", provider, what, remedy=_("Change them in the portal.")))
    new = {**now, **wanted}
    properties: Json = {
        "recoveryAzureVMName": new["name"],
        "recoveryAzureVMSize": new["size"],
        "selectedRecoveryAzureNetworkId": new["network"],
        **_kept(details, _MACHINE),
        "enableRdpOnTargetOption": str(details.get("enableRdpOnTargetOption") or "Never"),
        "vmNics": _nics(details, new),
        "providerSpecificDetails": {
            "instanceType": provider,
            **_kept(details, _PROVIDER),
            "recoveryAzureV2ResourceGroupId": new["resource-group"],
            "useManagedDisks": "True" if new["managed-disks"] == "yes" else "False",
        },
    }
    if new["availability-set"] or "availability-set" in wanted:
        properties["recoveryAvailabilitySetId"] = new["availability-set"]
    return {"properties": properties}


def _nics(details: Mapping[str, Any], new: Mapping[str, str]) -> list[Json]:
    """Every interface of the machine: the settings are those of the first, the others stay as they are."""
    first = {"recoverySubnetName": new["subnet"], "recoveryStaticIPAddress": new["address"]}
    nics = details.get("vmNics") or [{}]
    return [_nic_body(nic, first if number == 0 else {}) for number, nic in enumerate(nics)]


def _nic_body(nic: Mapping[str, Any], changed: Mapping[str, str]) -> Json:
    configs = [dict(one) for one in nic.get("ipConfigs") or [{"name": "ipconfig1", "isPrimary": True}]]
    configs[0].update(changed)
    return {
        "nicId": nic.get("nicId"),
        **_kept(nic, _NIC),
        **{written: nic[read] for written, read in _NIC_READ.items() if nic.get(read)},
        "selectionType": "SelectedByUser" if changed else nic.get("selectionType"),
        "ipConfigs": [
            {
                "ipConfigName": str(one.get("name") or "ipconfig1"),
                "isPrimary": bool(one.get("isPrimary")),
                **_kept(one, _IP),
            }
            for one in configs
        ],
    }


def _kept(said: Mapping[str, Any], names: Iterable[str]) -> Json:
    return {name: said[name] for name in names if said.get(name)}
