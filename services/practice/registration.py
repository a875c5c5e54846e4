"""What the machines cause in Azure: a configuration server registers, an account is added on it."""

from __future__ import annotations

import base64
import hashlib
import xml.etree.ElementTree as ElementTree

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import pkcs12

from services.practice import events as vault_events
from services.practice import ids, job_plans, job_store, vault_credentials
from services.practice.fabrics import server, sides
from services.practice.job_store import Outcome
from services.practice.ledger import require_key
from services.practice.store import Document, Store
from services.practice.web import Answer, Call, Realm, Refusal, Router

routes = Router()


class Events:
    """Called by the machines, in the server's event loop."""

    def __init__(self, realm: Realm) -> None:
        self.realm = realm

    def seen(self) -> None:
        """A client works on a machine: the world is in use."""
        self.realm.touch()

    def configuration_server_installed(self, name: str, address: str, key_xml: str | None) -> None:
        """Register a server with the vault of its registration key. ValueError says why it cannot be."""
        self.seen()
        store, now = self.realm.store, self.realm.clock.seconds()
        with store.transaction():
            vault = vault_of_key(store, key_xml, now)
            for fabric in store.all("fabric"):
                if fabric["friendly"].lower() == name.lower():
                    if fabric["vault"] == vault["id"]:
                        return
                    other = fabric["vault"].rsplit("/", 1)[1]
                    raise ValueError(f"The DRA server is already registered in vault '{other}'.")
            register(store, vault, name, address, now)

    def account_added(self, name: str) -> None:
        """Remember an account: it shows in the vault after a while, or after a refresh."""
        self.seen()
        store = self.realm.store
        with store.transaction():
            known = store.all("account")
            if all(account["name"] != name for account in known):
                add_account(store, name, self.realm.clock.seconds())


@routes.on("POST", "/practice/person/configuration-server")
def installed_by_hand(call: Call) -> Answer:
    """A person has run Unified Setup at the server's console: {"name", "address", "key"}."""
    require_key(call)
    given = call.body()
    try:
        Events(call.realm).configuration_server_installed(given["name"], given["address"], given["key"])
    except ValueError as error:
        raise Refusal(400, "RegistrationFailed", str(error)) from None
    return Answer(body={"registered": given["name"]})


@routes.on("POST", "/practice/person/account")
def added_by_hand(call: Call) -> Answer:
    """A person has added an account in cspsconfigtool: {"name"}."""
    require_key(call)
    Events(call.realm).account_added(call.body()["name"])
    return Answer(body={"added": call.body()["name"]})


@routes.on("POST", "/practice/person/process-server")
def process_server_by_hand(call: Call) -> Answer:
    """A person has set up a stand-alone process server: {"name", "address", "server"}."""
    require_key(call)
    given, store = call.body(), call.realm.store
    with store.transaction():
        fabric = next((one for one in store.all("fabric") if one["friendly"] == given["server"]), None)
        if fabric is None:
            raise Refusal(400, "RegistrationFailed", "There is no configuration server of this name.")
        host = ids.derived(fabric["internal"], "process-server", given["name"])
        more = [*fabric.get("more", ()), {"name": given["name"], "host": host, "address": given["address"]}]
        vault = fabric["vault"]
        store.put("fabric", fabric["id"], {**fabric, "more": more}, parent=vault)
    return Answer(body={"added": given["name"]})


def add_account(store: Store, name: str, added: float) -> None:
    """Add an account; ids are counted, as on a configuration server."""
    number = str(len(store.all("account")) + 1)
    store.put("account", number, {"id": number, "name": name, "added": added})


def vault_of_key(store: Store, key_xml: str | None, now: float) -> Document:
    """The vault that a registration key opens."""
    fields = read_key(key_xml)
    vault_id = (
        f"/subscriptions/{fields.get('SubscriptionId')}/resourceGroups/{fields.get('ResourceGroup')}"
        f"/providers/Microsoft.RecoveryServices/vaults/{fields.get('ResourceName')}"
    )
    vault = store.get("vault", vault_id)
    if vault is None or fields.get("ResourceId") != str(vault["number"]):
        raise ValueError("The vault named in the registration key does not exist.")
    info = store.get("extended", vault_credentials.extended_key(vault))
    if info is None or info["integrityKey"] != fields.get("ChannelIntegrityKey"):
        raise ValueError("The channel integrity key in the registration key is not that of the vault.")
    if vault["provider"] != "Vmware":
        raise ValueError(
            f"The vault '{vault['name']}' does not take configuration servers: it is modernized."
        )
    require_certificate(store, vault, fields.get("ManagementCert", ""), now)
    return vault


def read_key(key_xml: str | None) -> dict[str, str]:
    """The elements of a vault credentials file by their local names."""
    if not key_xml:
        raise ValueError("The registration key is missing.")
    try:
        root = ElementTree.fromstring(key_xml.lstrip("\ufeff"))
    except ElementTree.ParseError as error:
        raise ValueError(f"The registration key is not well-formed XML: {error}.") from None
    if not root.tag.endswith("}RSVaultAsrCreds"):
        raise ValueError("The file is not a vault registration key for Site Recovery.")
    return {element.tag.rpartition("}")[2]: (element.text or "").strip() for element in root.iter()}


def require_certificate(store: Store, vault: Document, pfx: str, now: float) -> None:
    """The key's certificate is registered with the vault and has not expired."""
    try:
        key, certificate, _ = pkcs12.load_key_and_certificates(base64.b64decode(pfx), None)
    except ValueError:
        raise ValueError("The certificate in the registration key cannot be read.") from None
    if key is None or certificate is None:
        raise ValueError("The registration key holds no certificate with its private key.")
    thumbprint = certificate.fingerprint(hashes.SHA1()).hex().upper()
    known = [c for c in store.all("certificate", vault["id"]) if c["thumbprint"] == thumbprint]
    if not known:
        raise ValueError("The certificate in the registration key is not registered with the vault.")
    if known[0]["until"] <= now:
        raise ValueError("The registration key has expired: it is valid for five days. Download a new one.")


def register(store: Store, vault: Document, name: str, address: str, now: float) -> Document:
    """Make the fabric, its provider and its container appear."""
    internal = ids.derived(vault["id"], name, str(now))
    fabric_name = hashlib.sha256(internal.encode()).hexdigest()
    fabric_id = f"{ids.site_recovery(vault)}/replicationFabrics/{fabric_name}"
    fabric: Document = {
        "id": fabric_id,
        "name": fabric_name,
        "vault": vault["id"],
        "friendly": name,
        "address": address,
        "registered": now,
        "refreshed": None,
        "internal": internal,
        "host": ids.derived(internal, "host"),
        "provider": ids.derived(internal, "provider"),
    }
    container_name = f"cloud_{internal}"
    container_id = f"{fabric_id}/replicationProtectionContainers/{container_name}"
    container = {"id": container_id, "name": container_name, "friendly": name}
    store.put("fabric", fabric_id, fabric, parent=vault["id"])
    store.put("container", container_id, container, parent=fabric_id)
    job_store.started(
        store, now, vault, job_plans.REGISTER, server(fabric), Outcome(), fabric_id, affected=sides(fabric)
    )
    text = "The configuration server is connected"
    vault_events.note(store, vault["id"], now, text, "ServerHealth", "OK", name, fabric_id)
    return fabric
