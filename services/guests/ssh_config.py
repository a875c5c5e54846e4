"""The user's own OpenSSH configuration, as `ssh -G` resolves it: Include, Match and patterns are ssh's work."""

from __future__ import annotations

import getpass
import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.guests.model import Machine
from services.problems.model import Problem, ProblemError
from services.text import _, plain
from services.world.deadline import Deadline

PATIENCE = 10.0
"""Real seconds for `ssh -G`; a Match exec of the user's may take a while."""
NONE = "none"
SUBSET = "paramiko"
"""Who resolved it where there is no ssh program: Include and Match are then not followed."""
NOBODY = "no-machine.invalid"
"""A host that no configuration names: what holds for it holds for all."""
MEMORY = 10.0
"""Real seconds for which that is not asked again."""
USED = (
    "user",
    "port",
    "hostkeyalias",
    "identityfile",
    "certificatefile",
    "identityagent",
    "identitiesonly",
    "userknownhostsfile",
    "globalknownhostsfile",
    "proxyjump",
    "proxycommand",
)
"""The keywords that are read, but for HostName."""
Said = Mapping[str, Sequence[str]]
_COMMON: dict[tuple[tuple[str, ...], str], tuple[float, Said]] = {}
_TOKEN = re.compile(r"%(.)")
_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class SshConfig:
    """What the user's configuration says of one host. Without a configuration: the host, port 22 and nothing else.

    `agent` is a socket's path, `none`, or empty for the agent of the environment. `jumps` are the hops of
    ProxyJump in their order, `command` is ProxyCommand with its tokens filled in. `by` says who resolved it
    (`ssh -G`, `paramiko`), empty where no configuration is read.
    """

    host: str
    port: int = 22
    user: str = ""
    alias: str = ""
    identities: tuple[Path, ...] = ()
    certificates: tuple[Path, ...] = ()
    agent: str = ""
    only_identities: bool = False
    known_hosts: tuple[Path, ...] = ()
    jumps: tuple[str, ...] = ()
    command: str = ""
    by: str = ""

    @property
    def known_as(self) -> str:
        """The name under which its host key is kept."""
        return self.alias or self.host


def for_machine(program: Sequence[str], machine: Machine, port: int, deadline: Deadline) -> SshConfig:
    """What is configured for a machine: by its name unless HostName there is another address, else by its address.

    Another HostName under the same name is another machine. A name without HostName gives its options to the
    address of the list, unless it has none of its own. An empty `program` reads nothing. ProblemError `ssh-config`.
    """
    if not program:
        return SshConfig(machine.address, port, machine.user)
    said, by = _asked(program, machine.name, machine.user, deadline)
    named = _made(said, machine.name, by)
    if named.host == machine.address:
        return named
    # ssh writes a name that it keeps in lower case.
    kept = named.host.lower() == machine.name.lower()
    if kept and _differ(said, _common(program, machine.user, deadline), machine.name):
        return resolve(program, machine.name, machine.user, deadline, address=machine.address)
    return resolve(program, machine.address, machine.user, deadline)


def resolve(
    program: Sequence[str], host: str, user: str, deadline: Deadline, port: int = 0, address: str = ""
) -> SshConfig:
    """What is configured for a host name, as typed behind `ssh`.

    `user`, `port` and `address`, as HostName, go before the configuration's. `program` is ssh and its options,
    such as ("ssh", "-F", FILE). ProblemError `ssh-config`.
    """
    said, by = _asked(program, host, user, deadline, port, address)
    return _made(said, host, by)


def _asked(
    program: Sequence[str], host: str, user: str, deadline: Deadline, port: int = 0, address: str = ""
) -> tuple[Said, str]:
    """The values by keyword, and who resolved them."""
    deadline.check()
    if host.startswith("-"):
        raise _wrong(host, _("is no host name."))
    if shutil.which(program[0]) is None:
        return _subset(program, host, user, port, address), SUBSET
    given = [
        *(("-l", user) if user else ()),
        *(("-p", str(port)) if port else ()),
        *(("-o", f"HostName={address.replace('%', '%%')}") if address else ()),
    ]
    try:
        ran = subprocess.run(
            [*program, "-G", *given, "--", host],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=deadline.left(PATIENCE),
            check=False,
            env=environment(),
        )
    except subprocess.TimeoutExpired as error:
        deadline.check()
        raise _wrong(host, _("ssh -G did not end in time.")) from error
    except OSError as error:
        raise _wrong(host, _("ssh -G did not start: {why}.").format(why=error.strerror)) from error
    if ran.returncode:
        raise _wrong(host, _("ssh -G refuses the configuration."), ran.stderr.decode("utf-8", "replace"))
    return _read(ran.stdout.decode("utf-8", "replace")), "ssh -G"


def _differ(said: Said, common: Said, name: str) -> bool:
    """Whether a host has values of its own. Some versions of ssh fill in its name, which is no difference."""
    return any(
        [one.replace(name, "%n") for one in said.get(key, ())]
        != [one.replace(NOBODY, "%n").replace(name, "%n") for one in common.get(key, ())]
        for key in USED
    )


