"""Finding the job of a request whose answer was lost."""

from __future__ import annotations

from services.azure.replication import Json, Replication

NEWEST = 50
"""Jobs looked at, newest first: a lost request is looked for soon after it was sent."""


def job_of_request(reads: Replication, client_request_id: str) -> Json | None:
    """The job whose activity id begins with our client request id, or None.

    The list leaves the activity id out, so the newest jobs are read one by one (recorded traffic, 2021).
    """
    jobs = sorted(reads.jobs(), key=_started, reverse=True)
    for listed in jobs[:NEWEST]:
        job = reads.job(str(listed["name"]))
        if job and str(job["properties"].get("activityId") or "").startswith(client_request_id):
            return job
    return None


def _started(job: Json) -> str:
    return str(job["properties"].get("startTime") or "")
