"""The user's SSH configuration as `ssh -G` resolves it, against OpenSSH's servers as machine and jump host."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services import logs
from services.guests import ssh_config
from services.guests.host_keys import HostKeyError, HostKeys
from services.guests.model import Machine
from services.guests.ssh import SshShell, open_ssh
from services.guests.ssh_route import Routes
from services.problems.model import DeadlineError, ProblemError, RefusedError
from services.world.build import live_world, practice_world
from services.world.clock import Clock
from services.world.deadline import Deadline
from services.world.dialer import DirectDialer, MappedDialer
from services.world.model import World
from services.world.settings import Settings
from tests.guests.openssh import SSHD, sshd
from tests.guests.support import soon
from tests.world.test_worlds_apart import DESCRIPTION
from tui.cli import doctor

MACHINE = Machine("app-01", "10.3.0.1", "Linux")
NOW = datetime.now(UTC)
USER = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()

needs_ssh = pytest.mark.skipif(shutil.which("ssh") is None, reason="ssh is missing (openssh-client)")
needs_sshd = pytest.mark.skipif(not SSHD.exists(), reason="sshd is missing (package openssh-server)")


def resolved(folder: Path, text: str, machine: Machine = MACHINE) -> ssh_config.SshConfig:
    (folder / "config").write_text(text)
    return ssh_config.for_machine(("ssh", "-F", str(folder / "config")), machine, 22, soon())


@needs_ssh
def test_include_and_match_are_followed(tmp_path: Path) -> None:
    (tmp_path / "more").write_text("Host 10.3.0.*\n  Port 2022\n  IdentityFile ~/.ssh/dr-%r\n")
    text = f"Include {tmp_path}/more\nMatch host 10.3.0.1 user op\n  ProxyCommand relay %h:%p as %r %%\n"
    found = resolved(tmp_path, text, replace(MACHINE, user="op"))
    assert (found.host, found.port, found.user) == ("10.3.0.1", 2022, "op")
    assert found.command == "relay 10.3.0.1:2022 as op %"
    assert found.identities[0] == Path.home() / ".ssh" / "dr-op"
    assert resolved(tmp_path, text, replace(MACHINE, user="other")).command == ""


@needs_ssh
def test_a_name_counts_only_where_it_leads_to_the_address_of_the_list(tmp_path: Path) -> None:
    right = "Host app-01\n  HostName 10.3.0.1\n  HostKeyAlias shop\n  ProxyJump a,op@b:2222\n"
    found = resolved(tmp_path, right)
    assert (found.known_as, found.jumps) == ("shop", ("a", "op@b:2222"))
    elsewhere = resolved(tmp_path, "Host app-01\n  HostName 10.9.9.9\n  ProxyJump a\n")
    assert (elsewhere.host, elsewhere.jumps) == ("10.3.0.1", ())


@needs_ssh
def test_agent_certificates_and_files_of_keys(tmp_path: Path) -> None:
    text = (
        "Host *\n  IdentityAgent ~/a b\n  IdentitiesOnly yes\n  CertificateFile ~/x-cert.pub\n"
        "  UserKnownHostsFile ~/k1 /k2\n"
    ).replace("a b", "agent")
    found = resolved(tmp_path, text)
    assert found.agent == str(Path.home() / "agent")
    assert found.only_identities
    assert found.certificates == (Path.home() / "x-cert.pub",)
    assert {Path.home() / "k1", Path("/k2")} <= set(found.known_hosts)


@needs_ssh
def test_a_configuration_that_ssh_refuses_is_a_problem_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as wrong:
        resolved(tmp_path, "Host *\n  NoSuchOption yes\n")
    assert wrong.value.problems[0].code == "ssh-config"
    assert "nosuchoption" in wrong.value.problems[0].cause.lower()


@needs_ssh
def test_a_match_that_hangs_ends_at_the_deadline(tmp_path: Path) -> None:
    (tmp_path / "config").write_text('Match exec "sleep 60"\n  Port 1\n')
    with pytest.raises(DeadlineError):
        ssh_config.resolve(("ssh", "-F", str(tmp_path / "config")), "app-01", "", Deadline(0.5))


@needs_ssh
def test_a_host_that_begins_like_an_option_is_none(tmp_path: Path) -> None:
    with pytest.raises(ProblemError):
        ssh_config.resolve(("ssh",), "-oProxyCommand=touch x", "", soon())


def test_what_is_filled_in_cannot_become_a_command(tmp_path: Path) -> None:
    said = ssh_config._made({"user": ["$(id)"], "proxycommand": ["x %r"]}, "app-01", "ssh -G")
    assert said.command == "x '$(id)'"


def test_without_the_ssh_program_the_simple_part_counts_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "more").write_text("Host *\n  Port 2022\n")
    (tmp_path / "config").write_text(
        f"Include {tmp_path}/more\nHost 10.3.0.*\n  User op\n  ProxyJump jump\n  IdentityFile ~/k\n"
    )
    program = (str(tmp_path / "no-ssh"), "-F", str(tmp_path / "config"))
    found = ssh_config.for_machine(program, MACHINE, 22, soon())
    assert (found.by, found.port, found.user, found.jumps) == ("paramiko", 22, "op", ("jump",))
    assert found.identities == (Path.home() / "k",)


def test_doctor_says_who_resolves_the_configuration(tmp_path: Path) -> None:
    now = Clock(NOW, NOW)
    here = World("live", "l", {}, now, DirectDialer(), tmp_path, ssh=(str(tmp_path / "no-ssh"),))
    (row,) = doctor._ssh(here)
    assert (row["state"], "Include and Match" in row["value"]) == ("warning", True)
    (practice,) = doctor._ssh(replace(here, ssh=()))
    assert practice["value"] == "not read in this world"


def test_a_practice_world_reads_no_configuration_and_a_live_one_does(tmp_path: Path) -> None:
    assert practice_world(DESCRIPTION, tmp_path).ssh == ()
    assert live_world(tmp_path, Settings()).ssh == ("ssh",)


def test_an_empty_program_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_given, **_more: pytest.fail("a program was started"))
    found = ssh_config.for_machine((), replace(MACHINE, user="root"), 22, soon())
    assert found == ssh_config.SshConfig("10.3.0.1", 22, "root")


def test_programs_of_the_configuration_get_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINUX_PASSWORD", "Marker-4711")
    logs.hide(["Marker-4711"])
    assert "Marker-4711" not in ssh_config.environment().values()
    assert "PATH" in ssh_config.environment()


def test_a_name_that_leads_to_this_host_is_refused_by_the_live_world() -> None:
    for host in ("127.1", "0.0.0.0", "localhost6", "127.0.0.1"):
        with pytest.raises((RefusedError, OSError)) as refused:
            DirectDialer().connect(host, _listening(), soon()).close()
        if host != "localhost6":
            assert isinstance(refused.value, RefusedError), host


def _listening() -> int:
    import socket

    server = socket.create_server(("127.0.0.1", 0))
    _KEPT.append(server)
    return int(server.getsockname()[1])


_KEPT: list[object] = []


@dataclass
class Site:
    """Machine 10.3.0.1 and jump host 10.3.0.9, both OpenSSH with one key's account, and the configuration."""

    folder: Path
    world: World
    ports: dict[str, int]

    @property
    def keys(self) -> HostKeys:
        return HostKeys(self.folder / "known")

    def configure(self, text: str) -> None:
        (self.folder / "ssh_config").write_text(text.format(folder=self.folder, user=USER))

    def open(self, machine: Machine = MACHINE, **options: object) -> SshShell:
        given = {"accept_new": True, **options}
        return open_ssh(machine, None, self.world, soon(), host_keys=self.keys, **given)  # type: ignore[arg-type]

    def connections(self, name: str) -> int:
        """How often somebody signed in there."""
        return (self.folder / name / "log").read_text().count("Accepted publickey")