def _common(program: Sequence[str], user: str, deadline: Deadline) -> Said:
    """What is configured for every host; asked once for the machines of a sweep."""
    key = (tuple(program), user)
    known = _COMMON.get(key)
    if known is None or time.monotonic() - known[0] > MEMORY:
        known = time.monotonic(), _asked(program, NOBODY, user, deadline)[0]
        _COMMON[key] = known
    return known[1]


def environment() -> dict[str, str]:
    """The environment for a program of the user's configuration: without the values that are secrets here."""
    from services.logs import known_secrets

    secrets = known_secrets()
    return {name: value for name, value in os.environ.items() if value not in secrets}


def _read(text: str) -> Said:
    """The lines `keyword value` of `ssh -G`; some keywords come several times."""
    said: dict[str, list[str]] = {}
    for line in text.splitlines():
        keyword, _blank, value = line.partition(" ")
        said.setdefault(keyword.lower(), []).append(value.strip())
    return said


def _made(said: Said, name: str, by: str) -> SshConfig:
    def one(keyword: str) -> str:
        value = said.get(keyword, ("",))[0]
        return "" if value.lower() == NONE else value

    host, port, user = one("hostname") or name, int(one("port") or 22), one("user")
    tokens = _tokens(host, port, user, name)

    def paths(keyword: str) -> tuple[Path, ...]:
        values = (value for value in said.get(keyword, ()) if value.lower() != NONE)
        return tuple(Path(filled(value, tokens)).expanduser() for value in values)

    known = [*said.get("userknownhostsfile", ()), *said.get("globalknownhostsfile", ())]
    agent = said.get("identityagent", ("",))[0]
    command = one("proxycommand")
    return SshConfig(
        host,
        port,
        user,
        one("hostkeyalias"),
        paths("identityfile"),
        paths("certificatefile"),
        _agent(filled(agent, tokens)),
        one("identitiesonly") == "yes",
        tuple(Path(filled(each, tokens)).expanduser() for each in _listed(known)),
        tuple(hop.strip() for hop in one("proxyjump").split(",") if hop.strip()),
        filled(command, {key: shlex.quote(value) for key, value in tokens.items()}) if command else "",
        by,
    )


def _agent(value: str) -> str:
    """The socket of the agent: a path, `none`, or empty for the one of the environment."""
    if value in ("", "SSH_AUTH_SOCK"):
        return ""
    if value.startswith("$"):
        return os.environ.get(value[1:], NONE)
    return value if value == NONE else str(Path(value).expanduser())


def _listed(lines: Sequence[str]) -> list[str]:
    """File names of lines that hold several; `ssh -G` writes them without quotes."""
    return [name for line in lines for name in line.split() if name.lower() != NONE]


def _tokens(host: str, port: int, user: str, name: str) -> dict[str, str]:
    local = os.uname().nodename
    return {
        "%": "%",
        "d": str(Path.home()),
        "h": host,
        "i": str(os.getuid()),
        "k": host,
        "L": local.split(".")[0],
        "l": local,
        "n": name,
        "p": str(port),
        "r": user,
        "u": getpass.getuser(),
    }


def filled(text: str, tokens: Mapping[str, str]) -> str:
    """A value with its % tokens and ${VARIABLES} filled in; what is not known stays as it is."""
    text = _VARIABLE.sub(lambda found: os.environ.get(found[1], found[0]), text)
    return _TOKEN.sub(lambda found: tokens.get(found[1], found[0]), text)


def _subset(program: Sequence[str], host: str, user: str, port: int, address: str) -> Said:
    """The simple part of the configuration, where there is no ssh program to ask."""
    from paramiko import SSHConfig

    named = list(program)[1:]
    path = Path(named[named.index("-F") + 1]) if "-F" in named else Path.home() / ".ssh" / "config"
    try:
        found = SSHConfig.from_path(str(path)).lookup(host) if path.exists() else {}
    except Exception as error:
        # The parser raises whatever a line that it does not know makes it raise.
        raise _wrong(host, _("{path} cannot be read without the ssh program.").format(path=path)) from error
    said = {key: value if isinstance(value, list) else [str(value)] for key, value in dict(found).items()}
    said["user"] = [user or said.get("user", [getpass.getuser()])[0]]
    if port:
        said["port"] = [str(port)]
    if address:
        said["hostname"] = [address]
    said.setdefault("userknownhostsfile", ["~/.ssh/known_hosts"])
    said.setdefault("globalknownhostsfile", ["/etc/ssh/ssh_known_hosts"])
    return said


def _wrong(host: str, what: str, raw: str = "") -> ProblemError:
    return ProblemError(
        Problem(
            "ssh-config",
            host,
            _("the SSH configuration of this account cannot be used: {what}").format(what=what),
            plain(raw.strip(), 300),
            _("Correct it in ~/.ssh/config; this shows what it says for a host."),
            f"ssh -G {shlex.quote(host)}",
            raw=plain(raw),
        )
    )
