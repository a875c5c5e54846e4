"""The command line of Unified Setup and the files it names (AS-6.7, AS-6.8).

Source: asr/physical-manage-configuration-server.md, 2022-07-27; the contradictions in it are settled as
prerequisites section 3 says: /InstallLocation, no /PSIP, /CSIP or passphrase for a configuration server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.problems.model import Problem, ProblemError, RefusedError
from services.text import _

INSTALLER = "MicrosoftAzureSiteRecoveryUnifiedSetup.exe"
DOWNLOAD = "https://aka.ms/unifiedsetup"
DATA_PORT = 9443
MYSQL_FILE, KEY_FILE, PROXY_FILE = "mysql.ini", "vault.VaultCredentials", "proxy.ini"
SECRET_FILES = (MYSQL_FILE, KEY_FILE, PROXY_FILE)
# Signs that cmd.exe reads as its own, or that end a quoted value.
_UNSAFE_PATH = re.compile(r'["%&|<>^!\r\n*?]')
_UNSAFE_VALUE = re.compile(r'["\r\n\x00]')

EXIT_CODES: Mapping[int, str] = {
    0: "Setup has ended well.",
    1: "Setup has failed.",
    2: "Setup did not accept its command line or one of its files.",
    4: "A prerequisite of setup is not met.",
    101: "The Site Recovery Provider could not be installed.",
    102: "Setup has ended, but not all services run.",
    103: "The server could not be registered in the vault.",
    111: "The Recovery Services Agent could not be installed.",
    112: "The container could not be registered in the vault.",
    113: "The master target's container could not be registered.",
    115: "The proxy of the Recovery Services Agent could not be set.",
    116: "The Configuration Manager could not be installed.",
    201: "The product is already installed on this server.",
    203: "This version cannot be upgraded.",
    3010: "Setup has ended well; the server must be restarted.",
}
"""Exit codes of UnifiedSetup.exe, English. Source: SetupReturnValues in the setup framework's source."""
WELL = (0, 3010)


@dataclass(frozen=True)
class Proxy:
    """A proxy by address; credentials only where it asks for them."""

    address: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class SetupOptions:
    """What Unified Setup is asked for.

    `connection` is `machine` (the proxy set on the server, if any), `direct` (none) or `custom` (`proxy`).
    `licence` is the user's acceptance of the third-party licence (MySQL). `key` is the registration key.
    """

    install_location: str
    licence: bool
    mysql_root: str = field(repr=False)
    mysql_user: str = field(repr=False)
    key: bytes = field(repr=False)
    connection: str = "machine"
    proxy: Proxy | None = None
    data_port: int = DATA_PORT
    skip_space_check: bool = False


def check(options: SetupOptions) -> None:
    """Raise RefusedError without the licence, ProblemError with everything else that will not do."""
    if not options.licence:
        raise RefusedError(
            Problem(
                "licence-not-accepted",
                _("third-party licence"),
                _("setup installs MySQL, whose licence has not been accepted."),
                "",
                _("Read it (UNIFIEDSETUP.EXE /ShowThirdpartyEULA) and accept it by name."),
            )
        )
    problems = [Problem("setup-option", *each) for each in _complaints(options)]
    if problems:
        raise ProblemError(*problems)


def _complaints(options: SetupOptions) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if not re.match(r"[A-Za-z]:\\", options.install_location) or _UNSAFE_PATH.search(
        options.install_location
    ):
        found.append(
            (_("install location"), _("this must be a folder such as D:\\ASR, without special signs."))
        )
    if options.data_port == 443 or not 1 <= options.data_port <= 65535:
        found.append((_("data port"), _("this must be a port from 1 to 65535, and never 443.")))
    for caption, value in (
        (_("MySQL root password"), options.mysql_root),
        (_("MySQL user password"), options.mysql_user),
    ):
        if not value or _UNSAFE_VALUE.search(value):
            found.append((caption, _("this must not be empty and hold no quotation mark or line break.")))
    if not options.key.strip():
        found.append((_("registration key"), _("the file is empty.")))
    if options.connection not in ("machine", "direct", "custom"):
        found.append((_("connection"), _("this must be machine, direct or custom.")))
    if options.connection == "custom":
        found += proxy_complaints(options.proxy)
    return found


def proxy_complaints(proxy: Proxy | None) -> list[tuple[str, str]]:
    """What is wrong with a proxy, as pairs of caption and sentence."""
    if proxy is None or not proxy.address or not 1 <= proxy.port <= 65535:
        return [(_("proxy"), _("a custom connection needs the proxy's address and port."))]
    if proxy.address.lower().startswith("https"):
        return [(_("proxy"), _("the configuration server cannot use a proxy over HTTPS."))]
    if any(_UNSAFE_VALUE.search(value) for value in (proxy.address, proxy.user, proxy.password)):
        return [(_("proxy"), _("its values must hold no quotation mark or line break."))]
    return []


def command_line(options: SetupOptions, folder: str, program: str = "UNIFIEDSETUP.EXE") -> str:
    """The silent command line; `folder` holds the files it names. No secret stands in it."""
    words = [
        program,
        "/AcceptThirdpartyEULA",
        '/ServerMode "CS"',
        f'/InstallLocation "{_argument(options.install_location)}"',
        f'/MySQLCredsFilePath "{folder}\\{MYSQL_FILE}"',
        f'/VaultCredsFilePath "{folder}\\{KEY_FILE}"',
        '/EnvType "NonVMWare"',
    ]
    if options.connection == "direct":
        words.append("/BypassProxy")
    if options.connection == "custom":
        words.append(f'/ProxySettingsFilePath "{folder}\\{PROXY_FILE}"')
    if options.data_port != DATA_PORT:
        words.append(f"/DataTransferSecurePort {options.data_port}")
    if options.skip_space_check:
        words.append("/SkipSpaceCheck")
    return " ".join(words)


def secret_files(options: SetupOptions) -> dict[str, bytes]:
    """Names and contents of the files that the command line names; all of them are secrets."""
    mysql = (
        f'[MySQLCredentials]\r\nMySQLRootPassword = "{options.mysql_root}"\r\n'
        f'MySQLUserPassword = "{options.mysql_user}"\r\n'
    )
    files = {MYSQL_FILE: mysql.encode(), KEY_FILE: options.key}
    if options.connection == "custom" and options.proxy is not None:
        files[PROXY_FILE] = _proxy_file(options.proxy).encode()
    return files


def _proxy_file(proxy: Proxy) -> str:
    lines = [
        "[ProxySettings]",
        f'ProxyAuthentication = "{"Yes" if proxy.user else "No"}"',
        # The blank in this name is as documented.
        f'Proxy IP = "{proxy.address}"',
        f'ProxyPort = "{proxy.port}"',
    ]
    if proxy.user:
        lines += [f'ProxyUserName="{proxy.user}"', f'ProxyPassword="{proxy.password}"']
    return "\r\n".join(lines) + "\r\n"


def _argument(path: str) -> str:
    # A single backslash before the closing quote would take the quote with it.
    return path + "\\" if path.endswith("\\") else path
