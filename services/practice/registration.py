"""What the machines report back."""

from __future__ import annotations

from services.practice.app import App
from services.practice.web import Realm


class Events:
    """Called by the machines."""

    def __init__(self, realm: Realm, app: App) -> None:
        self.realm, self.app = realm, app

    def configuration_server_installed(self, name: str, address: str, key_xml: str | None) -> None:
        """Unified Setup has ended on a machine."""

    def account_added(self, name: str) -> None:
        """An account was added on the configuration server."""
