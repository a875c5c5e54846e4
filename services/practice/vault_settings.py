"""A vault's kind (classic or modernized) and its usages."""

from __future__ import annotations

from typing import Any

from services.practice import ids
from services.practice.store import Document
from services.practice.web import Answer, Call, Refusal, Router

routes = Router()


@routes.on("GET", ids.VAULT + "/usages", ids.VAULT + "/replicationUsages")
def usages(call: Call) -> Answer:
    """How the vault's providers sign in (1: Entra ID), and what it holds."""
    vault = ids.vault_of(call)
    items = sum(call.store.count("item", c["id"]) for c in call.store.all("container", vault["id"]))
    if call.url_path.lower().endswith("/replicationusages"):
        return Answer(
            body={
                "value": [
                    {
                        "monitoringSummary": {
                            "unHealthyVmCount": 0,
                            "unHealthyProviderCount": 0,
                            "eventsCount": 0,
                            "deprecatedProviderCount": 0,
                            "supportedProviderCount": 1,
                            "unsupportedProviderCount": 0,
                        },
                        "jobsSummary": {"failedJobs": 0, "suspendedJobs": 0, "inProgressJobs": 0},
                        "protectedItemCount": items,
                        "recoveryPlanCount": 0,
                        "registeredServersCount": call.store.count("fabric", vault["id"]),
                        "recoveryServicesProviderAuthType": 1,
                    }
                ]
            }
        )
    return Answer(
        body={"value": [usage("RecoveryServicesProviderAuthType", 1), usage("ProtectedItemCount", items)]}
    )


def usage(name: str, value: int) -> dict[str, Any]:
    """One usage."""
    return {
        "unit": "Count",
        "quotaPeriod": "P1D",
        "nextResetTime": "0001-01-01T00:00:00Z",
        "currentValue": value,
        "limit": -1,
        "name": {"value": name, "localizedValue": name},
    }


@routes.on("GET", ids.VAULT + "/replicationVaultSettings", ids.VAULT + "/replicationVaultSettings/default")
def settings(call: Call) -> Answer:
    """Which kind of vault it is: vmwareToAzureProviderType "Vmware" is classic, absent is modernized."""
    vault = ids.vault_of(call)
    single = call.url_path.lower().endswith("/default")
    return Answer(body=setting_view(vault) if single else {"value": [setting_view(vault)]})


@routes.on("PUT", ids.VAULT + "/replicationVaultSettings/default")
def put_settings(call: Call) -> Answer:
    """Choose the kind of vault; refused once a server is registered in it."""
    vault, given = ids.vault_of(call), call.properties()
    provider = given.get("vmwareToAzureProviderType")
    if provider not in (None, "Vmware", "InMageRcm"):
        raise Refusal(
            400, "InvalidParameter", f"The value '{provider}' of vmwareToAzureProviderType is not known."
        )
    if provider != vault["provider"] and call.store.count("fabric", vault["id"]):
        raise ids.detailed(
            call,
            409,
            "Conflict",
            "VaultSettingCannotBeChanged",
            "The vault setting cannot be changed.",
            "A server is registered in the vault.",
            "Use another vault.",
        )
    vault |= {"provider": provider, "migration": given.get("migrationSolutionId", vault["migration"])}
    call.store.put("vault", vault["id"], vault)
    return Answer(body=setting_view(vault))


def setting_view(vault: Document) -> Document:
    """The vault's one setting."""
    properties = {"migrationSolutionId": vault["migration"], "vmwareToAzureProviderType": vault["provider"]}
    return {
        "id": f"{ids.site_recovery(vault)}/replicationVaultSettings/default",
        "name": "default",
        "type": "Microsoft.RecoveryServices/vaults/replicationVaultSettings",
        "properties": {k: v for k, v in properties.items() if v is not None},
    }
