"""The clouds that the product knows, by the names that Azure's own tools give them."""

from __future__ import annotations

from services.world.model import Cloud

PUBLIC = "AzureCloud"
US_GOVERNMENT = "AzureUSGovernment"
CHINA = "AzureChinaCloud"

CLOUDS: dict[str, Cloud] = {
    PUBLIC: Cloud(
        PUBLIC,
        arm="https://management.azure.com",
        authority="https://login.microsoftonline.com",
        audience="https://management.azure.com/",
        storage_suffix="core.windows.net",
        portal="https://portal.azure.com",
    ),
    US_GOVERNMENT: Cloud(
        US_GOVERNMENT,
        arm="https://management.usgovcloudapi.net",
        authority="https://login.microsoftonline.us",
        audience="https://management.core.usgovcloudapi.net/",
        storage_suffix="core.usgovcloudapi.net",
        portal="https://portal.azure.us",
    ),
    CHINA: Cloud(
        CHINA,
        arm="https://management.chinacloudapi.cn",
        authority="https://login.chinacloudapi.cn",
        audience="https://management.chinacloudapi.cn/",
        storage_suffix="core.chinacloudapi.cn",
        portal="https://portal.azure.cn",
    ),
}


def scope(cloud: Cloud) -> str:
    """The OAuth scope of a token for the cloud's Resource Manager."""
    return cloud.audience.rstrip("/") + "/.default"
