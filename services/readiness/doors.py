"""The ways into machines: SSH for Linux, WinRM for Windows, with the user's rules for host keys."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.guests.model import Machine, Shell
from services.problems.model import Problem, ProblemError
from services.text import _
from services.world.deadline import Deadline
from services.world.model import World

if TYPE_CHECKING:
    from services.guests.host_keys import HostKeys, Noted
    from services.guests.ssh_route import Routes

OWN_KEYS = "known_hosts"
"""The file in the world's state folder with the host keys accepted here; the user's own is only read."""
REFUSED = ("wrong-password", "password-expired", "account-locked")
"""Problems after which an account of a domain is tried nowhere else."""


@dataclass(frozen=True)
class KeyRules:
    """Which host keys are let in: known ones, those whose fingerprint was given, and new ones if accepted.

    `sha1` and `tls1` are the names of machines, in lower case, for which SHA-1 in SSH and TLS 1.0 in WinRM were
    allowed. `noted` is told of each key that is let in for the first time.
    """

    accept_new: bool = False
    sha1: frozenset[str] = frozenset()
    tls1: frozenset[str] = frozenset()
    noted: Noted | None = None


class Doors:
    """Logs in to machines, each account of a domain carefully. May be called from several threads.

    `secrets` and `passphrases` are values by machine name, or the problem why there is none. `accounts` is what
    other doors of the same sweep have learnt of accounts.
    """

    def __init__(
        self,
        world: World,
        secrets: Mapping[str, str | ProblemError],
        rules: KeyRules,
        passphrases: Mapping[str, str | ProblemError] | None = None,
        accounts: Accounts | None = None,
    ) -> None:
        self._world = world
        self._secrets = secrets
        self._rules = rules
        self._passphrases = passphrases or {}
        self._accounts = accounts or Accounts()
        self._guard = threading.Lock()
        self._routes: Routes | None = None
        self._sudo: dict[tuple[str, str], ProblemError] = {}

    def __call__(self, machine: Machine, deadline: Deadline) -> Shell:
        """An open shell; ProblemError says why there is none. One attempt."""
        secret = _value(self._secrets, machine)
        if machine.os_type == "Linux":
            return self._ssh(machine, secret, deadline)
        from services.guests.winrm import knock, open_winrm, port_of

        if self._accounts.untried(machine):
            # A machine that is off must not keep the others waiting for their turn.
            knock(machine, port_of(machine), self._world, deadline)
        with self._accounts.turn(machine, deadline):
            tls1 = machine.name.lower() in self._rules.tls1
            return open_winrm(machine, secret, self._world, deadline, allow_tls1=tls1)

    def _ssh(self, machine: Machine, secret: str | None, deadline: Deadline) -> Shell:
        from services.guests.ssh import open_ssh

        if machine.key and not self._world.ssh:
            raise _no_keys(machine)
        passphrase = _value(self._passphrases, machine)
        return open_ssh(
            machine,
            secret,
            self._world,
            deadline,
            host_keys=host_keys(self._world, machine, self._rules.noted),
            accept_new=self._rules.accept_new and not machine.fingerprint,
            allow_sha1=machine.name.lower() in self._rules.sha1,
            passphrase=passphrase,
            routes=self._shared_routes(),
            sudo=self._sudo,
            # Only to sign in: a machine that is off must not keep the others waiting.
            turn=self._accounts.turn(machine, deadline),
        )

    def _shared_routes(self) -> Routes:
        with self._guard:
            if self._routes is None:
                self._routes = shared_routes(
                    self._world, accept_new=self._rules.accept_new, noted=self._rules.noted
                )
            return self._routes


def _no_keys(machine: Machine) -> ProblemError:
    """A world that does not read the user's SSH configuration does not use the user's keys either."""
    return ProblemError(
        Problem(
            "key-refused",
            machine.name,
            _("keys of yours are not used in this world."),
            _("The list of machines names a key, and a rehearsal takes no credential of yours."),
            _("Leave the column key empty here; the machines of the practice world take a password."),
        )
    )


def shared_routes(world: World, *, accept_new: bool = False, noted: Noted | None = None) -> Routes:
    """Ways that several machines share, with the known keys of this world."""
    from services.guests.host_keys import HostKeys
    from services.guests.ssh_route import Routes

    keys = HostKeys(world.state / OWN_KEYS, world.known_hosts, noted=noted)
    return Routes(world, keys, accept_new=accept_new)


def _value(values: Mapping[str, str | ProblemError], machine: Machine) -> str | None:
    found = values.get(machine.name)
    if isinstance(found, ProblemError):
        raise found
    return found


def host_keys(world: World, machine: Machine, noted: Noted | None = None) -> HostKeys:
    """The known keys of this world; a machine with a given fingerprint is known by that too."""
    from services.guests.host_keys import HostKeys

    return HostKeys(world.state / OWN_KEYS, world.known_hosts, machine.fingerprint, noted)


@dataclass
class Account:
    """What is known of one account of many machines: nobody tried it yet, it works, or its password is wrong.

    `chances` are the refusals after which it is tried nowhere else.
    """

    chances: int = 1
    lock: threading.Lock = field(default_factory=threading.Lock)
    works: bool = False
    refused: ProblemError | None = None


class Accounts:
    """One attempt for each domain account: a wrong password is not tried on many machines, which would lock it.

    A name without a domain may be a directory's on Linux, or each machine's own: there two machines must refuse it.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._known: dict[tuple[str, str], Account] = {}

    def turn(self, machine: Machine, deadline: Deadline) -> Turn:
        """A turn to log in: alone as long as a domain account is untried, freely otherwise."""
        return Turn(self._account(machine), machine, deadline)

    def untried(self, machine: Machine) -> bool:
        """Whether the machine's account is one of a domain that nobody has tried yet."""
        account = self._account(machine)
        return account is not None and not account.works and account.refused is None

    def _account(self, machine: Machine) -> Account | None:
        place, backslash, _name = machine.user.lower().partition("\\")
        own = (".", machine.name.lower().partition(".")[0])
        if (not backslash and "@" not in machine.user) or (backslash and place in own):
            # An account of the machine itself: each machine has another one of that name.
            if (
                machine.os_type != "Linux"
                or machine.user in ("", "root")
                or machine.key
                or not machine.secret
            ):
                return None
            chances = 2
        else:
            chances = 1
        with self._guard:
            return self._known.setdefault((machine.user.lower(), machine.secret), Account(chances))


