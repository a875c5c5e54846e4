"""Alert settings, vault health, supported systems, and the lists that are empty in a classic vault."""

from __future__ import annotations

from services.practice import ids, job_plans, job_store, lro
from services.practice.job_store import Outcome, Target
from services.practice.store import Document
from services.practice.web import Answer, Call, Refusal, Router

ALERTS = ids.VAULT + "/replicationAlertSettings"
HEALTH = ids.VAULT + "/replicationVaultHealth"
ALERT = "defaultAlertSetting"
# system, type, versions (version, service pack)
SYSTEMS = (
    ("Windows Server 2008 R2", "windows", (("6.1", "1"),)),
    ("Windows Server 2012", "windows", (("6.2", ""),)),
    ("Windows Server 2012 R2", "windows", (("6.3", ""),)),
    ("Windows Server 2016", "windows", (("10.0.14393", ""),)),
    ("Windows Server 2019", "windows", (("10.0.17763", ""),)),
    ("UBUNTU-14.04-64", "linux", (("14.04", ""),)),
    ("UBUNTU-16.04-64", "linux", (("16.04", ""),)),
    ("RHEL6-64", "linux", tuple((f"6.{n}", "") for n in range(1, 11))),
    ("RHEL7-64", "linux", tuple((f"7.{n}", "") for n in range(8))),
)
routes = Router()


def alert_view(vault: Document, alert: Document) -> Document:
    """The alert setting as the service answers it."""
    return {
        "id": f"{ids.site_recovery(vault)}/replicationAlertSettings/{ALERT}",
        "name": ALERT,
        "type": "Microsoft.RecoveryServices/vaults/replicationAlertSettings",
        "properties": alert,
    }


def alert_of(call: Call, vault: Document) -> Document:
    """The vault's alert setting."""
    none: Document = {"sendToOwners": "DoNotSend", "customEmailAddresses": [], "locale": "en-US"}
    return call.store.get("alert", vault["id"]) or none


@routes.on("GET", ALERTS)
def list_alerts(call: Call) -> Answer:
    """The one alert setting."""
    vault = ids.vault_of(call)
    return Answer(body={"value": [alert_view(vault, alert_of(call, vault))]})


@routes.on("GET", ALERTS + "/" + ALERT)
def get_alert(call: Call) -> Answer:
    """The one alert setting."""
    vault = ids.vault_of(call)
    return Answer(body=alert_view(vault, alert_of(call, vault)))


@routes.on("PUT", ALERTS + "/" + ALERT)
def put_alert(call: Call) -> Answer:
    """Change who is told; answered at once."""
    vault, given = ids.vault_of(call), call.properties()
    alert = {
        "sendToOwners": str(given.get("sendToOwners") or "DoNotSend"),
        "customEmailAddresses": list(given.get("customEmailAddresses") or []),
        "locale": str(given.get("locale") or "en-US"),
    }
    call.store.put("alert", vault["id"], alert)
    return Answer(body=alert_view(vault, alert))


@routes.on("GET", HEALTH, HEALTH + "/default")
def health(call: Call) -> Answer:
    """The health of the vault."""
    vault = ids.vault_of(call)
    fabrics = call.store.all("fabric", vault["id"])
    strained = [one for f in fabrics for one in f.get("more", ()) if one.get("strained")]
    body = {
        "id": f"{ids.site_recovery(vault)}/replicationVaultHealth/Default",
        "name": "Default",
        "type": "Microsoft.RecoveryServices/vaults/replicationVaultHealth",
        "properties": {
            "vaultErrors": [],
            "protectedItemsHealth": {
                "resourceCount": call.store.count("item", vault["id"]),
                "issues": item_issues(call.store.all("item", vault["id"])),
            },
            "fabricsHealth": {
                "resourceCount": len(fabrics),
                "issues": [
                    issue("78081", "Warning", CACHE, "processServers", [one["host"]]) for one in strained
                ],
            },
        },
    }
    return Answer(body=body)


CACHE = "The cache of a process server has little space left"


def item_issues(items: list[Document]) -> list[Document]:
    """What is wrong with items, by kind."""
    kinds: dict[tuple[str, str, str], list[str]] = {}
    for item in items:
        found = [("78007", "Error", "Enabling replication failed")] if item["failure"] else []
        found += [(p["code"], p["level"], p["message"]) for p in item.get("problems") or ()]
        for kind in found:
            kinds.setdefault(kind, []).append(item["protectable"].rsplit("/", 1)[1])
    return [
        issue(code, level, message, "replicationProtectedItems", which)
        for (code, level, message), which in kinds.items()
    ]


def issue(code: str, level: str, message: str, kind: str, which: list[str]) -> Document:
    """One line of the vault's health."""
    return {
        "summaryCode": code,
        "category": "Replication",
        "severity": level,
        "summaryMessage": message,
        "affectedResourceType": kind,
        "affectedResourceSubtype": "",
        "affectedResourceCorrelationIds": which,
    }


@routes.on("POST", HEALTH + "/default/refresh", changes=False)
def refresh_health(call: Call) -> Answer:
    """Compute the health anew."""
    vault = ids.vault_of(call)
    target = Target(str(vault["number"]), vault["name"], "Vault")
    resource = f"{ids.site_recovery(vault)}/replicationVaultHealth/default"
    return lro.accepted(
        call, vault, job_store.for_call(call, vault, job_plans.HEALTH, target, Outcome(), resource)
    )


@routes.on("GET", ids.VAULT + "/replicationSupportedOperatingSystems")
def systems(call: Call) -> Answer:
    """The systems that the service says it supports."""
    vault = ids.vault_of(call)
    instance = call.query.get("instanceType") or "InMageAzureV2"
    if instance.lower() != "inmageazurev2":
        raise Refusal(400, "BadRequest", f"The instance type '{instance}' is not used by this vault.")
    supported = [
        {
            "osName": name,
            "osType": kind,
            "osVersions": [{"version": v, **({"servicePack": pack} if pack else {})} for v, pack in versions],
        }
        for name, kind, versions in SYSTEMS
    ]
    body = {
        "id": f"{ids.site_recovery(vault)}/replicationSupportedOperatingSystems/Default",
        "name": "Default",
        "type": "Microsoft.RecoveryServices/vaults/replicationSupportedOperatingSystems",
        "properties": {"supportedOsList": [{"instanceType": "InMageAzureV2", "supportedOs": supported}]},
    }
    return Answer(body=body)


@routes.on(
    "GET",
    *(
        f"{ids.VAULT}/{name}"
        for name in (
            "replicationAppliances",
            "replicationvCenters",
            "replicationProtectionIntents",
            "replicationMigrationItems",
            "replicationNetworks",
            "replicationNetworkMappings",
            "replicationStorageClassifications",
        )
    ),
)
def none(call: Call) -> Answer:
    """Nothing of the kind is in this vault."""
    ids.vault_of(call)
    return Answer(body={"value": []})
