"""Why a machine cannot be spoken to, as problems."""

from __future__ import annotations

import shlex
import socket
from collections.abc import Sequence

from services.problems.model import Problem, ProblemError
from services.text import _, plain


def not_reached(error: OSError, name: str, address: str, port: int) -> ProblemError:
    """The problem behind a failed connection: refused, or no answer."""
    place = f"{address}:{port}"
    if isinstance(error, ConnectionRefusedError):
        return ProblemError(
            Problem(
                "refused",
                name,
                _("{place} refuses the connection.").format(place=place),
                _("Nothing listens on that port, or a firewall on the machine answers for it."),
                _("Check that the service runs and listens on that port."),
                raw=str(error),
            )
        )
    if isinstance(error, socket.gaierror):
        return ProblemError(
            Problem(
                "unreachable",
                name,
                _("the name {name} was not found.").format(name=plain(address, 80)),
                _("The name servers of this host do not know it, or do not answer."),
                _("Correct the name, or give the address."),
                f"getent hosts {shlex.quote(address)}",
                raw=str(error),
            )
        )
    return ProblemError(
        Problem(
            "unreachable",
            name,
            _("{place} does not answer.").format(place=place),
            _("The machine is off, the address is wrong, or a firewall drops the packets."),
            _("Check that the machine runs and that this host has a route to it."),
            f"ping -c 3 {shlex.quote(address)}",
            raw=str(error),
        )
    )


def silent(name: str, address: str, port: int) -> ProblemError:
    """The machine took the connection and then said nothing."""
    return ProblemError(
        Problem(
            "no-answer",
            name,
            _("{place} took the connection and then said nothing.").format(place=f"{address}:{port}"),
            _("The service hangs, or the machine is overloaded."),
            _("Try again; if it stays so, look at the machine's console."),
        )
    )


def wrong_password(name: str, user: str) -> ProblemError:
    """The machine did not let the user in. It was tried once."""
    return ProblemError(
        Problem(
            "wrong-password",
            name,
            _("the machine does not accept the password of {user}.").format(user=user),
            _(
                "The password or the user is wrong, or the account is locked or may not log on from the network."
            ),
            _(
                "Check both, and whether the account is locked. It was tried once only, so that this locks none."
            ),
        )
    )


def password_expired(name: str, user: str) -> ProblemError:
    """The password is right and must be changed before anything else."""
    return ProblemError(
        Problem(
            "password-expired",
            name,
            _("the password of {user} has expired; the machine asks for a new one first.").format(user=user),
            _("The rules of the machine or of the domain let passwords end after a time."),
            _("Sign in once on a terminal, change the password there, and correct it here."),
            "chage -l root" if user == "root" else "",
        )
    )


def account_locked(name: str, user: str) -> ProblemError:
    """Too many wrong passwords came before, from whomever."""
    return ProblemError(
        Problem(
            "account-locked",
            name,
            _("the account {user} is locked.").format(user=user),
            _("Wrong passwords were tried too often, here or elsewhere."),
            _("Have it unlocked, and wait until then: each more attempt may lock it for longer."),
        )
    )


def password_off(name: str, allowed: Sequence[str]) -> ProblemError:
    """The SSH server takes no passwords at all."""
    return ProblemError(
        Problem(
            "password-off",
            name,
            _("the machine's SSH server takes no password, only: {allowed}.").format(
                allowed=plain(", ".join(allowed), 100)
            ),
            _("PasswordAuthentication is not yes in its sshd_config."),
            _("Set it to yes and restart sshd, or install the Mobility service another way."),
            "sshd -T | grep -i passwordauthentication",
        )
    )


def link_lost(name: str, detail: str) -> ProblemError:
    """The session broke; what was started on the machine may go on."""
    return ProblemError(
        Problem(
            "link-lost",
            name,
            _("the connection to the machine broke."),
            _("The machine restarted, its service ended the session, or the network was interrupted."),
            _("Connect again. What was started on the machine may still run."),
            raw=plain(detail),
        )
    )


def too_much(name: str, limit: int) -> ProblemError:
    """A command's output was cut off."""
    return ProblemError(
        Problem(
            "output-too-long",
            name,
            _("the command gave more than {limit} bytes and was stopped.").format(limit=limit),
            _("A program on the machine prints without end, or something stands in for it."),
            _("Run the command on the machine's console and see what it prints."),
        )
    )


def no_account(name: str) -> ProblemError:
    """Nobody has said who signs in, or with what."""
    return ProblemError(
        Problem(
            "no-secret",
            name,
            _("there is no account for this machine, or no password for it."),
            _("Neither the list of machines nor the defaults name one."),
            _("Name user and secret in the list of machines, or the default account of its system."),
        )
    )
