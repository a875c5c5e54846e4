"""HTTP to where the dialer leads, under the documented name, within a deadline and a size."""

from __future__ import annotations

import contextlib
import io
import ssl
from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError

from services.world.deadline import MAX_WAIT, Deadline
from services.world.dialer import Dialer

ANSWER_LIMIT = 2 << 20
"""Bytes of one answer; Windows sends at most 500 KiB unless it was set higher."""


class Body(io.BytesIO):
    """An answer that was read already."""

    def release_conn(self) -> None:
        """Nothing is held any more."""


class DialedAdapter(HTTPAdapter):
    """Sends to where the dialer leads, under the documented name, and never waits past the deadline."""

    def __init__(self, dialer: Dialer, context: ssl.SSLContext | None = None, name: str = "") -> None:
        """`context` and the `name` of the certificate are for https."""
        super().__init__(max_retries=0)
        self._dialer = dialer
        self._context = context
        self._name = name
        self._deadline = Deadline()

    @contextlib.contextmanager
    def within(self, deadline: Deadline) -> Any:
        """Requests made inside end with this deadline."""
        self._deadline, before = deadline, self._deadline
        try:
            yield
        finally:
            self._deadline = before

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        """Host and port as dialed; the Host header stays as documented."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        host["host"], host["port"] = self._dialer.endpoint(str(host["host"]), int(host["port"]))
        if self._context is not None:
            name = self._name
            secure: Any = {"ssl_context": self._context, "server_hostname": name, "assert_hostname": name}
            return host, secure
        return host, pool

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The context verifies: it has the trust that is meant, and requests would add its own."""

    def add_headers(self, request: requests.PreparedRequest, **kwargs: Any) -> None:
        """Name the machine, not the way to it."""
        del kwargs
        request.headers["Host"] = str(request.url).split("/")[2]

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send within the deadline, whatever timeout was asked for."""
        del stream, timeout
        wait = self._deadline.left(MAX_WAIT)
        response = super().send(request, True, wait, verify, cert, proxies)
        try:
            body = self._body(response)
        except BaseException:
            response.close()
            raise
        response.raw.release_conn()
        response.raw = Body(body)
        return response

    def _body(self, response: requests.Response) -> bytes:
        """Read the answer, so that no server can make it last or grow without end."""
        body = bytearray()
        try:
            while piece := response.raw.read1(65_536):
                body += piece
                self._deadline.check()
                if len(body) > ANSWER_LIMIT:
                    raise requests.ConnectionError("the answer is too long")
        except ReadTimeoutError as error:
            raise requests.Timeout(str(error)) from error
        except HTTPError as error:
            raise requests.ConnectionError(str(error)) from error
        return bytes(body)
