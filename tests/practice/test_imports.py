"""The practice world imports nothing of the product: both ends of the wire must not be one mistake."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from tests.practice_world import ROOT

ALLOWED = {"services.practice", "uvicorn", "trustme", "asyncssh", "cryptography", "spnego"}


def imported(file: Path) -> set[str]:
    """The modules that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, file
            names.add(node.module or "")
    return names


def allowed(name: str) -> bool:
    """Standard library, our own package, or one of the few libraries."""
    top = name.split(".")[0]
    return top in sys.stdlib_module_names or any(name == a or name.startswith(a + ".") for a in ALLOWED)


def test_practice_imports_nothing_of_ours() -> None:
    files = list((ROOT / "services" / "practice").rglob("*.py"))
    assert len(files) > 20
    assert {(f.name, name) for f in files for name in imported(f) if not allowed(name)} == set()
