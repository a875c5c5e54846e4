"""Linux checks on what the documented systems print, and on what no system should print."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.readiness import (
    linux_account,
    linux_disks,
    linux_names,
    linux_reach,
    linux_ssh,
    linux_sshd,
    linux_storage,
)
from services.readiness.fixes.linux_service import PACKAGES
from services.readiness.fixes.model import Context
from services.readiness.guest_checks import GUEST_CHECKS
from services.readiness.linux import sections
from services.readiness.linux_checks import LINUX_CHECKS
from services.readiness.linux_facts import PARTS, LinuxFacts, command
from services.readiness.model import Finding, Status
from services.readiness.settings import Settings
from services.readiness.sweep import looked
from services.readiness.visit import Ground, Visit
from services.world.deadline import Deadline
from tests.readiness.shells import TRUE, Scripted, machine, world

OK, WARNING, FAILED, UNKNOWN = Status.OK, Status.WARNING, Status.FAILED, Status.UNKNOWN
SETTINGS = Settings("10.1.0.5")


def facts(**parts: str) -> LinuxFacts:
    return LinuxFacts({name.replace("_", "-"): text for name, text in parts.items()})


IP = """1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN
    inet 127.0.0.1/8 scope host lo
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP qlen 1000
    inet 10.1.0.14/24 brd 10.1.0.255 scope global eth0
    inet 10.1.0.15/24 brd 10.1.0.255 scope global secondary eth0:1
3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP qlen 1000
    inet 10.1.1.14/24 brd 10.1.1.255 scope global eth1
4: docker0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state DOWN
    inet 172.17.0.1/16 scope global docker0
5: br-1f: <BROADCAST> mtu 1500
    inet 172.18.0.1/16 scope global br-1f
"""
IFCONFIG_5 = """eth0      Link encap:Ethernet  HWaddr 00:1D:D8:B7:1C:0B
          inet addr:10.1.0.23  Bcast:10.1.0.255  Mask:255.255.255.0
          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1

eth0:1    Link encap:Ethernet  HWaddr 00:1D:D8:B7:1C:0B
          inet addr:10.1.0.24  Bcast:10.1.0.255  Mask:255.255.255.0

lo        Link encap:Local Loopback
          inet addr:127.0.0.1  Mask:255.0.0.0
"""
IFCONFIG_7 = """ens192: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500
        inet 10.1.0.13  netmask 255.255.255.0  broadcast 10.1.0.255

virbr0: flags=4099<UP,BROADCAST,MULTICAST>  mtu 1500
        inet 192.168.122.1  netmask 255.255.255.0  broadcast 192.168.122.255
"""
TRIE = """Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.1.0.11
        /32 host LOCAL
     |-- 10.1.0.255
        /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (IP, ["10.1.0.14", "10.1.0.15", "10.1.1.14"]),
        (IFCONFIG_5, ["10.1.0.23", "10.1.0.24"]),
        (IFCONFIG_7, ["10.1.0.13"]),
        (TRIE, ["10.1.0.11"]),
        (
            "2: eth0    inet 10.1.0.7/24 scope global eth0\n3: docker0    inet 172.17.0.1/16 scope",
            ["10.1.0.7"],
        ),
        ("2: eth0: <UP>\n    inet 999.1.0.7/24\n    inet 169.254.3.3/16", []),
        ("", []),
    ],
)
def test_addresses_of_all_adapters(text: str, expected: list[str]) -> None:
    assert linux_names.addresses(text) == expected


