"""Whatever the service does, a mutation is accepted once and known to be."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from services.azure.ids import last
from services.journal import operations as ledger
from services.journal.journal import Journal
from services.operations.model import Found, LostAnswer, Transport
from services.operations.perform import ATTEMPTS, perform
from services.operations.resolve import finish, resolve_all, unresolved
from services.problems.model import (
    CancelledError,
    DeadlineError,
    ProblemError,
    RefusedError,
    SignInError,
)
from services.world.deadline import Deadline
from tests.operations.client import BODY, TARGET, Vault, mutation, world
from tests.operations.stand_in import StandIn, stand_in


def _kinds(journal: Journal) -> list[str]:
    return [event.kind.removeprefix("operation-") for event in journal.events(after=1)]


def _reasons(journal: Journal) -> list[str]:
    return [event.data["reason"] for event in journal.events(after=1) if "reason" in event.data]


def test_a_mutation_is_sent_once_and_its_job_kept(journal: Journal, tmp_path: Path) -> None:
    with stand_in() as server:
        row = perform(journal, 1, Vault(server).create_policy(), world(tmp_path), Deadline(20))
        (taken,) = server.accepted
    assert (row.state, row.job_id, row.attempts) == ("accepted", taken["job"], 1)
    assert row.client_request_id == taken["request"]
    assert row.service_date.endswith("+00:00")
    assert _kinds(journal) == ["intent", "accepted"]
    assert "SIGNED" not in json.dumps([event.data for event in journal.events()])
    assert ledger.operations(journal, 1) == [row]


def test_a_call_without_an_sdk_method_goes_the_same_way(journal: Journal, tmp_path: Path) -> None:
    with stand_in() as server:
        row = perform(journal, 1, Vault(server).by_request(), world(tmp_path), Deadline(20))
        assert row.job_id == server.accepted[0]["job"]


def test_the_intent_is_on_the_disk_before_the_request_leaves(journal: Journal, tmp_path: Path) -> None:
    seen: list[str] = []
    with stand_in() as server:
        vault = Vault(server)
        wanted = vault.create_policy()

        def send(transport: Transport) -> object:
            seen.extend(row.state for row in ledger.operations(journal))
            return wanted.send(transport)

        perform(journal, 1, mutation(send, vault.find), world(tmp_path), Deadline(20))
    assert seen == ["intent"]


def test_what_was_accepted_or_finished_is_not_sent_again(journal: Journal, tmp_path: Path) -> None:
    here = world(tmp_path)
    with stand_in() as server:
        vault = Vault(server)
        first = perform(journal, 1, vault.create_policy(), here, Deadline(20))
        assert perform(journal, 1, vault.create_policy(), here, Deadline(20)) == first
        done = finish(journal, first, "succeeded")
        assert perform(journal, 1, vault.create_policy(), here, Deadline(20)) == done
        assert len(server.arrived) == 1
        other = perform(journal, 1, vault.create_policy(body={"other": 1}), here, Deadline(20))
        assert other.id != first.id
        assert len(server.arrived) == 2


@pytest.mark.parametrize("outcome", ["failed", "cancelled", "superseded"])
def test_what_ended_badly_or_is_gone_is_sent_again(journal: Journal, tmp_path: Path, outcome: str) -> None:
    here = world(tmp_path)
    with stand_in() as server:
        vault = Vault(server)
        first = perform(journal, 1, vault.create_policy(), here, Deadline(20))
        finish(journal, first, outcome)
        second = perform(journal, 1, vault.create_policy(), here, Deadline(20))
        assert second.client_request_id != first.client_request_id
        assert len(server.accepted) == 2


def test_what_changes_nothing_is_asked_each_time(journal: Journal, tmp_path: Path) -> None:
    with stand_in() as server:
        vault = Vault(server)
        for _turn in range(2):
            perform(journal, 1, vault.create_policy(repeatable=True), world(tmp_path), Deadline(20))
        assert len(server.accepted) == 2


@pytest.mark.parametrize("status", [429, 408, 409, 500, 502, 503, 504])
def test_a_fault_with_retry_after_is_waited_out(journal: Journal, tmp_path: Path, status: int) -> None:
    with stand_in(["status", status, "0"], ["status", status, "0"]) as server:
        vault = Vault(server)
        row = perform(journal, 1, vault.create_policy(), world(tmp_path), Deadline(20))
        assert len(server.accepted) == 1
        requests = {one["request"] for one in server.arrived}
        assert (len(server.arrived), requests) == (3, {row.client_request_id})
    assert (row.state, row.attempts, row.adopted) == ("accepted", 3, "")
    assert _kinds(journal) == ["intent", "again", "again", "accepted"]
    assert _reasons(journal) == [f"http-{status}"] * 2
    assert (vault.looks == 0) is (status == 429)


def test_retry_after_is_kept_to(journal: Journal, tmp_path: Path) -> None:
    waits: list[float] = []

    class Watched(Deadline):
        def wait(self, seconds: float) -> None:
            waits.append(seconds)

    with stand_in(["status", 429, "7"], ["status", 503, "9"]) as server:
        perform(journal, 1, Vault(server).create_policy(), world(tmp_path), Watched(20))
    assert waits[0] == 7
    assert sum(waits[1:]) == pytest.approx(9)


@pytest.mark.parametrize(
    "fault",
    [
        ["taken", 500, None],
        ["taken", 503, "0"],
        ["taken", 504, "0"],
        ["taken", 409, "0"],
        ["taken-reset"],
        ["truncate"],
    ],
)
def test_what_was_taken_is_adopted_when_its_answer_is_lost(
    journal: Journal, tmp_path: Path, fault: list[Any]
) -> None:
    with stand_in(fault) as server:
        row = perform(journal, 1, Vault(server).create_policy(), world(tmp_path), Deadline(20))
        (taken,) = server.accepted
        assert len(server.arrived) == 1
    assert (row.state, row.adopted, row.job_id) == ("accepted", "job", taken["job"])
    assert _kinds(journal) == ["intent", "adopted"]


def test_a_job_that_shows_late_is_adopted_still(journal: Journal, tmp_path: Path) -> None:
    with stand_in(["taken-reset"], lag=3) as server:
        row = perform(journal, 1, Vault(server).create_policy(), world(tmp_path), Deadline(20))
        assert len(server.arrived) == 1
    assert row.adopted == "job"


def test_a_refusal_that_is_an_echo_of_our_own_request_is_no_refusal(journal: Journal, tmp_path: Path) -> None:
    """Taken and reset; the job shows only after the looks; asked again, the service says it exists."""
    with stand_in(["taken-reset"], ["status", 409, None], lag=4) as server:
        row = perform(journal, 1, Vault(server).create_policy(), world(tmp_path), Deadline(20))
        assert len(server.accepted) == 1
    assert (row.state, row.adopted) == ("accepted", "job")


def test_a_reset_before_it_was_taken_is_looked_for_then_sent_again(journal: Journal, tmp_path: Path) -> None:
    with stand_in(["reset"], ["reset"]) as server:
        vault = Vault(server)
        row = perform(journal, 1, vault.create_policy(), world(tmp_path), Deadline(20))
        assert len(server.accepted) == 1
        assert len({one["request"] for one in server.arrived}) == 1
    assert row.attempts == 3
    assert vault.looks >= 2
    assert _kinds(journal) == ["intent", "again", "again", "accepted"]


@pytest.mark.parametrize("by", ["create_policy", "by_request"])
def test_a_plain_refusal_is_recorded_and_told(journal: Journal, tmp_path: Path, by: str) -> None:
    with stand_in(["status", 403, None]) as server:
        vault = Vault(server)
        with pytest.raises(ProblemError) as caught:
            perform(journal, 1, getattr(vault, by)(), world(tmp_path), Deadline(20))
        assert len(server.arrived) == 1
    problem = caught.value.problems[0]
    assert (problem.code, problem.what, problem.subject) == ("Code403", "not now", last(TARGET))
    (row,) = ledger.operations(journal)
    assert (row.state, row.outcome, row.error["code"]) == ("finished", "refused", "Code403")
    assert vault.looks == 0


def test_after_a_refusal_it_may_be_asked_again(journal: Journal, tmp_path: Path) -> None:
    with stand_in(["status", 400, None]) as server:
        vault = Vault(server)
        with pytest.raises(ProblemError):
            perform(journal, 1, vault.create_policy(), world(tmp_path), Deadline(20))
        row = perform(journal, 1, vault.create_policy(), world(tmp_path), Deadline(20))
    assert (row.id, row.state) == (2, "accepted")


def test_it_ends_when_the_service_never_takes_it(journal: Journal, tmp_path: Path) -> None:
    with stand_in(*[["status", 503, "0"]] * ATTEMPTS) as server:
        vault = Vault(server)
        with pytest.raises(ProblemError) as caught:
            perform(journal, 1, vault.create_policy(), world(tmp_path, speed=60_000), Deadline(20))
        assert caught.value.problems[0].code == "unresolved"
        assert len(server.arrived) == ATTEMPTS
        assert [row.state for row in unresolved(journal)] == ["intent"]
        row = perform(journal, 1, vault.create_policy(), world(tmp_path, speed=60_000), Deadline(20))
        assert (row.id, row.attempts, row.state) == (1, ATTEMPTS + 1, "accepted")


def test_when_nothing_can_be_seen_nothing_is_sent_again(journal: Journal, tmp_path: Path) -> None:
    def blind(_row: object) -> Found | None:
        raise OSError("no answer")

    with stand_in(["taken-reset"]) as server:
        vault = Vault(server)
        wanted = mutation(vault.create_policy().send, blind)
        with pytest.raises(ProblemError):
            perform(journal, 1, wanted, world(tmp_path), Deadline(20))
        assert len(server.arrived) == 1
        row = perform(journal, 1, vault.create_policy(), world(tmp_path), Deadline(20))
        assert len(server.arrived) == 1
    assert row.adopted == "job"


def test_a_refused_connection_is_tried_again_without_a_look(journal: Journal, tmp_path: Path) -> None:
    with stand_in() as gone:
        pass
    with stand_in() as server:
        dead, alive = Vault(gone), Vault(server)
        senders = [dead.create_policy().send, alive.create_policy().send]

        def send(transport: Transport) -> object:
            return senders.pop(0)(transport)

        row = perform(journal, 1, mutation(send, alive.find), world(tmp_path), Deadline(20))
        assert len(server.accepted) == 1
    assert (row.attempts, alive.looks) == (2, 0)
    assert _reasons(journal) == ["refused"]


def test_time_that_runs_out_keeps_the_intent(journal: Journal, tmp_path: Path) -> None:
    with stand_in(["status", 429, "60"]) as server:
        vault = Vault(server)
        with pytest.raises(DeadlineError):
            perform(journal, 1, vault.create_policy(), world(tmp_path), Deadline(0.5))
        assert [row.state for row in unresolved(journal)] == ["intent"]
        row = perform(journal, 1, vault.create_policy(), world(tmp_path), Deadline(20))
        assert len(server.accepted) == 1
    assert row.id == 1


def test_cancelling_ends_the_wait(journal: Journal, tmp_path: Path) -> None:
    deadline = Deadline()
    journal.on_commit = lambda _number: deadline.cancel()
    with stand_in(["status", 429, "60"]) as server, pytest.raises(CancelledError):
        perform(journal, 1, Vault(server).create_policy(), world(tmp_path), deadline)


def test_a_read_only_world_sends_and_writes_nothing(journal: Journal, tmp_path: Path) -> None:
    with stand_in() as server:
        with pytest.raises(RefusedError) as caught:
            perform(journal, 1, Vault(server).create_policy(), world(tmp_path, read_only=True), Deadline(20))
        assert caught.value.problems[0].code == "read-only"
        assert server.arrived == []
    assert _kinds(journal) == []


def test_a_journal_held_by_another_console_sends_nothing(journal: Journal, tmp_path: Path) -> None:
    second = Journal.open(tmp_path / "state", "practice-test", journal._writing().actor)
    with stand_in() as server:
        with pytest.raises(RefusedError) as caught:
            perform(second, 1, Vault(server).create_policy(), world(tmp_path), Deadline(20))
        assert caught.value.problems[0].code == "journal-held"
        assert server.arrived == []
    second.close()


@pytest.mark.parametrize("fault", [["taken-reset"], ["truncate"], ["status", 503, "0"]])
def test_an_answer_that_was_needed_is_replaced(journal: Journal, tmp_path: Path, fault: list[Any]) -> None:
    with stand_in(fault) as server:
        vault = Vault(server)
        with pytest.raises(LostAnswer) as caught:
            perform(journal, 1, vault.create_policy(on_lost="replace"), world(tmp_path), Deadline(20))
        assert caught.value.row.state == "abandoned"
        fresh = vault.create_policy(on_lost="replace", body={"certificate": 2})
        row = perform(journal, 1, fresh, world(tmp_path), Deadline(20))
    assert (row.state, vault.looks) == ("accepted", 0)
    assert unresolved(journal) == []


def test_no_token_means_not_sent(journal: Journal, tmp_path: Path) -> None:
    from azure.core.exceptions import ClientAuthenticationError

    def send(_transport: Transport) -> object:
        raise ClientAuthenticationError("AADSTS7000222: The provided client secret keys are expired.")

    with pytest.raises(SignInError) as caught:
        perform(journal, 1, mutation(send, lambda _row: None), world(tmp_path), Deadline(20))
    assert caught.value.problems[0].code == "AADSTS7000222"
    assert unresolved(journal) == []


def test_a_mistake_of_the_program_is_not_hidden(journal: Journal, tmp_path: Path) -> None:
    with stand_in() as server:
        vault = Vault(server)
        wanted = vault.create_policy()

        def send(transport: Transport) -> object:
            wanted.send(transport)
            raise KeyError("mistake")

        with pytest.raises(KeyError):
            perform(journal, 1, mutation(send, vault.find), world(tmp_path), Deadline(20))
        row = perform(journal, 1, wanted, world(tmp_path), Deadline(20))
        assert len(server.arrived) == 1
    assert row.adopted == "job"


def test_two_threads_do_not_ask_for_the_same_at_once(journal: Journal, tmp_path: Path) -> None:
    codes: list[str] = []
    with stand_in() as server:
        vault = Vault(server)
        wanted = vault.create_policy()

        def second() -> None:
            try:
                perform(journal, 1, wanted, world(tmp_path), Deadline(20))
            except ProblemError as error:
                codes.append(error.problems[0].code)

        def send(transport: Transport) -> object:
            thread = threading.Thread(target=second)
            thread.start()
            thread.join()
            return wanted.send(transport)

        perform(journal, 1, mutation(send, vault.find), world(tmp_path), Deadline(20))
        assert len(server.accepted) == 1
    assert codes == ["in-flight"]


def test_intents_without_an_answer_are_resolved_on_start(journal: Journal, tmp_path: Path) -> None:
    here = world(tmp_path)

    def leave(server: StandIn, verb: str, **changes: Any) -> None:
        def send(transport: Transport) -> object:
            Vault(server).create_policy().send(transport)
            raise KeyError("as if killed")

        with pytest.raises(KeyError):
            perform(journal, 1, mutation(send, lambda _row: None, verb=verb, **changes), here, Deadline(20))

    with stand_in() as server:
        leave(server, "create-policy")
        with stand_in() as elsewhere:
            leave(elsewhere, "create-mapping")
            leave(elsewhere, "register-certificate", on_lost="replace")
            leave(elsewhere, "unknown-verb")
        find = Vault(server).find
        finders = {"create-policy": find, "create-mapping": find, "register-certificate": None}
        left = resolve_all(journal, finders, here, Deadline(20))
        job = server.accepted[0]["job"]
    assert [row.verb for row in left] == ["create-mapping", "unknown-verb"]
    states = {row.verb: (row.state, row.job_id) for row in ledger.operations(journal)}
    assert states["create-policy"] == ("accepted", job)
    assert states["register-certificate"] == ("abandoned", "")


def test_finishing_twice_writes_once(journal: Journal, tmp_path: Path) -> None:
    with stand_in() as server:
        row = perform(journal, 1, Vault(server).create_policy(), world(tmp_path), Deadline(20))
    done = finish(journal, row, "succeeded")
    assert finish(journal, done, "succeeded") == done
    assert _kinds(journal) == ["intent", "accepted", "finished"]


def test_the_body_itself_is_not_kept(journal: Journal, tmp_path: Path) -> None:
    with stand_in() as server:
        row = perform(journal, 1, Vault(server).create_policy(), world(tmp_path), Deadline(20))
    assert "InMageAzureV2" in json.dumps(BODY)
    assert "InMageAzureV2" not in json.dumps([event.data for event in journal.events()])
    assert len(row.digest) == 64
