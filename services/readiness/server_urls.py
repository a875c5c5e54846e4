"""AS-3.4: the names of the documented list, tried from the configuration server over the proxy in use."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.guests.model import Shell
from services.guests.powershell import powershell, quoted
from services.readiness.evidence import seen
from services.readiness.model import Finding, Status
from services.text import plain
from services.world.clouds import US_GOVERNMENT
from services.world.deadline import Deadline

CHECK = "cs-urls"
SOURCE = "Configuration server requirements, 2018-09-03"
MILLISECONDS = 5_000
"""For one name."""

PROXY_SAYS = ("answers 403", "answers 502", "answers 503", "answers 504")
"""What a proxy gives in the place of a name, beside 407."""


@dataclass(frozen=True)
class Name:
    """A name that can be tried. `optional` ones carry telemetry only."""

    host: str
    purpose: str
    optional: bool = False


COMMERCIAL = (
    Name("login.microsoftonline.com", "identity"),
    Name("management.azure.com", "management"),
    Name("dc.services.visualstudio.com", "telemetry", optional=True),
)
GOVERNMENT = (Name("login.microsoftonline.us", "identity"),)
WILDCARDS = (
    "*.accesscontrol.windows.net",
    "*.backup.windowsazure.com",
    "*.hypervrecoverymanager.windowsazure.com",
    "*.services.visualstudio.com",
    "*.blob.core.windows.net",
    "*.store.core.windows.net",
)
GOVERNMENT_WILDCARDS = (
    "*.backup.windowsazure.us",
    "*.hypervrecoverymanager.windowsazure.us",
    "*.blob.core.usgovcloudapi.net",
)
"""Names of the list that stand for many: they name no host that could be tried."""


@dataclass(frozen=True)
class Way:
    """How the server reaches Azure: `machine` (the proxy set there, if any), `direct`, or a `proxy` HOST:PORT."""

    kind: str = "machine"
    proxy: str = ""

    @property
    def words(self) -> str:
        if self.kind == "direct":
            return "directly"
        return f"over the proxy {self.proxy}" if self.proxy else "over the server's own proxy setting"

    @property
    def script(self) -> str:
        """Sets the proxy of a request $r."""
        if self.proxy:
            return f"$r.Proxy=New-Object Net.WebProxy({quoted('http://' + self.proxy)});"
        return "$r.Proxy=$null;" if self.kind == "direct" else ""


def names(cloud: str, storage_host: str) -> tuple[Name, ...]:
    """What is tried: the exact names of a cloud, and the storage account if one is named."""
    own = GOVERNMENT if cloud == US_GOVERNMENT else COMMERCIAL
    return (*own, Name(storage_host, "storage")) if storage_host else own


def wildcards(cloud: str) -> tuple[str, ...]:
    """What cannot be tried."""
    return GOVERNMENT_WILDCARDS if cloud == US_GOVERNMENT else WILDCARDS


def script(hosts: tuple[str, ...], way: Way) -> str:
    """Asks each name for anything at all, with TLS 1.2, one after the other; for PowerShell 2.0."""
    listed = ",".join(quoted(host) for host in hosts)
    return (
        "try{[Net.ServicePointManager]::SecurityProtocol=[Net.SecurityProtocolType]3072}catch{};"
        f'foreach($u in {listed}){{$r=[Net.WebRequest]::Create("https://$u/");$r.Timeout={MILLISECONDS};'
        f"$r.Method='HEAD';{way.script}$s='';try{{$a=$r.GetResponse();$s='answers';$a.Close()}}"
        "catch{$e=$_.Exception.InnerException;$s=$e.Status;if($e.Response){$s='answers '"
        '+[int]$e.Response.StatusCode;$e.Response.Close()}};"$u=$s"}'
    )


def look(shell: Shell, target: str, tried: tuple[Name, ...], way: Way, deadline: Deadline) -> list[Finding]:
    """One finding a name. ProblemError when the session breaks."""
    output = shell.run(powershell(script(tuple(name.host for name in tried), way)), deadline)
    found = dict(re.findall(r"^([a-z0-9.-]+)=(.*?)\s*$", output.stdout, re.M | re.I))
    return [judge(target, name, plain(found.get(name.host, ""), 60), way) for name in tried]


def judge(target: str, name: Name, state: str, way: Way) -> Finding:
    """What .NET said of one name."""
    subject = f"{target}, {name.host}"
    evidence = (seen(f"https://{name.host}/ from {target}, {way.words}", state or "no answer"),)
    if state == "answers 407":
        return Finding(
            CHECK,
            subject,
            Status.WARNING,
            f"The proxy asks for a sign-in before it lets {name.host} through.",
            evidence,
            cause="The proxy's password is not sent from here, so whether it lets the name through was not seen.",
            fix="Give its user and password for Unified Setup, and try the name in a browser on the server.",
            source=SOURCE,
        )
    if state in PROXY_SAYS and way.kind != "direct":
        return Finding(
            CHECK,
            subject,
            Status.WARNING,
            f"{name.host} {state} {way.words}: a proxy that refuses the name says the same.",
            evidence,
            cause="A proxy answers for a name that it does not allow, or that it does not reach, with such a number.",
            fix=f"Look into the proxy's log for {name.host}, or try https://{name.host} in a browser on the server.",
            source=SOURCE,
        )
    if state.startswith("answers"):
        what = f"{name.host} answers ({name.purpose}), {way.words}."
        return Finding(CHECK, subject, Status.OK, what, evidence, source=SOURCE)
    return Finding(
        CHECK,
        subject,
        Status.WARNING if name.optional else Status.FAILED,
        f"{name.host} does not answer {way.words}: {state or 'nothing came back'}.",
        evidence,
        cause=_CAUSES.get(
            state, "A firewall or proxy between the server and the Internet does not let it through."
        ),
        fix=f"Allow https://{name.host} from {target} in the firewall or proxy; it is for {name.purpose}.",
        source=SOURCE,
    )


_CAUSES = {
    "NameResolutionFailure": "The server's DNS does not know the name.",
    "ProxyNameResolutionFailure": "The server's DNS does not know the proxy.",
    "TrustFailure": "Something on the way presents a certificate of its own (TLS inspection).",
    "SecureChannelFailure": "Both sides find no common TLS version: TLS 1.2 may be off.",
}
