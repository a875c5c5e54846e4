"""The .NET types that scripts use: files, digests, time, base64."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from services.practice.machines.windows import firewall, identity, sockets
from services.practice.machines.windows.guest import Guest
from services.practice.machines.windows.operators import dotnet_date
from services.practice.machines.windows.stdin import Input
from services.practice.machines.windows.values import PowerShellError, Thing, number, text

VALUE_TYPES = (
    "net.securityprotocoltype",
    "io.filemode",
    "array",
    "object[]",
    "security.principal.windowsbuiltinrole",
    "security.principal.securityidentifier",
)
"""Casts that leave a value as it is."""


class _Guard:
    """Turns what went wrong in a call into the error PowerShell shows."""

    def __init__(self, name: str) -> None:
        self.name = name

    def error(self, message: str, count: int) -> PowerShellError:
        return PowerShellError(f'Exception calling "{self.name}" with "{count}" argument(s): "{message}"')


def static(guest: Guest, kind: str, name: str, arguments: list[Any] | None) -> Any:
    """A static property (arguments None) or method of a type."""
    kind, member = kind.lower().removeprefix("system."), name.lower()
    if arguments is None:
        return _static_property(guest, kind, member)
    method = _METHODS.get((kind, member))
    if method is None:
        raise PowerShellError(
            f"Method invocation failed because [{kind}] does not contain a method named '{name}'."
        )
    try:
        return method(guest, *arguments)
    except (OSError, ValueError, binascii.Error) as error:
        raise _Guard(name).error(str(error), len(arguments)) from None


def _static_property(guest: Guest, kind: str, member: str) -> Any:
    values: dict[tuple[str, str], Callable[[], Any]] = {
        ("datetime", "utcnow"): guest.now,
        ("datetime", "now"): guest.now,
        ("environment", "machinename"): lambda: guest.profile.name.upper(),
        ("environment", "is64bitoperatingsystem"): lambda: True,
        ("timezoneinfo", "local"): lambda: Thing({"Id": "UTC", "BaseUtcOffset": "00:00:00"}),
        ("net.servicepointmanager", "securityprotocol"): lambda: "Ssl3, Tls",
        ("text.encoding", "utf8"): _utf8,
        ("globalization.cultureinfo", "installeduiculture"): lambda: Thing({"Name": guest.profile.language}),
    }
    value = values.get((kind, member))
    if value is None:
        raise PowerShellError(f"Unable to find type [{kind}] or its member '{member}'.")
    return value()


def converted(kind: str, value: Any) -> Any:
    """A cast to a type that scripts use."""
    short = kind.lower().removeprefix("system.")
    if short == "datetime":
        return datetime.fromisoformat(text(value)).replace(tzinfo=UTC)
    if short in VALUE_TYPES:
        return value
    raise PowerShellError(f"Unable to find type [{kind}].")


def date_property(value: Any, name: str) -> Any:
    """A property of a moment; None of anything else."""
    if not isinstance(value, datetime):
        return None
    return {"year": value.year, "month": value.month, "day": value.day, "hour": value.hour}.get(name.lower())


def value_method(value: Any, name: str, arguments: list[Any]) -> Any:
    """A method of a string, number or moment."""
    key = name.lower()
    if isinstance(value, datetime):
        if key in ("tostring", "touniversaltime"):
            return dotnet_date(value, text(arguments[0])) if arguments else value
    elif key == "tostring":
        return f"{int(value):0{text(arguments[0])[1:]}{text(arguments[0])[0]}}" if arguments else text(value)
    elif isinstance(value, str):
        return _string_method(value, key, [text(item) for item in arguments])
    raise PowerShellError(f"Method invocation failed because it has no method named '{name}'.")


def _string_method(value: str, name: str, given: list[str]) -> Any:
    methods: dict[str, Callable[[], Any]] = {
        "trim": value.strip,
        "trimend": value.rstrip,
        "toupper": value.upper,
        "tolower": value.lower,
        "length": lambda: len(value),
        "split": lambda: value.split(given[0]),
        "replace": lambda: value.replace(given[0], given[1]),
        "startswith": lambda: value.startswith(given[0]),
        "endswith": lambda: value.endswith(given[0]),
        "contains": lambda: given[0] in value,
        "indexof": lambda: value.find(given[0]),
        "substring": lambda: value[int(given[0]) :][: int(given[1]) if len(given) > 1 else None],
    }
    if name not in methods:
        raise PowerShellError(
            f"Method invocation failed because [System.String] has no method named '{name}'."
        )
    return methods[name]()


def new_object(guest: Guest, kind: str, arguments: list[Any]) -> Any:
    """New-Object."""
    short = kind.lower().removeprefix("system.")
    if short == "byte[]":
        return bytearray(int(number(arguments[0])))
    if short == "net.webproxy":
        return Thing({"Address": text(arguments[0]), "UseDefaultCredentials": False, "Credentials": None})
    if short == "net.networkcredential":
        user, password, *_more = [*map(text, arguments), "", ""]
        return Thing({"UserName": user, "Password": password})
    if short == "net.webclient":
        return _web_client(guest)
    if short == "net.sockets.tcpclient":
        return sockets.tcp_client(guest, arguments)
    if short == "security.principal.windowsprincipal":
        return identity.principal(arguments[0])
    raise PowerShellError(f"New-Object : Cannot find type [{kind}]: make sure the assembly is loaded.")


def com_object(guest: Guest, name: str) -> Any:
    """New-Object -ComObject."""
    if name.lower() != "hnetcfg.fwpolicy2":
        raise PowerShellError(f"New-Object : Cannot load COM type {name}.")
    return firewall.policy(guest)


def _web_client(guest: Guest) -> Thing:
    def download(address: Any, path: Any) -> None:
        given = client.get("Proxy")
        proxy = given.get("Address") if isinstance(given, Thing) else ""
        known = given.get("Credentials") if isinstance(given, Thing) else None
        account = (text(known.get("UserName")), text(known.get("Password"))) if known else ("", "")
        try:
            guest.disk.write(text(path), guest.fetched(text(address), proxy, account))
        except OSError as error:
            raise _Guard("DownloadFile").error(str(error), 2) from None

    client = Thing(
        {"Proxy": None}, {"downloadfile": download, "dispose": lambda: None}, "System.Net.WebClient"
    )
    return client


def _existing(guest: Guest, path: Any) -> bytes:
    data = guest.disk.read(text(path))
    if data is None:
        raise OSError(f"Could not find file '{text(path)}'.")
    return data


def _opened(guest: Guest, path: Any, mode: Any = "Open", *_more: Any) -> Thing:
    """A file stream. Mode Open wants the file; the others make it, Create empties it."""
    name, how = text(path), text(mode).lower()
    if how == "open":
        _existing(guest, name)
    elif not guest.folder_of(name):
        raise OSError(f"Could not find a part of the path '{name}'.")
    elif how == "create" or guest.disk.read(name) is None:
        guest.disk.write(name, b"")
    content = bytearray(_existing(guest, name))

    def write(data: Any, start: Any, count: Any) -> None:
        at = int(number(stream.get("Position")))
        piece = bytes(data)[int(start) : int(start) + int(count)]
        content.extend(b"\0" * (at - len(content)))
        content[at : at + len(piece)] = piece
        stream.properties.update(Position=at + len(piece), Length=len(content))
        guest.disk.write(name, bytes(content))

    def read(data: bytearray, start: Any, count: Any) -> int:
        at = int(number(stream.get("Position")))
        piece = content[at : at + int(count)]
        data[int(start) : int(start) + len(piece)] = piece
        stream.properties["Position"] = at + len(piece)
        return len(piece)

    def set_length(size: Any) -> None:
        del content[int(size) :]
        guest.disk.write(name, bytes(content))

    methods: dict[str, Callable[..., Any]] = {"write": write, "read": read, "setlength": set_length}
    methods |= dict.fromkeys(("close", "dispose", "flush"), lambda: None)
    position = len(content) if how == "append" else 0
    stream = Thing({"Position": position, "Length": len(content)}, methods, "System.IO.FileStream")
    stream.properties["content"] = content
    return stream


def input_stream(stdin: Input) -> Thing:
    """Standard input as a stream of bytes."""

    def read(data: bytearray, start: Any, count: Any) -> int:
        piece = stdin.read(int(count))
        data[int(start) : int(start) + len(piece)] = piece
        return len(piece)

    return Thing({}, {"read": read, "close": lambda: None, "dispose": lambda: None}, "System.IO.Stream")


def _sha256(guest: Guest) -> Thing:
    del guest

    def compute(data: Any) -> bytes:
        return hashlib.sha256(bytes(data.get("content") if isinstance(data, Thing) else data)).digest()

    return Thing({}, {"computehash": compute, "dispose": lambda: None})


def _to_base64(guest: Guest, data: Any, start: Any = 0, count: Any = None) -> str:
    del guest
    piece = bytes(data)[int(start) :]
    return base64.b64encode(piece if count is None else piece[: int(count)]).decode()


def _utf8() -> Thing:
    return Thing(
        {}, {"getstring": lambda data: bytes(data).decode(), "getbytes": lambda value: text(value).encode()}
    )


def _moved(guest: Guest, source: Any, target: Any) -> None:
    data = _existing(guest, source)
    if guest.disk.exists(text(target)):
        raise OSError("Cannot create a file when that file already exists.")
    guest.disk.write(text(target), data)
    guest.disk.delete(text(source))


_METHODS: dict[tuple[str, str], Callable[..., Any]] = {
    ("bitconverter", "tostring"): lambda _guest, data: "-".join(f"{byte:02X}" for byte in data),
    ("convert", "frombase64string"): lambda _guest, data: base64.b64decode(text(data), validate=True),
    ("convert", "tobase64string"): _to_base64,
    ("io.directory", "exists"): lambda guest, path: guest.disk.is_folder(text(path)),
    ("io.directory", "createdirectory"): lambda guest, path: guest.make_folder(text(path)),
    ("io.file", "exists"): lambda guest, path: guest.disk.read(text(path)) is not None,
    ("io.file", "delete"): lambda guest, path: guest.disk.delete(text(path)),
    ("io.file", "move"): _moved,
    ("io.file", "open"): _opened,
    ("io.file", "openread"): _opened,
    ("io.file", "readalllines"): lambda guest, path: (
        _existing(guest, path).decode("utf-8-sig", "replace").splitlines()
    ),
    ("io.file", "readalltext"): lambda guest, path: _existing(guest, path).decode("utf-8", "replace"),
    ("io.file", "writealltext"): lambda guest, path, data: guest.disk.write(text(path), text(data).encode()),
    ("math", "round"): lambda _guest, value, digits=0: (
        round(number(value), int(digits)) if digits else round(value)
    ),
    ("net.dns", "gethostaddresses"): sockets.addresses,
    ("net.networkinformation.ipglobalproperties", "getipglobalproperties"): sockets.listeners,
    ("net.webrequest", "create"): sockets.web_request,
    ("security.cryptography.sha256", "create"): _sha256,
    ("security.principal.windowsidentity", "getcurrent"): identity.current,
    ("timezoneinfo", "clearcacheddata"): lambda _guest: None,
}
