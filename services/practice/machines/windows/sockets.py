"""The way to the network that scripts take through .NET: sockets, web requests, names, listeners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.practice.machines.windows.guest import OPEN, REFUSED, Guest
from services.practice.machines.windows.values import PowerShellError, Thing, number, text


def failed(method: str, count: int, message: str, **inner: Any) -> PowerShellError:
    """The error of a call that went wrong inside .NET."""
    error = PowerShellError(f'Exception calling "{method}" with "{count}" argument(s): "{message}"')
    error.facts = {"InnerException": Thing({"Message": message, **inner})}
    return error


def tcp_client(guest: Guest, arguments: list[Any]) -> Thing:
    """System.Net.Sockets.TcpClient"""

    def connect(host: Any, port: Any) -> None:
        if guest.path(text(host), int(number(port))) != OPEN:
            raise failed(
                "Connect", 2, "No connection could be made: the target machine refused it", ErrorCode=10061
            )
        client.properties["Connected"] = True

    def begin(host: Any, port: Any, *_more: Any) -> Thing:
        state = guest.path(text(host), int(number(port)))
        client.properties["Connected"] = state == OPEN
        waiting = Thing({}, {"waitone": lambda *_given: state in (OPEN, REFUSED)})
        return Thing({"AsyncWaitHandle": waiting, "state": state, "IsCompleted": state in (OPEN, REFUSED)})

    def end(result: Thing) -> None:
        if result.get("state") != OPEN:
            raise failed(
                "EndConnect", 1, "No connection could be made: the target machine refused it", ErrorCode=10061
            )

    methods: dict[str, Callable[..., Any]] = {
        "connect": connect,
        "beginconnect": begin,
        "endconnect": end,
        "close": lambda: None,
    }
    client = Thing({"Connected": False}, methods, "System.Net.Sockets.TcpClient")
    if arguments:
        connect(*arguments)
    return client


def web_request(guest: Guest, address: Any) -> Thing:
    """[Net.WebRequest]::Create: a request of which only the answer's state can be seen."""

    def respond() -> Thing:
        given = request.get("Proxy")
        proxy = text(given.get("Address")) if isinstance(given, Thing) else ""
        status = guest.web(text(address), proxy)
        if isinstance(status, str):
            raise failed(
                "GetResponse", 0, "The remote name could not be reached", Status=status, Response=None
            )
        if status >= 400:
            answer = Thing({"StatusCode": status}, {"close": lambda: None})
            raise failed(
                "GetResponse", 0, f"The remote server returned an error: ({status}).",
                Status="ProtocolError", Response=answer,
            )  # fmt: skip
        return Thing({"StatusCode": status}, {"close": lambda: None})

    properties = {"Method": "GET", "Timeout": 100_000, "Proxy": None, "AllowAutoRedirect": True}
    request = Thing(properties, {"getresponse": respond, "abort": lambda: None}, "System.Net.HttpWebRequest")
    return request


def listeners(guest: Guest) -> Thing:
    """[Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties()"""
    found = [Thing({"Port": port, "Address": "0.0.0.0"}) for port in guest.listening()]
    return Thing({}, {"getactivetcplisteners": lambda: found})


def addresses(guest: Guest, name: Any) -> list[Thing]:
    """[Net.Dns]::GetHostAddresses"""
    found = guest.resolved(text(name))
    if not found:
        raise failed("GetHostAddresses", 1, "No such host is known")
    return [Thing({"IPAddressToString": one}, {"tostring": lambda one=one: one}) for one in found]
