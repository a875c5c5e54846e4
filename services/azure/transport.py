"""How requests leave this process: the world's trust and proxy, bounded waits, and a way to stop.

Loads azure-core and requests; only workers import it.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter

from services.world.deadline import MAX_WAIT, Deadline
from services.world.model import World
from services.world.proxy import Proxy

for _name in ("azure", "msal", "urllib3"):
    # Without any handler Python would write their warnings over the screen.
    logging.getLogger(_name).addHandler(logging.NullHandler())

Deadlines = Callable[[], Deadline]


def no_deadline() -> Deadline:
    """A deadline that never comes; single waits stay bounded."""
    return Deadline()


def trust(ca_file: Path | None) -> ssl.SSLContext:
    """What certificates are believed: a bundle, or else the system's store (not the one of a library)."""
    if ca_file is not None:
        return ssl.create_default_context(cafile=str(ca_file))
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class TrustingAdapter(HTTPAdapter):
    """An adapter whose trust is one SSL context and nothing else, and whose proxy is the world's."""

    def __init__(self, context: ssl.SSLContext, proxy: Proxy | None) -> None:
        self._context, self._proxy = context, proxy
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)

    def cert_verify(self, conn: Any, *_given: Any) -> None:
        # The base class would add its own list of authorities to the context.
        conn.cert_reqs = "CERT_REQUIRED"

    def build_connection_pool_key_attributes(self, request: Any, *_given: Any) -> tuple[Any, Any]:
        return super().build_connection_pool_key_attributes(request, True, None)

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        target = urlsplit(request.url)
        through = self._proxy and self._proxy.serves(target.hostname or "", target.port or 443)
        kwargs["proxies"] = {target.scheme: self._proxy.url} if self._proxy and through else {}
        return super().send(request, *args, **kwargs)


class Transport(RequestsTransport):  # type: ignore[misc]
    """Sends what azure-core and azure-identity have prepared.

    Every wait ends with the deadline that holds at that moment; a cancelled deadline ends the next wait.
    Nothing is read from the environment.
    """

    def __init__(
        self, world: World, deadline: Deadlines = no_deadline, *, ca_file: Path | None = None
    ) -> None:
        session = requests.Session()
        session.trust_env = False
        session.mount("https://", TrustingAdapter(trust(ca_file or world.ca_file), world.proxy))
        super().__init__(session=session, connection_timeout=MAX_WAIT, read_timeout=MAX_WAIT)
        self._deadline = deadline

    def send(self, request: Any, **kwargs: Any) -> Any:
        left = self._deadline().left(MAX_WAIT)
        for name in ("connection_timeout", "read_timeout"):
            kwargs[name] = min(kwargs.get(name, left), left)
        return super().send(request, **kwargs)

    def sleep(self, duration: float) -> None:
        self._deadline().wait(duration)
