"""All fixes of Windows machines."""

from __future__ import annotations

from services.readiness.fixes.windows_clock import CLOCK, SERVER_CLOCK
from services.readiness.fixes.windows_firewall import SHARING, WMI
from services.readiness.fixes.windows_registry import REMOTE_UAC

WINDOWS_FIXES = (REMOTE_UAC, SHARING, WMI, CLOCK)
SERVER_FIXES = (SERVER_CLOCK,)
"""The fixes of the configuration server."""
