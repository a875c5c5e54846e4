"""WinRM over HTTPS: the certificate, its name and the TLS version come before the account."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pytest
import trustme

from services.guests import winrm_tls, winrm_ways
from services.guests.model import Machine
from services.guests.winrm import WinRmShell, open_winrm
from services.guests.winrm_ways import WAYS
from services.practice.machines.ntlm import Door
from services.practice.machines.wsman import Service
from services.problems.model import ProblemError
from services.readiness.doors import Doors, KeyRules
from services.world.dialer import MappedDialer
from services.world.model import World
from tests.guests.support import Ground, SetClock, ground, soon


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("machines"), SetClock()) as running:
        yield running


@dataclass
class Listener:
    """The HTTPS listener of web-01: its guest and accounts, unsealed messages once somebody is in."""

    context: ssl.SSLContext
    service: Service
    accounts: Path
    requests: list[str] = field(default_factory=list)
    refusals: int = 0

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        door = Door(self.accounts, self.refuse)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                pairs = (line.partition(":") for line in head[1:] if line)
                headers = {name.strip().lower(): value.strip() for name, _colon, value in pairs}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.requests.append(headers.get("host", ""))
                writer.write(await self.reply(headers, body, door))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def refuse(self) -> None:
        self.refusals += 1

    async def reply(self, headers: dict[str, str], body: bytes, door: Door) -> bytes:
        if not door.open or "authorization" in headers:
            challenge = door.knock(headers.get("authorization", ""))
            if challenge is not None:
                return answer(401, b"", f"WWW-Authenticate: {challenge}")
        status, message = await self.service.answer(body)
        return answer(status, message, "Content-Type: application/soap+xml;charset=UTF-8")


def answer(status: int, body: bytes, header: str) -> bytes:
    return f"HTTP/1.1 {status} X\r\n{header}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@contextmanager
def https(
    place: Ground, state: Path, authority: trustme.CA, *names: str, old: bool = False
) -> Iterator[tuple[World, Listener]]:
    """web-01 with an HTTPS listener, and a world that leads to it and trusts `authority`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    if old:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    guest = next(each for each in place.fleet._windows if each.profile.name == "web-01")
    service = Service(partial(place.fleet._run_windows, guest), place.clock.now)
    listener = Listener(context, service, next(place.fleet._state.glob("web-01.accounts")))
    server = place._wait(asyncio.start_server(listener.converse, "127.0.0.1", 0, ssl=context))
    port = server.sockets[0].getsockname()[1]
    authority.cert_pem.write_to_path(str(state / "trust.pem"))
    dialer = MappedDialer({"10.1.0.31:5986": f"127.0.0.1:{port}"}, {})
    world = replace(place.world(state), dialer=dialer, winrm_ca=state / "trust.pem")
    try:
        yield world, listener
    finally:
        place.call(server.close)


def opened(place: Ground, world: World, *, password: str = "", tls1: bool = False) -> WinRmShell:
    machine = replace(place.machine("web-01"), winrm="https")
    return open_winrm(machine, password or place.password("web-01"), world, soon(), allow_tls1=tls1)


@pytest.mark.parametrize("name", ["10.1.0.31", "web-01", "web-01.contoso.example"])
def test_a_certificate_that_verifies_for_the_machine(place: Ground, tmp_path: Path, name: str) -> None:
    with https(place, tmp_path, trustme.CA(), name) as (world, listener):
        shell = opened(place, world)
        assert shell.run("hostname", soon()).stdout == "WEB-01\r\n"
        assert f"certificate of {name}" in shell.notes[0]
        shell.close()
        assert set(listener.requests) == {"10.1.0.31:5986"}


def code_of(place: Ground, world: World, listener: Listener) -> str:
    """The problem's code; nobody may have been sent an account before the certificate was right."""
    with pytest.raises(ProblemError) as failed:
        opened(place, world)
    assert listener.requests == []
    problem = failed.value.problems[0]
    assert problem.cause
    assert problem.remedy
    return problem.code


def test_an_issuer_that_is_not_trusted(place: Ground, tmp_path: Path) -> None:
    with https(place, tmp_path, trustme.CA(), "web-01") as (world, listener):
        trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
        other = replace(world, winrm_ca=tmp_path / "other.pem")
        assert code_of(place, other, listener) == "certificate"
        assert code_of(place, replace(world, winrm_ca=None), listener) == "certificate"


