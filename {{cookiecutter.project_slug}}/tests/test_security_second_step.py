"""The second step of logging in, and passkeys."""

import json
import re
import time
from collections.abc import Callable
from hashlib import sha256
from secrets import token_bytes
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

from app.database import db
from app.security.models import User
from app.security.roles import find_user
from app.security.two_factor import Totp

Login = Callable[..., FlaskClient]
JSON = {"Accept": "application/json"}
ORIGIN = "http://localhost"
HOST = "localhost"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Phone:
    """An authenticator app, whose clock can be set."""

    def __init__(self, key: str) -> None:
        self.totp = TOTP(key)
        self.now = time.time()

    def code(self, later: int = 0) -> str:
        """Return the code of this many half minutes later."""
        return str(self.totp.generate(self.now + later * 30).token)


class Authenticator:
    """A passkey: makes one key pair, and signs with it whatever a site challenges it with.

    See https://www.w3.org/TR/webauthn-2/
    """

    def __init__(self) -> None:
        self.key = generate_private_key(SECP256R1())
        self.id = token_bytes(32)
        self.uses = 0
        self.flags = PRESENT | VERIFIED

    def register(self, options: dict[str, Any]) -> str:
        """Answer the options of a registration, as a browser sends the answer."""
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED)})
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
        head = sha256(HOST.encode()).digest() + bytes([self.flags | flags])
        counted = head + self.uses.to_bytes(4)
        return counted + self._attested() if flags & ATTESTED else counted

    def _attested(self) -> bytes:
        point = self.key.public_key().public_numbers()
        # COSE: an elliptic curve key (1: 2), for ES256 (3: -7), on P-256 (-1: 1), at x and y.
        key = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        return bytes(16) + len(self.id).to_bytes(2) + self.id + encode_cbor(key)


def set_up(client: FlaskClient) -> Phone:
    """Turn the second step on, and return the app that has its key."""
    form = {"setup": "authenticator"}
    answer = client.post("/tf-setup", data=form, headers=JSON).get_json()["response"]
    phone = Phone(answer["tf_authr_b32key"])
    confirmed = client.post(f"/tf-setup/{answer['tf_state_token']}", data={"code": phone.code()})
    assert confirmed.location == "/account"
    return phone


def waiting(app: Flask, password: str) -> FlaskClient:
    """Return a browser in which the password was right, and the second step is due."""
    client = app.test_client()
    response = client.post("/login", data={"email": "plain@example.com", "password": password})
    assert response.location == "/tf-validate?next=/account"
    assert client.get("/account").status_code == 302
    return client


def recovery_codes(client: FlaskClient) -> list[str]:
    """Let the account make recovery codes."""
    answer = client.post("/mf-recovery-codes", data={"generate_new_codes": "y"}, headers=JSON)
    codes: list[str] = answer.get_json()["response"]["recovery_codes"]
    return codes


def add_passkey(client: FlaskClient, usage: str = "first", name: str = "Laptop") -> Authenticator:
    """Register a passkey with the account."""
    form = {"name": name, "usage": usage}
    answer = client.post("/wan-register", data=form, headers=JSON).get_json()["response"]
    authenticator = Authenticator()
    credential = authenticator.register(answer["credential_options"])
    done = client.post(f"/wan-register/{answer['wan_state']}", data={"credential": credential})
    assert done.location == "/account", done.text
    return authenticator


def challenge(client: FlaskClient, path: str = "/wan-signin") -> tuple[str, dict[str, Any]]:
    """Return where an answer goes, and what is to be signed."""
    answer = client.post(path, headers=JSON).get_json()["response"]
    return f"{path}/{answer['wan_state']}", answer["credential_options"]


def test_the_set_up_page_shows_a_code_to_scan(login: Login) -> None:
    page = login().post("/tf-setup", data={"setup": "authenticator"}).text
    assert "data:image/svg+xml;base64," in page
    assert re.search(r"(?:[A-Z2-7]{4}-){7}[A-Z2-7]{4}", page)
    assert "<nav" in page


def test_a_wrong_code_turns_nothing_on(login: Login, app: Flask, password: str) -> None:
    client = login()
    form = {"setup": "authenticator"}
    answer = client.post("/tf-setup", data=form, headers=JSON).get_json()["response"]
    client.post(f"/tf-setup/{answer['tf_state_token']}", data={"code": "000000"})
    data = {"email": "plain@example.com", "password": password}
    assert app.test_client().post("/login", data=data).location == "/account"


