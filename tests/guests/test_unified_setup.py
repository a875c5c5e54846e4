"""Unified Setup over real WinRM on the practice configuration server, with a clock that the test sets."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.guests import configuration_server, windows_files
from services.guests.model import FedShell, Output
from services.guests.remote_task import FINISHED, RUNNING, Progress
from services.guests.setup_command import Proxy, SetupOptions, command_line, secret_files
from services.guests.unified_setup import HOME, UnifiedSetup, failure
from services.guests.winrm import open_winrm
from services.problems.model import ProblemError, RefusedError
from services.world.deadline import Deadline
from tests.guests.support import Ground, SetClock, ground, soon

KEY = b"<RSVaultAsrCreds><ManagementCert>c2VjcmV0LW1hcmtlcg==</ManagementCert></RSVaultAsrCreds>"
ROOT, USER = "Marker-root-1!", "Marker-user-2!"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path / "machines", SetClock()) as running:
        yield running


@pytest.fixture
def shell(place: Ground, tmp_path: Path) -> Iterator[FedShell]:
    opened = connect(place, tmp_path)
    yield opened
    opened.close()


def connect(place: Ground, tmp_path: Path) -> FedShell:
    return open_winrm(place.machine("cs-01"), place.password("cs-01"), place.world(tmp_path), soon())


def options(**changed: object) -> SetupOptions:
    values: dict[str, object] = {
        "install_location": "D:\\ASR",
        "licence": True,
        "mysql_root": ROOT,
        "mysql_user": USER,
        "key": KEY,
    }
    return SetupOptions(**(values | changed))  # type: ignore[arg-type]


def pass_time(place: Ground, seconds: float) -> None:
    place.clock.time += timedelta(seconds=seconds)


def installer(place: Ground, setup: UnifiedSetup) -> str:
    setup.start_download(True, soon())
    pass_time(place, 61)
    found = setup.find_installer(soon())
    assert found is not None
    return found


def follow(place: Ground, setup: UnifiedSetup, offset: int = 0) -> tuple[list[str], Progress]:
    lines: list[str] = []
    for _minute in range(12):
        seen = setup.progress(offset, soon())
        lines += seen.lines
        offset = seen.offset
        if seen.state == FINISHED:
            return lines, seen
        pass_time(place, 60)
    raise AssertionError(lines)


def secrets_there(shell: FedShell) -> list[str]:
    found = shell.run(f'dir /b "{HOME}" 2>nul', soon()).stdout
    return [name for name in ("mysql.ini", "vault.VaultCredentials", "proxy.ini") if name in found]


def test_from_download_to_registered_server(place: Ground, shell: FedShell) -> None:
    setup = UnifiedSetup(shell, "contoso, step 3")
    assert setup.find_installer(soon()) is None
    path = installer(place, setup)
    assert setup.download_progress(0, soon()).exit_code == 0
    assert setup.signature(path, soon())[0]
    first = setup.start(options(), path, soon())
    assert first.state == RUNNING
    assert secrets_there(shell) == ["mysql.ini", "vault.VaultCredentials"]
    lines, last = follow(place, setup)
    assert last.exit_code == 0
    assert "Setup completed successfully." in lines[-1]
    assert len(lines) == len(set(lines))
    assert place.events.registered == [("cs-01", "10.1.0.5", KEY.decode())]
    assert secrets_there(shell) == []
    assert all(service.well for service in configuration_server.services(shell, soon()))
    assert len(setup.passphrase(soon())) == 16
    assert setup.passphrase(soon()) == setup.passphrase(soon())
    setup.clean_up(soon())
    assert setup.adopt(soon()) is None


def test_person_at_the_console_adds_accounts_five_minutes_later(place: Ground, shell: FedShell) -> None:
    setup = UnifiedSetup(shell, "e")
    setup.start(options(), installer(place, setup), soon())
    follow(place, setup)
    place.call(place.fleet.settle)
    assert place.events.accounts == []
    pass_time(place, 360)
    place.call(place.fleet.settle)
    place.call(place.fleet.settle)
    assert place.events.accounts == ["linux-root", "windows-admin"]


def test_folder_is_closed_to_others(place: Ground, shell: FedShell) -> None:
    setup = UnifiedSetup(shell, "e")
    setup.start(options(), installer(place, setup), soon())
    for folder in (HOME, setup.folder):
        listed = shell.run(f'icacls "{folder}"', soon()).stdout
        assert "BUILTIN\\Administrators:(OI)(CI)F" in listed
        assert "NT AUTHORITY\\SYSTEM:(OI)(CI)F" in listed
        assert "Users" not in listed


def test_lost_link_is_adopted(place: Ground, tmp_path: Path) -> None:
    first = connect(place, tmp_path)
    setup = UnifiedSetup(first, "e")
    setup.start(options(), installer(place, setup), soon())
    pass_time(place, 90)
    seen = setup.progress(0, soon())
    place.call(place.fleet.cut)
    with pytest.raises(ProblemError) as broken:
        setup.progress(seen.offset, soon())
    assert broken.value.problems[0].code == "link-lost"
    first.close()

    second = connect(place, tmp_path)
    again = UnifiedSetup(second, "e")
    found = again.adopt(soon())
    assert found is not None
    assert found.state == RUNNING
    assert found.lines == seen.lines
    assert again.start(options(), "C:\\nowhere.exe", soon()).state == RUNNING
    rest, last = follow(place, again, seen.offset)
    assert last.exit_code == 0
    assert not set(rest) & set(seen.lines)
    assert len(place.events.registered) == 1
    second.close()


def test_setup_goes_on_while_the_servers_are_stopped(tmp_path: Path) -> None:
    clock = SetClock()
    with ground(tmp_path / "machines", clock) as before:
        shell = connect(before, tmp_path)
        setup = UnifiedSetup(shell, "e")
        setup.start(options(), installer(before, setup), soon())
        pass_time(before, 100)
        setup.progress(0, soon())
    clock.time += timedelta(hours=3)
    with ground(tmp_path / "machines", clock) as after:
        shell = connect(after, tmp_path)
        found = UnifiedSetup(shell, "e").adopt(soon())
        assert found is not None
        assert (found.state, found.exit_code) == (FINISHED, 0)
        assert len(after.events.registered) == 1
        assert after.events.accounts == ["linux-root", "windows-admin"]
        shell.close()


def test_refused_registration_fails_setup_with_its_sentence(place: Ground, shell: FedShell) -> None:
    place.events.refusal = "The vault credentials file has expired."
    setup = UnifiedSetup(shell, "e")
    setup.start(options(), installer(place, setup), soon())
    lines, last = follow(place, setup)
    assert last.exit_code == 103
    assert any("The vault credentials file has expired." in line for line in lines)
    assert "could not be registered" in failure(103).what
    assert secrets_there(shell) == []
    with pytest.raises(ProblemError) as none:
        setup.passphrase(soon())
    assert none.value.problems[0].code == "no-passphrase"


def test_failed_setup_can_be_started_again(place: Ground, shell: FedShell) -> None:
    place.events.refusal = "Not now."
    setup = UnifiedSetup(shell, "e")
    path = installer(place, setup)
    setup.start(options(), path, soon())
    follow(place, setup)
    place.events.refusal = ""
    assert setup.start(options(), path, soon()).state == RUNNING
    lines, last = follow(place, setup)
    assert last.exit_code == 0
    assert not any("Not now." in line for line in lines)


def test_custom_proxy_reaches_setup_by_file(place: Ground, shell: FedShell) -> None:
    setup = UnifiedSetup(shell, "e")
    path = installer(place, setup)
    proxy = Proxy("10.1.0.2", 3128, "contoso\\proxy", "Marker-proxy-3")
    setup.start(options(connection="custom", proxy=proxy), path, soon())
    kept = shell.run(f'type "{setup.folder}\\proxy.ini"', soon()).stdout
    assert 'Proxy IP = "10.1.0.2"' in kept
    assert 'ProxyAuthentication = "Yes"' in kept
    batch = shell.run(f'type "{setup.folder}\\run.cmd"', soon()).stdout
    assert f'/ProxySettingsFilePath "{setup.folder}\\proxy.ini"' in batch
    for secret in ("Marker-proxy-3", ROOT, USER, "secret-marker", "c2VjcmV0LW1hcmtlcg"):
        assert secret not in batch


def test_download_through_a_proxy_that_does_not_answer(place: Ground, shell: FedShell) -> None:
    setup = UnifiedSetup(shell, "e")
    setup.start_download(True, soon(), proxy=Proxy("10.9.9.9", 8080))
    assert setup.download_progress(0, soon()).state == RUNNING
    pass_time(place, 61)
    seen = setup.download_progress(0, soon())
    assert (seen.state, seen.exit_code) == (FINISHED, 1)
    assert "Unable to connect to the remote server" in "".join(seen.lines)
    setup.start_download(True, soon(), proxy=Proxy("10.1.0.2", 3128))
    pass_time(place, 61)
    assert setup.find_installer(soon()) is not None


def test_download_through_a_proxy_that_asks_who_wants_out(place: Ground, shell: FedShell) -> None:
    setup, secret = UnifiedSetup(shell, "e"), "Marker-proxy-3"
    setup.start_download(True, soon(), proxy=Proxy("10.1.0.3", 3128, "contoso\\proxy", "Marker-wrong"))
    pass_time(place, 61)
    seen = setup.download_progress(0, soon())
    assert seen.exit_code == 1
    assert "(407) Proxy Authentication Required" in "".join(seen.lines)
    setup.start_download(True, soon(), proxy=Proxy("10.1.0.3", 3128, "contoso\\proxy", secret))
    folder = f"{HOME}\\Download-{setup.folder.rpartition(chr(92))[2]}"
    assert "account.txt" in shell.run(f'dir /b "{folder}"', soon()).stdout
    pass_time(place, 61)
    assert setup.download_progress(0, soon()).exit_code == 0
    assert "account.txt" not in shell.run(f'dir /b "{folder}"', soon()).stdout
    assert setup.find_installer(soon()) is not None
    assert [one for one in spellings(secret.encode()) if one in recorded(place)] == []


def test_download_that_cannot_be_started_keeps_no_account(place: Ground, shell: FedShell) -> None:
    class Refusing(Tampering):
        def run(self, command: str, deadline: Deadline) -> Output:
            if "schtasks /create" in command:
                return Output(command, "", "ERROR: Access is denied.", 1)
            return self._shell.run(command, deadline)

    setup = UnifiedSetup(Refusing(shell), "e")
    with pytest.raises(ProblemError):
        setup.start_download(True, soon(), proxy=Proxy("10.1.0.3", 3128, "u", "p"))
    assert "account.txt" not in shell.run(f'dir /b "{HOME}"', soon()).stdout


@pytest.mark.parametrize(
    "proxy",
    [
        Proxy("", 3128),
        Proxy("10.1.0.3", 0),
        Proxy("https://10.1.0.3", 3128),
        Proxy("a';b", 1),
        Proxy("a", 1, "u\r\nv"),
    ],
)
def test_proxy_that_will_not_do_is_said_before_anything_is_sent(shell: FedShell, proxy: Proxy) -> None:
    with pytest.raises(ProblemError) as wrong:
        UnifiedSetup(shell, "e").start_download(True, soon(), proxy=proxy)
    assert wrong.value.problems[0].code == "setup-option"
    assert shell.run(f'dir "{HOME}"', soon()).code == 1


def test_what_is_left_is_seen_and_cleaned_up(place: Ground, shell: FedShell) -> None:
    setup = UnifiedSetup(shell, "e")
    assert setup.left(soon()) == ""
    path = installer(place, setup)
    assert setup.left(soon()) == "files"
    setup.start(options(), path, soon())
    assert setup.left(soon()) == "run"
    follow(place, setup)
    again = UnifiedSetup(shell, "e")
    assert again.left(soon()) == "run"
    again.clean_up(soon(), installer=False)
    assert again.left(soon()) == "files"
    assert again.find_installer(soon()) == path
    again.clean_up(soon())
    assert again.left(soon()) == ""
    assert shell.run(f'dir "{HOME}"', soon()).code == 1


def test_what_another_engagement_has_there_stays(place: Ground, shell: FedShell) -> None:
    first, second = UnifiedSetup(shell, "one"), UnifiedSetup(shell, "two")
    first.start(options(), installer(place, first), soon())
    follow(place, first)
    second.clean_up(soon(), installer=False)
    assert first.left(soon()) == "run"


def test_download_needs_consent(shell: FedShell) -> None:
    with pytest.raises(RefusedError) as refused:
        UnifiedSetup(shell, "e").start_download(False, soon())
    assert refused.value.problems[0].code == "no-consent"


def test_licence_and_options_are_checked_before_anything_is_sent(shell: FedShell) -> None:
    setup = UnifiedSetup(shell, "e")
    with pytest.raises(RefusedError) as refused:
        setup.start(options(licence=False), "C:\\x.exe", soon())
    assert refused.value.problems[0].code == "licence-not-accepted"
    with pytest.raises(ProblemError) as several:
        setup.start(
            options(data_port=443, install_location='D:\\a" & del x', mysql_root='a"b'), "C:\\x.exe", soon()
        )
    assert len(several.value.problems) == 3
    assert shell.run(f'dir "{HOME}"', soon()).code == 1


def test_unsigned_installer_is_not_run_and_leaves_no_secret(place: Ground, shell: FedShell) -> None:
    windows_files.upload(shell, "C:\\Temp\\MicrosoftAzureSiteRecoveryUnifiedSetup.exe", b"MZ other", soon())
    setup = UnifiedSetup(shell, "e")
    path = setup.find_installer(soon())
    assert path is not None
    with pytest.raises(RefusedError) as refused:
        setup.start(options(), path, soon())
    assert refused.value.problems[0].code == "not-signed"
    assert secrets_there(shell) == []


def test_read_only_changes_nothing(shell: FedShell) -> None:
    setup = UnifiedSetup(shell, "e", read_only=True)
    for act in (
        lambda: setup.start_download(True, soon()),
        lambda: setup.start(options(), "C:\\x.exe", soon()),
        lambda: setup.clean_up(soon()),
    ):
        with pytest.raises(RefusedError) as refused:
            act()
        assert refused.value.problems[0].code == "read-only"


def test_clean_up_is_refused_while_setup_runs(place: Ground, shell: FedShell) -> None:
    setup = UnifiedSetup(shell, "e")
    setup.start(options(), installer(place, setup), soon())
    with pytest.raises(RefusedError) as refused:
        setup.clean_up(soon())
    assert refused.value.problems[0].code == "setup-running"


def test_task_that_vanished_is_lost(place: Ground, shell: FedShell) -> None:
    setup = UnifiedSetup(shell, "e")
    path = installer(place, setup)
    setup.start(options(), path, soon())
    pass_time(place, 60)
    name = setup.folder.rpartition("\\")[2]
    assert shell.run(f'schtasks /end /tn "\\Lifeboat-UnifiedSetup-{name}"', soon()).code == 0
    with pytest.raises(ProblemError) as lost:
        setup.progress(0, soon())
    assert lost.value.problems[0].code == "setup-lost"
    assert setup.adopt(soon()) is None
    assert setup.start(options(), path, soon()).state == RUNNING


class Tampering:
    """A shell behind which files change once they have arrived."""

    def __init__(self, shell: FedShell) -> None:
        self._shell = shell

    def run(self, command: str, deadline: Deadline) -> Output:
        return self._shell.run(command, deadline)

    def feed(self, command: str, data: bytes, deadline: Deadline) -> Output:
        output = self._shell.feed(command, data, deadline)
        self._shell.run('if exist "C:\\Temp\\a.bin.part" echo changed>"C:\\Temp\\a.bin.part"', deadline)
        return output

    def close(self) -> None:
        self._shell.close()


@pytest.mark.parametrize("size", [0, 1, 60_000, 60_001, 200_000])
def test_upload_in_pieces_arrives_whole(shell: FedShell, size: int) -> None:
    content = (bytes(range(256)) * 800)[:size]
    windows_files.upload(shell, "C:\\Temp\\a.bin", content, soon())
    assert windows_files.digest(shell, "C:\\Temp\\a.bin", soon()) == hashlib.sha256(content).hexdigest()


def test_digest_mismatch_deletes_the_file(shell: FedShell) -> None:
    with pytest.raises(ProblemError) as mismatch:
        windows_files.upload(Tampering(shell), "C:\\Temp\\a.bin", b"x" * 4000, soon())
    assert mismatch.value.problems[0].code == "digest-mismatch"
    assert windows_files.existing(shell, ("C:\\Temp\\a.bin", "C:\\Temp\\a.bin.part"), soon()) == []


def test_broken_start_deletes_secrets_and_says_nothing_of_them(
    place: Ground, shell: FedShell, caplog: pytest.LogCaptureFixture
) -> None:
    class Breaking(Tampering):
        def run(self, command: str, deadline: Deadline) -> Output:
            if "schtasks /create" in command:
                return Output(command, "", "ERROR: Access is denied.", 1)
            return self._shell.run(command, deadline)

    caplog.set_level(logging.DEBUG)
    setup = UnifiedSetup(Breaking(shell), "e")
    path = installer(place, UnifiedSetup(shell, "e"))
    with pytest.raises(ProblemError) as failed:
        setup.start(options(), path, soon())
    assert secrets_there(shell) == []
    shown = repr(failed.value) + repr(failed.value.problems) + repr(options()) + caplog.text
    for secret in (ROOT, USER, "c2VjcmV0LW1hcmtlcg"):
        assert secret not in shown


def test_error_that_repeats_the_script_gives_no_secret_away() -> None:
    class Telling:
        """Fails as PowerShell does: the message, then the whole line of the script."""

        def run(self, command: str, deadline: Deadline) -> Output:
            return Output(command, "", "", 0)

        def feed(self, command: str, data: bytes, deadline: Deadline) -> Output:
            script = base64.b64decode(command.rsplit(" ", 1)[1]).decode("utf-16-le")
            said = 'Exception calling "Open" with "2" argument(s): "Access to the path is denied."'
            return Output(command, "", f"{said}\r\nAt line:1 char:75\r\n+ {script}\r\n", 1)

        def close(self) -> None: ...

    secret = b"Marker-in-a-file-that-is-long-enough-to-look-like-one"
    with pytest.raises(ProblemError) as failed:
        windows_files.upload(Telling(), "C:\\x", secret, soon())
    shown = repr(failed.value.problems) + failed.value.problems[0].raw
    assert "Access to the path is denied." in shown
    assert base64.b64encode(secret).decode()[:20] not in shown


def recorded(place: Ground) -> str:
    """Every command line that ran on the server, and every script in one, as Windows records both."""
    lines = place.command_lines("cs-01")
    assert any("-EncodedCommand" in line for line in lines)
    words = re.findall(r"-EncodedCommand (\S+)", "\n".join(lines))
    return "\n".join([*lines, *(base64.b64decode(word).decode("utf-16-le") for word in words)])


def spellings(content: bytes) -> Iterator[str]:
    """Each stretch of a content as it is, and its base64 wherever a piece may have begun."""
    for start in range(0, len(content) - 11, 12):
        yield content[start : start + 12].decode("latin-1")
    for shift in range(3):
        whole = base64.b64encode(content[shift : len(content) - (len(content) - shift) % 3]).decode()
        yield from (whole[at : at + 16] for at in range(0, len(whole) - 15, 16))


def test_nothing_of_a_secret_file_is_in_a_recorded_command_line(place: Ground, shell: FedShell) -> None:
    setup = UnifiedSetup(shell, "e")
    proxy = Proxy("10.1.0.2", 3128, "contoso\\proxy", "Marker-proxy-3")
    asked = options(connection="custom", proxy=proxy)
    setup.start(asked, installer(place, setup), soon())
    follow(place, setup)
    seen = recorded(place)
    assert "UNIFIEDSETUP.EXE" in seen
    assert "mysql.ini.part" in seen
    for content in secret_files(asked).values():
        assert [one for one in spellings(content) if one in seen] == []


def test_command_line_is_the_documented_one() -> None:
    assert command_line(options(install_location="D:\\"), "C:\\Temp") == (
        'UNIFIEDSETUP.EXE /AcceptThirdpartyEULA /ServerMode "CS" /InstallLocation "D:\\\\"'
        ' /MySQLCredsFilePath "C:\\Temp\\mysql.ini" /VaultCredsFilePath "C:\\Temp\\vault.VaultCredentials"'
        ' /EnvType "NonVMWare"'
    )
    assert command_line(options(connection="direct"), "C:\\T").endswith(" /BypassProxy")
