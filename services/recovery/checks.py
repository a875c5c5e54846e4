"""Application checks of a drill or a failover: what a person would try on the machine, written down beforehand.

    app-01=tcp:22                      a connection is accepted
    app-01=http:80/health              the answer is 200; http:80/health=302 for another status
    app-01=ssh:systemctl is-active nginx=active     the command's output; without =, its exit status 0
    web-01=winrm:(Get-Service W3SVC).Status=Running

Without a name in front, a check is for every machine. A file holds the same as [[check]] tables with machine,
kind, what, expected, user, secret (a reference such as env:NAME) and within (seconds).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from services.guests.model import Machine, Shell
from services.problems.model import CancelledError, DeadlineError, Problem, ProblemError, UsageError
from services.secrets import resolve
from services.text import _, plain
from services.world.deadline import Deadline
from services.world.model import World

KINDS = ("tcp", "http", "ssh", "winrm")
WITHIN = 600.0
"""World seconds within which a check must have come out well."""
EVERY = 15.0
"""World seconds between two tries."""
SHOWN = 300
"""Characters of an answer that are kept."""
_NEXT = re.compile(r"[\s,]+(?=(?:[^\s=,:(][^\s=,:]*=)?(?:(?:tcp|http):\d|(?:ssh|winrm):\S))")
"""What stands between two checks; the second is known by how it begins."""


@dataclass(frozen=True)
class Check:
    """One check. `machine` is empty for every machine; `secret` is a reference, never a value."""

    machine: str
    kind: str
    what: str
    expected: str = ""
    user: str = ""
    secret: str = ""
    within: float = WITHIN

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.what}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Result:
    """How a check came out: `state` ok or failed; `at` is ISO UTC of the world; `tries` how often."""

    state: str
    expected: str
    actual: str
    at: str
    tries: int


def parsed(text: str) -> Check:
    """A check as it is typed. UsageError for one that makes no sense."""
    machine, rest = ("", text) if text.partition(":")[0] in KINDS else text.partition("=")[::2]
    kind, colon, what = rest.partition(":")
    expected = ""
    if kind in ("ssh", "winrm") or (kind == "http" and what[-4:-3] == "=" and what[-3:].isdigit()):
        what, _equals, expected = what.rpartition("=") if "=" in what else (what, "", "")
    return _checked(Check(machine.strip(), kind if colon else "", what.strip(), expected.strip()), text)


def many(text: str) -> tuple[Check, ...]:
    """Checks as they are typed in one line, parted by blanks, commas or lines. UsageError for what makes no sense.

    A blank or comma parts two checks where what follows it begins as a check does; a command may hold others.
    """
    pieces = (one.strip(" ,\n") for one in _NEXT.split(text))
    return tuple(parsed(one) for one in pieces if one)


def from_file(path: Path) -> tuple[Check, ...]:
    """The checks of a TOML file. UsageError when it cannot be read or one makes no sense."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("check") or []
        found = [_from_table(table, path) for table in tables]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, AttributeError, TypeError) as error:
        what = _("is no file of checks: {why}").format(why=plain(str(error), 200))
        raise UsageError(Problem("bad-checks", str(path), what)) from error
    if not found:
        raise UsageError(Problem("bad-checks", str(path), _("holds no [[check]].")))
    return tuple(found)


def of_machine(checks: Sequence[Check], machine: str) -> list[Check]:
    """The checks that are for a machine, with its name."""
    return [replace(one, machine=machine) for one in checks if one.machine.lower() in ("", machine.lower())]


def refuse_unknown(checks: Sequence[Check], machines: Sequence[str]) -> None:
    """UsageError for a check of a machine that is not among these."""
    known = {name.lower() for name in machines} | {""}
    for check in checks:
        if check.machine.lower() not in known:
            what = _("The check is for {name}, which is not in this run.").format(name=plain(check.machine))
            remedy = _("This run has: {names}").format(names=plain(", ".join(machines)))
            raise UsageError(Problem("bad-check", check.name, what, remedy=remedy))


