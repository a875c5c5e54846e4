"""Azure Stack Hub: an old Azure Resource Manager with the machines that are to be protected."""

from __future__ import annotations

from typing import Any

from services.practice import ledger, metadata, oauth
from services.practice.app import Endpoint
from services.practice.web import Router

routes = Router()


def endpoint(origin: str, facts: dict[str, Any]) -> Endpoint:
    """The endpoint of the Hub."""
    open_routes = [metadata.routes, oauth.routes, ledger.routes]
    return Endpoint(origin, facts["hubSubscription"], facts["hubTenant"], open_routes, [routes])
