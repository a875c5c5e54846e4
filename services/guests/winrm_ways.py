"""How WinRM is spoken with a machine: the kind of sign-in, and HTTP or HTTPS."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from services.guests import trouble
from services.guests.model import Machine
from services.problems.model import Problem, ProblemError
from services.text import _, plain

if TYPE_CHECKING:
    from services.guests.winrm_tls import Secured

HTTP, HTTPS = 5985, 5986


@dataclass(frozen=True)
class Way:
    """One way. `auth` is the name that pywinrm gives the sign-in; `extra` the package extra that it needs."""

    auth: str
    secure: bool = False
    extra: str = ""

    @property
    def port(self) -> int:
        return HTTPS if self.secure else HTTP

    @property
    def scheme(self) -> str:
        return "https" if self.secure else "http"


WAYS = {
    "ntlm": Way("ntlm"),
    "https": Way("ntlm", secure=True),
    "kerberos": Way("kerberos", extra="kerberos"),
    "kerberos-https": Way("kerberos", secure=True, extra="kerberos"),
    "credssp": Way("credssp", extra="credssp"),
    "credssp-https": Way("credssp", secure=True, extra="credssp"),
}
"""The words of the column `winrm` of the list of machines."""
DEFAULT = "ntlm"
MODULES = {"kerberos": "kerberos", "credssp": "requests_credssp"}
"""The module that an extra brings."""


def need_extra(machine: Machine, way: Way) -> None:
    """ProblemError `extra-missing` where a way needs a package that is not installed."""
    if way.extra and find_spec(MODULES[way.extra]) is None:
        raise ProblemError(
            Problem(
                "extra-missing",
                machine.name,
                _("this way to sign in needs the extra {extra}, which is not installed.").format(
                    extra=way.extra
                ),
                _("The list of machines asks for it in the column winrm."),
                _("Install it, or sign in by NTLM: column winrm empty, or https."),
                f"pip install 'lifeboat[{way.extra}]'",
            )
        )


def entry_notes(way: Way, found: Secured | None) -> tuple[str, ...]:
    """How a machine was entered, for people: what proves who it is, and what does not."""
    if found is None and way.auth == "ntlm":
        return (_("NTLM over HTTP: messages are sealed, but nothing proves that this is the right server"),)
    if found is None:
        return (_("{auth} over HTTP, messages sealed").format(auth=way.auth),)
    notes = [
        _("HTTPS, certificate of {name}, {version}").format(
            name=plain(found.name, 100), version=found.version
        )
    ]
    if found.version in ("TLSv1", "TLSv1.1"):
        notes.append(_("with {version}, as it was allowed for this machine").format(version=found.version))
    return tuple(notes)


_LOGON = (
    (("locked out", "locked_out", "0xc0000234", "credentials have been revoked"), "account-locked"),
    (
        ("password has expired", "password_expired", "0xc0000071", "must change", "0xc0000224"),
        "password-expired",
    ),
    (("logon failure", "logon_failure", "0xc000006d", "preauthentication failed"), "wrong-password"),
)
"""What Kerberos and CredSSP say of an account; NTLM over HTTP gives no reason (MS-ERREF 2.3.1)."""


def refused_logon(machine: Machine, error: BaseException) -> ProblemError | None:
    """Why the account was refused, where the other side told; None where this is no matter of the account."""
    said = str(error).lower()
    code = next((code for signs, code in _LOGON if any(sign in said for sign in signs)), "")
    if code == "account-locked":
        return trouble.account_locked(machine.name, machine.user)
    if code == "password-expired":
        return trouble.password_expired(machine.name, machine.user)
    if code:
        return trouble.wrong_password(machine.name, machine.user)
    if "credentials cache" in said or "no kerberos credentials" in said:
        what = _("there is no Kerberos ticket for {user} on this host.").format(user=machine.user)
        remedy = _("Get one, then check again.")
        cause = _("Kerberos signs in with a ticket, not with the password.")
        return ProblemError(
            Problem("no-ticket", machine.name, what, cause, remedy, f"kinit {machine.user}", raw=plain(said))
        )
    return None
