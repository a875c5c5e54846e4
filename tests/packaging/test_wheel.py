"""The wheel, installed elsewhere and started from a folder that holds a foreign `services`."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.practice_world import environment, stop

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel; what it depends on is borrowed from this one."""
    home = tmp_path_factory.mktemp("elsewhere") / "env"
    venv.create(home, with_pip=False)
    site = next(home.glob("lib/python*/site-packages"))
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    script = home / "bin" / "lifeboat"
    script.write_text(f"#!{home}/bin/python\nfrom tui.main import main\nmain()\n", encoding="utf-8")
    script.chmod(0o755)
    return script


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A folder whose `services`, `tui` and `assets` must never be taken for ours."""
    for name in ("services", "tui", "screens", "assets"):
        package = tmp_path / "work" / name
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(
            "raise SystemExit('a foreign package was imported')\n", encoding="utf-8"
        )
    return tmp_path / "work"


def started(script: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(script), *arguments],
        cwd=folder,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_wheel_holds_the_packages_and_their_assets(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {
        "tui",
        "screens",
        "services",
        "assets",
    }
    assert "assets/procedures/azure-stack-to-azure.json" in names
    assert "assets/guidance/en/vault.md" in names


def test_it_starts_from_a_folder_with_foreign_packages(installed: Path, foreign: Path) -> None:
    said = started(installed, foreign, "--version")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("lifeboat, version ")


def test_it_rehearses_from_there(installed: Path, foreign: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    try:
        said = started(
            installed, foreign, "--practice", "--state", str(state), "answers", "azure-stack-to-azure"
        )
        assert (said.returncode, said.stderr) == (0, "")
        assert 'world = "practice"' in said.stdout
        checked = started(installed, foreign, "--practice", "--state", str(state), "doctor")
        assert checked.returncode == 0, checked.stdout
        assert "practice" in checked.stdout
    finally:
        stop(state)