def test_a_certificate_of_another_machine(place: Ground, tmp_path: Path) -> None:
    with https(place, tmp_path, trustme.CA(), "web-02.contoso.example") as (world, listener):
        assert code_of(place, world, listener) == "certificate-name"


def test_an_address_is_no_name_in_a_domain() -> None:
    borne = {"subjectAltName": (("IP Address", "10.9.9.9"), ("DNS", "*.contoso.example"))}
    with pytest.raises(ProblemError) as other:
        winrm_tls._name(Machine("10", "10.1.0.31", "Windows"), "10.1.0.31:5986", borne)
    assert "10.9.9.9, *.contoso.example" in other.value.problems[0].what


def test_tls_1_0_only_with_consent_for_this_machine(place: Ground, tmp_path: Path) -> None:
    with https(place, tmp_path, trustme.CA(), "web-01", old=True) as (world, listener):
        assert code_of(place, world, listener) == "old-tls"
        shell = opened(place, world, tls1=True)
        assert shell.run("hostname", soon()).stdout == "WEB-01\r\n"
        assert "with TLSv1, as it was allowed for this machine" in shell.notes
        shell.close()


def test_consent_for_tls_1_0_changes_nothing_where_something_newer_is_offered(
    place: Ground, tmp_path: Path
) -> None:
    with https(place, tmp_path, trustme.CA(), "web-01") as (world, _listener):
        shell = opened(place, world, tls1=True)
        assert "TLSv1.3" in shell.notes[0]
        shell.close()


def test_the_consent_comes_through_the_doors_by_name(place: Ground, tmp_path: Path) -> None:
    machine = replace(place.machine("web-01"), winrm="https")
    secrets = {"web-01": place.password("web-01")}
    with https(place, tmp_path, trustme.CA(), "web-01", old=True) as (world, _listener):
        with pytest.raises(ProblemError):
            Doors(world, secrets, KeyRules(tls1=frozenset(("web-02",))))(machine, soon())
        Doors(world, secrets, KeyRules(tls1=frozenset(("web-01",))))(machine, soon()).close()


def test_a_wrong_password_over_https_is_tried_once(place: Ground, tmp_path: Path) -> None:
    with https(place, tmp_path, trustme.CA(), "web-01") as (world, listener):
        with pytest.raises(ProblemError) as wrong:
            opened(place, world, password="Marker-wrong")
        assert wrong.value.problems[0].code == "wrong-password"
        assert listener.refusals == 1


def test_plain_http_on_the_port_of_https(place: Ground, tmp_path: Path) -> None:
    def serve(server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near = server.accept()[0]
                near.recv(1_024)
                near.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                near.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        dialer = MappedDialer({"10.1.0.31:5986": f"127.0.0.1:{server.getsockname()[1]}"}, {})
        with pytest.raises(ProblemError) as none:
            opened(place, replace(place.world(tmp_path), dialer=dialer))
    assert none.value.problems[0].code == "winrm"


def test_plain_http_says_that_it_does_not_prove_the_server(place: Ground, tmp_path: Path) -> None:
    shell = open_winrm(place.machine("web-01"), place.password("web-01"), place.world(tmp_path), soon())
    assert "nothing proves" in shell.notes[0]
    shell.close()


@pytest.mark.parametrize("way", ["kerberos", "credssp-https"])
def test_an_extra_that_is_not_installed_is_named(
    place: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(winrm_ways, "find_spec", lambda _name: None)
    machine = Machine("web-01", "10.1.0.31", "Windows", "CORP\\op", winrm=way)
    with pytest.raises(ProblemError) as missing:
        open_winrm(machine, "x", place.world(tmp_path), soon())
    problem = missing.value.problems[0]
    assert problem.code == "extra-missing"
    assert problem.check == f"pip install 'lifeboat[{WAYS[way].extra}]'"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Clients credentials have been revoked", "account-locked"),
        ("Received NTStatus STATUS_ACCOUNT_LOCKED_OUT 0xC0000234", "account-locked"),
        ("Password has expired", "password-expired"),
        ("NTStatus 0xC0000071", "password-expired"),
        ("Preauthentication failed", "wrong-password"),
        ("No Kerberos credentials available", "no-ticket"),
        ("HTTP 503", ""),
    ],
)
def test_what_kerberos_and_credssp_say_of_an_account(said: str, code: str) -> None:
    found = winrm_ways.refused_logon(Machine("web-01", "10.1.0.31", "Windows", "CORP\\op"), ValueError(said))
    assert (found.problems[0].code if found else "") == code
