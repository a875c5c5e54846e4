"""A record with something in every part, and a journal with a run."""

from __future__ import annotations

from services.evidence import model

RUN = "drill/app-01/20261121T120000Z"


def record(**identity: str) -> model.Record:
    """A drill of app-01 on the practice world."""
    given = {"verb": "drill", "target": "app-01", "run": RUN, "world": "practice", "outcome": "done"}
    given |= {"started": "2026-11-21T12:00:00+00:00", "ended": "2026-11-21T12:20:00+00:00"}
    given |= {"vault": "contoso-vault"} | identity
    return model.Record(
        identity=model.Identity(**given),
        authority=model.Authority(
            requester=model.Person("oid-1", "op@contoso.example", "op"),
            operators=[model.Person("oid-1", "op@contoso.example", "op", ssh_connection="10.0.0.9 22")],
            approvals=[model.Approved("second@contoso.example", "SHA256:abc", "d1", "n1")],
            change_reference="CHG-7",
        ),
        scope=model.Scope(
            [model.Machine("app-01", "/items/1"), model.Machine("app-02", included=False, reason="retired")],
            3600.0,
            300.0,
            ["The page answers"],
        ),
        before=model.StateBefore([model.Before("app-01", "Protected", "Normal", 120.0, "p1", "crash")]),
        isolation=model.Isolation(
            "drill-net",
            "/net/1",
            True,
            "isolated",
            proofs=[model.Proof("peerings", "ok", "none", "none", "GET /net/1")],
            addresses=[model.Address("app-01", "drill-net", "default", "10.9.0.4", "10.9.0.4")],
        ),
        timeline=[
            model.Moment("2026-11-21T12:00:00+00:00", "declared", phase="decision", clock="host"),
            model.Moment(
                "2026-11-21T12:01:00+00:00",
                "started",
                "test failover",
                "app-01",
                "platform",
                "job-1",
                "req-1",
            ),
            model.Moment("2026-11-21T12:11:00+00:00", "running", "", "app-01", "boot", "job-1", "req-1"),
            model.Moment("2026-11-21T12:15:00+00:00", "check passed", "", "app-01", "application"),
        ],
        measures=model.Measures(
            model.Rto(60.0, 600.0, 180.0, 60.0, None, 900.0, 3600.0),
            [model.MachineMeasure("app-01", 900.0, 240.0, 300.0, "2026-11-21T11:56:00+00:00")],
        ),
        verification=[model.Verification("page", "app-01", "http", "GET /", "200", "200", "ok")],
        deviations=[model.Deviation("not-executed", "group 3", cause="not in this drill")],
        cleanup=model.Cleanup("done", "drill over", "job-2", listed="2026-11-21T12:20:00+00:00"),
        findings=[model.Finding("low", "DNS is slow", "ops", "2026-12-01")],
        attestation=model.Attestation("pass", by=[model.Attested("Ann", "owner")]),
        notes=["A quiet day"],
    )
