"""The configuration server in the hands of the step `setup`: exit codes, what is kept, whose run it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from services.guests import winrm
from services.guests.model import Output
from services.guests.remote_task import FINISHED, Progress
from services.guests.unified_setup import UnifiedSetup
from services.journal.journal import Journal
from services.journal.model import Actor
from services.problems.model import ProblemError
from services.readiness.model import Status
from services.scenario.azure_stack import setup_run
from services.scenario.azure_stack.registered import REGISTERED
from services.scenario.azure_stack.scenario import AZURE_STACK_TO_AZURE as SCENARIO
from services.scenario.azure_stack.setup_run import ConfigurationServer, proxy_of
from services.scenario.session import Session
from services.scenario.walk import Walk
from services.world.build import practice_world
from services.world.deadline import Deadline
from tests.world.test_worlds_apart import DESCRIPTION


@pytest.fixture
def events() -> list[Any]:
    return []


@pytest.fixture
def walk(tmp_path: Path, events: list[Any]) -> Iterator[Walk]:
    secrets = {"config-server": "server-secret", "proxy": "Marker-proxy-3"}
    world = replace(practice_world(DESCRIPTION, tmp_path), secrets=secrets)
    journal = Journal.open(world.state, world.id, Actor.here())
    walk = Walk(SCENARIO, world, journal, journal.engagement("test", SCENARIO.id), events.append)
    answers: dict[str, dict[str, Any]] = {
        "server": {"name": "cs-01", "address": "10.1.0.5", "secret": "practice:config-server"},
        "vault": {"name": "contoso-vault", "resource-group": "contosoRG"},
        "setup": {
            "connection": "custom",
            "proxy-address": "10.1.0.3",
            "proxy-port": 3128,
            "proxy-user": "contoso\\proxy",
            "proxy-secret": "practice:proxy",
        },
    }
    for step, values in answers.items():
        walk.save(SCENARIO.step(step), values)
    yield walk
    journal.close()


@pytest.fixture
def session(walk: Walk) -> Session:
    return walk.session(Deadline(5))


@dataclass
class Ended:
    """A run of setup that has ended with a code."""

    code: int
    cleaned: list[bool] = field(default_factory=list)

    def progress(self, offset: int, _deadline: Deadline) -> Progress:
        return Progress((), offset, FINISHED, self.code)

    def clean_up(self, _deadline: Deadline, *, installer: bool) -> None:
        self.cleaned.append(installer)


def follow(session: Session, monkeypatch: pytest.MonkeyPatch, code: int) -> Ended:
    ended = Ended(code)
    monkeypatch.setattr(ConfigurationServer, "_opened", lambda _self: ended)
    with ConfigurationServer(session) as server:
        server.follow()
    return ended


def restart_findings(session: Session) -> list[Status]:
    check = next(one for one in REGISTERED.checks if one.id == "server-restart")
    return [finding.status for finding in check.look(session)]


def test_the_restart_that_setup_asks_for_is_told_and_stops_nothing(
    session: Session, events: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert follow(session, monkeypatch, 3010).cleaned == [True]
    assert [event["line"] for event in events if "restarted" in event.get("line", "")]
    assert restart_findings(session) == [Status.WARNING]
    assert not next(one for one in REGISTERED.checks if one.id == "server-restart").blocking


def up_for(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    """The server says this to whoever asks how long it has been up."""

    class Server:
        def run(self, command: str, _deadline: Deadline) -> Output:
            return Output(command, said, "", 0)

        def close(self) -> None:
            return

    monkeypatch.setattr(winrm, "open_winrm", lambda *_given, **_named: Server())


@pytest.mark.parametrize(
    ("said", "status"),
    [("up=0\r\n", Status.OK), ("up=99999\r\n", Status.WARNING), ("Get-WmiObject : denied", Status.WARNING)],
)
def test_the_restart_is_no_longer_asked_for_once_the_server_has_started_anew(
    session: Session, monkeypatch: pytest.MonkeyPatch, said: str, status: Status
) -> None:
    follow(session, monkeypatch, 3010)
    up_for(monkeypatch, said)
    assert restart_findings(session) == [status]


def test_a_plain_good_end_asks_for_no_restart(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    assert follow(session, monkeypatch, 0).cleaned == [True]
    assert restart_findings(session) == []


def test_a_bad_end_is_cleaned_up_but_for_the_installer(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = Ended(102)
    monkeypatch.setattr(ConfigurationServer, "_opened", lambda _self: ended)
    with ConfigurationServer(session) as server, pytest.raises(ProblemError) as failed:
        server.follow()
    assert "102" in failed.value.problems[0].what
    assert ended.cleaned == [False]
    assert session.facts["setup.exit"] == 102


def test_a_failed_registration_with_an_old_key_leads_back_to_the_key(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = {"key.expires": "2020-01-01T00:00:00+00:00"}
    session.journal.save_facts(session.engagement_id, "key", old)
    with pytest.raises(ProblemError) as failed:
        follow(session, monkeypatch, 103)
    assert [problem.code for problem in failed.value.problems] == ["key"]


def test_the_proxys_account_goes_to_the_download(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    class Fetching(Ended):
        def start_download(self, consent: bool, _deadline: Deadline, proxy: Any) -> None:
            asked.append((consent, proxy))

        def download_progress(self, offset: int, _deadline: Deadline) -> Progress:
            return Progress((), offset, FINISHED, 0)

    monkeypatch.setattr(ConfigurationServer, "_opened", lambda _self: Fetching(0))
    with ConfigurationServer(session) as server:
        server._fetch()
    assert [(proxy.user, proxy.password) for _consent, proxy in asked] == [
        ("contoso\\proxy", "Marker-proxy-3")
    ]
    assert "Marker-proxy-3" not in repr(asked)


def test_there_is_no_proxy_where_none_is_named(walk: Walk) -> None:
    walk.save(SCENARIO.step("setup"), {"connection": "direct"})
    assert proxy_of(walk.session(Deadline(5))) is None


def test_two_vaults_of_one_name_have_two_runs(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Deaf:
        def run(self, command: str, _deadline: Deadline) -> Output:
            return Output(command, "", "", 0)

        def feed(self, command: str, data: bytes, _deadline: Deadline) -> Output:
            return Output(command, "", "", 0)

        def close(self) -> None: ...

    monkeypatch.setattr(winrm, "open_winrm", lambda *_given, **_named: Deaf())
    folders = []
    for group in ("contosoRG", "CONTOSORG", "otherRG"):
        walk.save(SCENARIO.step("vault"), {"name": "contoso-vault", "resource-group": group})
        with ConfigurationServer(walk.session(Deadline(5))) as server:
            folders.append(folder_of(server))
    assert folders[0] == folders[1] != folders[2]


def folder_of(server: ConfigurationServer) -> str:
    setup: UnifiedSetup = server.call(lambda setup: setup)
    return setup.folder


def test_a_server_that_does_not_answer_stops_the_plan_only_where_a_run_was_started(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def silent(*_given: Any, **_named: Any) -> Any:
        calls.append("asked")
        raise ProblemError(_problem())

    monkeypatch.setattr(winrm, "open_winrm", silent)
    assert setup_run.left_behind(session, registered=False) == ""
    assert calls == []
    assert setup_run.left_behind(session, registered=True) == ""
    assert calls == ["asked"]
    session.journal.save_facts(session.engagement_id, "setup", {"setup.started": "cs-01"})
    with pytest.raises(ProblemError):
        setup_run.left_behind(session, registered=True)


def _problem() -> Any:
    from services.problems.model import Problem

    return Problem("wrong-password", "cs-01", "no")
