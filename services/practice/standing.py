"""Drills that stand: their work is done, and their job waits, suspended and without an end, for the clean-up.

Source: Microsoft's published examples ReplicationJobs_Resume and ReplicationRecoveryPlans_TestFailover. The
operation of such a job has ended well (ReplicationProtectedItems_TestFailover): only the job stands.
"""

from __future__ import annotations

from services.practice import ids, job_store
from services.practice.store import Document, Store


def items(store: Store, job: Document) -> list[Document]:
    """The items of a drill's job on which its drill still stands."""
    found = (store.get("item", key) for key in job.get("items") or [job["resource"]])
    return [item for item in found if item is not None and _drilled_by(item, job)]


def release(store: Store, vault_id: str, at: float) -> None:
    """End the jobs whose drills are all cleaned up, or gone with their items."""
    for job in store.all("job", vault_id):
        if job_store.stands(job, at) and not items(store, job):
            job_store.keep(store, job | {"released": at})


def _drilled_by(item: Document, job: Document) -> bool:
    """Did this job, or its part in a recovery plan, begin the drill that stands on the item?"""
    test = item.get("test")
    begun = (job["name"], ids.derived(job["name"], item["id"]))
    return test is not None and test.get("drill", test["job"]) in begun
