"""What reprotection of one machine takes: what Azure tells is read from there, the rest must be given."""

from __future__ import annotations

from collections.abc import Mapping

from services.azure import hyper_v_azure
from services.azure.ids import last
from services.problems.model import Problem, RefusedError, UsageError
from services.recovery.item import ProtectedItem
from services.recovery.vault import Vault
from services.text import _, plain

GIVEN = {
    "InMageAzureV2": ("masterTargetId", "processServerId", "retentionDrive", "profileId"),
    "InMageRcm": ("reprotectAgentId", "datastoreName", "logStorageAccountId"),
}
"""What a person must name for a provider (asr-api 1a)."""
_READ = {hyper_v_azure.PROVIDER: ("hvHostVmId", "vmName", "osType", "vHDId")}


def details(vault: Vault, item: ProtectedItem, given: Mapping[str, str]) -> dict[str, str]:
    """The provider's own words for the request, complete; what was given counts before what was read.

    UsageError names what is missing; RefusedError for a provider that is not known here.
    """
    needed = {**GIVEN, **_READ}.get(item.provider)
    if needed is None:
        what = _("Machines of provider {provider} cannot be reprotected from here yet.")
        raise RefusedError(Problem("provider", item.title, what.format(provider=plain(item.provider))))
    found = {**(_of_hyper_v(vault, item) if item.provider in _READ else {}), **given}
    lacking = [key for key in needed if not found.get(key)]
    if lacking:
        what = _("Reprotection needs: {keys}.").format(keys=", ".join(lacking))
        remedy = _("Give each as --with KEY=VALUE.")
        raise UsageError(Problem("reprotect-needs", plain(item.title), what, remedy=remedy))
    return found


def _of_hyper_v(vault: Vault, item: ProtectedItem) -> dict[str, str]:
    kept = vault.reads.item(item.fabric, item.container, item.name) or {}
    machine = vault.reads.machine(item.fabric, item.container, last(item.source_id)) or {}
    return hyper_v_azure.reprotect_details(kept, machine)
