"""Output of the identifying commands on the documented systems, by machine."""

from __future__ import annotations

import textwrap


def answer(machine: str, kernel: str, bits: str = "64", **files: str) -> str:
    """What the Linux command prints for a machine with these files of /etc (`_` stands for `-`)."""
    named = {
        "os-release": "os_release",
        "oracle-release": "oracle_release",
        "centos-release": "centos_release",
        "redhat-release": "redhat_release",
        "SuSE-release": "suse_release",
        "lsb-release": "lsb_release",
        "debian_version": "debian_version",
        "pro": "pro",
    }
    parts = [f"==machine\n{machine}\n==kernel\n{kernel}\n==bits\n{bits}\n"]
    for name, key in named.items():
        parts.append(f"=={name}\n" + textwrap.dedent(files.get(key, "")).lstrip())
    return "".join(parts)


CENTOS_5 = answer(
    "x86_64",
    "2.6.18-398.el5",
    centos_release="",
    redhat_release="CentOS release 5.11 (Final)\n",
)
CENTOS_6 = answer(
    "x86_64",
    "2.6.32-696.el6.x86_64",
    centos_release="CentOS release 6.9 (Final)\n",
    redhat_release="CentOS release 6.9 (Final)\n",
)
CENTOS_7 = answer(
    "x86_64",
    "3.10.0-514.el7.x86_64",
    os_release="""
        NAME="CentOS Linux"
        VERSION="7 (Core)"
        ID="centos"
        ID_LIKE="rhel fedora"
        VERSION_ID="7"
        PRETTY_NAME="CentOS Linux 7 (Core)"
        ANSI_COLOR="0;31"
        CPE_NAME="cpe:/o:centos:centos:7"
        HOME_URL="https://www.centos.org/"
        BUG_REPORT_URL="https://bugs.centos.org/"

        CENTOS_MANTISBT_PROJECT="CentOS-7"
        CENTOS_MANTISBT_PROJECT_VERSION="7"
        REDHAT_SUPPORT_PRODUCT="centos"
        REDHAT_SUPPORT_PRODUCT_VERSION="7"

        """,
    centos_release="CentOS Linux release 7.3.1611 (Core) \n",
    redhat_release="CentOS Linux release 7.3.1611 (Core) \n",
)
UBUNTU_14 = answer(
    "x86_64",
    "3.13.0-170-generic",
    os_release="""
        NAME="Ubuntu"
        VERSION="14.04.6 LTS, Trusty Tahr"
        ID=ubuntu
        ID_LIKE=debian
        PRETTY_NAME="Ubuntu 14.04.6 LTS"
        VERSION_ID="14.04"
        HOME_URL="http://www.ubuntu.com/"
        SUPPORT_URL="http://help.ubuntu.com/"
        BUG_REPORT_URL="http://bugs.launchpad.net/ubuntu/"
        """,
    lsb_release="""
        DISTRIB_ID=Ubuntu
        DISTRIB_RELEASE=14.04
        DISTRIB_CODENAME=trusty
        DISTRIB_DESCRIPTION="Ubuntu 14.04.6 LTS"
        """,
    debian_version="jessie/sid\n",
)
UBUNTU_16 = answer(
    "x86_64",
    "4.4.0-142-generic",
    os_release="""
        NAME="Ubuntu"
        VERSION="16.04.6 LTS (Xenial Xerus)"
        ID=ubuntu
        ID_LIKE=debian
        PRETTY_NAME="Ubuntu 16.04.6 LTS"
        VERSION_ID="16.04"
        HOME_URL="http://www.ubuntu.com/"
        SUPPORT_URL="http://help.ubuntu.com/"
        BUG_REPORT_URL="http://bugs.launchpad.net/ubuntu/"
        VERSION_CODENAME=xenial
        UBUNTU_CODENAME=xenial
        """,
    debian_version="stretch/sid\n",
)
UBUNTU_18_PRO = answer(
    "x86_64",
    "4.15.0-142-generic",
    os_release="""
        NAME="Ubuntu"
        VERSION="18.04.6 LTS (Bionic Beaver)"
        ID=ubuntu
        ID_LIKE=debian
        PRETTY_NAME="Ubuntu 18.04.6 LTS"
        VERSION_ID="18.04"
        VERSION_CODENAME=bionic
        UBUNTU_CODENAME=bionic
        """,
    debian_version="buster/sid\n",
    pro="attached\n",
)
UBUNTU_16_WITHOUT_OS_RELEASE = answer(
    "x86_64", "4.4.0-142-generic", lsb_release="DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=16.04\n"
)
ORACLE_7 = answer(
    "x86_64",
    "4.1.12-124.16.4.el7uek.x86_64",
    os_release='NAME="Oracle Linux Server"\nVERSION="7.6"\nID="ol"\nVERSION_ID="7.6"\n',
    oracle_release="Oracle Linux Server release 7.6\n",
    redhat_release="Red Hat Enterprise Linux Server release 7.6 (Maipo)\n",
)
ORACLE_6 = answer(
    "x86_64",
    "2.6.39-400.215.10.el6uek.x86_64",
    oracle_release="Oracle Linux Server release 6.9\n",
    redhat_release="Red Hat Enterprise Linux Server release 6.9 (Santiago)\n",
)
RED_HAT_5 = answer(
    "x86_64", "2.6.18-419.el5", redhat_release="Red Hat Enterprise Linux Server release 5.11 (Tikanga)\n"
)
SUSE_11 = answer(
    "x86_64",
    "3.0.101-63-default",
    os_release='NAME="SLES"\nVERSION="11.4"\nVERSION_ID="11.4"\nID="sles"\n',
    suse_release="SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n",
)
SUSE_11_WITHOUT_OS_RELEASE = answer(
    "x86_64",
    "3.0.76-0.11-default",
    suse_release="SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 3\n",
)
SUSE_15 = answer(
    "x86_64", "4.12.14-23-default", os_release='NAME="SLES"\nVERSION="15"\nVERSION_ID="15"\nID="sles"\n'
)
DEBIAN_9 = answer(
    "x86_64",
    "4.9.0-14-amd64",
    os_release='NAME="Debian GNU/Linux"\nVERSION_ID="9"\nID=debian\n',
    debian_version="9.13\n",
)
CENTOS_STREAM = answer(
    "x86_64",
    "4.18.0-448.el8.x86_64",
    os_release='NAME="CentOS Stream"\nVERSION="8"\nID="centos"\nVERSION_ID="8"\nPRETTY_NAME="CentOS Stream 8"\n',
    centos_release="CentOS Stream release 8\n",
)
FEDORA = answer(
    "x86_64",
    "5.0.9-301.fc30.x86_64",
    os_release='NAME=Fedora\nVERSION="30 (Server)"\nID=fedora\nVERSION_ID=30\nPRETTY_NAME="Fedora 30"\n',
    redhat_release="Fedora release 30 (Thirty)\n",
)
CENTOS_6_32_BIT = answer("i686", "2.6.32-696.el6.i686", "32", redhat_release="CentOS release 6.9 (Final)\n")


