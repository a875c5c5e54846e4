"""The fixes of Linux machines, by id."""

from __future__ import annotations

from services.readiness.fixes.linux_files import HOSTS, PASSWORD, ROOT_LOGIN, SFTP
from services.readiness.fixes.linux_service import BOOT, PACKAGES

LINUX_FIXES = (HOSTS, PASSWORD, ROOT_LOGIN, SFTP, BOOT, PACKAGES)
