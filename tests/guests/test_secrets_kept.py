"""Whatever a password looks like: it is in nothing that is kept or written, and on no command line anywhere.

A real Debian machine takes it for root and for an account that has root's rights by sudo, which asks for it.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.guests.model import Machine
from services.journal.journal import Journal
from services.journal.model import Actor
from services.logs import hide, open_log
from services.readiness import export_files, exports
from services.readiness.doors import Doors, KeyRules
from services.readiness.fixes import engine
from services.readiness.fixes.linux import LINUX_FIXES
from services.readiness.fixes.model import Consent
from services.readiness.model import Finding, Status
from services.readiness.settings import Settings
from services.readiness.sweep import sweep
from services.readiness.visit import Ground
from services.world.deadline import Deadline
from services.world.model import World
from tests.guests.debian import ADDRESS, MACHINE, NAME, SETTINGS, Debian, debian, lifeboat, listed
from tests.readiness.shells import TRUE
from tui.crash import write_report

HEAD = "Mk7q"
"""Begins every secret of these tests, so that a part of one is found as well."""
USER = "deployer"
BY_SUDO = Machine(NAME, ADDRESS, "Linux", USER)
SUDOERS = f"{USER} ALL=(ALL) ALL\n"
ODD = "'\"$`\\ !#%&*?~;|<>(){}[]\u00e4\u00df\u0416\u4e2d\U0001f680"
HOSTS = next(one for one in LINUX_FIXES if one.id == "hosts-file")
# What passwd(5) takes: no colon matters to a hash, but a line ends a password.
LEGAL = st.text(st.sampled_from("abXY19:" + ODD), min_size=4, max_size=24).map(lambda text: f"{HEAD}{text}z")
ANY = st.tuples(LEGAL, LEGAL).map("\n".join) | LEGAL


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Debian]:
    if shutil.which("sudo") is None:
        pytest.skip("sudo is missing (package sudo)")
    folder = tmp_path_factory.mktemp("secrets")
    with debian(folder / "state", SETTINGS) as machine:
        machine.run(f"useradd -m -s /bin/bash {USER}; chmod 644 /etc/hosts")
        sudoers = machine.root / "etc/sudoers.d/deployer"
        sudoers.write_text(SUDOERS)
        sudoers.chmod(0o440)
        yield machine


def children(here: Debian) -> Path:
    """What the ssh that this world asks was given: too short-lived to be met by looking."""
    return here.state.parent / "given"


def world(here: Debian) -> World:
    """The machine's world; its ssh writes its command line and environment down, then is ssh."""
    program = here.state.parent / "ssh-that-tells"
    told = f"cat /proc/self/environ >> {children(here)}; printf '%s\\n' \"$@\" >> {children(here)}"
    program.write_text(f'#!/bin/sh\n{told}\nexec ssh "$@"\n')
    program.chmod(0o755)
    return replace(here.world, ssh=(str(program), "-F", "none"))


