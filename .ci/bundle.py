"""Makes a bundle that installs without a network: our wheel, and the locked wheels for this platform.

Usage: bundle.py FOLDER [--only-requirements]
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = ("practice", "credssp")
LOCKED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==.*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)

INSTALL = """#!/bin/sh
# Installs Lifeboat from this folder alone: sh install [DIR]; DIR is a new environment (default: ./lifeboat).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${1:-lifeboat}
"${PYTHON:-python3}" -m venv "$target"
pip() { "$target/bin/python" -m pip install -q --disable-pip-version-check --no-index --find-links "$here" "$@"; }
pip --require-hashes -r "$here/requirements.txt"
pip --no-deps "$here"/lifeboat-*.whl
echo "Installed. Start with: $target/bin/lifeboat"
"""


def needed(name: str, extras: tuple[str, ...]) -> set[str]:
    """The canonical names of what a distribution needs at run time here, itself left out."""
    found: set[str] = set()
    waiting = [(canonicalize_name(name), extras)]
    seen = set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        for text in importlib.metadata.requires(one[0]) or ():
            wanted = Requirement(text)
            marker = wanted.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *one[1])):
                canonical = canonicalize_name(wanted.name)
                found.add(canonical)
                waiting.append((canonical, tuple(sorted(wanted.extras))))
    return found


def requirements() -> str:
    """The part of the lock that the program needs, with its hashes. KeyError: the lock lacks something."""
    lock = ROOT.joinpath("requirements.lock").read_text(encoding="utf-8")
    blocks = {canonicalize_name(block["name"]): block[0] for block in LOCKED.finditer(lock)}
    return "".join(blocks[name] for name in sorted(needed("lifeboat", EXTRAS)))


def main(folder: Path, *, only_requirements: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.whl"):
        old.unlink()
    listed = folder / "requirements.txt"
    listed.write_text(requirements(), encoding="utf-8")
    installer = folder / "install"
    installer.write_text(INSTALL, encoding="utf-8")
    installer.chmod(0o755)
    if only_requirements:
        return
    if importlib.util.find_spec("pip") is None:
        sys.exit("This environment has no pip. Make it anew with a Python that has the module venv.")
    run = [sys.executable, "-m"]
    subprocess.run([*run, "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True)
    fetch = ["pip", "download", "-q", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
    subprocess.run([*run, *fetch, "--only-binary", ":all:", "-r", str(listed), "-d", str(folder)], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), only_requirements="--only-requirements" in sys.argv)
