"""Planned failover and reprotection through the commands: to Azure, home, protected again; deaths and refusals."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.evidence.reading import record_from
from tests.flow.console_support import Bench, bench, problems
from tests.flow.support import Ran, Zygote, doubled, zygote
from tests.practice_world import set_faults

YES = ("--yes", "--json")


@pytest.fixture(scope="module")
def forked() -> Iterator[Zygote]:
    with zygote() as one:
        yield one


@pytest.fixture(scope="module")
def vault(forked: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One vault for the module, with machines of a Hyper-V site; each test uses items of its own."""
    with bench(tmp_path_factory.mktemp("planned"), forked, items=12, hyperv=7) as one:
        yield one


def done(vault: Bench, *command: str) -> Any:
    """The record of a run that came to its end; its lines keep to their schema."""
    ran = vault(*command)
    assert (ran.status, ran.end["outcome"]) == (0, "done"), problems(ran)
    schema = json.loads((resources.files("assets") / "schemas" / "events.json").read_text(encoding="utf-8"))
    for event in ran.events:
        wanted = {**schema, "oneOf": [{"$ref": f"#/$defs/{event['event']}"}]}
        Draft202012Validator(wanted).validate(event)
    return record_from(json.loads((Path(ran.end["evidence"]) / "record.json").read_text(encoding="utf-8")))


def refused(ran: Ran, said: str, status: int = 4) -> None:
    assert (ran.status, said in problems(ran)) == (status, True), (ran.status, problems(ran))


def sent(vault: Bench, verb: str) -> list[dict[str, Any]]:
    """What was accepted of a verb on machines of the Hyper-V site."""
    return [one for one in vault.asked(f"/{verb}") if "contoso-hyperv" in str(one["target"]).lower()]


def test_to_azure_home_and_protected_again(vault: Bench) -> None:
    over = done(vault, "planned-failover", "hv-01", *YES)
    assert (over.identity.verb, over.identity.provider) == ("planned-failover", "HyperVReplicaAzure")
    assert [(one.name, one.state) for one in over.verification] == [("vm", "ok")]
    assert any(one.event == "job Planned failover ended" for one in over.timeline)
    assert "No application check was made." in [one.what for one in over.deviations]
    assert over.measures.rto.total >= over.measures.rto.platform >= 480
    done(vault, "commit", "hv-01", "--confirm", "hv-01", "--json")
    refused(vault("reprotect", "hv-01", *YES), "planned failover, then commit")

    ran = vault("planned-failover", "hv-01", *YES)
    notes = " ".join(ran.events[0]["notes"])
    for said in ("its data is sent home", "shut down in Azure at once", "Do not cancel it"):
        assert said in notes
    assert vault("evidence", "verify", ran.end["evidence"]).status == 0
    home = vault("commit", "hv-01", "--confirm", "hv-01", "--json")
    assert (home.events[0]["changes"][0]["thing"], home.end["items"][0]["phase"]) == (
        "virtual machine",
        "failed-back",
    )

    again = done(vault, "reprotect", "hv-01", *YES)
    assert (again.identity.verb, again.cleanup.state) == ("reprotect", "not-needed")
    assert [row["count"] for row in sent(vault, "plannedFailover")] == [1, 1]
    assert [row["count"] for row in sent(vault, "reProtect")] == [1]


def test_a_drill_and_a_failover_of_a_machine_of_a_hyper_v_site(vault: Bench) -> None:
    drilled = done(vault, "drill", "hv-02", "--network", "drill-net", "--cleanup", *YES)
    assert (drilled.identity.provider, drilled.cleanup.state) == ("HyperVReplicaAzure", "done")
    assert done(vault, "failover", "hv-02", *YES).measures.rto.total


def test_data_first_waits_for_a_person(vault: Bench) -> None:
    done(vault, "planned-failover", "hv-07", *YES)
    done(vault, "commit", "hv-07", "--confirm", "hv-07", "--json")
    refused(vault("planned-failover", "hv-07", "--with", "dataSyncOption=Fast", *YES), "is none of", 2)
    first = ("--with", "dataSyncOption=ForDownTime", "--answer-manual", "shut it down")
    home = done(vault, "planned-failover", "hv-07", *first, *YES)
    assert [one.partition(" (")[0] for one in home.notes] == ["Complete failover: shut it down"]


def test_without_a_planned_failover_nothing_is_sent(vault: Bench) -> None:
    before = len(vault.asked(""))
    for name in ("app-01", "vmware-01"):
        refused(vault("planned-failover", name, *YES), "has no planned failover")
    refused(vault("--read-only", "planned-failover", "hv-03", *YES), "read-only")
    assert len(vault.asked("")) == before


def test_a_source_that_is_not_shut_down_ends_it_and_all_stays(vault: Bench) -> None:
    failure = {"taskId": "ShutdownVmOnPrimary", "code": "28003", "message": "It is not shut down."}
    rule = {"job": "PlannedFailover", "item": "hv-04", "times": 1, "jobFails": failure}
    set_faults(vault.world, [rule])
    ran = vault("planned-failover", "hv-04", *YES)
    assert (ran.status, ran.end["items"][0]["phase"]) == (1, "protected")
    assert "It is not shut down" in problems(ran)
    done(vault, "planned-failover", "hv-04", *YES)


@pytest.mark.parametrize(("line", "name"), [(2, "hv-05"), (4, "hv-06")])
def test_killed_on_its_way_it_is_taken_up_and_never_doubled(vault: Bench, line: int, name: str) -> None:
    known = doubled(vault.world)
    assert vault("planned-failover", name, *YES, line=line).status == -signal.SIGKILL
    ended = done(vault, "planned-failover", name, *YES)
    assert [one.state for one in ended.verification] == ["ok"]
    assert doubled(vault.world) == known
