"""Unified Setup, as far as one can see it from outside: its log, its exit code, what it leaves behind.

Parameters, file formats and the licence switch are those of the documented command line; exit codes are
those of the setup framework's SetupReturnValues.
"""

from __future__ import annotations

import re
import secrets
import string
from datetime import UTC, datetime
from typing import Any

from services.practice.machines.windows.guest import Guest

LOG = "C:\\ProgramData\\ASRSetupLogs\\ASRUnifiedSetup.log"
PASSPHRASE = "C:\\ProgramData\\ASR\\home\\svsystems\\bin\\genpassphrase.exe"
MAX_SKEW = 300.0
ACCOUNT_DELAY = 300.0
"""World seconds from the end of setup until a person has added the accounts in cspsconfigtool."""
INVALID_COMMAND_LINE, PREREQUISITES, REGISTRATION, ALREADY = 2, 4, 103, 201

PHASES = (
    (0, "Starting Unified Setup. Server mode: CS"),
    (5, "Accepted third-party EULA."),
    (10, "Prerequisites check: Free space check. Status: Passed"),
    (14, "Prerequisites check: Global time sync check. Status: Passed"),
    (18, "Prerequisites check: Role and group policy check. Status: Passed"),
    (22, "Prerequisites check: IIS check. Status: Passed"),
    (30, "Downloading MySQL."),
    (60, "Installing MySQL."),
    (95, "Installing Internet Information Services."),
    (130, "Installing Configuration Server/Process Server dependencies."),
    (170, "Installing Configuration Server/Process Server."),
    (225, "Installing Microsoft Azure Site Recovery Provider."),
    (255, "Installing Microsoft Azure Recovery Services Agent."),
    (285, "Registering the server with the vault."),
)
REGISTER = 300.0
AFTER = (
    (302, "Vault registration. Status: Succeeded"),
    (315, "Installing Mobility Service/Master Target."),
    (340, "Installing Configuration Manager."),
    (352, "Checking services. Status: Running"),
    (358, "Setup completed successfully."),
)
END = 360.0


def planned(guest: Guest, arguments: list[str], began: float, output: str) -> dict[str, Any]:
    """A run of setup from `began` (world seconds): the lines to come with their times, end and code."""
    options = _options(arguments)
    problem, code, at = _refusal(guest, options)
    job: dict[str, Any] = {"kind": "setup", "began": began, "output": output, "written": 0, "key": ""}
    if problem:
        early = [list(phase) for phase in PHASES if phase[0] < at]
        job |= {"lines": [*early, [at, problem]], "end": began + at + 2, "code": code, "register": None}
        return job
    job |= {"lines": [list(phase) for phase in (*PHASES, *AFTER)], "end": began + END, "code": 0}
    key = guest.disk.read(options["vaultcredsfilepath"]) or b""
    return job | {"register": began + REGISTER, "key": key.decode("utf-8", "replace")}


def follow(guest: Guest, job: dict[str, Any], now: float) -> None:
    """Write the log up to now, register once it is time, and leave the server set up at the end."""
    if job["register"] is not None and now >= job["register"]:
        _register(guest, job)
    due = [line for line in job["lines"] if job["began"] + line[0] <= now]
    fresh = due[job["written"] :]
    if fresh:
        _append(guest, LOG, job["began"], fresh)
        if job["output"]:
            _append(guest, job["output"], job["began"], fresh)
        job["written"] = len(due)
    if now >= job["end"] and job["code"] == 0 and guest.disk.fact("installed") is None:
        letters = string.ascii_letters + string.digits
        passphrase = "".join(secrets.choice(letters) for _place in range(16))
        guest.make_folder(PASSPHRASE.rpartition("\\")[0])
        guest.disk.write(PASSPHRASE, b"MZ genpassphrase")
        guest.disk.remember("installed", {"at": job["end"], "passphrase": passphrase})


def _register(guest: Guest, job: dict[str, Any]) -> None:
    job["register"] = None
    try:
        guest.registered(job["key"])
    except ValueError as error:
        sentence = f"Vault registration. Status: Failed. {error}"
        at = REGISTER + 2
        job["lines"] = [line for line in job["lines"] if line[0] < at] + [[at, sentence]]
        job["end"], job["code"] = job["began"] + at + 2, REGISTRATION


def _options(arguments: list[str]) -> dict[str, str]:
    options, rest = {}, list(arguments)
    while rest:
        name = rest.pop(0).lower().lstrip("/-")
        options[name] = rest.pop(0) if rest and not rest[0].startswith("/") else ""
    return options


def _refusal(guest: Guest, options: dict[str, str]) -> tuple[str, int, float]:
    if guest.disk.fact("installed"):
        return "The product is already installed.", ALREADY, 3
    for name in ("servermode", "installlocation", "mysqlcredsfilepath", "vaultcredsfilepath", "envtype"):
        if not options.get(name):
            return f"Invalid command line: /{name} is missing.", INVALID_COMMAND_LINE, 1
    if "acceptthirdpartyeula" not in options:
        return "Invalid command line: the third-party EULA is not accepted.", INVALID_COMMAND_LINE, 1
    if options["envtype"].lower() not in ("vmware", "nonvmware") or options["servermode"].upper() != "CS":
        return "Invalid command line: wrong value of /EnvType or /ServerMode.", INVALID_COMMAND_LINE, 1
    for name in ("mysqlcredsfilepath", "vaultcredsfilepath", "proxysettingsfilepath"):
        if name in options and guest.disk.read(options[name]) is None:
            return f"The file given as /{name} was not found.", INVALID_COMMAND_LINE, 2
    mysql = (guest.disk.read(options["mysqlcredsfilepath"]) or b"").decode("utf-8", "replace")
    pattern = r'\[MySQLCredentials\]\s+MySQLRootPassword\s*=\s*".+"\s+MySQLUserPassword\s*=\s*".+"'
    if not re.search(pattern, mysql):
        return "The MySQL credentials file is not in the expected form.", INVALID_COMMAND_LINE, 2
    if abs((guest.now() - guest.clock.now()).total_seconds()) > MAX_SKEW:
        return "Prerequisites check: Global time sync check. Status: Failed", PREREQUISITES, 14
    return "", 0, 0


def _append(guest: Guest, path: str, began: float, lines: list[list[Any]]) -> None:
    if path == LOG:
        guest.make_folder(LOG.rpartition("\\")[0])
    text = "".join(
        f"{datetime.fromtimestamp(began + at, UTC):%Y-%m-%d %H:%M:%S} {line}\r\n" for at, line in lines
    )
    guest.disk.write(path, (guest.disk.read(path) or b"") + text.encode())


def settle_accounts(guest: Guest, names: tuple[str, ...]) -> list[str]:
    """Accounts that the person at the console has added by now and nobody was told of yet."""
    installed = guest.disk.fact("installed")
    if installed is None or guest.clock.now().timestamp() < installed["at"] + ACCOUNT_DELAY:
        return []
    told = guest.disk.fact("accounts") or []
    return [name for name in names if name not in told]
