"""What an answer looks like in the answers file: one example for each field that may lack its value."""

from __future__ import annotations

import json

from services.scenario.model import Field, Kind

_ID = "11111111-2222-3333-4444-555555555555"
_OF_KIND = {
    Kind.SECRET: '"env:NAME"',
    Kind.YES_NO: "true",
    Kind.NUMBER: "1",
    Kind.PATH: '"/path/to/file"',
    Kind.ACCEPTANCE: '"YYYY-MM-DD"',
}
_OF_KEY = {
    "sign-in.tenant": "contoso.example",
    "tenant": _ID,
    "client-id": _ID,
    "subscription": _ID,
    "arm": "https://management.region.example",
    "location": "westeurope",
    "resource-group": "contosoRG",
    "storage-account": "contosocache",
    "network": "contoso-recovery",
    "address": "10.1.0.5",
    "proxy-address": "proxy.contoso.example",
    "third-party-licence": "MySQL 2022-07-27",
    "vault.name": "contoso-vault",
    "server.name": "cs-01",
    "policy.name": "contoso-policy",
}


def example(step: str, item: Field) -> str:
    """The line of the file, `tenant = "contoso.example"`; empty where neither kind nor name tells one."""
    value = item.default if item.default not in ("", None) else None
    if value is None and item.choices:
        value = item.choices[0].value
    if value is None:
        value = _OF_KEY.get(f"{step}.{item.key}") or _OF_KEY.get(item.key)
    shown = _OF_KIND.get(item.kind, "") if value is None else json.dumps(value)
    return f"{item.key} = {shown}" if shown else ""
