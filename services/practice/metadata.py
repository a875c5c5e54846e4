"""What clients ask before they have a token: the cloud's metadata and the identity provider's description."""

from __future__ import annotations

from typing import Any

from services.practice.oauth import known_tenant
from services.practice.web import Answer, Call, Router

routes = Router()


@routes.on("GET", "/metadata/endpoints")
def endpoints(call: Call) -> Answer:
    """The cloud's endpoints: one object for every api-version (a list of one for 2019-05-01)."""
    here = call.origin + "/"
    cloud = {
        "name": "LifeboatPractice",
        "authentication": {
            "loginEndpoint": here,
            "audiences": [here, call.origin],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "resourceManager": here,
        "portal": here,
        "graph": here,
        "graphAudience": here,
        "microsoftGraphResourceId": here,
        "gallery": here,
        "batch": here,
        "media": here,
        "sqlManagement": here,
        "vmImageAliasDoc": here + "aliases.json",
        "activeDirectoryDataLake": here,
        "suffixes": {
            "storage": "blob.localhost",
            "keyVaultDns": "vault.localhost",
            "sqlServerHostname": "database.localhost",
            "acrLoginServer": "azurecr.localhost",
        },
        # Azure Stack scripts read these flat names (metadata 1.0 and 2015-01-01).
        "galleryEndpoint": here,
        "graphEndpoint": here,
        "portalEndpoint": here,
    }
    return Answer(body=[cloud] if call.version == "2019-05-01" else cloud)


def provider(origin: str, issuer: str, base: str) -> dict[str, Any]:
    """An OpenID configuration document."""
    return {
        "issuer": f"{origin}/{issuer}",
        "authorization_endpoint": f"{origin}/{base}/authorize",
        "token_endpoint": f"{origin}/{base}/token",
        "device_authorization_endpoint": f"{origin}/{base}/devicecode",
        "jwks_uri": f"{origin}/{base}/keys",
        "response_types_supported": ["code", "id_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }


@routes.on("GET", "/adfs/.well-known/openid-configuration")
def adfs(call: Call) -> Answer:
    """AD FS, as an Azure Stack Hub without Entra ID names it."""
    return Answer(body=provider(call.origin, "adfs", "adfs/oauth2"))


@routes.on(
    "GET", "/{tenant}/v2.0/.well-known/openid-configuration", "/{tenant}/.well-known/openid-configuration"
)
def entra(call: Call) -> Answer:
    """Entra ID, version 2.0 endpoints. An unknown tenant is refused as there."""
    tenant = known_tenant(call)
    return Answer(body=provider(call.origin, f"{tenant}/v2.0", f"{call.path['tenant']}/oauth2/v2.0"))