@pytest.mark.parametrize(
    ("hosts", "status", "told"),
    [
        ("10.1.0.23 DB-03\n10.1.0.24 other db-03 # x\n", OK, "all addresses"),
        ("10.1.0.23 db-03\n#10.1.0.24 db-03\n", FAILED, "10.1.0.24"),
        ("127.0.1.1 db-03\n", FAILED, "10.1.0.23, 10.1.0.24"),
        ("10.1.0.23 db-030\n10.1.0.24\tdb-03.contoso.example db-03", FAILED, "to 10.1.0.23."),
    ],
)
def test_hosts_file_against_all_adapters(hosts: str, status: Status, told: str) -> None:
    found = linux_names.look("db-03", facts(hostname="db-03\n", addresses=IFCONFIG_5, hosts=hosts))
    assert (found.status, told in found.what) == (status, True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (facts(systemd_sshd="enabled\nactive\n"), (True, True)),
        (facts(systemd_sshd="disabled\nactive\n"), (False, True)),
        (facts(systemd_sshd="Failed to get unit file state for sshd.service: No such file\nunknown\n",
               systemd_ssh="enabled\nactive\n"), (True, True)),
        (facts(systemd_ssh="disabled\ninactive\n", systemd_socket="enabled\nactive\n"), (True, True)),
        (facts(systemd_sshd="masked\ninactive\n", service="sshd is stopped"), (False, False)),
        (facts(chkconfig="sshd  \t0:off\t1:off\t2:on\t3:on\t4:on\t5:on\t6:off",
               service="openssh-daemon (pid  1423) is running..."), (True, True)),
        (facts(chkconfig="sshd  \t0:off\t1:off\t2:off\t3:off\t4:off\t5:off\t6:off",
               service="openssh-daemon is stopped"), (False, False)),
        # It starts at level 5 only, and the machine runs at 3.
        (facts(chkconfig="sshd  \t0:off\t1:off\t2:off\t3:off\t4:off\t5:on\t6:off", runlevel="N 3\n",
               service="openssh-daemon (pid  1423) is running..."), (False, True)),
        (facts(chkconfig="sshd  \t0:off\t1:off\t2:off\t3:off\t4:off\t5:on\t6:off", runlevel="3 5\n"), (True, None)),
        (facts(upstart="start on runlevel [2345]", service="ssh start/running, process 1023"), (True, True)),
        (facts(upstart="start on runlevel [2345]\nmanual", service="ssh stop/waiting"), (False, False)),
        (facts(rc="S16ssh", service="sshd is running."), (True, True)),
        (facts(), (None, None)),
    ],
)  # fmt: skip
def test_sshd_at_boot_by_each_service_manager(
    given: LinuxFacts, expected: tuple[bool | None, bool | None]
) -> None:
    assert (linux_ssh.enabled(given)[1], linux_ssh.running(given)) == expected


@pytest.mark.parametrize(
    ("given", "status", "told"),
    [
        (facts(rpm="openssh-5.3p1-122.el6.x86_64\npackage openssh-client is not installed\n"
                   "openssh-server-5.3p1-122.el6.x86_64\nopenssl-1.0.1e-57.el6.x86_64\n"), OK, "was not asked"),
        (facts(rpm="openssh-4.3p2-82.el5\npackage openssh-server is not installed\nopenssl-0.9.8e-40.el5_11\n"),
         FAILED, "openssh-server"),
        # SLES 12: one package brings client and server.
        (facts(rpm="openssh-7.2p2-81.8.1.x86_64\npackage openssh-server is not installed\n"
                   "openssl-1.0.2p-1.13.noarch\n", owner="openssh-7.2p2-81.8.1.x86_64\n"), OK, "openssh 7.2p2"),
        (facts(dpkg="Package: openssh-client\nStatus: install ok installed\nVersion: 1:7.2\n"
                    "Package: openssh-server\nStatus: deinstall ok config-files\nVersion: 1:7.2\n"
                    "Package: openssl\nStatus: install ok installed\nVersion: 1.0\n"), FAILED, "openssh-server"),
        (facts(dpkg="Package: openssh-client\nStatus: install ok installed\nVersion: 1:7.2\n"
                    "Package: openssh-server\nStatus: install ok installed\nVersion: 1:7.2\n"
                    "Package: openssl\nStatus: install ok installed\nVersion: 1.0\n",
               policy="openssl:\n  Installed: 1.0\n  Candidate: 1.1\n  Version table:\n"), WARNING, "openssl 1.1"),
        (facts(), UNKNOWN, "Neither"),
    ],
)  # fmt: skip
def test_packages(given: LinuxFacts, status: Status, told: str) -> None:
    found = linux_ssh.packages("x", given)
    assert (found.status, told in found.what) == (status, True)


