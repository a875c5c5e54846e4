"""The checks of Linux machines, each one declaration."""

from __future__ import annotations

from collections.abc import Callable

from services.readiness import (
    linux_account,
    linux_disks,
    linux_names,
    linux_reach,
    linux_ssh,
    linux_sshd,
    linux_storage,
)
from services.readiness.declared import GuestCheck
from services.readiness.linux_facts import LinuxFacts
from services.readiness.model import Check, Finding
from services.readiness.settings import CONTROL_PORT, Settings
from services.readiness.sources import ARTICLE, ERRORS, MATRIX
from services.readiness.visit import Visit

SYSTEMS = ("Linux",)
COPY = ("95108",)
"""What push installation ends with when sshd does not let it in or takes no files."""
REACH = ("95117", "97118")


def _root(visit: Visit) -> Finding:
    return linux_account.look(visit.machine.name, visit.machine.user, visit.facts)


def _facts(look: Callable[[str, LinuxFacts], Finding]) -> Callable[[Visit], Finding]:
    return lambda visit: look(visit.machine.name, visit.facts)


def _settings(look: Callable[[str, LinuxFacts, Settings], Finding]) -> Callable[[Visit], Finding]:
    return lambda visit: look(visit.machine.name, visit.facts, visit.ground.settings)


def _control(visit: Visit) -> Finding:
    return _reach(linux_reach.CONTROL, visit, CONTROL_PORT)


def _data(visit: Visit) -> Finding:
    return _reach(linux_reach.DATA, visit, visit.ground.settings.data_port)


def _reach(check: str, visit: Visit, port: int) -> Finding:
    tried = visit.reached.get(port)
    return linux_reach.look(check, visit.machine.name, port, tried, visit.ground.settings)


def _push(check: Check[Visit]) -> GuestCheck:
    return GuestCheck(check, SYSTEMS, push_only=True)


LINUX_CHECKS: tuple[GuestCheck, ...] = (
    _push(
        Check(
            "root-account",
            ("AS-4.7",),
            "The account is root",
            _root,
            ARTICLE,
            ("95108", "95525"),
            blocking=False,
        )
    ),
    _push(Check("hosts-file", ("AS-4.8",), "/etc/hosts has all adapters", _facts(linux_names.look), ARTICLE)),
    _push(
        Check(
            "ssh-packages",
            ("AS-4.9",),
            "OpenSSH and OpenSSL are installed",
            _facts(linux_ssh.packages),
            ARTICLE,
            REACH,
        )
    ),
    GuestCheck(
        Check(
            "sshd-service",
            ("AS-4.10",),
            "sshd starts with the machine",
            _facts(linux_ssh.service),
            ARTICLE,
            REACH,
        ),
        SYSTEMS,
    ),
    _push(
        Check(
            linux_sshd.PASSWORD,
            ("AS-4.11",),
            "sshd takes passwords",
            _settings(linux_sshd.password),
            ARTICLE,
            COPY,
        )
    ),
    _push(
        Check(
            linux_sshd.ROOT_LOGIN,
            ("AS-4.11", "AS-4.7"),
            "root may log in",
            _settings(linux_sshd.root_login),
            ARTICLE,
            (*COPY, "95525"),
        )
    ),
    _push(Check(linux_sshd.SFTP, ("AS-4.11",), "SFTP is on", _settings(linux_sshd.sftp), ARTICLE, COPY)),
    GuestCheck(
        Check(
            linux_reach.CONTROL,
            ("AS-4.6",),
            "The process server answers on 443",
            _control,
            ARTICLE,
            blocking=False,
        ),
        SYSTEMS,
    ),
    GuestCheck(
        Check(
            linux_reach.DATA,
            ("AS-4.6",),
            "The process server answers on its data port",
            _data,
            ARTICLE,
            blocking=False,
        ),
        SYSTEMS,
    ),
    GuestCheck(
        Check("free-space", ("AS-4.14",), "Free space", _facts(linux_storage.free_space), MATRIX, ("95524",)),
        SYSTEMS,
    ),
    GuestCheck(
        Check(
            "memory",
            ("AS-4.14",),
            "Free memory",
            _facts(linux_storage.memory),
            ERRORS,
            ("95572", "95573"),
            blocking=False,
        ),
        SYSTEMS,
    ),
    GuestCheck(
        Check(
            linux_disks.CHECK,
            ("AS-4.14",),
            "Disks of the system",
            _facts(linux_disks.look),
            MATRIX,
            ("95309", "95310", "95311", "95313"),
            blocking=False,
        ),
        SYSTEMS,
    ),
    GuestCheck(
        Check(
            "file-systems",
            ("AS-4.14",),
            "File systems",
            _facts(linux_storage.file_systems),
            MATRIX,
            blocking=False,
        ),
        SYSTEMS,
    ),
    GuestCheck(
        Check(
            "grub-devices",
            ("AS-4.14",),
            "GRUB names no device",
            _facts(linux_storage.grub),
            ERRORS,
            ("95320",),
            blocking=False,
        ),
        SYSTEMS,
    ),
)
"""Those that only push installation needs are left out where the Mobility service came another way."""
