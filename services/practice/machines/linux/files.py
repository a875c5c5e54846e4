"""The files that checks read, as each system has them."""

from __future__ import annotations

from services.practice.machines.inventory import Linux

FOLDERS = ("/", "/root", "/tmp", "/etc", "/usr", "/usr/local", "/var", "/boot")


PARTITIONS = "major minor  #blocks  name\n\n   8        0   31457280 sda\n   8        1   31456256 sda1\n"
UPSTART = 'description "OpenSSH server"\nstart on runlevel [2345]\nstop on runlevel [!2345]\n'


def of(profile: Linux) -> dict[str, str]:
    """Path to content, for a fresh machine."""
    content = {
        "/etc/hostname": f"{profile.name}\n",
        "/etc/hosts": _hosts(profile),
        "/etc/ssh/sshd_config": sshd_config(profile),
        "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\n",
        "/proc/meminfo": _memory(profile),
        "/proc/mounts": _mounts(profile),
        "/proc/partitions": PARTITIONS,
        "/proc/version": f"Linux version {profile.kernel}\n",
    }
    content.update(_grub(profile))
    if profile.distribution == "ubuntu":
        content["/usr/lib/openssh/sftp-server"] = "ELF\n"
    else:
        content["/usr/libexec/openssh/sftp-server"] = "ELF\n"
    if profile.systemd:
        # The folder is there while systemd runs the machine, as sd_booted(3) asks.
        content["/run/systemd/system/session-1.scope"] = "[Scope]\n"
    if profile.version.startswith("14.04"):
        content["/etc/init/ssh.conf"] = UPSTART
        if "not-enabled" in profile.faults:
            content["/etc/init/ssh.override"] = "manual\n"
    content.update(_ubuntu(profile) if profile.distribution == "ubuntu" else _centos(profile))
    return content


def _mounts(profile: Linux) -> str:
    spread, jfs = "boot-spread" in profile.faults, "jfs" in profile.faults
    kind = "ext3" if profile.version.startswith("5.") else "ext4"
    root = "/dev/mapper/vg0-root" if spread else "/dev/sda1"
    boot = "/dev/mapper/vg0-boot /boot ext4 rw,relatime 0 0\n" if spread else ""
    data = "/dev/sdb1 /srv jfs rw,relatime 0 0\n" if jfs else ""
    return f"sysfs /sys sysfs rw 0 0\nproc /proc proc rw 0 0\n{root} / {kind} rw,relatime 0 0\n{boot}{data}"


def _hosts(profile: Linux) -> str:
    own = "" if "hosts-empty" in profile.faults else f"{profile.address}   {profile.name}\n"
    return f"127.0.0.1   localhost\n{own}"


def _memory(profile: Linux) -> str:
    free = 180_000 if "low-memory" in profile.faults else 5_120_000
    newer = profile.distribution == "ubuntu"
    available = f"MemAvailable:   {free:>8} kB\n" if newer else ""
    return (
        f"MemTotal:        8175400 kB\nMemFree:        {free:>8} kB\n{available}Buffers:           10240 kB\n"
    )


def _grub(profile: Linux) -> dict[str, str]:
    root = "/dev/sda1" if "grub-device" in profile.faults else "UUID=0f3c2a1e-7b5d-4c1f-9a52-6f0d1a9be201"
    if profile.distribution == "ubuntu":
        return {
            "/boot/grub/grub.cfg": f"linux /boot/vmlinuz-{profile.kernel} root={root} ro quiet\n",
            "/etc/default/grub": 'GRUB_CMDLINE_LINUX=""\n',
        }
    line = f"kernel /vmlinuz-{profile.kernel} ro root={root} rhgb quiet\n"
    if profile.systemd:
        return {"/boot/grub2/grub.cfg": f"linux16 /vmlinuz-{profile.kernel} root={root} ro\n"}
    return {"/boot/grub/menu.lst": f"default=0\ntitle CentOS\n\t{line}"}


def sshd_config(profile: Linux) -> str:
    """The sshd configuration a fresh machine has, set up as AS-4.11 asks."""
    server = "/usr/lib/openssh/sftp-server"
    if profile.distribution == "centos":
        server = "/usr/libexec/openssh/sftp-server"
    port = f"Port {profile.ssh_port}\n" if profile.ssh_port != 22 else "#Port 22\n"
    subsystem = "#Subsystem" if "sftp-off" in profile.faults else "Subsystem"
    password, block = "yes", ""
    if "password-match" in profile.faults:
        # Open to the jump hosts' network only.
        password, block = "no", "\nMatch Address 10.9.0.0/16,127.0.0.0/8\n    PasswordAuthentication yes\n"
    return (
        f"{port}Protocol 2\nPermitRootLogin yes\n#PubkeyAuthentication yes\nPasswordAuthentication {password}\n"
        f"ChallengeResponseAuthentication no\nUsePAM yes\nX11Forwarding yes\n{subsystem} sftp {server}\n{block}"
    )


def _ubuntu(profile: Linux) -> dict[str, str]:
    number = ".".join(profile.version.split(".")[:2])
    names = {"14.04": "Trusty Tahr", "16.04": "Xenial Xerus", "18.04": "Bionic Beaver"}
    os_release = (
        f'NAME="Ubuntu"\nVERSION="{profile.version} LTS ({names[number]})"\nID=ubuntu\nID_LIKE=debian\n'
        f'PRETTY_NAME="Ubuntu {profile.version} LTS"\nVERSION_ID="{number}"\n'
        f'HOME_URL="http://www.ubuntu.com/"\nVERSION_CODENAME={profile.codename}\n'
        f"UBUNTU_CODENAME={profile.codename}\n"
    )
    lsb = (
        f"DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE={number}\nDISTRIB_CODENAME={profile.codename}\n"
        f'DISTRIB_DESCRIPTION="Ubuntu {profile.version} LTS"\n'
    )
    issue = f"Ubuntu {profile.version} LTS \\n \\l\n\n"
    debian = {"14.04": "jessie/sid\n", "16.04": "stretch/sid\n", "18.04": "buster/sid\n"}[number]
    return {
        "/etc/os-release": os_release,
        "/usr/lib/os-release": os_release,
        "/etc/lsb-release": lsb,
        "/etc/issue": issue,
        "/etc/debian_version": debian,
    }


def _centos(profile: Linux) -> dict[str, str]:
    linux = " Linux" if profile.systemd else ""
    release = f"CentOS{linux} release {profile.version} ({profile.codename})\n"
    found = {
        "/etc/centos-release": release,
        "/etc/redhat-release": release,
        "/etc/system-release": release,
        "/etc/issue": f"{release}Kernel \\r on an \\m\n\n",
    }
    if profile.systemd:
        found["/etc/os-release"] = (
            'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"\n'
            'PRETTY_NAME="CentOS Linux 7 (Core)"\nANSI_COLOR="0;31"\nCPE_NAME="cpe:/o:centos:centos:7"\n'
            'HOME_URL="https://www.centos.org/"\nBUG_REPORT_URL="https://bugs.centos.org/"\n\n'
            'CENTOS_MANTISBT_PROJECT="CentOS-7"\nCENTOS_MANTISBT_PROJECT_VERSION="7"\n'
            'REDHAT_SUPPORT_PRODUCT="centos"\nREDHAT_SUPPORT_PRODUCT_VERSION="7"\n'
        )
    return found