@pytest.mark.parametrize(
    ("user", "said", "status", "told"),
    [
        ("root", "root P 02/15/2023 0 99999 7 -1", OK, "The account is root."),
        ("root", "root PS 2018-02-15 0 99999 7 -1 (Password set, SHA512 crypt.)", OK, "The account is root."),
        ("root", "", OK, "The account is root."),
        # Entered with a key: the image has locked the password.
        ("root", "root L 02/15/2023 0 99999 7 -1", FAILED, "no password"),
        ("root", "root LK 2018-02-15 0 99999 7 -1 (Password locked.)", FAILED, "no password"),
        ("root", "root NP 02/15/2023 0 99999 7 -1", FAILED, "no password"),
        ("azureuser", "root L 02/15/2023 0 99999 7 -1", FAILED, "azureuser is not root. Sudo gives"),
        ("azureuser", "root P 02/15/2023 0 99999 7 -1", WARNING, "azureuser is not root. Sudo gives"),
    ],
)
def test_root_and_the_password_of_root(user: str, said: str, status: Status, told: str) -> None:
    found = linux_account.look("x", user, facts(id="0\n", passwd=f"{said}\n"))
    assert (found.status, told in found.what) == (status, True)


T_GOOD = (
    "port 22\npermitrootlogin yes\npasswordauthentication yes\nsubsystem sftp /usr/lib/openssh/sftp-server\n"
)


@pytest.mark.parametrize(
    ("given", "states"),
    [
        (facts(effective=T_GOOD), (OK, OK, OK)),
        (facts(effective=T_GOOD.replace("passwordauthentication yes", "passwordauthentication no")), (FAILED, OK, OK)),
        (facts(effective=T_GOOD + "authenticationmethods publickey,password\n"), (FAILED, OK, OK)),
        (facts(effective=T_GOOD.replace("permitrootlogin yes", "permitrootlogin without-password")), (OK, FAILED, OK)),
        (facts(effective=T_GOOD.replace("subsystem sftp /usr/lib/openssh/sftp-server\n", "")), (OK, OK, FAILED)),
        # CentOS 5: no -T; the file is read.
        (facts(effective="sshd: illegal option -- T\nusage: sshd [options]\n", rpm="openssh-server-4.3p2-82.el5\n",
               config="\n#Port 22\nProtocol 2\nSubsystem\tsftp\t/usr/libexec/openssh/sftp-server\n"), (OK, OK, OK)),
        (facts(effective="sshd: illegal option -- T\n", rpm="openssh-server-4.3p2-82.el5\n",
               config="PasswordAuthentication no\nPasswordAuthentication yes\n"), (FAILED, OK, FAILED)),
        (facts(dpkg="Package: openssh-server\nStatus: install ok installed\nVersion: 1:8.9p1\n",
               config="Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication yes\nSubsystem sftp internal-sftp",
               included="/etc/ssh/sshd_config.d/50-cloud.conf:PasswordAuthentication no\n"), (FAILED, FAILED, OK)),
        (facts(), (UNKNOWN, UNKNOWN, UNKNOWN)),
        # What keeps root out beside PermitRootLogin.
        (facts(effective=T_GOOD + "denyusers root\n"), (OK, FAILED, OK)),
        (facts(effective=T_GOOD + "allowusers op\nallowusers ad*\n"), (OK, FAILED, OK)),
        (facts(effective=T_GOOD + "allowusers op\nallowusers root@10.1.0.5\n"), (OK, OK, OK)),
        (facts(effective=T_GOOD + "allowgroups wheel ro?t\n"), (OK, OK, OK)),
        (facts(config="PermitRootLogin yes\nAllowGroups ssh-users\nSubsystem sftp internal-sftp\n"), (OK, FAILED, OK)),
        (facts(effective=T_GOOD + "allowgroups wheel\n", groups="root bin wheel\n"), (OK, OK, OK)),
        (facts(effective=T_GOOD + "denygroups wheel\n", groups="root bin wheel\n"), (OK, FAILED, OK)),
        # From where root may come: SETTINGS has the process server at 10.1.0.5.
        (facts(effective=T_GOOD + "allowusers root@10.9.0.0/16 op\n"), (OK, FAILED, OK)),
        (facts(effective=T_GOOD + "allowusers root@10.1.0.0/24\n"), (OK, OK, OK)),
        (facts(effective=T_GOOD + "denyusers root@10.1.*\n"), (OK, FAILED, OK)),
        (facts(effective=T_GOOD + "denyusers root@10.9.*\n"), (OK, OK, OK)),
        # A comment behind a value is none of it.
        (facts(config="PasswordAuthentication no # by policy\nPermitRootLogin yes # so far\n"), (FAILED, OK, FAILED)),
        # cloud-init closes its file to all but root: what holds cannot be told without root's rights.
        (facts(config="Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n",
               included="grep: /etc/ssh/sshd_config.d/50-cloud-init.conf: Permission denied\n"),
         (UNKNOWN, UNKNOWN, UNKNOWN)),
        (facts(config="Include /etc/ssh/more.conf\nPermitRootLogin yes\n"), (UNKNOWN, UNKNOWN, UNKNOWN)),
        (facts(config="Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n",
               included="grep: /etc/ssh/sshd_config.d/*.conf: No such file or directory\n"), (OK, OK, OK)),
        # A Match block that asks for what is not known here, read without sshd's own word.
        (facts(config="PasswordAuthentication no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n"
                      "Match LocalPort 2222\nPasswordAuthentication yes\n"), (UNKNOWN, OK, OK)),
        (facts(config="PermitRootLogin yes\nSubsystem sftp internal-sftp\nMatch Host bastion\n"
                      "PasswordAuthentication no\n"), (UNKNOWN, OK, OK)),
        # The program of the subsystem is not there.
        (facts(effective=T_GOOD, sftp="/usr/libexec/openssh/sftp-server\n"), (OK, OK, FAILED)),
        (facts(effective=T_GOOD, sftp="/usr/lib/openssh/sftp-server\n"), (OK, OK, OK)),
    ],
)  # fmt: skip
def test_sshd_for_root_by_its_own_word_or_by_its_files(
    given: LinuxFacts, states: tuple[Status, Status, Status]
) -> None:
    looks = (linux_sshd.password, linux_sshd.root_login, linux_sshd.sftp)
    assert tuple(look("x", given, SETTINGS).status for look in looks) == states


