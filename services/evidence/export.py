"""Folders of evidence carried out of the state folder, and signed where they were not."""

from __future__ import annotations

from pathlib import Path

from services.evidence import folder as names
from services.evidence.signing import Signer
from services.evidence.verify import Verdict, verify
from services.problems.model import Problem, RefusedError, UsageError
from services.text import _


def export(source: Path, output: Path, signer: Signer | None = None) -> tuple[Path, Verdict]:
    """Copy one folder below `output` and check the copy. A copy of the same content that stands is kept.

    With a signer, a manifest that nobody signed yet is signed in the copy. UsageError: another folder of
    this name stands there. ProblemError when the disk does not allow it.
    """
    contents = {path.name: path.read_bytes() for path in sorted(source.iterdir()) if path.is_file()}
    if signer and names.MANIFEST in contents and names.SIGNATURE not in contents:
        if not verify(source).unaltered:
            what = _("is altered, so it is not signed.")
            raise RefusedError(Problem("evidence-altered", str(source), what))
        text = signer.sign(contents[names.MANIFEST], names.NAMESPACE)
        contents[names.SIGNATURE] = text.encode("ascii")
    target = output / source.name
    if not target.exists():
        names.place(target, contents)
    elif {path.name: path.read_bytes() for path in target.iterdir()} != contents:
        what = _("There is another folder of this name already.")
        raise UsageError(Problem("folder-exists", str(target), what, remedy=_("Name another folder.")))
    return target, verify(target)