def format_list(caption: str, version: str, bits: str, pack: int, kind: int = 3, language: int = 1033) -> str:
    """What `Format-List` prints of Win32_OperatingSystem, with Windows line ends."""
    rows = {
        "Caption": caption,
        "Version": version,
        "OSArchitecture": bits,
        "ServicePackMajorVersion": pack,
        "ProductType": kind,
        "OSLanguage": language,
        "CurrentTimeZone": 0,
    }
    return "\r\n\r\n" + "".join(f"{key:<23} : {value}\r\n" for key, value in rows.items()) + "\r\n\r\n\r\n"


WINDOWS_2008_R2 = format_list("Microsoft Windows Server 2008 R2 Enterprise ", "6.1.7601", "64-bit", 1)
WINDOWS_2008_R2_RTM = format_list("Microsoft Windows Server 2008 R2 Standard ", "6.1.7600", "64-bit", 0)
WINDOWS_2012 = format_list("Microsoft Windows Server 2012 Standard", "6.2.9200", "64-bit", 0)
WINDOWS_2012_R2 = format_list("Microsoft Windows Server 2012 R2 Datacenter", "6.3.9600", "64-bit", 0)
WINDOWS_2016_FRENCH = format_list(
    "Microsoft Windows Server 2016 Standard", "10.0.14393", "64 bits", 0, language=1036
)
WINDOWS_2019 = format_list("Microsoft Windows Server 2019 Datacenter", "10.0.17763", "64-bit", 0)
WINDOWS_2008_32_BIT = format_list(
    "Microsoft\u00ae Windows Server\u00ae 2008 Standard ", "6.0.6002", "32-bit", 2
)
WINDOWS_10 = format_list("Microsoft Windows 10 Pro", "10.0.19045", "64-bit", 0, kind=1)
WINDOWS_HYPER_V_2016 = format_list("Microsoft Hyper-V Server", "10.0.14393", "64-bit", 0)

WMIC_2012_R2 = (
    "\r\r\n\r\r\nCaption=Microsoft Windows Server 2012 R2 Standard\r\r\nCurrentTimeZone=60\r\r\n"
    "OSArchitecture=64-bit\r\r\nOSLanguage=1031\r\r\nProductType=3\r\r\nServicePackMajorVersion=0\r\r\n"
    "Version=6.3.9600\r\r\n\r\r\n\r\r\n"
)
REGISTRY_2008_R2 = (
    "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\r\n"
    "    CurrentVersion    REG_SZ    6.1\r\n    CurrentBuildNumber    REG_SZ    7601\r\n"
    "    CSDVersion    REG_SZ    Service Pack 1\r\n    InstallationType    REG_SZ    Server\r\n"
    "    ProductName    REG_SZ    Windows Server 2008 R2 Standard\r\n    InstallDate    REG_DWORD    0x50c1f1a2\r\n"
)
REGISTRY_64_BIT = (
    "\r\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment\r\n"
    "    PROCESSOR_ARCHITECTURE    REG_SZ    AMD64\r\n\r\n"
)