@contextmanager
def site(folder: Path, jump_settings: str = "", machine_settings: str = "") -> Iterator[Site]:
    made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "user")]
    subprocess.run(made, check=True, timeout=60)
    (folder / "jump").mkdir()
    (folder / "machine").mkdir()
    who = f"AuthorizedKeysFile {folder}/user.pub\nPermitRootLogin yes\nLogLevel INFO\n"
    with (
        sshd(folder / "jump", who + jump_settings, ("ed25519",)) as jump,
        sshd(folder / "machine", machine_settings + who, ("ed25519",)) as machine,
    ):
        network = {
            "10.3.0.9:22": f"127.0.0.1:{jump.port}",
            "10.3.0.1:22": f"127.0.0.1:{machine.port}",
            "10.3.0.2:22": f"127.0.0.1:{machine.port}",
        }
        program = ("ssh", "-F", str(folder / "ssh_config"))
        world = World(
            "live", "l", {}, Clock(NOW, NOW), MappedDialer(network, {}), folder / "state", ssh=program
        )
        yield Site(folder, world, {"jump": jump.port, "machine": machine.port})


IDENTITY = "Host *\n  User {user}\n  IdentityFile {folder}/user\n  IdentityAgent none\n  IdentitiesOnly yes\n"
JUMP = "Host 10.3.0.1 10.3.0.2\n  ProxyJump gate\nHost gate\n  HostName 10.3.0.9\n"


