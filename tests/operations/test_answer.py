"""How answers are read: when to come back, what the job is called, whether anything was sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.operations.answer import LONGEST, job_id, retry_after, service_date

DATE = "Sat, 21 Nov 2026 09:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "30"}, 30.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"x-ms-retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Sat, 21 Nov 2026 09:00:45 GMT", "date": DATE}, 45.0),
        ({"retry-after": "Sat, 21 Nov 2026 08:59:00 GMT", "date": DATE}, 0.0),
        ({"retry-after": "Sun, 21 Nov 2027 09:00:00 GMT", "date": DATE}, LONGEST),
        ({"retry-after": "999999999999999999"}, LONGEST),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "٣"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@given(st.text())
def test_retry_after_never_fails(text: str) -> None:
    found = retry_after({"retry-after": text, "date": DATE})
    assert found is None or 0 <= found <= LONGEST


VAULT = "https://localhost:1/Subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v"
JOB = "8ef92677-3a0e-4f0d-9f0f-0d6a4a1a1a11"


@pytest.mark.parametrize(
    ("headers", "job"),
    [
        ({"azure-asyncoperation": f"{VAULT}/replicationOperationStatus/{JOB}?api-version=x&s=SIG"}, JOB),
        ({"location": f"{VAULT}/replicationPolicies/p/operationresults/{JOB}?t=1&s=a/b"}, JOB),
        (
            {
                "location": f"{VAULT}/replicationPolicies/p/operationresults/other",
                "azure-asyncoperation": f"{VAULT}/replicationOperationStatus/{JOB}/",
            },
            JOB,
        ),
        ({}, ""),
    ],
)
def test_the_job_is_named_by_the_last_segment(headers: dict[str, str], job: str) -> None:
    assert job_id(headers) == job


def test_the_services_date_is_utc() -> None:
    assert service_date({"date": DATE}) == "2026-11-21T09:00:00+00:00"
    assert service_date({"date": "Sat, 21 Nov 2026 10:00:00 +0100"}) == "2026-11-21T09:00:00+00:00"
    assert service_date({"date": "yesterday"}) == ""
