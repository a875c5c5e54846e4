"""The fixes for other hands: the shell script run in a sandbox, the others read as their readers read them."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.readiness.exports import Host, recipes, rendered
from services.readiness.fixes import edits
from services.scenario.mending import FIXES

HOSTS = (
    Host("app-01", "10.1.0.11", "Linux", "root", ("hosts-file", "sftp")),
    Host("web-01", "10.1.0.31", "Windows", "Administrator", ("firewall-wmi-on",)),
)
FILES = rendered(FIXES, HOSTS, "PRACTICE, readiness")
IP = """2: eth0: <BROADCAST,UP> mtu 1500
    inet 10.1.0.11/24 brd 10.1.0.255 scope global eth0
3: docker0: <UP> mtu 1500
    inet 172.17.0.1/16 scope global docker0
1: lo: <LOOPBACK,UP> mtu 65536
    inet 127.0.0.1/8 scope host lo
4: eth1@if7: <UP> mtu 1500
    inet 10.2.0.11/24 scope global eth1
"""
CONFIG = (
    b"# caf\xe9\nPort 22\n  PasswordAuthentication no\n#Subsystem sftp /usr/lib/openssh/sftp-server\n"
    b"PermitRootLogin=prohibit-password\nMatch User backup\n  PasswordAuthentication no\n"
)
ETC_HOSTS = b"127.0.0.1 localhost\n10.1.0.11 APP-01 # me\n# 10.2.0.11 app-01"
SSH_FIXES = ("ssh-password", "ssh-root-login", "sftp")


@dataclass
class Sandbox:
    """A root folder with the files that are changed, and programs that answer as the machine's would."""

    root: Path
    programs: Path
    script: Path

    @property
    def config(self) -> Path:
        return self.root / "etc/ssh/sshd_config"

    @property
    def hosts(self) -> Path:
        return self.root / "etc/hosts"

    def program(self, name: str, text: str) -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)

    def run(self, *arguments: str, shell: str = "sh", **more: str) -> subprocess.CompletedProcess[str]:
        given = {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "LIFEBOAT_ROOT": str(self.root),
            "TMPDIR": str(self.root.parent),
            **more,
        }
        return subprocess.run(
            [shell, str(self.script), *arguments],
            env=given,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=30,
            check=False,
        )

    def files(self) -> dict[str, tuple[bytes, int, int]]:
        """Everything below the root: bytes, mode and time of change."""
        return {
            str(path.relative_to(self.root)): (
                path.read_bytes(),
                stat.S_IMODE(path.stat().st_mode),
                path.stat().st_mtime_ns,
            )
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    root, programs = tmp_path / "root", tmp_path / "programs"
    (root / "etc/ssh").mkdir(parents=True)
    programs.mkdir()
    script = tmp_path / "lifeboat-linux.sh"
    script.write_text(FILES["lifeboat-linux.sh"], encoding="utf-8")
    one = Sandbox(root, programs, script)
    one.config.write_bytes(CONFIG)
    one.config.chmod(0o640)
    one.hosts.write_bytes(ETC_HOSTS)
    one.program("ip", f"cat <<'END'\n{IP}END")
    one.program("hostname", "echo app-01")
    yield one
    left = [path.name for path in tmp_path.iterdir() if path.name.startswith("lifeboat.")]
    assert left == [], "the script left its working folder"


@pytest.mark.parametrize("shell", ["sh", "bash", "busybox"])
def test_the_shell_script_can_be_read_by_every_shell(shell: str, tmp_path: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script.sh"
    script.write_text(FILES["lifeboat-linux.sh"], encoding="utf-8")
    command = [shell, "sh"] if shell == "busybox" else [shell]
    done = subprocess.run([*command, "-n", str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_names_the_fixes_that_were_found_to_be_needed_are_made(sandbox: Sandbox) -> None:
    done = sandbox.run("apply")
    assert (done.returncode, done.stdout.split("\n")) == (0, ["changed hosts-file", "changed sftp", ""])
    expected = edits.with_hosts(ETC_HOSTS, ["10.2.0.11"], "app-01")
    assert sandbox.hosts.read_bytes() == expected
    assert sandbox.config.read_bytes() == edits.uncommented_subsystem(CONFIG, bool)


def test_the_settings_are_changed_as_the_product_changes_them(sandbox: Sandbox) -> None:
    done = sandbox.run("apply", *SSH_FIXES)
    assert done.returncode == 0, done.stderr
    expected = edits.with_value(edits.with_value(CONFIG, 2, "yes"), 4, "yes")
    assert sandbox.config.read_bytes() == edits.uncommented_subsystem(expected, bool)
    assert stat.S_IMODE(sandbox.config.stat().st_mode) == 0o640


def test_a_second_time_changes_nothing_and_undo_restores_every_byte(sandbox: Sandbox) -> None:
    before = sandbox.files()
    names = ("hosts-file", *SSH_FIXES)
    assert sandbox.run("apply", *names).returncode == 0
    once = sandbox.files()
    again = sandbox.run("apply", *names)
    assert (again.returncode, again.stdout.splitlines()) == (0, [f"unchanged {name}" for name in names])
    assert sandbox.files() == once
    back = sandbox.run("undo")
    assert (back.returncode, back.stderr) == (0, "")
    assert back.stdout.splitlines() == [f"undone {name}" for name in reversed(names)]
    assert sandbox.files() == before
    assert sandbox.run("undo").stdout == ""


def test_a_file_without_the_keyword_gets_it_where_it_counts(sandbox: Sandbox) -> None:
    sandbox.config.write_bytes(b"Port 22\nMatch User backup\n PermitRootLogin no\n")
    assert sandbox.run("apply", "ssh-root-login", "ssh-password", "sftp").returncode == 0
    assert sandbox.config.read_bytes() == (
        b"Port 22\nPermitRootLogin yes\nSubsystem sftp internal-sftp\nMatch User backup\n PermitRootLogin no\n"
    )


def test_an_included_file_comes_after_what_is_set_before_it(sandbox: Sandbox) -> None:
    sandbox.config.write_bytes(b"Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication no\n")
    assert sandbox.run("apply", "ssh-password").returncode == 0
    assert sandbox.config.read_bytes() == (
        b"PasswordAuthentication yes\nInclude /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication no\n"
    )
    assert sandbox.run("apply", "ssh-password").stdout == "unchanged ssh-password\n"


def test_show_changes_nothing(sandbox: Sandbox) -> None:
    before = sandbox.files()
    done = sandbox.run("show", "ssh-password", "hosts-file")
    assert done.returncode == 0
    assert "-  PasswordAuthentication no" in done.stdout.splitlines()
    assert "+  PasswordAuthentication yes" in done.stdout.splitlines()
    assert "+10.2.0.11\tapp-01" in done.stdout.splitlines()
    assert sandbox.files() == before


def test_what_somebody_changed_afterwards_is_not_put_back(sandbox: Sandbox) -> None:
    assert sandbox.run("apply", "sftp").returncode == 0
    edited = sandbox.config.read_bytes() + b"MaxSessions 4\n"
    sandbox.config.write_bytes(edited)
    done = sandbox.run("undo", "sftp")
    assert done.returncode == 4
    assert "changed since" in done.stderr
    assert sandbox.config.read_bytes() == edited


def test_settings_that_sshd_refuses_are_not_put_in_place(sandbox: Sandbox) -> None:
    before = sandbox.files()
    sandbox.program("strict-sshd", 'echo "bad line" >&2; exit 255')
    done = sandbox.run("apply", "sftp", LIFEBOAT_SSHD=str(sandbox.programs / "strict-sshd"))
    assert done.returncode == 1
    assert "sshd does not take the new settings" in done.stderr
    assert sandbox.files() == before


def test_a_link_stays_a_link(sandbox: Sandbox) -> None:
    target = sandbox.root / "etc/hosts.real"
    sandbox.hosts.rename(target)
    sandbox.hosts.symlink_to(target)
    assert sandbox.run("apply", "hosts-file").returncode == 0
    assert sandbox.hosts.is_symlink()
    assert target.read_bytes() == edits.with_hosts(ETC_HOSTS, ["10.2.0.11"], "app-01")


def service(sandbox: Sandbox, state: str, *, runs: bool = True) -> Path:
    """A systemctl with one unit, whose state lies in a file."""
    path = sandbox.programs / "state"
    path.write_text(state + "\n", encoding="utf-8")
    sandbox.program("id", "echo 0")
    sandbox.program(
        "systemctl",
        f"""[ "$2" = ssh.service ] || exit 1
case $1 in
is-enabled) cat {path} ;;
enable) echo enabled > {path} ;;
disable | unmask) echo disabled > {path} ;;
mask) echo masked > {path} ;;
is-active) test -e {path}.runs ;;
start) touch {path}.runs ;;
esac""",
    )
    sandbox.program("service", "exit 1")
    if runs:
        (sandbox.programs / "state.runs").touch()
    return path


@pytest.mark.parametrize("state", ["disabled", "masked"])
def test_sshd_is_started_with_the_machine_and_taken_back(sandbox: Sandbox, state: str) -> None:
    path = service(sandbox, state)
    own = {"LIFEBOAT_ROOT": "", "LIFEBOAT_KEEP": str(sandbox.root / "keep")}
    assert sandbox.run("apply", "sshd-service", **own).stdout == "changed sshd-service\n"
    assert path.read_text(encoding="utf-8") == "enabled\n"
    assert sandbox.run("apply", "sshd-service", **own).stdout == "unchanged sshd-service\n"
    assert sandbox.run("undo", "sshd-service", **own).stdout == "undone sshd-service\n"
    assert path.read_text(encoding="utf-8") == state + "\n"


@pytest.mark.parametrize("state", ["enabled", "disabled"])
def test_a_stopped_sshd_is_started_and_left_running(sandbox: Sandbox, state: str) -> None:
    path = service(sandbox, state, runs=False)
    own = {"LIFEBOAT_ROOT": "", "LIFEBOAT_KEEP": str(sandbox.root / "keep")}
    shown = sandbox.run("show", "sshd-service", **own).stdout
    assert "would start sshd\nsystemctl start sshd.service" in shown
    assert not Path(f"{path}.runs").exists()
    assert sandbox.run("apply", "sshd-service", **own).stdout.endswith("started sshd\n")
    assert "started" not in sandbox.run("apply", "sshd-service", **own).stdout
    sandbox.run("undo", "sshd-service", **own)
    assert Path(f"{path}.runs").exists()


def test_levels_of_a_system_without_systemd(sandbox: Sandbox) -> None:
    sandbox.program("systemctl", "exit 127")
    sandbox.program("service", "echo 'openssh-daemon (pid  812) is running...'")
    sandbox.program("id", "echo 0")
    log = sandbox.programs / "log"
    listed = "sshd\\t0:off\\t1:off\\t2:off\\t3:off\\t4:on\\t5:off\\t6:off"
    sandbox.program("chkconfig", f'case $1 in --list) printf "{listed}\\n" ;; *) echo "$*" >> {log} ;; esac')
    own = {"LIFEBOAT_ROOT": "", "LIFEBOAT_KEEP": str(sandbox.root / "keep")}
    assert sandbox.run("apply", "sshd-service", **own).stdout == "changed sshd-service\n"
    assert sandbox.run("undo", "sshd-service", **own).stdout == "undone sshd-service\n"
    assert log.read_text(encoding="utf-8").splitlines() == ["--level 235 sshd on", "--level 235 sshd off"]


def test_who_is_not_root_is_refused(sandbox: Sandbox) -> None:
    sandbox.program("id", "echo 1000")
    done = sandbox.run("apply", "sshd-service", LIFEBOAT_ROOT="", LIFEBOAT_KEEP=str(sandbox.root / "keep"))
    assert (done.returncode, done.stderr) == (4, "this must be run as root\n")


@pytest.mark.parametrize("arguments", [(), ("mend",), ("apply", "nonsense"), ("undo", "sftp;reboot")])
def test_words_that_mean_nothing_are_usage_errors(sandbox: Sandbox, arguments: tuple[str, ...]) -> None:
    before = sandbox.files()
    done = sandbox.run(*arguments)
    assert done.returncode == 2
    assert "usage:" in done.stderr
    assert sandbox.files() == before


def test_every_fix_is_in_the_scripts_of_its_system() -> None:
    for fix in FIXES:
        assert fix.recipe is not None, fix.id
    for recipe in recipes(FIXES, "Linux"):
        assert re.search(rf"^    {recipe.id}\) fix_\w+ {recipe.id}\b", FILES["lifeboat-linux.sh"], re.M)
    for recipe in recipes(FIXES, "Windows"):
        assert f"'{recipe.id}' {{ Invoke-" in FILES["lifeboat-windows.ps1"]
        assert f"\r\n:apply_{recipe.id}\r\n" in FILES["lifeboat-windows.cmd"]
        assert f"\r\n:undo_{recipe.id}\r\n" in FILES["lifeboat-windows.cmd"]
        assert f"({recipe.id})" in FILES["lifeboat-group-policy.md"]


def test_what_weakens_a_machine_is_said_in_every_file_and_made_only_when_named() -> None:
    for recipe in (*recipes(FIXES, "Linux"), *recipes(FIXES, "Windows")):
        if recipe.weakens:
            holders = [name for name, text in FILES.items() if recipe.weakens in text]
            assert len(holders) >= (1 if recipe.kind == "sshd-keyword" else 3), recipe.id
    chosen = re.search(r'^CHOSEN="(.*)"$', FILES["lifeboat-linux.sh"], re.M)
    assert chosen is not None
    assert chosen[1] == "hosts-file sftp"


def test_the_powershell_script_holds_nothing_that_powershell_2_does_not_know() -> None:
    text = FILES["lifeboat-windows.ps1"]
    newer = (
        r"\[ordered\]",
        r" -(not)?in ",
        r"\$PSScriptRoot",
        r"\w+-NetFirewall\w+",
        r"-Cim\w+",
        r"::new\(",
        r"ConvertTo-Json",
        r"\.(Where|ForEach)\(",
        r"\?\?",
        r"Get-LocalUser",
        r"-Raw\b",
        r"\[pscustomobject\]",
        r"\busing ",
    )
    assert [found for found in newer if re.search(found, text, re.I)] == []
    code = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for opens, closes in ("{}", "()", "[]"):
        assert code.count(opens) == code.count(closes), opens
    assert text.count("\n") == text.count("\r\n")


def test_the_command_file_goes_only_to_labels_that_are_there() -> None:
    lines = FILES["lifeboat-windows.cmd"].split("\r\n")
    labels = {line[1:] for line in lines if line.startswith(":")}
    called = {found for line in lines for found in re.findall(r"(?:call :|goto )([\w-]+)", line)}
    assert called - {"apply", "undo"} <= labels
    used = {
        f"{mode}{found}"
        for line in lines
        for found in re.findall(r":%MODE%(_[\w-]+)", line)
        for mode in ("apply", "undo")
    }
    assert used
    assert used <= labels
    assert all("\n" not in line for line in lines)


def playbook() -> list[dict[str, Any]]:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    read: list[dict[str, Any]] = yaml.safe_load(FILES["lifeboat-playbook.yml"])
    return read


def test_the_playbook_runs_the_scripts_beside_it() -> None:
    plays = playbook()
    assert [play["hosts"] for play in plays] == ["lifeboat_linux", "lifeboat_windows"]
    scripts = [play["vars"][f"{play['hosts']}_script"] for play in plays]
    assert set(scripts) <= set(FILES)
    for play in plays:
        assert play["gather_facts"] is False
        assert [set(task) & {"ansible.builtin.script"} for task in play["tasks"]] == [
            {"ansible.builtin.script"}
        ]


@pytest.mark.parametrize("said", ["changed", "started", "undone", "would change", "would start"])
def test_the_playbook_calls_changed_what_its_script_says_it_did(said: str) -> None:
    script = FILES["lifeboat-linux.sh"]
    assert f'say "{said} ' in script
    linux = playbook()[0]["tasks"][0]["changed_when"]
    (pattern,) = re.findall(r"'match', '([^']+)'", linux)
    assert re.match(pattern, f"{said} sshd")


def test_ansible_takes_the_playbook(tmp_path: Path) -> None:
    program = shutil.which("ansible-playbook")
    bench = Path(__file__).parents[2] / "build/bench/ansible/bin/ansible-playbook"
    program = program or (str(bench) if bench.exists() else None)
    if program is None:
        pytest.skip("ansible-playbook is not installed")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    command = [program, "-i", "lifeboat-inventory.ini", "--syntax-check", "lifeboat-playbook.yml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_a_world_of_linux_machines_gets_no_files_for_windows() -> None:
    names = set(rendered(FIXES, HOSTS[:1], "live"))
    assert names == {"lifeboat-linux.sh", "lifeboat-playbook.yml", "lifeboat-inventory.ini"}
