"""Whether whoever runs this process could change a file that is there to bind them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from services.text import _


def who_may_write(path: Path) -> str:
    """Why this process's user could change the file, as a sentence; empty when they could not.

    Looked at: the file, who owns it, and each folder above it, along the path as given and as resolved. It
    is what the mode bits and access lists allow now; sudo is not looked at.
    """
    if not hasattr(os, "geteuid"):
        return _("Who may write there cannot be checked on this system.")
    if os.geteuid() == 0:
        return _(
            "You are root here and can write every file, so a second person's key proves nothing. Run this "
            "as a user without root, with the file of allowed signers owned by somebody else."
        )
    try:
        for end in dict.fromkeys((path.absolute(), path.resolve(strict=True))):
            below = end
            if _can_write(end):
                return _("You can write the file of allowed signers: {path}.").format(path=end)
            for folder in end.parents:
                if _can_write(folder) and not _held_fast(folder, below):
                    return _("You can replace the file of allowed signers: {path} is yours to write.").format(
                        path=folder
                    )
                below = folder
    except OSError as error:
        return _("The file of allowed signers cannot be looked at: {why}.").format(
            why=error.strerror or str(error)
        )
    return ""


def _can_write(path: Path) -> bool:
    """By mode or access list, or because the owner can give themselves the right."""
    return path.stat().st_uid == os.geteuid() or os.access(path, os.W_OK, effective_ids=True)


def _held_fast(folder: Path, below: Path) -> bool:
    """A sticky folder such as /tmp: only the owner of an entry, or of the folder, can replace it."""
    mode, me = folder.stat(), os.geteuid()
    return bool(mode.st_mode & stat.S_ISVTX) and me not in (mode.st_uid, below.lstat().st_uid)