@pytest.mark.parametrize(
    ("parts", "command"),
    [
        (
            {
                "rpm": "openssh-7.2p2-81\nopenssl-1.0.2p-1.13\n",
                "owner": "openssh-7.2p2-81",
                "zypper": "/usr/bin/zypper",
            },
            "zypper update openssh openssl",
        ),
        (
            {
                "rpm": "openssh-5.3p1-122\nopenssh-server-5.3p1-122\nopenssl-1.0.1e-57\n",
                "owner": "openssh-server-5.3p1",
            },
            "yum update openssh openssh-server openssl",
        ),
    ],
)
def test_an_update_is_advised_with_the_package_manager_that_the_machine_has(
    parts: dict[str, str], command: str
) -> None:
    output = "".join(f"=={name}\n{text}\n" for name, text in parts.items())
    shown = PACKAGES.preview(Scripted(lambda _command: output), Deadline(5), Context(machine()))
    assert shown.lines == (command,)


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize(
    "path", ["/boot/loader/entries/1-4.18.conf", "/boot/efi/EFI/redhat/grub.cfg", "/boot/grub2/grubenv"]
)
def test_what_uefi_and_red_hat_8_boot_is_read(path: str) -> None:
    # A folder of a test may be so deep that the finding would not name the whole of it.
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / path.lstrip("/")
        where.parent.mkdir(parents=True)
        where.write_text("options root=/dev/sda2 ro\n")
        run = dict(PARTS)["grub"].replace(" /boot", f" {folder}/boot")
        seen = subprocess.run(["bash", "-c", run], capture_output=True, text=True, check=False).stdout
    found = linux_storage.grub("x", facts(grub=seen))
    assert (found.status, path in found.what) == (FAILED, True)


def test_a_match_on_the_address_waits_for_the_process_server() -> None:
    """sshd -T was asked for an address of no network, so its word does not count for another one."""
    asked = facts(effective=T_GOOD, config="Match Address 10.0.0.0/8\nPasswordAuthentication no\n")
    assert linux_sshd.password("x", asked, Settings()).status is UNKNOWN
    assert linux_sshd.password("x", asked, SETTINGS).status is OK
    keys = T_GOOD.replace("permitrootlogin yes", "permitrootlogin without-password")
    same = facts(
        effective=keys, config="Match Address 10.0.0.0/8\nPermitRootLogin prohibit-password # keys\n"
    )
    assert linux_sshd.root_login("x", same, Settings()).status is FAILED


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        (0, "", linux_reach.OPEN),
        (
            1,
            "bash: connect: Connection refused\nbash: /dev/tcp/10.1.0.5/443: Connection refused",
            linux_reach.REFUSED,
        ),
        (1, "(111, 'Connection refused')", linux_reach.REFUSED),
        (124, "", linux_reach.SILENT),
        (1, "timed out", linux_reach.SILENT),
        (1, "bash: connect: No route to host", linux_reach.SILENT),
        (1, "bash: cs-01: Name or service not known", linux_reach.NO_NAME),
        (127, "bash: timeout: command not found", linux_reach.UNSURE),
    ],
)
def test_what_a_connection_from_the_machine_came_to(code: int, said: str, expected: str) -> None:
    assert linux_reach.outcome(code, said) == expected


