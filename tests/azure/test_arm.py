"""Resource Manager: pages, absence, and what the guard lets through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.problems.model import CancelledError, DeadlineError, ProblemError, RefusedError
from services.world.deadline import Deadline
from tests.azure.servers import Asked, Reply, azure_of, live_like, serving

VAULT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v"


def nothing(_asked: Asked) -> Reply:
    return Reply(body={"value": []})


def refused(status: int, code: str, **headers: str) -> Reply:
    return Reply(status, {"error": {"code": code, "message": f"{code} happened."}}, headers)


def pages_of(origin: list[str]) -> Any:
    """Three pages, the middle one empty; the link comes from the server itself."""

    def says(asked: Asked) -> Reply:
        number = int(asked.query.partition("page=")[2] or 0)
        values: list[list[int]] = [[1, 2], [], [3]]
        page: dict[str, Any] = {"value": [{"n": n} for n in values[number]]}
        if number < 2:
            page["nextLink"] = f"{origin[0]}/things?api-version=2020-01-01&page={number + 1}"
        return Reply(body=page)

    return says


def test_a_list_is_read_to_its_end_over_an_empty_page(tmp_path: Path) -> None:
    origin: list[str] = []
    with serving(tmp_path, pages_of(origin)) as server:
        origin.append(server.origin)
        found = azure_of(live_like(server, tmp_path)).arm.list("/things", "2020-01-01")
        assert [one["n"] for one in found] == [1, 2, 3]
        assert [one.query.count("api-version=") for one in server.arm] == [1, 1, 1]


def test_a_list_that_leads_back_ends(tmp_path: Path) -> None:
    origin: list[str] = []

    def says(_asked: Asked) -> Reply:
        return Reply(body={"value": [{}], "nextLink": f"{origin[0]}/things?again=1"})

    with serving(tmp_path, says) as server:
        origin.append(server.origin)
        with pytest.raises(ProblemError) as caught:
            azure_of(live_like(server, tmp_path)).arm.list("/things", "2020-01-01")
        assert len(server.arm) == 2
    assert caught.value.problems[0].code == "endless-list"


def test_the_token_does_not_follow_a_link_to_another_server(tmp_path: Path) -> None:
    other_folder = tmp_path / "other"
    other_folder.mkdir()
    with serving(other_folder, nothing) as other:

        def says(_asked: Asked) -> Reply:
            return Reply(body={"value": [], "nextLink": f"{other.origin}/things"})

        with serving(tmp_path, says) as server:
            azure = azure_of(live_like(server, tmp_path))
            with pytest.raises(RefusedError):
                azure.arm.list("/things", "2020-01-01")
            with pytest.raises(RefusedError):
                list(azure.site_recovery.replication_fabrics.list("g", "v"))
        assert other.asked == []


def test_absence_is_none_but_a_wrong_question_is_a_problem(tmp_path: Path) -> None:
    def says(asked: Asked) -> Reply:
        return refused(404, "SubscriptionNotFound" if "wrong" in asked.path else "ResourceGroupNotFound")

    with serving(tmp_path, says) as server:
        arm = azure_of(live_like(server, tmp_path)).arm
        assert arm.get("/subscriptions/s/resourceGroups/g", "2020-01-01") is None
        assert not arm.exists("/subscriptions/s/resourceGroups/g", "2020-01-01")
        with pytest.raises(ProblemError) as caught:
            arm.get("/subscriptions/wrong", "2020-01-01")
    assert caught.value.problems[0].code == "SubscriptionNotFound"


def test_reads_are_tried_again_but_not_forever(tmp_path: Path) -> None:
    def says(_asked: Asked) -> Reply:
        return refused(503, "ServerBusy", **{"retry-after-ms": "20"})

    with serving(tmp_path, says) as server:
        with pytest.raises(ProblemError):
            azure_of(live_like(server, tmp_path)).arm.get("/things/a", "2020-01-01")
        assert len(server.arm) == 4


@pytest.mark.parametrize("status", [429, 500, 503, 504])
def test_a_change_is_sent_once_whatever_is_answered(tmp_path: Path, status: int) -> None:
    from azure.core.exceptions import HttpResponseError

    def says(_asked: Asked) -> Reply:
        return refused(status, "Busy", **{"Retry-After": "0"})

    with serving(tmp_path, says) as server:
        azure = azure_of(live_like(server, tmp_path))
        with pytest.raises(HttpResponseError):
            azure.arm.send("PUT", "/things/a", "2020-01-01", {"x": 1})
        with pytest.raises(HttpResponseError):
            azure.site_recovery.replication_fabrics.begin_create("g", "v", "f", {}, polling=False)
        assert [one.method for one in server.arm] == ["PUT", "PUT"]


def test_a_provider_is_not_registered_behind_the_users_back(tmp_path: Path) -> None:
    from azure.core.exceptions import HttpResponseError

    message = "The subscription is not registered to use namespace 'Microsoft.RecoveryServices'"

    def says(_asked: Asked) -> Reply:
        return Reply(409, {"error": {"code": "MissingSubscriptionRegistration", "message": message}})

    with serving(tmp_path, says) as server:
        azure = azure_of(live_like(server, tmp_path))
        with pytest.raises(HttpResponseError):
            azure.recovery_services.vaults.begin_create_or_update(
                "g", "v", {"location": "westeurope"}, polling=False
            )
        assert [one.method for one in server.arm] == ["PUT"]


def test_a_read_only_world_sends_no_change(tmp_path: Path) -> None:
    def says(_asked: Asked) -> Reply:
        return Reply(body={"value": [], "keys": []})

    with serving(tmp_path, says) as server:
        azure = azure_of(live_like(server, tmp_path, read_only=True))
        sdk, scope = azure.site_recovery, ("g", "v", "f")
        with pytest.raises(RefusedError):
            sdk.replication_fabrics.begin_create(*scope, {}, polling=False)
        with pytest.raises(RefusedError):
            sdk.replication_fabrics.begin_delete(*scope, polling=False)
        with pytest.raises(RefusedError):
            sdk.replication_recovery_services_providers.begin_refresh_provider(*scope, "p", polling=False)
        for method in ("PUT", "PATCH", "DELETE", "POST"):
            with pytest.raises(RefusedError):
                azure.arm.send(method, VAULT, "2020-01-01", {})
        assert server.arm == []
        azure.arm.send("POST", f"{VAULT}/listKeys", "2020-01-01")
        azure.arm.list("/subscriptions", "2020-01-01")
        assert [one.method for one in server.arm] == ["POST", "GET"]


def test_headers_and_request_id_go_out_as_given(tmp_path: Path) -> None:
    with serving(tmp_path, nothing) as server:
        options = {"headers": {"x-ms-client-request-id": "chosen-id"}, "retry_total": 0}
        azure_of(live_like(server, tmp_path)).arm.send("PUT", VAULT, "2020-01-01", {"a": 1}, options)
        (sent,) = server.arm
    assert sent.headers["x-ms-client-request-id"] == "chosen-id"
    assert sent.body == b'{"a": 1}'
    assert sent.query == "api-version=2020-01-01"


def test_waiting_between_reads_ends_with_the_deadline(tmp_path: Path) -> None:
    def says(_asked: Asked) -> Reply:
        return refused(503, "ServerBusy", **{"Retry-After": "600"})

    with serving(tmp_path, says) as server:
        deadline = Deadline(2)
        azure = azure_of(live_like(server, tmp_path), deadline=lambda: deadline)
        with pytest.raises(DeadlineError):
            azure.arm.get("/things/a", "2020-01-01")


def test_nothing_leaves_after_it_was_cancelled(tmp_path: Path) -> None:
    with serving(tmp_path, nothing) as server:
        deadline = Deadline()
        deadline.cancel()
        azure = azure_of(live_like(server, tmp_path), deadline=lambda: deadline)
        with pytest.raises(CancelledError):
            azure.arm.list("/things", "2020-01-01")
        assert server.asked == []
