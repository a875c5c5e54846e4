"""Cmdlets, and with which PowerShell each came."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.practice.machines.inventory import Windows
from services.practice.machines.windows import dotnet, registry, wmi
from services.practice.machines.windows.operators import COMPARISONS, dotnet_date
from services.practice.machines.windows.values import (
    PowerShellError,
    Thing,
    items,
    listed,
    number,
    text,
    truth,
)

if TYPE_CHECKING:
    from services.practice.machines.windows.powershell import Session

Cmdlet = Callable[["Session", list[Any], dict[str, Any], list[Any] | None], Any]


@dataclass(frozen=True)
class Entry:
    """A cmdlet; `since` is the first PowerShell that has it."""

    run: Cmdlet
    since: int = 2


def find(name: str, profile: Windows) -> Cmdlet | None:
    """The cmdlet of that name or alias, or None where this machine has none."""
    key = name.lower()
    entry = CMDLETS.get(ALIASES.get(key, key))
    return entry.run if entry and profile.powershell >= entry.since else None


def _wmi(session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None) -> Any:
    del piped
    name = text(options.get("class") or options.get("classname") or (arguments[0] if arguments else ""))
    space = text(options.get("namespace") or "root\\cimv2").lower()
    found = wmi.instances(session.guest, name, space)
    if found is None:
        error = PowerShellError(f'Get-WmiObject : Invalid class "{name}"')
        error.facts = {"ErrorCode": "InvalidClass"}
        raise error
    asked = re.findall(r"(\w+)\s*=\s*'?([^' ]+)'?", text(options.get("filter")))
    return [each for each in found if all(text(each.get(k)).lower() == v.lower() for k, v in asked)]


def _date(session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None) -> Any:
    del piped
    form = options.get("format")
    uformat = options.get("uformat")
    now = dotnet.converted("datetime", arguments[0]) if arguments else session.guest.now()
    if uformat:
        return now.strftime(text(uformat))
    return dotnet_date(now, text(form)) if form else now


def _service(session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None) -> Any:
    del piped
    there = {each.get("Name").lower(): each for each in wmi.instances(session.guest, "Win32_Service") or []}
    given = options.get("name") or arguments
    names = [text(item) for item in items(given)]
    names = [text(item) for each in items(given) for item in items(each)] or list(there)
    found = []
    for name in names:
        each = there.get(name.lower())
        if each is None:
            message = f"Get-Service : Cannot find any service with service name '{name}'."
            if session.variables["erroractionpreference"] == "Stop":
                raise PowerShellError(message)
            session.errors.append(message)
            continue
        shown = {
            "Status": each.get("State"),
            "Name": each.get("Name"),
            "DisplayName": each.get("DisplayName"),
        }
        found.append(Thing(shown))
    return found


def _select(session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None) -> Any:
    values = piped or []
    first = options.get("first")
    values = values[: int(number(first))] if first is not None else values
    expand = options.get("expandproperty")
    if expand is not None:
        return [part for each in values for part in items(session.property(each, text(expand)))]
    names = [text(item) for each in (items(options.get("property")) or arguments) for item in items(each)]
    if not names:
        return values
    return [Thing({name: session.property(each, name) for name in names}) for each in values]


def _where(session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None) -> Any:
    if arguments and callable(arguments[0]):
        body = arguments[0]
        return [each for each in piped or [] if truth((session.run_block(body, each) or [None])[-1])]
    # Where-Object Name -eq Value came with PowerShell 3.
    name = next((key for key in options if key in COMPARISONS), "eq")
    test, field = COMPARISONS[name], text(arguments[0])
    return [
        each for each in piped or [] if truth(test(session.property(each, field), options.get(name, True)))
    ]


def _each(session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None) -> Any:
    body = arguments[0] if arguments else options.get("process")
    if not callable(body):
        return [session.property(each, text(body)) for each in piped or []]
    return [value for each in piped or [] for value in session.run_block(body, each)]


def _list(session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None) -> Any:
    values = piped or []
    if arguments or options.get("property"):
        values = _select(session, arguments, options, piped)
    output: list[str] = [""]
    for each in values:
        output += [*(listed(each) if isinstance(each, Thing) else [text(each)]), ""]
    return output


def _out_string(
    session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None
) -> Any:
    del session, arguments, options
    from services.practice.machines.windows.values import lines

    return "\n".join(line for each in piped or [] for line in lines(each)) + "\n"


def _json(session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None) -> Any:
    del session
    values = [_plain(each) for each in (piped if piped is not None else arguments)]
    given = values[0] if len(values) == 1 else values
    return json.dumps(given, separators=(",", ":") if options.get("compress") else None)


def _plain(value: Any) -> Any:
    if isinstance(value, Thing):
        return {name: _plain(item) for name, item in value.properties.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool) or value is None else text(value)


def _test_path(
    session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None
) -> Any:
    del piped
    path = text(options.get("literalpath") or options.get("path") or (arguments[0] if arguments else ""))
    if registry.is_key(path):
        return registry.exists(session.guest, path)
    return session.guest.disk.exists(path)


def _item_property(
    session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None
) -> Any:
    del piped
    path = text(options.get("path") or (arguments[0] if arguments else ""))
    found = registry.values(session.guest, path)
    if not found:
        raise PowerShellError(f"Get-ItemProperty : Cannot find path '{path}' because it does not exist.")
    return Thing(
        {name: int(value, 0) if kind == "REG_DWORD" else value for name, (kind, value) in found.items()}
    )


def _content(session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None) -> Any:
    del piped
    path = text(options.get("path") or options.get("literalpath") or (arguments[0] if arguments else ""))
    data = session.guest.disk.read(path)
    if data is None:
        raise PowerShellError(f"Get-Content : Cannot find path '{path}' because it does not exist.")
    return data.decode("utf-8", "replace").splitlines()


def _file_hash(
    session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None
) -> Any:
    del piped
    path = text(options.get("path") or options.get("literalpath") or (arguments[0] if arguments else ""))
    data = session.guest.disk.read(path)
    if data is None:
        raise PowerShellError(f"Get-FileHash : Cannot find path '{path}' because it does not exist.")
    return Thing({"Algorithm": "SHA256", "Hash": hashlib.sha256(data).hexdigest().upper(), "Path": path})


def _signature(
    session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None
) -> Any:
    del piped
    path = text(options.get("filepath") or (arguments[0] if arguments else ""))
    data = session.guest.disk.read(path)
    if data is None:
        raise PowerShellError(f"Get-AuthenticodeSignature : File {path} was not found.")
    signed = data.startswith(b"MZ") and b"Microsoft Corporation" in data
    subject = "CN=Microsoft Corporation, O=Microsoft Corporation, L=Redmond, S=Washington, C=US"
    signer = Thing({"Subject": subject}) if signed else None
    return Thing({"Status": "Valid" if signed else "NotSigned", "SignerCertificate": signer, "Path": path})


def _connection(
    session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None
) -> Any:
    del piped
    host = text(options.get("computername") or (arguments[0] if arguments else ""))
    port = int(number(options.get("port", 80)))
    reached = session.guest.reach(host, port)
    return Thing({"ComputerName": host, "RemotePort": port, "TcpTestSucceeded": reached})


def _new_object(
    session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None
) -> Any:
    del piped
    if "comobject" in options:
        return dotnet.com_object(session.guest, text(options["comobject"]))
    kind = text(options.get("typename") or arguments[0])
    rest = arguments if options.get("typename") else arguments[1:]
    given = items(options.get("argumentlist")) or [part for item in rest for part in items(item)]
    return dotnet.new_object(session.guest, kind, given)


def _locale(session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None) -> Any:
    del arguments, options, piped
    known = {"en-US": (1033, "English (United States)"), "de-DE": (1031, "Deutsch (Deutschland)")}
    number_, shown = known[session.guest.profile.language]
    return Thing({"LCID": number_, "Name": session.guest.profile.language, "DisplayName": shown})


def _zone(session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None) -> Any:
    del session, arguments, options, piped
    return Thing(
        {"Id": "UTC", "DisplayName": "(UTC) Coordinated Universal Time", "BaseUtcOffset": "00:00:00"}
    )


def _pass(session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None) -> Any:
    del session
    return piped if piped is not None else (arguments or items(options.get("inputobject")))


def _nothing(session: Session, arguments: list[Any], options: dict[str, Any], piped: list[Any] | None) -> Any:
    del session, arguments, options, piped


ALIASES = {
    "gwmi": "get-wmiobject",
    "gcim": "get-ciminstance",
    "select": "select-object",
    "where": "where-object",
    "foreach": "foreach-object",
    "fl": "format-list",
    "gc": "get-content",
    "gsv": "get-service",
    "gp": "get-itemproperty",
    "echo": "write-output",
    "write": "write-output",
}
CMDLETS: dict[str, Entry] = {
    "convertto-json": Entry(_json, 3),
    "foreach-object": Entry(_each),
    "format-list": Entry(_list),
    "get-authenticodesignature": Entry(_signature),
    "get-ciminstance": Entry(_wmi, 3),
    "get-content": Entry(_content),
    "get-culture": Entry(_locale),
    "get-date": Entry(_date),
    "get-filehash": Entry(_file_hash, 4),
    "get-itemproperty": Entry(_item_property),
    "get-service": Entry(_service),
    "get-timezone": Entry(_zone, 5),
    "get-winsystemlocale": Entry(_locale, 3),
    "get-wmiobject": Entry(_wmi),
    "new-object": Entry(_new_object),
    "out-null": Entry(_nothing),
    "out-string": Entry(_out_string),
    "select-object": Entry(_select),
    "start-sleep": Entry(_nothing),
    "test-netconnection": Entry(_connection, 4),
    "test-path": Entry(_test_path),
    "where-object": Entry(_where),
    "write-host": Entry(_pass),
    "write-output": Entry(_pass),
}
