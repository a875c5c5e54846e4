"""Who a script runs as: the token of the session and what it may do."""

from __future__ import annotations

from typing import Any

from services.practice.machines.windows.guest import Guest
from services.practice.machines.windows.values import Thing, text

ADMINISTRATORS = ("s-1-5-32-544", "administrator")


def current(guest: Guest) -> Thing:
    """[Security.Principal.WindowsIdentity]::GetCurrent()"""
    user = f"{guest.profile.name.upper()}\\{guest.profile.user}"
    # The account that an image is made with is the built-in one, under whatever name.
    sid = Thing({"Value": "S-1-5-21-1085031214-1563985344-725345543-500"})
    return Thing({"Name": user, "User": sid, "AuthenticationType": "NTLM"})


def principal(identity: Thing) -> Thing:
    """New-Object Security.Principal.WindowsPrincipal"""
    return Thing({"Identity": identity}, {"isinrole": _in_role}, "System.Security.Principal.WindowsPrincipal")


def _in_role(role: Any) -> bool:
    name = role.get("Value") if isinstance(role, Thing) else text(role)
    return str(name).lower() in ADMINISTRATORS
