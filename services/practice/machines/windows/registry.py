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
    "hkey_users": "hku",
}
_CURRENT = "hklm\\software\\microsoft\\windows nt\\currentversion"
_POLICIES = "hklm\\software\\microsoft\\windows\\currentversion\\policies\\system"
_TERMINAL = "hklm\\system\\currentcontrolset\\control\\terminal server"
_NET = "hklm\\software\\microsoft\\net framework setup\\ndp\\v4\\full"
_LANGUAGE = "hklm\\system\\currentcontrolset\\control\\nls\\language"
_PARTITIONS = "hklm\\system\\currentcontrolset\\services\\partmgr\\parameters"
_RESTART = "hklm\\software\\microsoft\\windows\\currentversion\\windowsupdate\\auto update\\rebootrequired"
_STRONG = "hklm\\software\\microsoft\\.netframework\\v4.0.30319"


def key_of(path: str) -> str:
    """A key's path in one form: short hive, lower case, no ending backslash."""
    path = re.sub(r"^(microsoft\.powershell\.core\\)?registry::", "", path.lower().replace("/", "\\"))
    hive, _sign, rest = path.partition("\\")
    return f"{HIVES.get(hive, hive)}\\{rest}".rstrip("\\")


def is_key(path: str) -> bool:
    """Whether a path is one of the registry."""
    return key_of(path).startswith(("hklm\\", "hkcu\\", "hku\\"))


def values(guest: Guest, path: str) -> Values:
    """Names of a key with type and data; empty when there is no such key."""
    key = key_of(path)
    found = dict(_base(guest).get(key, {}))
    for name, value in (guest.disk.fact(f"registry:{key}") or {}).items():
        found.pop(_same(found, name), None)
        if value is not None:
            found[name] = (value[0], value[1])
    return found


def _same(found: Values, name: str) -> str:
    """The spelling under which a name is there already."""
    return next((known for known in found if known.lower() == name.lower()), name)


def exists(guest: Guest, path: str) -> bool:
    """Whether a key is there. Somebody is signed in on the desktop, so the hive of the account is loaded."""
    return key_of(path).startswith("hku\\s-1-5-21-") or bool(values(guest, path))


def add(guest: Guest, path: str, name: str, kind: str, data: str) -> None:
    """Set a value."""
    fact = f"registry:{key_of(path)}"
    shown = hex(int(data, 0)) if kind == "REG_DWORD" else data
    guest.disk.remember(fact, {**(guest.disk.fact(fact) or {}), name: (kind, shown)})


def delete(guest: Guest, path: str, name: str) -> bool:
    """Delete a value; False when there is none."""
    there = values(guest, path)
    if _same(there, name) not in there:
        return False
    fact = f"registry:{key_of(path)}"
    guest.disk.remember(fact, {**(guest.disk.fact(fact) or {}), _same(there, name): None})
    return True


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
    flaws = profile.flaws
    release = {5: "0x60636", 4: "0x5cbf5", 3: "0x5c615"}.get(profile.powershell)
    language = {"en-US": "0409", "de-DE": "0407"}[profile.language]
    base: dict[str, Values] = {
        _CURRENT: {
            "ProductName": ("REG_SZ", profile.caption.removeprefix("Microsoft ").strip()),
            "CurrentBuildNumber": ("REG_SZ", profile.version.rpartition(".")[2]),
            "EditionID": ("REG_SZ", "ServerDatacenter"),
            "InstallationType": ("REG_SZ", "Server"),
        },
        _TERMINAL: {"fDenyTSConnections": ("REG_DWORD", "0x1" if "desktop" in flaws else "0x0")},
        _POLICIES: {"EnableLUA": ("REG_DWORD", "0x1")},
        _STRONG: {"SchUseStrongCrypto": ("REG_DWORD", "0x1")},
        _LANGUAGE: {"InstallLanguage": ("REG_SZ", language), "Default": ("REG_SZ", language)},
        _PARTITIONS: {"SanPolicy": ("REG_DWORD", "0x2" if "san" in flaws else "0x1")},
    }
    if release:
        base[_NET] = {"Release": ("REG_DWORD", release), "Version": ("REG_SZ", "4.7.03062")}
    if not profile.configuration_server and "remote-uac" not in flaws:
        base[_POLICIES]["LocalAccountTokenFilterPolicy"] = ("REG_DWORD", "0x1")
    if "restart" in flaws:
        base[_RESTART] = {"(Default)": ("REG_SZ", "")}
    if guest.disk.fact("installed"):
        base["hklm\\software\\microsoft\\azure site recovery\\registration"] = {
            "MachineName": ("REG_SZ", profile.name.upper())
        }
    return base
