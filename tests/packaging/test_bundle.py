"""The offline bundle: what the lock gives it, and that it installs from its folder alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.practice_world import environment

ROOT = Path(__file__).resolve().parents[2]


def bundle(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "bundle.py"), str(folder), *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_it_takes_from_the_lock_what_runs_and_nothing_of_the_workshop(tmp_path: Path) -> None:
    assert bundle(tmp_path, "--only-requirements").returncode == 0
    text = (tmp_path / "requirements.txt").read_text(encoding="utf-8")
    names = set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE))
    assert {"textual", "azure-identity", "paramiko", "pywinrm", "asyncssh", "uvicorn", "msal"} <= names
    assert names.isdisjoint({"pytest", "mypy", "ruff", "hypothesis", "hatchling", "lifeboat"})
    lock = ROOT.joinpath("requirements.lock").read_text(encoding="utf-8")
    assert {line.strip() for line in text.splitlines()} <= {line.strip() for line in lock.splitlines()}
    assert text.count("--hash=") >= len(names)


def test_it_installs_from_its_folder_alone(tmp_path: Path) -> None:
    made = bundle(tmp_path / "bundle")
    if made.returncode and "Could not find a version" in made.stderr:
        pytest.skip("no package index")
    assert made.returncode == 0, made.stderr
    (tmp_path / "work").mkdir()
    kept = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    nowhere = {**kept, "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_CONFIG_FILE": os.devnull}
    target = tmp_path / "env"
    done = subprocess.run(
        ["sh", str(tmp_path / "bundle" / "install"), str(target)],
        cwd=tmp_path / "work",
        env={**nowhere, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert str(target / "bin" / "lifeboat") in done.stdout
    said = subprocess.run(
        [str(target / "bin" / "lifeboat"), "--state", str(tmp_path / "state"), "doctor", "--json"],
        cwd=tmp_path / "work",
        env={**nowhere, "HTTPS_PROXY": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert said.returncode == 0, said.stdout + said.stderr
    assert str(target) in said.stdout
