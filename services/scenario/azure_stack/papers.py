"""Papers that are handed over: what a person needs to run Unified Setup at a server's console.

No secret stands in them; passwords are typed there, and the passphrase is read on the configuration server.
Neither do they accept a licence: whoever installs adds that switch by their own hand.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from services.guests.setup_command import DATA_PORT, KEY_FILE, MYSQL_FILE
from services.scenario.azure_stack.key import key_path, write_private
from services.scenario.session import Session

LICENCE_NOTE = (
    "Setup wants one more switch, /AcceptThirdpartyEULA. It accepts the third-party licence of MySQL, so it is\n"
    "left out here: read the licence (UNIFIEDSETUP.EXE /ShowThirdpartyEULA), and add it yourself if you accept."
)
EXTRACT = "MicrosoftAzureSiteRecoveryUnifiedSetup.exe /q /x:C:\\Temp\\Extracted\ncd C:\\Temp\\Extracted"
PASSPHRASE_FILE = "C:\\Temp\\passphrase.txt"
SIZES = (
    ("up to 250 GB", "up to 85", "4", "8 GB", "300 GB"),
    ("250 GB to 1 TB", "85 to 150", "8", "12 GB", "600 GB"),
    ("1 TB to 2 TB", "150 to 225", "12", "24 GB", "1 TB"),
)
"""Data changed in a day, machines, virtual processors, memory, cache disk.

Source: Set up a scale-out process server, 2018-07-06; machines with three disks of 100 GB each.
"""
HEAD = ("Changed in a day", "Machines", "Processors", "Memory", "Cache disk")


def setup_paper(session: Session) -> Path:
    """Write what a person needs for setup over RDP: the pages and their answers, and the command line."""
    answers = session.answers
    guidance = (resources.files("assets") / "guidance" / "en" / "setup.md").read_text(encoding="utf-8")
    line = (
        f'UNIFIEDSETUP.EXE /ServerMode "CS" /InstallLocation "{answers.text("setup.install-location")}" '
        f'/MySQLCredsFilePath "C:\\Temp\\{MYSQL_FILE}" /VaultCredsFilePath "C:\\Temp\\{KEY_FILE}" '
        '/EnvType "NonVMWare"'
    )
    head = f"{answers.text('server.name')}, {answers.text('vault.name')}\n\nKey: {key_path(session)}"
    text = "\n\n".join((head, f"{EXTRACT}\n{line}", LICENCE_NOTE, guidance))
    return _written(session, "unified-setup", text)


def process_server_paper(session: Session, name: str) -> Path:
    """Write what a person needs to set up a stand-alone process server. `name` may be empty: not chosen yet."""
    return _written(session, "process-server", _process_server_text(session, name))


def _process_server_text(session: Session, name: str) -> str:
    server, address = session.answers.text("server.name"), session.answers.text("server.address")
    line = (
        f'UNIFIEDSETUP.EXE /ServerMode "PS" /InstallLocation "D:\\\\" /EnvType "NonVMWare" /CSIP "{address}" '
        f'/PassphraseFilePath "{PASSPHRASE_FILE}" /DataTransferSecurePort {DATA_PORT}'
    )
    return f"""Stand-alone process server: {name or "a Windows server of its own"}

It caches, compresses, encrypts and sends what the machines change; the configuration server {server}
goes on to lead. One is needed above 200 machines or 2 TB of changed data a day. A machine uses one process
server only. (Set up a scale-out process server, 2018-07-06)

Size
{_table()}

Before
- Windows Server 2012 R2 or 2016, English, with a static IPv4 address and no NAT, used for nothing else.
- It reaches {address} on 443 and Azure on 443; the machines reach it on {DATA_PORT}.
- Its setup is no newer than that of {server}: take the installer from there.
- On {server}, read the passphrase: genpassphrase.exe -n in home\\svsystems\\bin of the installation. Write it
  to {PASSPHRASE_FILE} on the new server, where only administrators may read it; delete that file afterwards.

On the new server, over RDP, as an administrator
{EXTRACT}
{line}

{LICENCE_NOTE}

The data port is {DATA_PORT} or another that is free, and never 443: that one is for orchestration. Microsoft's
sample of this line prints 443; its wizard forbids it.

Done
The vault lists it: Settings, Site Recovery Infrastructure, Configuration Servers, {server}, Process
servers. It shows after 15 minutes or longer, or at once after Refresh Server. Then it can be chosen under
Replication settings, Process server.
"""


def _table() -> str:
    widths = [max(len(row[at]) for row in (HEAD, *SIZES)) + 2 for at in range(len(HEAD))]
    rows = (
        "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (HEAD, *SIZES)
    )
    return "\n".join(row.rstrip() for row in rows)


def _written(session: Session, name: str, text: str) -> Path:
    folder = session.world.state / "hand-over"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}-{session.engagement_id}.txt"
    path.unlink(missing_ok=True)
    write_private(path, text)
    return path
