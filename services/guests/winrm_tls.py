"""TLS for WinRM over HTTPS: trust of its own, the name in the certificate, and which versions are spoken."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.guests import trouble
from services.guests.model import Machine
from services.problems.model import Problem, ProblemError
from services.text import _, plain
from services.world.deadline import MAX_WAIT, Deadline
from services.world.model import World


@dataclass(frozen=True)
class Secured:
    """What a TLS connection was tried with and will be made with again: the name is what its certificate must bear."""

    context: ssl.SSLContext
    name: str
    version: str


def secured(machine: Machine, port: int, world: World, deadline: Deadline, *, tls1: bool = False) -> Secured:
    """Meet the server and verify its certificate, before anybody signs in. TLS 1.0 only if `tls1` and needed.

    ProblemError: `unreachable`, `refused`, `no-answer`, `certificate`, `certificate-name`, `old-tls`, `winrm`.
    """
    try:
        return _met(machine, port, world, deadline, _context(world))
    except (ssl.SSLError, ConnectionError) as error:
        first = error
    # Old servers answer a newer client with an alert, with another version, or just hang up.
    try:
        found = _met(machine, port, world, deadline, _old_context(world))
    except (ssl.SSLError, ConnectionError) as error:
        raise _no_tls(machine, port, first) from error
    if not tls1:
        raise _old(machine, found.version)
    return found


def _met(machine: Machine, port: int, world: World, deadline: Deadline, context: ssl.SSLContext) -> Secured:
    """One handshake. The chain is verified by the context, the name by us: a list of machines has addresses."""
    context.check_hostname = False
    place = f"{machine.address}:{port}"
    try:
        plain_socket = world.dialer.connect(machine.address, port, deadline)
    except OSError as error:
        deadline.check()
        raise trouble.not_reached(error, machine.name, machine.address, port) from error
    try:
        plain_socket.settimeout(deadline.left(MAX_WAIT))
        with context.wrap_socket(plain_socket, server_hostname=machine.address) as tls:
            certificate, version = tls.getpeercert() or {}, str(tls.version())
    except ssl.SSLCertVerificationError as error:
        raise _untrusted(machine, place, error.verify_message) from error
    except TimeoutError as error:
        deadline.check()
        raise trouble.silent(machine.name, machine.address, port) from error
    finally:
        plain_socket.close()
    return Secured(context, _name(machine, place, certificate), version)


def _name(machine: Machine, place: str, certificate: Mapping[str, Any]) -> str:
    """The name of the certificate that is this machine's: its address, its name, or its name in a domain."""
    borne = [(str(kind), str(value)) for kind, value in certificate.get("subjectAltName", ())]
    names = [name for _kind, name in borne]
    own = machine.name.lower().split(".")[0]
    for kind, name in borne:
        if name == machine.address or (kind == "DNS" and name.lower().split(".")[0] == own):
            return name
    raise ProblemError(
        Problem(
            "certificate-name",
            machine.name,
            _("the certificate at {place} is for another machine: {names}.").format(
                place=place, names=plain(", ".join(names) or _("no name"), 200)
            ),
            _("It was made for another name, or its address belongs to another machine now."),
            _("Give the listener a certificate for {name}, or correct the address.").format(
                name=machine.name
            ),
            "winrm enumerate winrm/config/listener",
        )
    )


def _context(world: World) -> ssl.SSLContext:
    if world.winrm_ca is not None:
        return ssl.create_default_context(cafile=str(world.winrm_ca))
    import truststore

    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return context


def _old_context(world: World) -> ssl.SSLContext:
    """A context that takes TLS 1.0 too, as Windows Server 2008 R2 speaks it."""
    context = _context(world)
    with warnings.catch_warnings():
        # Python warns of it, rightly; the user was asked.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def _untrusted(machine: Machine, place: str, why: str) -> ProblemError:
    return ProblemError(
        Problem(
            "certificate",
            machine.name,
            _("the certificate at {place} does not verify: {why}.").format(place=place, why=plain(why, 200)),
            _("Its issuer is not trusted for WinRM, it has expired, or somebody stands in between."),
            _(
                "Name the issuer's certificate as winrm-trust in the table [network] of the configuration file."
            ),
            f"openssl s_client -connect {place} -showcerts </dev/null",
        )
    )


def _old(machine: Machine, version: str) -> ProblemError:
    return ProblemError(
        Problem(
            "old-tls",
            machine.name,
            _("WinRM there offers only {version}, which is off here.").format(version=version),
            _("Windows Server 2008 R2 speaks nothing newer until TLS 1.2 is turned on there."),
            _(
                "Turn TLS 1.2 on there, or, if you accept it for this machine, name it: --allow-tls1 {name}, or "
                "readiness.allow-tls1 in the answers."
            ).format(name=machine.name),
        )
    )


def _no_tls(machine: Machine, port: int, error: OSError) -> ProblemError:
    reason = str(getattr(error, "reason", "") or type(error).__name__)
    return ProblemError(
        Problem(
            "winrm",
            machine.name,
            _("what listens on {place} does not speak TLS as expected.").format(
                place=f"{machine.address}:{port}"
            ),
            _("The listener has no certificate, speaks plain HTTP, or a firewall cuts the connection."),
            _("Look at the HTTPS listener on the machine."),
            "winrm enumerate winrm/config/listener",
            raw=plain(reason, 200),
        )
    )