@needs_ssh
@needs_sshd
def test_a_key_file_of_the_configuration_signs_in(tmp_path: Path) -> None:
    with site(tmp_path) as here:
        here.configure(IDENTITY)
        shell = here.open()
        assert shell.run("echo in", soon()).stdout == "in\n"
        shell.close()


@needs_ssh
@needs_sshd
def test_through_a_jump_host_that_is_signed_in_to_once(tmp_path: Path) -> None:
    with site(tmp_path) as here:
        here.configure(JUMP + IDENTITY)
        routes = Routes(here.world, here.keys, accept_new=True)
        shells = [here.open(routes=routes), here.open(replace(MACHINE, address="10.3.0.2"), routes=routes)]
        assert [shell.run("echo in", soon()).stdout for shell in shells] == ["in\n", "in\n"]
        assert "through gate" in shells[0].notes
        shells[0].close()
        assert shells[1].run("echo still", soon()).stdout == "still\n"
        shells[1].close()
        assert (here.connections("jump"), here.connections("machine")) == (1, 2)
        assert here.open(routes=routes).run("echo again", soon()).stdout == "again\n"


@needs_ssh
@needs_sshd
def test_the_key_of_a_jump_host_is_as_strict(tmp_path: Path) -> None:
    with site(tmp_path) as here:
        here.configure(JUMP + IDENTITY)
        with pytest.raises(HostKeyError) as unknown:
            here.open(accept_new=False)
        problem = unknown.value.problems[0]
        assert (problem.code, problem.subject) == ("host-key-unknown", "app-01")
        assert (unknown.value.host, unknown.value.port) == ("10.3.0.9", 22)
        assert here.connections("jump") == 0
        here.keys.remember("10.3.0.9", 22, unknown.value.key)
        with pytest.raises(HostKeyError) as behind:
            here.open(accept_new=False)
        assert behind.value.host == "10.3.0.1"


@needs_ssh
@needs_sshd
@pytest.mark.parametrize(
    ("settings", "code"),
    [("AllowTcpForwarding no\n", "jump-refused"), ("PubkeyAuthentication no\n", "key-refused")],
)
def test_a_jump_host_that_does_not_lead_on(tmp_path: Path, settings: str, code: str) -> None:
    with site(tmp_path, settings) as here:
        here.configure(JUMP + IDENTITY)
        with pytest.raises(ProblemError) as refused:
            here.open()
        assert refused.value.problems[0].code == code
        assert refused.value.problems[0].subject == "app-01"
        assert "gate" in refused.value.problems[0].what


