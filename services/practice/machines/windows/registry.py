"""The registry: what checks look for, and what was added."""

from __future__ import annotations

import re

from services.practice.machines.windows.guest import Guest

Values = dict[str, tuple[str, str]]
HIVES = {
    "hkey_local_machine": "hklm",
    "hklm:": "hklm",
    "hkey_current_user": "hkcu",
    "hkcu:": "hkcu",
}
_CURRENT = "hklm\\software\\microsoft\\windows nt\\currentversion"
_POLICIES = "hklm\\software\\microsoft\\windows\\currentversion\\policies\\system"
_TERMINAL = "hklm\\system\\currentcontrolset\\control\\terminal server"
_NET = "hklm\\software\\microsoft\\net framework setup\\ndp\\v4\\full"
_STRONG = "hklm\\software\\microsoft\\.netframework\\v4.0.30319"


def key_of(path: str) -> str:
    """A key's path in one form: short hive, lower case, no ending backslash."""
    path = re.sub(r"^(microsoft\.powershell\.core\\)?registry::", "", path.lower().replace("/", "\\"))
    hive, _sign, rest = path.partition("\\")
    return f"{HIVES.get(hive, hive)}\\{rest}".rstrip("\\")


def is_key(path: str) -> bool:
    """Whether a path is one of the registry."""
    return key_of(path).startswith(("hklm\\", "hkcu\\"))


def values(guest: Guest, path: str) -> Values:
    """Names of a key with type and data; empty when there is no such key."""
    key = key_of(path)
    found = dict(_base(guest).get(key, {}))
    for name, (kind, data) in (guest.disk.fact(f"registry:{key}") or {}).items():
        found[name] = (kind, data)
    return found


def exists(guest: Guest, path: str) -> bool:
    """Whether a key is there."""
    return bool(values(guest, path))


def add(guest: Guest, path: str, name: str, kind: str, data: str) -> None:
    """Set a value."""
    fact = f"registry:{key_of(path)}"
    shown = hex(int(data, 0)) if kind == "REG_DWORD" else data
    guest.disk.remember(fact, {**(guest.disk.fact(fact) or {}), name: (kind, shown)})


def query(guest: Guest, words: list[str]) -> tuple[str, bool]:
    """reg query KEY [/v NAME]: what it prints, and whether anything was found."""
    path = words[0] if words else ""
    wanted = next((words[at + 1] for at, word in enumerate(words[:-1]) if word.lower() == "/v"), None)
    found = values(guest, path)
    if wanted is not None:
        found = {name: value for name, value in found.items() if name.lower() == wanted.lower()}
    if not found:
        return "", False
    hive = {"hklm": "HKEY_LOCAL_MACHINE", "hkcu": "HKEY_CURRENT_USER"}
    head, _sign, rest = path.partition("\\")
    shown = hive.get(key_of(path).partition("\\")[0], head)
    rows = "".join(f"    {name}    {kind}    {data}\n" for name, (kind, data) in found.items())
    return f"\n{shown}\\{rest}\n{rows}\n", True


def _base(guest: Guest) -> dict[str, Values]:
    profile = guest.profile
    build = profile.version.rpartition(".")[2]
    release = {5: "0x60636", 4: "0x5cbf5"}.get(profile.powershell)
    base: dict[str, Values] = {
        _CURRENT: {
            "ProductName": ("REG_SZ", profile.caption.removeprefix("Microsoft ").strip()),
            "CurrentBuildNumber": ("REG_SZ", build),
            "EditionID": ("REG_SZ", "ServerDatacenter"),
        },
        _TERMINAL: {"fDenyTSConnections": ("REG_DWORD", "0x0")},
        _POLICIES: {"EnableLUA": ("REG_DWORD", "0x1")},
        _STRONG: {"SchUseStrongCrypto": ("REG_DWORD", "0x1")},
    }
    if release:
        base[_NET] = {"Release": ("REG_DWORD", release), "Version": ("REG_SZ", "4.7.03062")}
    if not profile.configuration_server:
        base[_POLICIES]["LocalAccountTokenFilterPolicy"] = ("REG_DWORD", "0x1")
    if guest.disk.fact("installed"):
        base["hklm\\software\\microsoft\\azure site recovery\\registration"] = {
            "MachineName": ("REG_SZ", profile.name.upper())
        }
    return base
