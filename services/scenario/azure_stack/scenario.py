"""Replicate Azure Stack VMs to Azure: the stages and steps in their order."""

from __future__ import annotations

from services.azure.inmage_azure_v2 import PROVIDER
from services.operations.asking import find_job
from services.operations.model import Find
from services.scenario.azure_stack.enable import ENABLE
from services.scenario.azure_stack.gate import ARCHITECTURE, GOAL, SUPPORT
from services.scenario.azure_stack.hub_steps import HUB
from services.scenario.azure_stack.key import KEY
from services.scenario.azure_stack.machines import MACHINES
from services.scenario.azure_stack.mobility import MOBILITY
from services.scenario.azure_stack.policy import POLICY
from services.scenario.azure_stack.readiness import READINESS
from services.scenario.azure_stack.registered import ACCOUNT, REGISTERED
from services.scenario.azure_stack.replication import REPLICATION
from services.scenario.azure_stack.server import SERVER
from services.scenario.azure_stack.setup import SETUP
from services.scenario.azure_stack.signin_steps import SIGN_IN
from services.scenario.azure_stack.subscription_step import SUBSCRIPTION
from services.scenario.azure_stack.target import TARGET
from services.scenario.azure_stack.vault import replication
from services.scenario.azure_stack.vault_step import VAULT
from services.scenario.model import Scenario, Stage
from services.scenario.session import Session


def _find(session: Session) -> Find:
    return find_job(session, replication(session))


AZURE_STACK_TO_AZURE = Scenario(
    id="azure-stack-to-azure",
    title="Replicate Azure Stack VMs to Azure",
    provider=PROVIDER,
    source="Microsoft, Replicate Azure Stack VMs to Azure, 2026-09-21",
    find=_find,
    stages=(
        Stage("before", "Before you start"),
        Stage("prepare", "1 Prepare VMs"),
        Stage("vault", "2 Vault"),
        Stage("source", "3 Source"),
        Stage("target", "4 Target"),
        Stage("replicate", "5 Replicate"),
    ),
    steps=(
        SUPPORT,
        ARCHITECTURE,
        SIGN_IN,
        SUBSCRIPTION,
        HUB,
        MACHINES,
        READINESS,
        VAULT,
        GOAL,
        SERVER,
        KEY,
        SETUP,
        REGISTERED,
        ACCOUNT,
        MOBILITY,
        TARGET,
        POLICY,
        REPLICATION,
        ENABLE,
    ),
)