@needs_ssh
@needs_sshd
def test_a_machine_behind_a_jump_host_that_is_off(tmp_path: Path) -> None:
    with site(tmp_path) as here:
        here.configure(JUMP + IDENTITY)
        dialer = MappedDialer(
            {"10.3.0.9:22": f"127.0.0.1:{here.ports['jump']}", "10.3.0.1:22": "127.0.0.1:1"}, {}
        )
        here.world = replace(here.world, dialer=dialer)
        with pytest.raises(ProblemError) as away:
            here.open()
        assert away.value.problems[0].code == "unreachable"


@needs_ssh
def test_jump_hosts_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "c").write_text(
        "Host a\n  ProxyJump b\nHost b\n  ProxyJump a\nHost 10.3.0.1\n  ProxyJump a\n"
    )
    dialer = MappedDialer(dict.fromkeys(("a:22", "b:22", "10.3.0.1:22"), "127.0.0.1:1"), {})
    program = ("ssh", "-F", str(tmp_path / "c"))
    world = World("live", "l", {}, Clock(NOW, NOW), dialer, tmp_path, ssh=program)
    with pytest.raises(ProblemError) as circle:
        open_ssh(MACHINE, None, world, soon(), host_keys=HostKeys(tmp_path / "k"))
    assert "circle" in circle.value.problems[0].what


RELAY = """
import socket, sys, threading, os
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
def up():
    while d := os.read(0, 65536): s.sendall(d)
threading.Thread(target=up, daemon=True).start()
while d := s.recv(65536): os.write(1, d)
"""


@needs_ssh
@needs_sshd
def test_over_a_proxy_command_whose_child_ends_with_the_shell(tmp_path: Path) -> None:
    with site(tmp_path) as here:
        (tmp_path / "relay.py").write_text(RELAY)
        port = here.ports["machine"]
        here.configure(
            f"Host 10.3.0.1\n  ProxyCommand sh -c 'echo $$ >{tmp_path}/pid; exec python3 {tmp_path}/relay.py {port}'\n"
            + IDENTITY
        )
        shell = here.open()
        assert shell.run("echo in", soon()).stdout == "in\n"
        child = int((tmp_path / "pid").read_text())
        os.kill(child, 0)
        shell.close()
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


@needs_ssh
@pytest.mark.parametrize("command", ["sh -c 'echo no way >&2; exit 3'", "sh -c 'echo no way >&2; cat'"])
def test_a_proxy_command_that_leads_nowhere_says_so(tmp_path: Path, command: str) -> None:
    (tmp_path / "c").write_text(f"Host *\n  ProxyCommand {command}\n")
    dialer = MappedDialer({"10.3.0.1:22": "127.0.0.1:1"}, {})
    program = ("ssh", "-F", str(tmp_path / "c"))
    world = World("live", "l", {}, Clock(NOW, NOW), dialer, tmp_path, ssh=program)
    with pytest.raises(ProblemError) as nowhere:
        open_ssh(MACHINE, None, world, soon(), host_keys=HostKeys(tmp_path / "k"))
    assert nowhere.value.problems[0].code == "proxy-command"
    assert nowhere.value.problems[0].cause == "no way"


