"""Killed with -9 at each journal write and while the service answers, then run again: accepted once."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.journal import operations as ledger
from services.journal.journal import Actor, Journal
from services.operations.model import Transport
from services.operations.perform import perform
from services.operations.resolve import finish
from services.problems.model import ProblemError
from services.world.deadline import Deadline
from tests.operations.client import Vault, mutation, world
from tests.operations.stand_in import StandIn, stand_in

WELL, KILLED = 0, -signal.SIGKILL


def _run(server: StandIn, state: Path, kill_at: int = 0) -> None:
    """What a run of the product does: open, perform, finish. `kill_at`: die at this write of the run."""
    journal = Journal.open(state, "practice-test", Actor())
    last = journal.moved + kill_at if kill_at else 0
    journal.on_commit = lambda number: os.kill(os.getpid(), signal.SIGKILL) if number == last else None
    engagement = journal.engagement("contoso", "azure-stack-to-azure")
    row = perform(journal, engagement.id, Vault(server).create_policy(), world(state), Deadline(20))
    finish(journal, row, "succeeded")
    journal.close()


def _in_child(server: StandIn, work: Callable[[], None]) -> int:
    """Run in a forked process; its exit code, negative for a signal."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            server.get(f"/client/{os.getpid()}")
            work()
            code = WELL
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _whole(state: Path, server: StandIn) -> None:
    """Accepted once, known as that, and the log is as it was written."""
    journal = Journal.open(state, "practice-test", Actor())
    (row,) = ledger.operations(journal)
    (taken,) = server.accepted
    assert (row.state, row.outcome, row.job_id) == ("finished", "succeeded", taken["job"])
    assert row.client_request_id == taken["request"]
    assert journal.verify() is None
    journal.close()


FAULTS: list[list[list[Any]]] = [
    [],
    [["status", 429, "0"]],
    [["status", 503, "0"]],
    [["taken", 504, "0"]],
    [["taken-reset"]],
    [["reset"]],
]


@pytest.mark.parametrize("script", FAULTS, ids=["well", "429", "503", "taken-504", "taken-reset", "reset"])
def test_killed_at_each_write(tmp_path: Path, script: list[list[Any]]) -> None:
    kills = 0
    for number in range(1, 20):
        state = tmp_path / f"killed-at-{number}"
        with stand_in(*script) as server:
            ended = _in_child(server, lambda server=server, state=state, n=number: _run(server, state, n))  # type: ignore[misc]
            assert ended in (WELL, KILLED)
            kills += ended == KILLED
            assert _in_child(server, lambda server=server, state=state: _run(server, state)) == WELL  # type: ignore[misc]
            _whole(state, server)
        if ended == WELL:
            break
    # engagement, intent, accepted or adopted, finished; and "again" where it was sent twice
    assert kills >= 4


def test_killed_again_and_again(tmp_path: Path) -> None:
    """Every start dies, each a write later than the one before, until one gets to the end."""
    state = tmp_path / "state"
    with stand_in(["status", 503, "0"], ["taken-reset"]) as server:
        ends = []
        for number in range(1, 20):
            ends.append(_in_child(server, lambda number=number: _run(server, state, number)))  # type: ignore[misc]
            if ends[-1] == WELL:
                break
        assert ends[-1] == WELL
        assert ends.count(KILLED) >= 3
        _whole(state, server)


@pytest.mark.parametrize("fault", ["kill", "kill-first"])
@pytest.mark.parametrize("times", [1, 3])
def test_killed_while_the_service_answers(tmp_path: Path, fault: str, times: int) -> None:
    """Between the intent and its acceptance no write of ours happens: here the service pulls the plug."""
    state = tmp_path / "state"
    script = [[fault]] * (1 if fault == "kill" else times)
    with stand_in(*script) as server:
        for _turn in script:
            assert _in_child(server, lambda: _run(server, state)) == KILLED
        assert _in_child(server, lambda: _run(server, state)) == WELL
        _whole(state, server)


def test_a_finished_run_sends_nothing_when_it_is_run_again(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with stand_in() as server:
        for _turn in range(2):
            assert _in_child(server, lambda: _run(server, state)) == WELL
        assert len(server.arrived) == 1
        _whole(state, server)


def test_a_disk_that_fills_up_while_the_service_answers_loses_nothing(tmp_path: Path) -> None:
    """Taken, but its acceptance cannot be written: the next run, with room again, finds it."""
    state = tmp_path / "state"

    def run_out(server: StandIn) -> None:
        journal = Journal.open(state, "practice-test", Actor())
        engagement = journal.engagement("contoso", "azure-stack-to-azure")
        vault = Vault(server)
        wanted = vault.create_policy()

        def send(transport: Transport) -> object:
            taken = wanted.send(transport)
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            size = (state / "journal.sqlite-wal").stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
            return taken

        with pytest.raises(ProblemError, match="--state"):
            perform(journal, engagement.id, mutation(send, vault.find), world(state), Deadline(20))

    with stand_in() as server:
        assert _in_child(server, lambda: run_out(server)) == WELL
        assert len(server.accepted) == 1
        assert _in_child(server, lambda: _run(server, state)) == WELL
        assert len(server.arrived) == 1
        _whole(state, server)