def run_check(check: Check, address: str, os_type: str, world: World, deadline: Deadline) -> Result:
    """Try until it comes out well or its time is over; never raises for a machine that does not answer."""
    began, tries = world.clock.now(), 0
    while True:
        tries += 1
        ok, actual = _once(check, address, os_type, world, deadline)
        now = world.clock.now()
        if ok or (now - began).total_seconds() + EVERY > check.within:
            state = "ok" if ok else "failed"
            at = now.isoformat(timespec="seconds")
            return Result(state, _expected(check), plain(actual, SHOWN), at, tries)
        deadline.wait(max(0.2, world.clock.real_seconds(EVERY)))


def _once(check: Check, address: str, os_type: str, world: World, deadline: Deadline) -> tuple[bool, str]:
    try:
        if check.kind == "tcp":
            return _tcp(check, address, world, deadline)
        if check.kind == "http":
            return _http(check, address, world, deadline)
        return _command(check, Machine(check.machine, address, os_type, check.user), world, deadline)
    except (CancelledError, DeadlineError):
        raise
    except ProblemError as error:
        return False, error.problems[0].what
    except OSError as error:
        return False, error.strerror or str(error)


def _tcp(check: Check, address: str, world: World, deadline: Deadline) -> tuple[bool, str]:
    world.dialer.connect(address, int(check.what), deadline).close()
    return True, "accepted"


def _http(check: Check, address: str, world: World, deadline: Deadline) -> tuple[bool, str]:
    import requests

    from services.guests.dialed_http import DialedAdapter

    port, _slash, path = check.what.partition("/")
    adapter = DialedAdapter(world.dialer)
    with requests.Session() as session, adapter.within(deadline):
        session.trust_env = False
        session.mount("http://", adapter)
        try:
            answer = session.get(f"http://{address}:{port}/{path}", allow_redirects=False)
        except requests.RequestException as error:
            return False, f"no answer: {type(error).__name__}"
    return str(answer.status_code) == (check.expected or "200"), str(answer.status_code)


def _command(check: Check, machine: Machine, world: World, deadline: Deadline) -> tuple[bool, str]:
    secret = resolve(check.secret, check.name, world, None) if check.secret else None
    shell = _opened(check, machine, secret, world, deadline)
    try:
        output = shell.run(check.what, deadline)
    finally:
        shell.close()
    said = output.stdout.strip()
    if not check.expected:
        return output.code == 0, f"exit status {output.code}"
    return said == check.expected, said or f"nothing, exit status {output.code}"


def _opened(check: Check, machine: Machine, secret: str | None, world: World, deadline: Deadline) -> Shell:
    if check.kind == "winrm":
        from services.guests.winrm import open_winrm

        return open_winrm(machine, secret or "", world, deadline)
    from services.guests.host_keys import HostKeys
    from services.guests.ssh import open_ssh

    # A drill's machine is a copy that nobody met under this address: its key is kept apart from the others'.
    keys = HostKeys(world.state / "drill_hosts" / (quote(machine.name, safe="") or "all"))
    return open_ssh(machine, secret, world, deadline, host_keys=keys, accept_new=True, agent=secret is None)


def _expected(check: Check) -> str:
    defaults = {"tcp": "accepted", "http": "200"}
    return check.expected or defaults.get(check.kind, "exit status 0")


def _from_table(table: Mapping[str, Any], path: Path) -> Check:
    unknown = set(table) - set(Check.__dataclass_fields__)
    if unknown:
        what = _("it has no {keys}").format(keys=", ".join(sorted(unknown)))
        raise UsageError(Problem("bad-check", str(path), what))
    texts = {key: str(value) for key, value in table.items() if key != "within"}
    given = {"machine": "", "kind": "", "what": "", **texts}
    return _checked(Check(**given, within=float(table.get("within", WITHIN))), path.name)


def _checked(check: Check, text: str) -> Check:
    port = check.what.partition("/")[0]
    if check.kind not in KINDS or not check.what:
        what = _("is no check; write MACHINE=tcp:PORT, http:PORT/PATH, ssh:COMMAND=OUTPUT or winrm:...")
        raise UsageError(Problem("bad-check", text, what))
    if check.kind in ("tcp", "http") and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise UsageError(Problem("bad-check", text, _("has no port from 1 to 65535.")))
    return check