class Turn:
    """One log-in, alone when its account is still untried."""

    def __init__(self, account: Account | None, machine: Machine, deadline: Deadline) -> None:
        self._account = account
        self._machine = machine
        self._deadline = deadline
        self._alone = False

    def __enter__(self) -> None:
        account = self._account
        if account is None or account.works:
            return
        while not account.lock.acquire(timeout=0.2):
            self._deadline.check()
        self._alone = True
        if account.works:
            self._leave()
        elif account.refused and not account.chances:
            self._leave()
            raise _not_again(self._machine, account.refused)

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        account = self._account
        if account is None:
            return
        if error is None:
            account.works = True
        elif isinstance(error, ProblemError) and error.problems[0].code in REFUSED:
            account.refused, account.chances = error, account.chances - 1
        self._leave()

    def _leave(self) -> None:
        if self._alone and self._account:
            self._alone = False
            self._account.lock.release()


def _not_again(machine: Machine, refused: ProblemError) -> ProblemError:
    first = refused.problems[0]
    what = _("not tried: the account {user} was refused on {machine}.")
    return ProblemError(
        Problem(
            first.code,
            machine.name,
            what.format(user=machine.user, machine=first.subject),
            _("It is or may be one account for all of them; more attempts could lock it."),
            first.remedy if first.code != "wrong-password" else _("Correct the password, then check again."),
        )
    )
