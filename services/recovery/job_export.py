"""The vault's jobs as a file, for those who keep records elsewhere: JSON lines, one job each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from services.azure.job_report import job_event
from services.azure.jobs import JobView
from services.problems.model import Problem, ProblemError
from services.recovery.vault import Vault
from services.text import _
from services.world.deadline import Deadline


def write_jobs(vault: Vault, path: Path, deadline: Deadline) -> int:
    """Write every job with its tasks and errors into the new file; how many there are.

    All is read before the file is made: what is stopped on the way leaves none. ProblemError `unwritable`.
    """
    lines = []
    for job in vault.jobs():
        deadline.check()
        lines.append(json.dumps(_whole(vault.reads.job_view(job.name) or job)) + "\n")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.writelines(lines)
    except FileExistsError as error:
        what, remedy = _("There is a file of this name already."), _("Name another file.")
        raise ProblemError(Problem("unwritable", str(path), what, remedy=remedy)) from error
    except OSError as error:
        what = _("cannot be written: {why}").format(why=error.strerror or str(error))
        raise ProblemError(Problem("unwritable", str(path), what)) from error
    return len(lines)


def _whole(job: JobView) -> dict[str, Any]:
    return job_event(job) | {"errors": [vars(error) for error in job.errors]}
