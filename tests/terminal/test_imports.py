"""What is loaded when: nothing of Textual without a screen, nothing of Azure before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.terminal.pty_process import ROOT, environment

HEAVY = ("azure", "msal", "paramiko", "winrm", "requests", "urllib3", "cryptography", "sqlite3", "jinja2")


def modules(code: str) -> set[str]:
    """The top-level modules that a fresh process has loaded after running some code."""
    program = f"import json, sys\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env=environment(),
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def top(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def test_the_first_frame_loads_no_azure_and_no_journal() -> None:
    loaded = modules("import tui.main, tui.console, tui.app, tui.shell")
    assert "textual" in top(loaded)
    assert not top(loaded) & set(HEAVY)
    assert not [
        name
        for name in loaded
        if name.startswith(("services.journal", "services.scenario", "services.azure"))
    ]


def test_version_loads_no_textual() -> None:
    code = (
        "from tui.main import lifeboat\n"
        "try:\n    lifeboat.main(['--version'], prog_name='lifeboat')\nexcept SystemExit:\n    pass"
    )
    assert not top(modules(code)) & {"textual", "rich", *HEAVY}


def test_plain_prompts_load_no_textual() -> None:
    assert not top(modules("import tui.app, tui.plain, screens.book")) & {"textual", "rich"}


def test_terminal_checks_load_no_textual() -> None:
    assert not top(modules("import tui.terminal, tui.options")) & {"textual", "rich", *HEAVY}
