"""Push installation of the Mobility service: does the process server reach the machine?"""

from __future__ import annotations

import socket
from typing import Any

# SSH for Linux. For Windows the real ports are 135 and 445; a practice machine that is on answers at 5985.
PORTS = {"Linux": 22, "Windows": 5985}


def answers(place: str | None) -> bool:
    """Does somebody listen at this loopback address and port?"""
    if place is None:
        return False
    host, _, port = place.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def failure(world: dict[str, Any], address: str, system: str, account: str) -> dict[str, Any] | None:
    """Why the installation fails; None if it does not, or if the agent came another way (no account)."""
    if not world.get("machines") or not account:
        return None
    if answers(world.get("network", {}).get(f"{address}:{PORTS[system]}")):
        return None
    causes = {
        "Linux": "The source machine is not reachable over SSH on port 22, or it is switched off.",
        "Windows": "The source machine is not reachable, WMI or file and printer sharing is blocked, or it is off.",
    }[system]
    action = "Ensure that the machine is on and that the process server can reach it, then restart the job."
    return {
        "taskId": "CreateProtectionTargetTask",
        "code": "78007",
        "message": "The requested operation could not be completed.",
        "possibleCauses": causes,
        "recommendedAction": action,
        "provider": {
            "errorCode": 95117,
            "errorMessage": f"Push installation of the mobility service to the source machine {address} failed "
            "with error code EP0865: the source machine is not running or not reachable.",
            "errorId": "EP0865",
            "possibleCauses": causes,
            "recommendedAction": action,
        },
    }
