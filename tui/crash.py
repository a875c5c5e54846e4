"""A crash leaves a report file without secrets, and one sentence; never a traceback on the terminal."""

from __future__ import annotations

import os
import platform
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from services.text import _

HIDDEN = "[removed]"


def write_report(folder: Path, error: BaseException, secrets: Iterable[str]) -> Path | None:
    """Write what is needed to mend the error, of mode 0600; None where even that cannot be written."""
    from services.logs import without  # not before the first frame

    moment = datetime.now(UTC)
    lines = [
        f"time     {moment.isoformat(timespec='seconds')}",
        f"python   {platform.python_version()} on {platform.system()} {platform.release()}",
        f"TERM     {os.environ.get('TERM', '')}",
        "",
        # Without the values of variables: those hold what was typed.
        "".join(traceback.format_exception(error)),
    ]
    path = folder / f"crash-{moment:%Y%m%dT%H%M%S%f}.txt"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(without(secrets, "\n".join(lines), HIDDEN))
    except OSError:
        return None
    return path


def sentence(path: Path | None) -> str:
    """What is said on stderr."""
    if path is None:
        return _("The program met an error of its own and had to end; no report could be written.")
    return _(
        "The program met an error of its own and had to end. What was saved is safe; report: {path}"
    ).format(path=path)
