"""Unified Setup on the configuration server: found or fetched, run under SYSTEM, followed, cleaned up."""

from __future__ import annotations

import contextlib
import hashlib
import re

from services.guests import windows_files
from services.guests.installer_download import check_proxy, download
from services.guests.model import FedShell
from services.guests.powershell import quoted
from services.guests.remote_task import ABSENT, FINISHED, LOST, RUNNING, Progress, RemoteTask
from services.guests.setup_command import (
    DOWNLOAD,
    EXIT_CODES,
    INSTALLER,
    SECRET_FILES,
    WELL,
    Proxy,
    SetupOptions,
    check,
    command_line,
    secret_files,
)
from services.problems.model import Problem, ProblemError, RefusedError
from services.text import _, plain
from services.world.deadline import Deadline

HOME = "C:\\ProgramData\\Lifeboat"
LOG = "C:\\ProgramData\\ASRSetupLogs\\ASRUnifiedSetup.log"
USUAL_FOLDERS = (
    HOME,
    "C:",
    "C:\\Temp",
    "C:\\Users\\Administrator\\Downloads",
    "C:\\Users\\Administrator\\Desktop",
    "D:",
)
ACCOUNT_FILE = "account.txt"
"""The proxy's user and password, a line each, for the time of a download."""
RUN, FILES = "run", "files"
PASSPHRASE_TOOL = "home\\svsystems\\bin\\genpassphrase.exe"
PASSPHRASE_HOMES = (
    "C:\\ProgramData\\ASR",
    "C:\\Program Files (x86)\\Microsoft Azure Site Recovery",
)