def test_the_program_that_is_used_is_one_the_machine_has() -> None:
    order = [["bash", "python"], ["timeout", "bash", "python"], ["perl", "nc"], ["nc"], ["timeout"], []]
    used = [linux_reach.attempt(tools, "10.1.0.5", 443) for tools in order]
    assert [made[0] if made else None for made in used] == ["python", "bash", "perl", "nc", None, None]


@pytest.mark.parametrize("tool", [["timeout", "bash"], ["python3"], ["perl"]])
def test_each_program_tells_open_from_refused(tool: list[str]) -> None:
    import socket

    if not all(shutil.which(name) for name in tool):
        pytest.skip(f"{tool[-1]} is missing")
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        for port, expected in ((server.getsockname()[1], "open"), (closed.getsockname()[1], "refused")):
            made = linux_reach.attempt(tool, "127.0.0.1", port)
            assert made
            ran = subprocess.run(
                ["sh", "-c", f"{made[1]} 2>&1"], capture_output=True, text=True, timeout=20, check=False
            )
            assert linux_reach.outcome(ran.returncode, ran.stdout) == expected


@pytest.mark.parametrize("name", ["10.1.0.5; reboot", "$(reboot)", "a b", "-x", "'"])
def test_a_process_server_that_is_no_name_reaches_no_shell(name: str) -> None:
    shell = Scripted(lambda _command: "")
    given = facts(tool_timeout="/bin/timeout", tool_bash="/bin/bash")
    assert linux_reach.tries(shell, given, Settings(name), Deadline(5)) == {}
    assert shell.asked == []
    assert "reboot" not in command(Settings(name))


DF = "Filesystem 1024-blocks Used Available Capacity Mounted on\n"
ROW = "/dev/mapper/VolGroup00-LogVol00 30428648 3865472 {} 13% /\n"


@pytest.mark.parametrize(
    ("free", "status", "told"),
    [
        ((26_546_792, 26_546_792, 26_546_792), OK, "25.3 GB"),
        ((2_097_151, 900_000, 900_000), FAILED, "/ has 2.0 GB free"),
        ((3_000_000, 255_999, 900_000), FAILED, "/usr/local has 249 MB"),
        ((3_000_000, 900_000, 102_399), FAILED, "/tmp has 99 MB"),
    ],
)
def test_free_space(free: tuple[int, int, int], status: Status, told: str) -> None:
    found = linux_storage.free_space("x", facts(df=DF + "".join(ROW.format(one) for one in free)))
    assert (found.status, told in found.what) == (status, True)


