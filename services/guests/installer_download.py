"""How a Windows machine fetches the installer of Unified Setup, through a proxy where there is one."""

from __future__ import annotations

import re

from services.guests.powershell import powershell, quoted
from services.guests.setup_command import DOWNLOAD, Proxy, proxy_complaints
from services.problems.model import Problem, ProblemError
from services.text import _


def check_proxy(proxy: Proxy) -> None:
    """Raise ProblemError `setup-option` for a proxy that will not do."""
    wrong = proxy_complaints(proxy)
    if not wrong and not re.fullmatch(r"[A-Za-z0-9.-]+", proxy.address):
        wrong = [(_("proxy"), _("its address must look like proxy.contoso.com."))]
    if wrong:
        raise ProblemError(*(Problem("setup-option", *each) for each in wrong))


def download(proxy: Proxy | None, target: str, account: str) -> str:
    """The command line that fetches the installer to `target`.

    `account` is a file with the proxy's user and password, a line each, read where the proxy has a user.
    """
    return powershell(
        # 3072 is TLS 1.2, which older systems do not offer by themselves.
        "[Net.ServicePointManager]::SecurityProtocol=3072;$w=New-Object Net.WebClient;"
        f"{_way(proxy, account)}$w.DownloadFile({quoted(DOWNLOAD)},{quoted(target + '.part')});"
        f"[IO.File]::Delete({quoted(target)});[IO.File]::Move({quoted(target + '.part')},{quoted(target)})"
    )


def _way(proxy: Proxy | None, account: str) -> str:
    if proxy is None:
        return ""
    way = f"$p=New-Object Net.WebProxy({quoted(f'http://{proxy.address}:{proxy.port}')});"
    if proxy.user:
        # By assignment: what is given to a cmdlet is recorded where module logging is on.
        way += (
            f"$a=[IO.File]::ReadAllLines({quoted(account)});$k=New-Object Net.NetworkCredential;"
            "$k.UserName=$a[0];$k.Password=$a[1];$p.Credentials=$k;"
        )
    return way + "$w.Proxy=$p;"
