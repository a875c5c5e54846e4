"""Azure Policy as far as a plan reads it: the assignments that hold at a scope, and what they rest on."""

from __future__ import annotations

from typing import Any

from services.practice.web import Answer, Call, Refusal, Router

DEFINITIONS = "/providers/Microsoft.Authorization/policyDefinitions"
ALLOWED_LOCATIONS = "e56962a6-4747-49cd-b67b-bf8b01975c4c"
AUDIT_VMS = "06a78e20-9358-41c9-923c-fb736d382a4d"
BUILT_IN: dict[str, dict[str, Any]] = {
    ALLOWED_LOCATIONS: {
        "displayName": "Allowed locations",
        "mode": "Indexed",
        "parameters": {"listOfAllowedLocations": {"type": "Array", "metadata": {"strongType": "location"}}},
        "policyRule": {
            "if": {"field": "location", "notIn": "[parameters('listOfAllowedLocations')]"},
            "then": {"effect": "deny"},
        },
    },
    AUDIT_VMS: {
        "displayName": "Audit VMs that do not use managed disks",
        "mode": "All",
        "parameters": {},
        "policyRule": {
            "if": {"field": "type", "equals": "Microsoft.Compute/virtualMachines"},
            "then": {"effect": "audit"},
        },
    },
}
ASSIGNED: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "allowed-regions",
        ALLOWED_LOCATIONS,
        {"listOfAllowedLocations": {"value": ["westeurope", "northeurope"]}},
    ),
    ("managed-disks", AUDIT_VMS, {}),
)
routes = Router()


@routes.on("GET", "/{scope*}/providers/Microsoft.Authorization/policyAssignments")
def assignments(call: Call) -> Answer:
    """The assignments of the subscription, which hold for everything in it."""
    subscription = f"/subscriptions/{call.realm.facts['subscription']}"
    value = [
        {
            "id": f"{subscription}/providers/Microsoft.Authorization/policyAssignments/{name}",
            "name": name,
            "type": "Microsoft.Authorization/policyAssignments",
            "properties": {
                "displayName": BUILT_IN[definition]["displayName"],
                "policyDefinitionId": f"{DEFINITIONS}/{definition}",
                "scope": subscription,
                "notScopes": [],
                "parameters": parameters,
                "enforcementMode": "Default",
            },
        }
        for name, definition, parameters in ASSIGNED
    ]
    return Answer(body={"value": value})


@routes.on("GET", DEFINITIONS + "/{definition}")
def definition(call: Call) -> Answer:
    """A built-in definition."""
    name = call.path["definition"]
    known = BUILT_IN.get(name)
    if known is None:
        raise Refusal(404, "PolicyDefinitionNotFound", f"The policy definition '{name}' could not be found.")
    return Answer(
        body={
            "id": f"{DEFINITIONS}/{name}",
            "name": name,
            "type": "Microsoft.Authorization/policyDefinitions",
            "properties": {"policyType": "BuiltIn", **known},
        }
    )
