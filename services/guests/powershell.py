"""PowerShell scripts as command lines, for Windows PowerShell 2.0 and later."""

from __future__ import annotations

import base64

from services.problems.model import Problem, ProblemError
from services.text import _

LIMIT = 8_000
"""Characters of a command line; cmd.exe takes 8,191."""
_BEFORE = "$ErrorActionPreference='Stop';$ProgressPreference='SilentlyContinue';"
# Text instead of CLIXML on stderr; no wait for input, which 2.0 otherwise does.
_COMMAND = "powershell -NoProfile -NonInteractive -InputFormat None -OutputFormat Text -EncodedCommand "


def powershell(script: str) -> str:
    """The command line that runs a script; an error that it does not catch ends it with code 1.

    Raises ProblemError `script-too-long` when cmd.exe would not take it: about 2,900 characters.
    """
    encoded = base64.b64encode((_BEFORE + script).encode("utf-16-le")).decode("ascii")
    line = _COMMAND + encoded
    if len(line) > LIMIT:
        raise ProblemError(
            Problem(
                "script-too-long",
                "",
                _("a script of {size} characters makes a command line over {limit}.").format(
                    size=len(script), limit=LIMIT
                ),
            )
        )
    return line


def quoted(text: str) -> str:
    """A PowerShell literal: nothing in it is expanded."""
    return "'" + text.replace("'", "''") + "'"
