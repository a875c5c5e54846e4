"""How WinRM is spoken with a machine: the kind of sign-in, and HTTP or HTTPS."""

from __future__ import annotations

from dataclasses import dataclass

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
