"""Opens the program on a terminal: checks it, prepares it, then imports Textual."""

from __future__ import annotations

import gc
import os
import sys

from tui import crash, leaving, terminal
from tui.options import LaunchOptions

USAGE = 2


def launch(options: LaunchOptions) -> int:
    """Run the pages, or the plain prompts where those are wanted; returns the exit code.

    After the pages the process ends here: a thread that hangs in a library's read must not hold it.
    """
    if options.plain or os.environ.get("ACCESSIBLE", "") not in ("", "0"):
        from tui.plain import ask_through

        return ask_through(options)
    wrong = terminal.complaint(os.environ)
    if wrong:
        sys.stderr.write(f"lifeboat: {wrong}\n")
        return USAGE
    found = terminal.examine(os.environ, ascii_only=options.ascii)
    terminal.prepare(os.environ, found)
    # Collecting while thousands of lasting objects are made costs a tenth of the time to the first frame.
    gc.disable()
    from tui.shell import Shell

    app = Shell(options, ascii_only=found.ascii)
    mouse = options.mouse if options.mouse is not None else not found.ssh
    try:
        code = app.run(mouse=mouse)
    except Exception as error:
        code = app.broken(error)
    leaving.finish(lambda: app.desk.workers.idle, app.desk.book.journal if app.desk.book else None)
    if app.crashed:
        sys.stderr.write(f"lifeboat: {crash.sentence(app.report_path)}\n")
    if app.rehearse:
        leaving.again("--practice")
    return leaving.end(code if code is not None else app.return_code or 0)
