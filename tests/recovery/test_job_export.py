"""The jobs of a vault as a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.problems.model import CancelledError, ProblemError
from services.recovery.job_export import write_jobs
from services.recovery.vault import Vault
from services.world.deadline import Deadline


def test_every_job_is_a_line_with_its_tasks(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "jobs.jsonl"
    count = write_jobs(vault, path, Deadline(60))
    written = [json.loads(line) for line in path.read_text().splitlines()]
    assert [one["id"] for one in written] == [job.name for job in vault.jobs()]
    assert count == len(written)
    assert all(one["tasks"] and one["errors"] == [] for one in written if one["state"] == "Succeeded")


def test_a_file_that_stands_is_left_alone(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "jobs.jsonl"
    path.write_text("mine")
    with pytest.raises(ProblemError, match="There is a file of this name already"):
        write_jobs(vault, path, Deadline(60))
    assert path.read_text() == "mine"


def test_what_is_stopped_leaves_no_file(vault: Vault, tmp_path: Path) -> None:
    deadline = Deadline(60)
    deadline.cancel()
    with pytest.raises(CancelledError):
        write_jobs(vault, tmp_path / "jobs.jsonl", deadline)
    assert not (tmp_path / "jobs.jsonl").exists()
