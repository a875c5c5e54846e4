"""The documents that checks rest on, with their dates."""

from __future__ import annotations

ARTICLE = "Azure Stack article, step 1, 2026-09-21"
MATRIX = "VMware and physical support matrix, 2023-09-28"
ERRORS = "Push installation errors, 2021-05-27"