@needs_ssh
def test_a_proxy_command_that_is_silent_ends_at_the_deadline(tmp_path: Path) -> None:
    (tmp_path / "c").write_text(f"Host *\n  ProxyCommand sh -c 'echo $$ >{tmp_path}/pid; sleep 600'\n")
    dialer = MappedDialer({"10.3.0.1:22": "127.0.0.1:1"}, {})
    program = ("ssh", "-F", str(tmp_path / "c"))
    world = World("live", "l", {}, Clock(NOW, NOW), dialer, tmp_path, ssh=program)
    with pytest.raises(DeadlineError):
        open_ssh(MACHINE, None, world, Deadline(1.5), host_keys=HostKeys(tmp_path / "k"))
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@needs_ssh
@needs_sshd
def test_a_machine_the_dialer_refuses_stays_refused_behind_a_proxy(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("Host *\n  HostName 127.0.0.1\n  ProxyCommand cat\n")
    program = ("ssh", "-F", str(tmp_path / "c"))
    world = World("live", "l", {}, Clock(NOW, NOW), DirectDialer(), tmp_path, ssh=program)
    with pytest.raises(RefusedError):
        open_ssh(MACHINE, None, world, soon(), host_keys=HostKeys(tmp_path / "k"))


def keyed(folder: Path, name: str, phrase: str = "") -> Machine:
    made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", phrase, "-f", str(folder / name)]
    subprocess.run(made, check=True, timeout=60)
    return replace(MACHINE, user=USER, key=str(folder / name))


@needs_sshd
def test_a_named_key_with_its_passphrase(tmp_path: Path) -> None:
    machine = keyed(tmp_path, "named", "Marker-phrase")
    settings = f"AuthorizedKeysFile {tmp_path}/named.pub\n"
    with site(tmp_path, machine_settings=settings) as here:
        here.world = replace(here.world, ssh=())
        shell = here.open(machine, passphrase="Marker-phrase")
        assert shell.run("echo in", soon()).stdout == "in\n"
        shell.close()
        for phrase, code in ((None, "key-passphrase"), ("wrong", "key-passphrase")):
            with pytest.raises(ProblemError) as refused:
                here.open(machine, passphrase=phrase)
            assert refused.value.problems[0].code == code
            assert "Marker" not in repr(refused.value.problems)


@needs_sshd
def test_keys_that_cannot_be_used(tmp_path: Path) -> None:
    with site(tmp_path) as here:
        here.world = replace(here.world, ssh=())
        stranger = keyed(tmp_path, "stranger")
        cases = {
            str(tmp_path / "none"): "key-missing",
            str(tmp_path / "stranger.pub"): "key-unusable",
            str(tmp_path / "stranger"): "key-refused",
        }
        (tmp_path / "stranger.pub").chmod(stat.S_IRUSR | stat.S_IWUSR)
        for path, code in cases.items():
            with pytest.raises(ProblemError) as refused:
                here.open(replace(stranger, key=path))
            assert refused.value.problems[0].code == code, path
        (tmp_path / "stranger").chmod(0o644)
        with pytest.raises(ProblemError) as readable:
            here.open(stranger)
        assert readable.value.problems[0].check.startswith("chmod 600")


@needs_ssh
@needs_sshd
def test_a_certificate_signs_in_where_the_key_alone_does_not(tmp_path: Path) -> None:
    machine = keyed(tmp_path, "named")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "ca")], check=True)
    signed = [
        "ssh-keygen",
        "-q",
        "-s",
        str(tmp_path / "ca"),
        "-I",
        "op",
        "-n",
        USER,
        str(tmp_path / "named.pub"),
    ]
    subprocess.run(signed, check=True)
    (tmp_path / "named-cert.pub").rename(tmp_path / "elsewhere-cert.pub")
    settings = f"TrustedUserCAKeys {tmp_path}/ca.pub\n"
    with site(tmp_path, machine_settings=settings) as here:
        here.configure("")
        with pytest.raises(ProblemError) as refused:
            here.open(machine)
        assert refused.value.problems[0].code == "key-refused"
        here.configure("Host *\n  CertificateFile {folder}/elsewhere-cert.pub\n")
        shell = here.open(machine)
        assert shell.run("echo in", soon()).stdout == "in\n"
        shell.close()
