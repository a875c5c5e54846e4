"""The files that checks read, as each system has them."""

from __future__ import annotations

from services.practice.machines.inventory import Linux

FOLDERS = ("/", "/root", "/tmp", "/etc", "/usr", "/usr/local", "/var", "/boot")


def of(profile: Linux) -> dict[str, str]:
    """Path to content, for a fresh machine."""
    content = {
        "/etc/hostname": f"{profile.name}\n",
        "/etc/hosts": f"127.0.0.1   localhost\n{profile.address}   {profile.name}\n",
        "/etc/ssh/sshd_config": sshd_config(profile),
        "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\n",
        "/proc/meminfo": "MemTotal:        8175400 kB\nMemFree:         5120000 kB\n",
        "/proc/version": f"Linux version {profile.kernel}\n",
    }
    content.update(_ubuntu(profile) if profile.distribution == "ubuntu" else _centos(profile))
    return content


def sshd_config(profile: Linux) -> str:
    """The sshd configuration a fresh machine has, set up as AS-4.11 asks."""
    server = "/usr/lib/openssh/sftp-server"
    if profile.distribution == "centos":
        server = "/usr/libexec/openssh/sftp-server"
    port = f"Port {profile.ssh_port}\n" if profile.ssh_port != 22 else "#Port 22\n"
    return (
        f"{port}Protocol 2\nPermitRootLogin yes\n#PubkeyAuthentication yes\nPasswordAuthentication yes\n"
        f"ChallengeResponseAuthentication no\nUsePAM yes\nX11Forwarding yes\nSubsystem sftp {server}\n"
    )


def _ubuntu(profile: Linux) -> dict[str, str]:
    number = ".".join(profile.version.split(".")[:2])
    names = {"16.04": "Xenial Xerus", "18.04": "Bionic Beaver"}
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
    debian = {"16.04": "stretch/sid\n", "18.04": "buster/sid\n"}[number]
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
