"""What machines in Azure take: cores of the region's quota, and what costs until they are deleted."""

from __future__ import annotations

from collections.abc import Sequence

from services.azure.machines import Cores, Machines
from services.problems.model import CancelledError, DeadlineError, ProblemError
from services.recovery.vault import Vault
from services.text import _, plain


def quota_lines(vault: Vault, region: str, sizes: Sequence[str]) -> tuple[str, ...]:
    """The cores that machines of these sizes want, against the region's quota; or why it cannot be said."""
    try:
        cores: Cores = Machines(vault.azure.arm, vault.ref.subscription).cores(region)
    except (CancelledError, DeadlineError):
        raise
    except ProblemError as error:
        return (_("The quota of cores could not be read: {why}").format(why=plain(error.problems[0].what)),)
    wanted = sum(cores.by_size.get(size.lower(), 0) for size in sizes)
    line = _("{wanted} cores wanted; {used} of {limit} are used in {region}").format(
        wanted=wanted, used=cores.used, limit=cores.limit, region=region
    )
    short = _("this is not enough: Azure will refuse it") if wanted > cores.left else ""
    return (f"{line}; {short}" if short else line,)


def cost_lines(machines: Sequence[tuple[str, str, int]]) -> tuple[str, ...]:
    """What drives the cost of each machine, given as name, size and GB of disks."""
    return tuple(
        _("{name}: {size} by the hour, {gb} GB of disks, until it is cleaned up").format(
            name=name, size=size, gb=gigabytes
        )
        for name, size, gigabytes in machines
    )
