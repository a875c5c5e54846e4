"""One JSON file per exchange, in the form of the contract check. Secrets of the sign-in are not recorded."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

from services.practice.web import Answer, Call

UNWANTED = {"authorization", "cookie", "x-practice-key", "x-identity-header"}


class Recorder:
    """Writes exchanges into a folder; file names sort in the order of the answers, across restarts too."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.count = 0

    def write(self, call: Call, query: str, answer: Answer, headers: dict[str, str]) -> None:
        """Record one ARM exchange."""
        self.count += 1
        label = re.sub(r"[^\w.-]+", "_", "_".join(call.url_path.split("/")[-2:]))[:80]
        name = f"{time.time_ns():020d}_{self.count:06d}_{call.method}_{label}.json"
        exchange = {
            "method": call.method,
            "uri": f"{call.origin}{call.url_path}" + (f"?{query}" if query else ""),
            "requestBody": as_json(call.raw),
            "requestHeaders": {k: v for k, v in call.headers.items() if k not in UNWANTED},
            "status": answer.status,
            "responseHeaders": headers,
            "response": "" if answer.body is None else answer.body,
        }
        (self.folder / name).write_text(json.dumps(exchange, indent=1))


def as_json(raw: bytes) -> Any:
    """A request body as JSON, as text where it is none, None where there is none."""
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")