def test_logging_in_takes_a_code(login: Login, app: Flask, password: str) -> None:
    phone = set_up(login())
    client = waiting(app, password)
    assert "invalid-feedback" in client.post("/tf-validate", data={"code": "000000"}).text
    response = client.post("/tf-validate?next=/account", data={"code": phone.code(later=1)})
    assert response.location == "/account"
    assert client.get("/account").status_code == 200


def test_no_code_works_twice(login: Login, app: Flask, password: str) -> None:
    phone = set_up(login())
    set_up_with, code = phone.code(), phone.code(later=1)
    for used in (set_up_with, code):
        client = waiting(app, password)
        response = client.post("/tf-validate", data={"code": used})
        assert (response.status_code == 302) == (used == code)
    client = waiting(app, password)
    assert client.post("/tf-validate", data={"code": code}).status_code == 200
    assert client.get("/account").status_code == 302


def test_of_two_requests_with_one_code_one_is_refused(
    login: Login, app: Flask, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = set_up(login())
    first, second = waiting(app, password), waiting(app, password)
    # Both have read the user before either wrote that the code is used.
    monkeypatch.setattr(Totp, "get_last_counter", lambda *_: None)
    assert first.post("/tf-validate", data={"code": phone.code(later=1)}).status_code == 302
    assert second.post("/tf-validate", data={"code": phone.code(later=1)}).status_code == 200


def test_the_secret_of_the_app_is_kept_encrypted(login: Login, app: Flask) -> None:
    phone = set_up(login())
    with app.app_context():
        user = find_user("plain@example.com")
        assert user
        assert user.tf_totp_secret
        assert phone.totp.base32_key not in user.tf_totp_secret


def test_each_recovery_code_works_once(login: Login, app: Flask, password: str) -> None:
    client = login()
    set_up(client)
    codes = recovery_codes(client)
    assert len(set(codes)) == 10
    page = client.get("/mf-recovery-codes?show_codes=y").text
    assert all(code in page for code in codes)
    with app.app_context():
        user = find_user("plain@example.com")
        assert user
        assert not set(codes) & set(user.mf_recovery_codes or [])
    for client, works in ((waiting(app, password), True), (waiting(app, password), False)):
        response = client.post("/mf-recovery", data={"code": codes[0]})
        assert (response.status_code == 302) == works
        assert (client.get("/account").status_code == 200) == works


def test_new_recovery_codes_replace_the_old_ones(login: Login, app: Flask, password: str) -> None:
    client = login()
    set_up(client)
    old, new = recovery_codes(client)[0], recovery_codes(client)[0]
    client = waiting(app, password)
    assert client.post("/mf-recovery", data={"code": old}).status_code == 200
    assert client.post("/mf-recovery", data={"code": new}).status_code == 302


def test_nobody_is_asked_to_write_to_an_administrator(
    login: Login, app: Flask, password: str
) -> None:
    set_up(login())
    client = waiting(app, password)
    response = client.post("/tf-rescue", data={"help_setup": "help"})
    assert response.status_code == 200
    assert "help_setup" not in response.text


def test_the_second_step_is_turned_off_again(login: Login, app: Flask, password: str) -> None:
    client = login()
    set_up(client)
    assert client.post("/tf-setup", data={"setup": "disable"}).location == "/account"
    data = {"email": "plain@example.com", "password": password}
    assert app.test_client().post("/login", data=data).location == "/account"


def test_the_second_step_can_not_be_entered_without_the_first(client: FlaskClient) -> None:
    for path in ("/tf-validate", "/tf-rescue", "/mf-recovery", "/tf-select"):
        response = client.post(path, data={"code": "000000", "which": "authenticator"})
        assert response.location == "/login", path


def test_a_passkey_stands_for_the_password(login: Login, app: Flask) -> None:
    authenticator = add_passkey(login())
    client = app.test_client()
    path, options = challenge(client)
    assert options["userVerification"] == "required"
    assert options.get("allowCredentials", []) == []
    response = client.post(path, data={"credential": authenticator.sign(options)})
    assert response.location == "/account"
    assert client.get("/account").status_code == 200


def test_a_passkey_of_another_site_is_refused(login: Login, app: Flask) -> None:
    authenticator = add_passkey(login())
    for answer in (Authenticator().sign, lambda options: authenticator.sign(options, "else")):
        client = app.test_client()
        path, options = challenge(client)
        response = client.post(path, data={"credential": answer(options)})
        assert client.get("/account").status_code == 302
        assert response.status_code < 500


@pytest.mark.parametrize("sent", ["", "{}", "null", "[]", "\0", '{"id": 1}', "x" * 5000])
def test_what_is_no_passkey_is_refused(sent: str, login: Login, app: Flask) -> None:
    client = login()
    answer = client.post("/wan-register", data={"name": "A", "usage": "first"}, headers=JSON)
    path = f"/wan-register/{answer.get_json()['response']['wan_state']}"
    assert client.post(path, data={"credential": sent}).status_code < 500
    client = app.test_client()
    path, _options = challenge(client)
    assert client.post(path, data={"credential": sent}).status_code < 500


def test_a_passkey_can_be_the_second_step(login: Login, app: Flask, password: str) -> None:
    authenticator = add_passkey(login(), usage="secondary")
    client = app.test_client()
    data = {"email": "plain@example.com", "password": password}
    assert client.post("/login", data=data).location == "/wan-signin?next=/account"
    path, options = challenge(client)
    response = client.post(path, data={"credential": authenticator.sign(options)})
    assert response.location == "/account"
    stranger = app.test_client()
    path, options = challenge(stranger)
    stranger.post(path, data={"credential": authenticator.sign(options)})
    assert stranger.get("/account").status_code == 302


def test_somebody_else_s_passkey_is_no_second_step(login: Login, app: Flask, password: str) -> None:
    theirs = add_passkey(login("editor"), usage="secondary")
    add_passkey(login(), usage="secondary")
    client = app.test_client()
    client.post("/login", data={"email": "plain@example.com", "password": password})
    path, options = challenge(client)
    client.post(path, data={"credential": theirs.sign(options)})
    assert client.get("/account").status_code == 302


def test_a_challenge_is_answered_once_and_by_who_was_asked(login: Login, app: Flask) -> None:
    authenticator = add_passkey(login())
    asked, other = app.test_client(), app.test_client()
    path, options = challenge(asked)
    answer = {"credential": authenticator.sign(options)}
    assert other.post(path, data=answer).location == "/wan-signin"
    assert other.post(path, data=answer, headers=JSON).status_code == 400
    assert asked.post(path, data=answer).location == "/account"
    asked.post("/logout")
    assert asked.post(path, data=answer).location == "/wan-signin"
    assert asked.get("/account").status_code == 302


def test_what_one_session_begins_is_not_ended_in_another(
    login: Login, app: Flask, password: str
) -> None:
    attacker, victim = login("editor"), login()
    answer = attacker.post("/tf-setup", data={"setup": "authenticator"}, headers=JSON)
    begun = answer.get_json()["response"]
    code = Phone(begun["tf_authr_b32key"]).code()
    path = f"/tf-setup/{begun['tf_state_token']}"
    assert victim.post(path, data={"code": code}).location == "/tf-setup"
    form = {"name": "Mine", "usage": "first"}
    begun = attacker.post("/wan-register", data=form, headers=JSON).get_json()["response"]
    credential = Authenticator().register(begun["credential_options"])
    path = f"/wan-register/{begun['wan_state']}"
    assert victim.post(path, data={"credential": credential}).location == "/wan-register"
    path, _options = challenge(victim, "/wan-verify")
    path = path.replace("/wan-verify", "/wan-register")
    assert victim.post(path, data={"credential": credential}).location == "/wan-register"
    with app.app_context():
        user = find_user("plain@example.com")
        assert user
        assert not user.tf_totp_secret
        assert not user.webauthn


def test_a_new_app_is_set_up_at_once(login: Login) -> None:
    client = login()
    set_up(client)
    set_up(client)


def test_of_two_requests_with_one_recovery_code_one_is_refused(login: Login, app: Flask) -> None:
    client = login()
    set_up(client)
    code = recovery_codes(client)[0]
    with app.app_context():
        first, second = find_user("plain@example.com"), User()
        assert first
        second.id, second.mf_recovery_codes = first.id, list(first.mf_recovery_codes or [])
        codes = app.extensions["security"].mf_recovery_codes_util
        assert codes.check_recovery_code(first, f" {code.upper()} ")
        assert not codes.check_recovery_code(second, code)


def test_a_second_step_is_chosen_where_there_are_two(
    login: Login, app: Flask, password: str
) -> None:
    client = login()
    phone = set_up(client)
    add_passkey(client, usage="secondary")
    client = app.test_client()
    data = {"email": "plain@example.com", "password": password}
    chosen = client.post("/login", data=data).location
    assert chosen == "/tf-select?next=/account"
    assert "<nav" in client.get(chosen).text
    step = client.post(chosen, data={"which": "authenticator"}).location
    assert step == "/tf-validate?next=/account"
    response = client.post(step, data={"code": phone.code(later=1)})
    assert response.location == "/account"


def test_a_passkey_proves_that_it_is_still_them(login: Login) -> None:
    client = login()
    authenticator = add_passkey(client)
    path, options = challenge(client, "/wan-verify")
    response = client.post(
        f"{path}?next=/account/delete", data={"credential": authenticator.sign(options)}
    )
    assert response.location == "/account/delete"


def test_passkeys_are_listed_and_deleted(login: Login, app: Flask) -> None:
    client = login()
    authenticator = add_passkey(client, name="Blue key")
    assert "Blue key" in client.get("/wan-register").text
    assert "invalid-feedback" in client.post("/wan-register", data={"name": "<b>"}).text
    assert "at most 64" in client.post("/wan-register", data={"name": "x" * 65}).text
    again = client.post("/wan-register", data={"name": "Blue key", "usage": "first"})
    assert "invalid-feedback" in again.text
    assert client.post("/wan-delete", data={"name": "Blue key"}).status_code == 302
    assert "Blue key" not in client.get("/wan-register").text.split("<main")[1].split("<form")[-1]
    stranger = app.test_client()
    path, options = challenge(stranger)
    stranger.post(path, data={"credential": authenticator.sign(options)})
    assert stranger.get("/account").status_code == 302


def test_an_account_is_deleted_with_its_passkeys(login: Login, app: Flask) -> None:
    client = login("editor")
    authenticator = add_passkey(client)
    response = client.post("/account/delete", data={"email": "editor@example.com"})
    assert response.location == "/"
    stranger = app.test_client()
    path, options = challenge(stranger)
    refused = stranger.post(path, data={"credential": authenticator.sign(options)})
    assert refused.status_code < 500
    assert stranger.get("/account").status_code == 302


def is_logged_in(client: FlaskClient) -> bool:
    """Return whether the account page is shown."""
    return client.get("/account").status_code == 200


def test_stolen_passkey_does_not_replace_the_password(login: Login, app: Flask) -> None:
    authenticator = add_passkey(login())
    authenticator.flags = PRESENT
    client = app.test_client()
    path, options = challenge(client)
    client.post(path, data={"credential": authenticator.sign(options)})
    assert not is_logged_in(client)


@pytest.mark.parametrize("leave", ["/login", "/tf-select", None])
def test_challenge_of_a_second_step_is_not_answered_for_a_log_in(
    leave: str | None, login: Login, app: Flask, password: str
) -> None:
    stolen = add_passkey(login("editor"))
    stolen.flags = PRESENT
    add_passkey(login(), usage="secondary")
    client = app.test_client()
    client.post("/login", data={"email": "plain@example.com", "password": password})
    path, options = challenge(client)
    assert options["userVerification"] == "preferred"
    if leave:
        client.get(leave)
    client.post(path, data={"credential": stolen.sign(options)})
    assert not is_logged_in(client)


def test_challenge_of_a_log_in_is_not_answered_for_a_second_step(
    login: Login, app: Flask, password: str
) -> None:
    authenticator = add_passkey(login(), usage="secondary")
    client = app.test_client()
    path, options = challenge(client)
    client.post("/login", data={"email": "plain@example.com", "password": password})
    response = client.post(path, data={"credential": authenticator.sign(options)})
    assert response.location == "/wan-signin"
    assert not is_logged_in(client)


def test_challenge_of_one_user_is_not_answered_by_the_next(
    login: Login, app: Flask, password: str
) -> None:
    client = login()
    form = {"name": "Mine", "usage": "first"}
    begun = client.post("/wan-register", data=form, headers=JSON).get_json()["response"]
    credential = Authenticator().register(begun["credential_options"])
    client.post("/logout")
    login("editor")
    client.post("/login", data={"email": "editor@example.com", "password": password})
    path = f"/wan-register/{begun['wan_state']}"
    assert client.post(path, data={"credential": credential}).location == "/wan-register"


def test_passkey_without_its_owner_is_a_second_step_and_a_verification(
    login: Login, app: Flask, password: str
) -> None:
    authenticator = add_passkey(login(), usage="secondary")
    authenticator.flags = PRESENT
    client = app.test_client()
    client.post("/login", data={"email": "plain@example.com", "password": password})
    path, options = challenge(client)
    client.post(path, data={"credential": authenticator.sign(options)})
    assert is_logged_in(client)
    path, options = challenge(client, "/wan-verify")
    answer = {"credential": authenticator.sign(options)}
    assert client.post(f"{path}?next=/account", data=answer).location == "/account"


def test_old_session_does_not_answer_a_challenge_again(login: Login, app: Flask) -> None:
    authenticator = add_passkey(login())
    client = app.test_client()
    path, options = challenge(client)
    authenticator.uses = -1  # a passkey that is kept on several devices does not count
    answer = {"credential": authenticator.sign(options)}
    old = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert old
    assert client.post(path, data=answer).location == "/account"
    thief = app.test_client()
    thief.set_cookie(old.key, old.value)
    thief.post(path, data=answer)
    assert not is_logged_in(thief)


@pytest.mark.parametrize("change", [{"active": False}, {"confirmed_at": None}])
def test_passkey_logs_in_only_who_may_log_in_by_password(
    change: dict[str, object], login: Login, app: Flask, password: str
) -> None:
    authenticator = add_passkey(login())
    with app.app_context():
        user = find_user("plain@example.com")
        assert user
        for name, value in change.items():
            setattr(user, name, value)
        db.session.commit()
    by_password, by_passkey = app.test_client(), app.test_client()
    form = {"email": "plain@example.com", "password": password}
    by_password.post("/login", data=form)
    path, options = challenge(by_passkey)
    by_passkey.post(path, data={"credential": authenticator.sign(options)})
    for client in (by_password, by_passkey):
        with client.session_transaction() as session:
            is_accepted = "_user_id" in session
        may_log_in = not app.extensions["security"].confirmable and "active" not in change
        assert is_accepted == may_log_in


def test_unfinished_second_step_of_one_account_is_not_finished_by_another(
    login: Login, app: Flask, password: str
) -> None:
    set_up(login())
    own = add_passkey(login("editor"))
    attacker = app.test_client()
    path, options = challenge(attacker)
    answer = {"credential": own.sign(options)}
    with attacker.session_transaction() as session, app.app_context():
        victim = find_user("plain@example.com")
        assert victim
        session["tf_user_id"] = victim.fs_uniquifier
    assert attacker.post(path, data=answer).location == "/account"
    form = {"setup": "authenticator"}
    begun = attacker.post("/tf-setup", data=form, headers=JSON).get_json()["response"]
    other = app.test_client()
    other.post("/login", data={"email": "editor@example.com", "password": password})
    other.post("/account/log-out-everywhere")
    code = Phone(begun["tf_authr_b32key"]).code()
    attacker.post("/tf-validate", data={"code": code})
    assert "plain@example.com" not in attacker.get("/account").text


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_code_that_is_not_due_logs_nobody_out(method: str, login: Login) -> None:
    client = login()
    assert client.open("/tf-validate", method=method).location == "/tf-setup"
    assert client.open("/tf-validate", method=method, headers=JSON).status_code == 400
    assert is_logged_in(client)
    client.post("/tf-setup", data={"setup": "authenticator"})
    assert client.open("/tf-validate", method=method).status_code == 200


def test_no_page_that_is_read_logs_anybody_out(login: Login, app: Flask) -> None:
    client = login()
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint.startswith(("account.", "security.")):
            path = re.sub(r"<[^>]+>", "1", rule.rule)
            for method in ("GET", "HEAD"):
                client.open(path, method=method)
                assert is_logged_in(client), (method, path)


def test_passkey_is_locked_while_it_is_used(app: Flask, login: Login, locked: list[str]) -> None:
    authenticator = add_passkey(login())
    locked.clear()
    client = app.test_client()
    path, options = challenge(client)
    client.post(path, data={"credential": authenticator.sign(options)})
    assert locked == ["passkeys"]


def test_user_is_locked_while_their_account_changes(login: Login, locked: list[str]) -> None:
    client = login()
    client.get("/change")
    assert locked == []
    client.post("/change")
    assert locked == ["users"]
