"""A passkey in software, for the tests; see https://www.w3.org/TR/webauthn-2/"""

import json
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from cbor2 import dumps
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

ORIGIN = "http://localhost"
HOST = "localhost"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """Makes one key pair, and signs with it whatever a site challenges it with."""

    def __init__(self) -> None:
        self.key = generate_private_key(SECP256R1())
        self.id = token_bytes(32)
        self.uses = 0

    def register(self, options: dict[str, Any]) -> str:
        """Answer the options of a registration, as a browser sends the answer."""
        attestation = dumps({"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED)})
        response = {
            "attestationObject": bytes_to_base64url(attestation),
            "clientDataJSON": self._client_data("webauthn.create", options),
        }
        return self._credential(response, extensions='{"credProps": {"rk": true}}')

    def sign(self, options: dict[str, Any], user_handle: str = "") -> str:
        """Answer the options of a log-in, as a browser sends the answer."""
        self.uses += 1
        data = self._data(0)
        client_data = self._client_data("webauthn.get", options)
        signed = data + sha256(base64url_to_bytes(client_data)).digest()
        response = {
            "authenticatorData": bytes_to_base64url(data),
            "clientDataJSON": client_data,
            "signature": bytes_to_base64url(self.key.sign(signed, ECDSA(SHA256()))),
            "userHandle": bytes_to_base64url(user_handle.encode()) if user_handle else None,
        }
        return self._credential(response)

    def _credential(self, response: dict[str, Any], **more: str) -> str:
        name = bytes_to_base64url(self.id)
        credential = {"id": name, "rawId": name, "type": "public-key", "response": response}
        return json.dumps(credential | more)

    def _client_data(self, kind: str, options: dict[str, Any]) -> str:
        data = {"type": kind, "challenge": options["challenge"], "origin": ORIGIN}
        return bytes_to_base64url(json.dumps(data).encode())

    def _data(self, flags: int) -> bytes:
        head = sha256(HOST.encode()).digest() + bytes([PRESENT | VERIFIED | flags])
        counted = head + self.uses.to_bytes(4)
        return counted + self._attested() if flags & ATTESTED else counted

    def _attested(self) -> bytes:
        point = self.key.public_key().public_numbers()
        # COSE: an elliptic curve key (1: 2), for ES256 (3: -7), on P-256 (-1: 1), at x and y.
        key = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        return bytes(16) + len(self.id).to_bytes(2) + self.id + dumps(key)
