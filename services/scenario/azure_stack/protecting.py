"""One machine on its way to being protected: made known, enabled, followed, taken up again."""

from __future__ import annotations

from typing import Any

from services.azure import inmage_azure_v2 as provider
from services.azure.ids import deterministic, last
from services.azure.job_report import job_problems
from services.azure.replication import Json, Replication
from services.guests.model import Machine
from services.journal.model import OperationRow
from services.journal.operations import FINISHED, INTENT, operations
from services.operations.asking import ask, follow_job, wait_until, watch
from services.operations.resolve import finish
from services.problems.model import Problem, ProblemError
from services.scenario.azure_stack.policy import policy_id
from services.scenario.azure_stack.replication import process_server_id
from services.scenario.azure_stack.server_view import accounts
from services.scenario.azure_stack.target_place import group_id, network_id, storage_id
from services.scenario.azure_stack.vault import replication, vault_ref
from services.scenario.session import Session
from services.text import _, plain

PROTECTED = "Protected"


class Protecting:
    """A machine in the vault's container. Nothing is kept here: each question goes to Azure or the journal."""

    def __init__(self, session: Session, machine: Machine) -> None:
        self.session, self.machine = session, machine
        self.reads: Replication = replication(session)
        facts = session.facts
        self.place: tuple[str, str] = (facts["server.fabric"], facts["server.container"])

    def protectable(self) -> Json | None:
        """The machine as the vault knows it, or None before it was made known."""
        wanted = self.machine.name.lower()
        for item in self.reads.protectable(*self.place):
            about = item["properties"].get("customDetails") or {}
            if str(item["properties"].get("friendlyName", "")).lower() != wanted:
                continue
            address = str(about.get("ipAddress") or self.machine.address)
            if address != self.machine.address:
                raise self._elsewhere(address)
            return item
        return None

    def _elsewhere(self, address: str) -> ProblemError:
        return ProblemError(
            Problem(
                "other-address",
                self.machine.name,
                _("the vault knows it with the address {theirs}, not {ours}.").format(
                    theirs=plain(address), ours=self.machine.address
                ),
                remedy=_("Give the address that the vault has, or remove the machine from the vault first."),
            )
        )

    def item_name(self) -> str:
        """The protected item's name: the one it has, else the same for the same machine, never two."""
        known = (self.protectable() or {}).get("properties") or {}
        existing = str(known.get("replicationProtectedItemId") or "")
        return last(existing) if existing else self._own_name()

    def item(self) -> Json | None:
        """The protected item, or None."""
        return self.reads.item(*self.place, self.item_name())

    def state(self) -> str:
        """The item's protection state as Azure names it; empty where there is none."""
        item = self.item()
        return str(item["properties"].get("protectionState")) if item else ""

    def differences(self) -> list[str] | None:
        """In what the protected item differs from the answers, in words; None where there is no item."""
        item = self.item()
        if item is None:
            return None
        about = item["properties"]
        found = []
        if str(about.get("policyId") or "").lower() != policy_id(self.session).lower():
            found.append("policy")
        network = str(
            (about.get("providerSpecificDetails") or {}).get("selectedRecoveryAzureNetworkId") or ""
        )
        now = self.session.answers.text("replication.network-when") == "now"
        if now and network.lower() != network_id(self.session).lower():
            found.append("network")
        return found

    def make_known(self) -> None:
        """Add the machine to the vault by name, address and system, where it is not there yet."""
        if self.protectable() is not None:
            return
        machine, (fabric, container) = self.machine, self.place
        properties = {"friendlyName": machine.name, "ipAddress": machine.address, "osType": machine.os_type}
        body = {"properties": properties}
        group = self.reads.sdk.replication_protection_containers
        path = self._child("replicationProtectionContainers", container)
        row = ask(
            self.session,
            "discover-machine",
            f"{path}/discoverProtectableItem",
            "POST",
            body,
            lambda sdk: group.begin_discover_protectable_item(
                *self.reads.scope, fabric, container, body, **sdk
            ),
            lambda: self.protectable() is not None,
            jobs=self.reads,
        )
        follow_job(self.session, self.reads, row)
        wait_until(self.session, machine.name, self.protectable)

    def enable(self) -> OperationRow | None:
        """Ask for protection, or start a failed job again; None where somebody else has asked for it."""
        asked = self._asked()
        if self.item() is not None and (asked is None or asked.state != INTENT):
            if asked is not None and asked.state == FINISHED and asked.outcome == "failed":
                self._restart(asked)
            return asked
        protectable = self.protectable()
        if protectable is None:
            what = _("Azure does not list it any more.")
            raise ProblemError(Problem("protectable-missing", self.machine.name, what))
        name = self._own_name()
        body = provider.protection_body(self._settings(str(protectable["id"])))
        group = self.reads.sdk.replication_protected_items
        return ask(
            self.session,
            "enable-protection",
            self._target(name),
            "PUT",
            body,
            lambda sdk: group.begin_create(*self.reads.scope, *self.place, name, body, **sdk),
            lambda: self.reads.item(*self.place, name) is not None,
            jobs=self.reads,
        )

    def follow(self, row: OperationRow) -> None:
        """Follow the job of enabling to its end; ProblemError when it failed."""
        if row.state == FINISHED and row.outcome == "failed":
            # It was started again: its old end no longer counts.
            view = watch(self.session, self.reads, row.job_id)
            if view.state != "Succeeded":
                raise ProblemError(*job_problems(view))
            finish(self.session.journal, row, "succeeded")
            return
        follow_job(self.session, self.reads, row, lambda: self.item() is not None)

    def until_protected(self) -> dict[str, Any]:
        """Wait for the first copy and for Finalize protection: only then is it ready for failover."""
        name, shown = self.item_name(), ""

        def protected() -> Json | None:
            nonlocal shown
            about = self._present(self.reads.item(*self.place, name))
            state = str(about.get("protectionState"))
            if state != shown:
                shown = state
                description = about.get("protectionStateDescription")
                told = {"name": self.machine.name, "state": state, "description": description}
                self.session.emit({"event": "item", **told})
            return about if state == PROTECTED and about.get("allowedOperations") else None

        about = wait_until(self.session, self.machine.name, protected)
        self._until_finalized()
        return {
            "name": self.machine.name,
            "id": self._target(name),
            "state": about["protectionState"],
            "health": about.get("replicationHealth"),
            "recoveryPoints": len(self.reads.recovery_points(*self.place, name)),
        }

    def _until_finalized(self) -> None:
        for job in self.reads.jobs():
            about = job["properties"]
            if about.get("targetObjectName") == self.machine.name and about.get("state") == "InProgress":
                watch(self.session, self.reads, str(job["name"]))

    def _present(self, item: Json | None) -> Json:
        """What Azure says of the item; ProblemError when it is gone or has failed."""
        if item is None:
            what = _("Azure no longer knows this protected item.")
            raise ProblemError(Problem("item-missing", self.machine.name, what))
        about: Json = item["properties"]
        if str(about.get("protectionState", "")).endswith("Failed"):
            said = plain(str(about.get("protectionStateDescription") or about["protectionState"]))
            raise ProblemError(
                Problem(
                    "protection-failed",
                    self.machine.name,
                    said,
                    remedy=_(
                        "Mend what the job named, then run this step again; or disable and enable it anew."
                    ),
                )
            )
        return about

    def _restart(self, row: OperationRow) -> None:
        """Start the failed job of enabling again, as the portal's Restart does."""
        view = self.reads.job_view(row.job_id) if row.job_id else None
        if view is None or view.state != "Failed" or "Restart" not in view.allowed:
            return
        group, name = self.reads.sdk.replication_jobs, row.job_id
        again = ask(
            self.session,
            "restart-job",
            self.reads.vault.child("replicationJobs", name, "restart"),
            "POST",
            None,
            lambda sdk: group.begin_restart(*self.reads.scope, name, **sdk),
            lambda: (self.reads.job(name) or {}).get("properties", {}).get("state") != "Failed",
            jobs=self.reads,
        )
        follow_job(self.session, self.reads, again)

    def _asked(self) -> OperationRow | None:
        target = self._target(self._own_name())
        rows = operations(self.session.journal, self.session.engagement_id)
        return next((row for row in reversed(rows) if row.target == target), None)

    def _own_name(self) -> str:
        return deterministic(vault_ref(self.session).id, self.machine.name)

    def _child(self, *parts: str) -> str:
        return self.reads.vault.child("replicationFabrics", self.place[0], *parts)

    def _target(self, name: str) -> str:
        containers = ("replicationProtectionContainers", self.place[1])
        return self._child(*containers, "replicationProtectedItems", name)

    def _settings(self, protectable_id: str) -> provider.ProtectionSettings:
        session, machine = self.session, self.machine
        now = session.answers.text("replication.network-when") == "now"
        pushed = machine.mobility == "push"
        account = session.answers.text(f"account.{machine.os_type.lower()}")
        return provider.ProtectionSettings(
            policy_id=policy_id(session),
            protectable_id=protectable_id,
            process_server_id=process_server_id(session),
            account_id=accounts(session).get(account, "") if pushed else "",
            log_account_id=storage_id(session),
            resource_group_id=group_id(session),
            vm_name=machine.name,
            network_id=network_id(session) if now else "",
            subnet=session.answers.text("target.subnet") if now else "",
        )