class Watch:
    """Looks at the processes of this host, the machine's among them, for as long as it runs."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self.environments: set[bytes] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        own = str(os.getpid())
        while not self._over.wait(0.02):
            for folder in Path("/proc").iterdir():
                if folder.name.isdigit() and folder.name != own:
                    for name, found in (("cmdline", self.seen), ("environ", self.environments)):
                        try:
                            found.add((folder / name).read_bytes())
                        except OSError:
                            continue

    @contextmanager
    def watching(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._thread.join(20)


def passwords(here: Debian, secret: str) -> None:
    """Give both accounts this password, over standard input."""
    inside = ["nsenter", "-t", str(here.pid), "-m", f"-r/proc/{here.pid}/root", "chpasswd"]
    lines = f"root:{secret}\n{USER}:{secret}\n"
    subprocess.run(inside, input=lines.encode(), check=True, timeout=60)


def swept(here: Debian, machine: Machine, secret: str) -> list[Finding]:
    there = world(here)
    doors = Doors(there, {NAME: secret}, KeyRules(accept_new=True))
    ground = Ground(there, doors, TRUE, None, Settings("192.0.2.5"))
    return sweep([machine], ground, Deadline(90), lambda _finding: None)


def mended(here: Debian, machine: Machine, secret: str, folder: Path) -> None:
    """A fix that is made and taken back, its journal in that folder."""
    there = world(here)
    doors = Doors(there, {NAME: secret}, KeyRules(accept_new=True))
    ground = Ground(there, doors, TRUE, None, Settings("192.0.2.5"))
    here.run("printf '127.0.0.1 localhost\\n' > /etc/hosts")
    journal = Journal.open(folder / "journal", "l", Actor.here())
    number = journal.engagement("e", "s").id
    shown = engine.preview_fix(machine, HOSTS, ground, Deadline(60))
    agreed = Consent(shown.digest, "op", weakening=True)
    made = engine.apply_fix(journal, number, machine, HOSTS, ground, Deadline(60), agreed)
    assert made.status is Status.OK
    engine.undo_fix(journal, number, machine, HOSTS, ground, Deadline(60))
    journal.save_findings(number, "readiness", [made])
    journal.close()


def forms(secret: str) -> list[bytes]:
    """The secret, its parts that could stand alone, and its shapes in Python, JSON and shell text."""
    shaped = {secret, *secret.split("\n"), repr(secret)[1:-1], json.dumps(secret)[1:-1]}
    shaped |= {secret.replace("'", "'\\''"), secret.replace("'", "'\"'\"'")}
    return [one.encode() for one in shaped]


def written(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # An example is a whole sweep of a real machine: a smaller one is not searched for.
    phases=(Phase.explicit, Phase.generate),
)
@given(secret=ANY)
def test_no_secret_is_kept_written_or_shown_among_processes(here: Debian, secret: str) -> None:
    legal = "\n" not in secret
    passwords(here, secret if legal else f"{HEAD}another")
    watch = Watch()
    loggers = [logging.getLogger(name) for name in ("lifeboat", "paramiko")]
    before = [(one, one.handlers, one.propagate, one.level) for one in loggers]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        open_log(folder)
        # As a session does with every secret that it was given by reference.
        hide([secret])
        os.environ["MACHINE_SECRET"] = secret
        try:
            with watch.watching():
                found = [one for machine in (MACHINE, BY_SUDO) for one in swept(here, machine, secret)]
                if legal:
                    mended(here, BY_SUDO, secret, folder)
            logging.getLogger("paramiko").error("refused %s, %r", secret, secret)
            report = write_report(folder / "crash", RuntimeError(f"with {secret}, {secret!r}"), [secret])
        finally:
            del os.environ["MACHINE_SECRET"]
            for logger, handlers, propagate, level in before:
                for handler in logger.handlers:
                    handler.close()
                logger.handlers, logger.propagate = handlers, propagate
                logger.setLevel(level)
        host = exports.Host(NAME, ADDRESS, "Linux", USER, tuple(one.id for one in LINUX_FIXES))
        export_files.findings(folder / "out", found, "live")
        export_files.write(folder / "out", exports.rendered(LINUX_FIXES, [host], "live"))
        assert report is not None
        kept = written(folder) | written(here.state)
        for path, content in kept.items():
            assert not [one for one in forms(secret) if one in content], path
        assert {"lifeboat.log", "findings.json", "known_hosts"} <= {Path(path).name for path in kept}
    states = {(one.id, str(one.status)) for one in found}
    assert ("reachable", "ok" if legal else "failed") in states
    assert ("root-account", "warning") in states or not legal
    processes = watch.seen | watch.environments
    assert any(b"sudo" in one and b"-S" in one for one in watch.seen) or not legal
    assert not [one for one in processes if any(form in one for form in forms(secret))]
    assert not [form for form in forms(secret) if form in children(here).read_bytes()]


def test_a_machine_that_prints_its_own_password_has_it_in_no_finding(here: Debian, tmp_path: Path) -> None:
    secret = f"{HEAD}'$ echo \u00e4"
    passwords(here, secret)
    hosts = here.root / "etc/hosts"
    hosts.write_text(f"127.0.0.1 localhost # {secret}\n")
    ran = subprocess.CompletedProcess[bytes]([], 1)
    for arguments in (("--json",), ("--export", str(tmp_path / "out"))):
        given_list = ("--machines", listed(tmp_path), "--accept-new-host-keys")
        ran = lifeboat(here, "check", "--all", *given_list, *arguments, secret=secret)
        assert ran.returncode == 1, ran.stderr.decode()
        assert b"hosts-file" in ran.stdout
        for form in forms(secret):
            assert form not in ran.stdout + ran.stderr
    assert b"[hidden]" in ran.stdout
    for path, content in (written(tmp_path / "out") | written(here.state)).items():
        assert not [one for one in forms(secret) if one in content], path