class UnifiedSetup:
    """Setup for one engagement on one server. A second object for the same engagement finds the same run.

    `read_only` refuses everything that changes the server (RefusedError `read-only`).
    """

    def __init__(self, shell: FedShell, engagement: str, *, read_only: bool = False) -> None:
        self._shell = shell
        self._read_only = read_only
        name = _name(engagement)
        self.folder = f"{HOME}\\{name}"
        self._task = RemoteTask(shell, f"\\Lifeboat-UnifiedSetup-{name}", self.folder, LOG)
        self._fetched = (f"{HOME}\\{INSTALLER}", f"{HOME}\\{INSTALLER}.part")
        fetch = f"{HOME}\\Download-{name}"
        self._fetch = RemoteTask(shell, f"\\Lifeboat-Download-{name}", fetch, f"{fetch}\\download.log")

    def find_installer(self, deadline: Deadline, more: tuple[str, ...] = ()) -> str | None:
        """The installer's path on the server: in the usual folders or at the paths given; None if nowhere."""
        usual = tuple(f"{folder}\\{INSTALLER}" for folder in USUAL_FOLDERS)
        found = windows_files.existing(self._shell, (*more, *usual), deadline)
        return found[0] if found else None

    def start_download(self, consent: bool, deadline: Deadline, proxy: Proxy | None = None) -> None:
        """Fetch the installer on the server itself, directly or through a proxy.

        The proxy's account lies in a file of the closed folder until the download ends.
        Follow it with download_progress; it goes on without a link.
        """
        self._refuse_changes()
        if not consent:
            raise RefusedError(
                Problem(
                    "no-consent",
                    INSTALLER,
                    _("the server may not fetch the installer from {address}.").format(address=DOWNLOAD),
                    "",
                    _("Allow it, or put the installer into C:\\Temp on the server by hand."),
                )
            )
        if proxy is not None:
            check_proxy(proxy)
        if self._fetch.progress(0, deadline).state == RUNNING:
            return
        self._fetch.prepare(deadline)
        account = f"{self._fetch.folder}\\{ACCOUNT_FILE}"
        command = f'{download(proxy, self._fetched[0], account)} >> "{self._fetch.folder}\\download.log" 2>&1'
        try:
            if proxy is not None and proxy.user:
                content = f"{proxy.user}\r\n{proxy.password}\r\n".encode()
                windows_files.upload(self._shell, account, content, deadline)
            self._fetch.start([command], [f'del /f /q "{account}" 2>nul'], deadline)
        except BaseException:
            with contextlib.suppress(ProblemError):
                if self._fetch.progress(0, Deadline(10)).state != RUNNING:
                    windows_files.delete(self._shell, (account, account + ".part"), Deadline(10))
            raise

    def download_progress(self, offset: int, deadline: Deadline) -> Progress:
        """How the download stands; exit code 0 means that find_installer finds it. Problem `setup-lost`."""
        return self._not_lost(self._fetch.progress(offset, deadline))

    def signature(self, path: str, deadline: Deadline) -> tuple[bool, str]:
        """Whether a file carries a valid signature of Microsoft, and who signed it."""
        found = windows_files.script(
            self._shell,
            f'$s=Get-AuthenticodeSignature {quoted(path)};"$($s.Status)|$($s.SignerCertificate.Subject)"',
            deadline,
            path,
        )
        status, _bar, signer = "".join(found).partition("|")
        good = status.strip() == "Valid" and "O=Microsoft Corporation" in signer
        return good, plain(signer.strip() or status.strip())

    def start(self, options: SetupOptions, installer: str, deadline: Deadline) -> Progress:
        """Start setup, or adopt the run of this engagement that goes on or has ended well already.

        The licence and all options are checked first; the installer's signature too (`not-signed`). When the
        start fails, the secret files are deleted again.
        """
        self._refuse_changes()
        check(options)
        found = self._task.progress(0, deadline)
        if found.state == RUNNING or (found.state == FINISHED and found.exit_code in WELL):
            return found
        try:
            self._task.prepare(deadline)
            copy = self._trusted_copy(installer, deadline)
            for name, content in secret_files(options).items():
                windows_files.upload(self._shell, f"{self.folder}\\{name}", content, deadline)
            self._task.start(self._commands(options, copy), self._deletions(), deadline)
        except BaseException:
            self._forget_quietly()
            raise
        return self._task.progress(0, deadline)

    def progress(self, offset: int, deadline: Deadline) -> Progress:
        """Log lines from an offset on, the state and, once finished, the exit code (see EXIT_CODES).

        ProblemError `setup-lost` when the run is gone without an exit code, as after a restart of the server.
        """
        return self._not_lost(self._task.progress(offset, deadline))

    def adopt(self, deadline: Deadline) -> Progress | None:
        """The run of this engagement that goes on or has ended, from its first line.

        None when there is none, or when it vanished without an exit code: then it can be started anew.
        """
        found = self._task.progress(0, deadline)
        return found if found.state in (RUNNING, FINISHED) else None

    def left(self, deadline: Deadline) -> str:
        """What this engagement has left on the server.

        `run` is a run that goes on or has ended and was not cleaned up, `files` anything else of ours, and
        nothing an empty string.
        """
        if self.adopt(deadline):
            return RUN
        tasks = (self._task, self._fetch)
        known = any(task.progress(0, deadline).state != ABSENT for task in tasks)
        places = (*(task.folder for task in tasks), *self._fetched)
        return FILES if known or windows_files.existing(self._shell, places, deadline) else ""

    def delete_secrets(self, deadline: Deadline) -> None:
        """Delete the credential files; the run does so itself when it ends, whatever came of it."""
        paths = tuple(f"{self.folder}\\{name}{end}" for name in SECRET_FILES for end in ("", ".part"))
        windows_files.delete(self._shell, paths, deadline)

    def clean_up(self, deadline: Deadline, *, installer: bool = True) -> None:
        """Delete the tasks, their folders, and the installer that was fetched (unless it is still wanted).

        Refused while setup or a download runs (`setup-running`).
        """
        self._refuse_changes()
        tasks = (self._task, self._fetch)
        if any(task.progress(0, deadline).state == RUNNING for task in tasks):
            raise RefusedError(
                Problem("setup-running", self.folder, _("setup still runs; nothing is cleaned up under it."))
            )
        for task in tasks:
            task.remove(deadline)
        if installer:
            windows_files.delete(self._shell, self._fetched, deadline)
        # Only where it is empty: another engagement may work there too.
        self._shell.run(f'rmdir "{HOME}" 2>nul', deadline)

    def passphrase(self, deadline: Deadline, install_location: str = "") -> str:
        """The passphrase of the server, read there each time and never kept; `no-passphrase` if there is none."""
        homes = (*PASSPHRASE_HOMES, install_location.rstrip("\\")) if install_location else PASSPHRASE_HOMES
        tools = windows_files.existing(
            self._shell, tuple(f"{home}\\{PASSPHRASE_TOOL}" for home in homes), deadline
        )
        output = self._shell.run(f'"{tools[0]}" -n', deadline) if tools else None
        if output is None or output.code or not output.stdout.strip():
            raise ProblemError(
                Problem(
                    "no-passphrase",
                    "genpassphrase.exe",
                    _("the server gave no passphrase."),
                    _("Setup has not ended well on this server, or it is installed in another folder."),
                    _("Run genpassphrase.exe -n in the folder home\\svsystems\\bin of the installation."),
                )
            )
        return output.stdout.strip().splitlines()[-1].strip()

    def _not_lost(self, found: Progress) -> Progress:
        if found.state not in (LOST, ABSENT):
            return found
        raise ProblemError(
            Problem(
                "setup-lost",
                self.folder,
                _("what was started is gone from the server without having ended."),
                _("The server was restarted, or somebody ended the task."),
                _("Read the log on the server, then start again: {log}.").format(log=LOG),
            )
        )

    def _trusted_copy(self, installer: str, deadline: Deadline) -> str:
        # What is checked is what will run: a copy where nobody else can change it in between.
        copy = f"{self.folder}\\{INSTALLER}"
        windows_files.run(self._shell, f'copy /y "{installer}" "{copy}"', deadline, installer)
        good, signer = self.signature(copy, deadline)
        if not good:
            raise RefusedError(
                Problem(
                    "not-signed",
                    installer,
                    _("the installer is not signed by Microsoft ({signer}); it is not run.").format(
                        signer=signer
                    ),
                )
            )
        return copy

    def _commands(self, options: SetupOptions, installer: str) -> list[str]:
        extracted = f"{self.folder}\\Extracted"
        program = f'"{extracted}\\UNIFIEDSETUP.EXE"'
        line = command_line(options, self.folder, program)
        return [f'"{installer}" /q /x:{extracted}', f'{line} >> "{self.folder}\\console.txt" 2>&1']

    def _deletions(self) -> list[str]:
        return [f'del /f /q "{self.folder}\\{name}" 2>nul' for name in SECRET_FILES]

    def _forget_quietly(self) -> None:
        with contextlib.suppress(ProblemError):
            if self._task.progress(0, Deadline(10)).state != RUNNING:
                self.delete_secrets(Deadline(10))

    def _refuse_changes(self) -> None:
        if self._read_only:
            raise RefusedError(
                Problem("read-only", self.folder, _("this console is read-only and changes no server."))
            )


def failure(exit_code: int) -> Problem:
    """The problem behind an exit code of setup other than 0 and 3010."""
    meaning = EXIT_CODES.get(exit_code, _("Setup has ended with a code that is not documented."))
    return Problem(
        "setup-failed",
        "UNIFIEDSETUP.EXE",
        _("{meaning} Exit code {code}.").format(meaning=_(meaning), code=exit_code),
        "",
        _("Read its log on the server: {log}.").format(log=LOG),
        f"type {LOG}",
    )


def _name(engagement: str) -> str:
    short = re.sub(r"[^A-Za-z0-9]+", "-", engagement).strip("-")[:24]
    return f"{short}-{hashlib.sha256(engagement.encode()).hexdigest()[:8]}"