@pytest.mark.parametrize(
    ("given", "status", "told"),
    [
        (facts(mounts="/dev/sda1 / ext4 rw 0 0\n"), OK, "sda"),
        (facts(mounts="rootfs / rootfs rw 0 0\n/dev/root / ext3 rw 0 0\n/dev/sda1 /boot ext3 rw 0 0\n"), UNKNOWN, ""),
        (facts(mounts="/dev/sda2 / xfs rw 0 0\n/dev/sdb1 /boot xfs rw 0 0\n"), WARNING, "/boot is on sdb"),
        (facts(mounts="/dev/sda2 / xfs rw 0 0\n/dev/sdb1 /var xfs rw 0 0\n"), WARNING, "/var is on sdb"),
        (facts(mounts="/dev/mapper/vg--a-root / ext4 rw 0 0\n", volumes="  vg-a /dev/sda2\n  vg-a /dev/sdc\n"),
         FAILED, "several disks: sda, sdc"),
        (facts(mounts="/dev/sda1 /boot ext4 rw 0 0\n/dev/vg0/root / ext4 rw 0 0\n",
               volumes="  vg0 /dev/sda2\n  vg0 /dev/sdb1\n"), WARNING, "/ is spread"),
        (facts(mounts="/dev/nvme0n1p2 / ext4 rw 0 0\n/dev/nvme0n1p1 /boot ext4 rw 0 0\n"), OK, "nvme0n1"),
        (facts(mounts="/dev/mapper/luks-1 / ext4 rw 0 0\n",
               blocks='NAME="sda" KNAME="sda" PKNAME="" TYPE="disk" FSTYPE="" MOUNTPOINT=""\n'
                      'NAME="luks-1" KNAME="dm-0" PKNAME="sda" TYPE="crypt" FSTYPE="ext4" MOUNTPOINT="/"\n'),
         FAILED, "encrypted"),
        (facts(mounts="/dev/cciss/c0d0p1 / ext3 rw 0 0\n", partitions=" 104 0 100 cciss/c0d0\n"), FAILED, "CCISS"),
    ],
)  # fmt: skip
def test_disk_layout(given: LinuxFacts, status: Status, told: str) -> None:
    found = linux_disks.look("x", given)
    assert (found.status, told in found.what) == (status, True), found


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("/boot/grub/menu.lst:\tkernel /vmlinuz ro root=/dev/sda1 rhgb", True),
        ("/boot/grub/menu.lst:\tkernel /vmlinuz ro root=/dev/VolGroup00/LogVol00", False),
        ("/boot/grub/menu.lst:#\tkernel /vmlinuz ro root=/dev/sda1", False),
        ("/boot/grub2/grub.cfg:linux16 /vmlinuz root=/dev/mapper/centos-root resume=/dev/sda3", True),
        ('/etc/default/grub:GRUB_CMDLINE_LINUX="resume=/dev/mapper/vg-swap"', False),
        ("/boot/grub/menu.lst:kernel /vmlinuz root=/dev/cciss/c0d0p2", True),
    ],
)
def test_grub_by_device_name(line: str, named: bool) -> None:
    assert linux_storage.by_device(line) is named


def found_with(answer: str) -> list[Finding]:
    shell = Scripted(lambda asked: answer if "==id" in asked else "")
    visit = Visit(machine(), Ground(world(), lambda _m, _d: shell, TRUE, None, SETTINGS), Deadline(30))
    return [looked(one.check, visit) for one in LINUX_CHECKS]


HOSTILE = st.text(
    st.sampled_from("\x1b[]31m\u202e\x00\x9b=\n\r\t \"'/:{}%\ud800a1.é\U000e0001"), max_size=300
)


@given(st.dictionaries(st.sampled_from([name for name, _run in PARTS]), HOSTILE))
def test_hostile_output_ends_in_harmless_findings(parts: dict[str, str]) -> None:
    for finding in found_with("".join(f"=={name}\n{text}\n" for name, text in parts.items())):
        texts = [finding.what, finding.cause, finding.fix, *(item.output for item in finding.evidence)]
        for character in "".join(texts).replace("\n", ""):
            assert unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co"), finding


def test_lines_of_ten_megabytes_are_cut() -> None:
    big = "x" * 10_000_000
    for finding in found_with(
        "".join(f"=={name}\n{big}\n" for name in ("hostname", "hosts", "config", "mounts"))
    ):
        assert len(finding.what) < 1_000
        assert all(len(item.output) < 3_000 for item in finding.evidence)


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_the_question_is_one_that_every_shell_can_read(shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is missing")
    asked = command(SETTINGS).replace("sh -c", f"{shell} -c", 1)
    ran = subprocess.run([shell, "-c", asked], capture_output=True, timeout=60, check=False)
    got = sections(ran.stdout.decode("utf-8", "replace"))
    assert list(got) == [name for name, _run in PARTS]
    assert (
        got["id"].strip()
        == subprocess.run(["id", "-u"], capture_output=True, text=True, check=True).stdout.strip()
    )


@pytest.mark.parametrize("said", ["", "\n".join(f"=={name}\nx" for name, _run in PARTS), "date: no clock"])
@pytest.mark.parametrize("os_type", ["Linux", "Windows"])
def test_whatever_is_not_ok_says_why_and_what_to_do(os_type: str, said: str) -> None:
    ground = Ground(
        world(), lambda _machine, _deadline: Scripted(lambda _command: said), TRUE, None, SETTINGS
    )
    visit = Visit(machine("x", os_type), ground, Deadline(30))
    found = [looked(one.check, visit) for one in GUEST_CHECKS if not one.systems or os_type in one.systems]
    assert len(found) > 10
    assert [one.id for one in found if one.status is not OK and not (one.cause and one.fix)] == []
