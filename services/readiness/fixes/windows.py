"""All fixes of Windows machines."""

from __future__ import annotations

from services.readiness.fixes.windows_clock import CLOCK
from services.readiness.fixes.windows_firewall import SHARING, WMI
from services.readiness.fixes.windows_registry import REMOTE_UAC

WINDOWS_FIXES = (REMOTE_UAC, SHARING, WMI, CLOCK)
