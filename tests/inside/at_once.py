"""Uses each link and code of the accounts several times at once, and says what was accepted more than once.

The project's environment runs this in the project's folder, with TEST_DATABASE_URL set.
"""

# mypy: ignore-errors
import re
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

sys.path[:0] = [".", "tests"]

# ruff: noqa: E402, I001 the project is where the script is run
from conftest import SETTINGS
from flask_security import hash_password, naive_utcnow
from sqlalchemy import func, select
from test_security_second_step import add_passkey, challenge, recovery_codes, set_up

from app import create_app
from app.database import db
from app.security.models import User
from app.security.roles import store
from app.security.tokens import MOST, Token

TIMES = 6
EMAIL, PASSWORD, NEW = "plain@example.com", "a long enough password", "another quite long phrase"
LOG_IN = {"email": EMAIL, "password": PASSWORD}

app = create_app(SETTINGS)
app.extensions["mailman"].outbox = []


def at_once(clients: list[Any], request: Callable[[Any], Any]) -> list[Any]:
    """Let all clients send the request at the same moment, and return the responses."""
    barrier = Barrier(len(clients))

    def send(client: Any) -> Any:
        barrier.wait()
        return request(client)

    with ThreadPoolExecutor(len(clients)) as pool:
        responses = list(pool.map(send, clients))
    assert {response.status_code for response in responses} <= {200, 302, 409}, responses
    return responses


def fresh(*cookies: Any, **form: str) -> list[Any]:
    """Return browsers, with these cookies, in which this form was sent to the log-in page."""
    clients = [app.test_client() for _ in range(TIMES)]
    for client in clients:
        for cookie in cookies:
            client.set_cookie(cookie.key, cookie.value)
        if form:
            client.post("/login", data=form)
    return clients


def logged_in() -> Any:
    """Return the browser of a user with a new account."""
    with app.app_context():
        db.drop_all()
        db.create_all()
        known = {"password": hash_password(PASSWORD), "confirmed_at": naive_utcnow()}
        store().create_user(email=EMAIL, **known)
        db.session.commit()
    client = app.test_client()
    assert client.post("/login", data=LOG_IN).location == "/account"
    return client


def link() -> str:
    """Return the path of the link in the newest mail."""
    body = app.extensions["mailman"].outbox[-1].body
    return str(re.findall(r"^http://localhost(\S+)$", body, re.MULTILINE)[-1])


def led_to(path: str, responses: list[Any]) -> int:
    """Return how many were accepted, by where they lead."""
    return sum(response.location == path for response in responses)


def reset() -> int:
    """Open a link to a new password."""
    logged_in()
    app.test_client().post("/reset", data={"email": EMAIL})
    path, form = link(), {"password": NEW, "password_confirm": NEW}
    return led_to("/login", at_once(fresh(), lambda client: client.post(path, data=form)))


def confirm() -> int:
    """Open a link that confirms an address."""
    logged_in()
    form = {"email": "new@example.com", "password": NEW, "password_confirm": NEW}
    app.test_client().post("/register", data=form)
    path = link()
    return led_to("/login", at_once(fresh(), lambda client: client.post(path)))


def change_email() -> int:
    """Open a link that changes an address."""
    logged_in().post("/change-email", data={"email": "new@example.com"})
    path = link()
    return led_to("/account", at_once(fresh(), lambda client: client.post(path)))


def recovery_code() -> int:
    """Log in with a recovery code."""
    client = logged_in()
    set_up(client)
    form = {"code": recovery_codes(client)[0]}
    return led_to("/account", at_once(fresh(**LOG_IN), lambda client: client.post("/mf-recovery", data=form)))


def code() -> int:
    """Log in with a code of an authenticator app."""
    form = {"code": set_up(logged_in()).code(later=1)}
    return led_to("/account", at_once(fresh(**LOG_IN), lambda client: client.post("/tf-validate", data=form)))


def passkey() -> int:
    """Log in with one answer of a passkey that does not count."""
    authenticator = add_passkey(logged_in())
    authenticator.uses = -1  # it does not count
    client = app.test_client()
    path, options = challenge(client)
    form = {"credential": authenticator.sign(options)}
    clients = fresh(client.get_cookie(app.config["SESSION_COOKIE_NAME"]))
    return led_to("/account", at_once(clients, lambda client: client.post(path, data=form)))


def registration() -> int:
    """Register an address; return how many accounts have it."""
    logged_in()
    form = {"email": "new@example.com", "password": NEW, "password_confirm": NEW}
    at_once(fresh(), lambda client: client.post("/register", data=form))
    with app.app_context():
        return db.session.scalar(select(func.count(User.id)).filter_by(email="new@example.com")) or 0


def tokens_above_the_limit() -> int:
    """Create a token when there are as many as may be; return 1 if there are no more than that."""
    client = logged_in()
    for _ in range(MOST):
        client.post("/account/tokens", data={"name": "A", "days": "7"})
    clients = fresh(client.get_cookie(app.config["SESSION_COOKIE_NAME"]))
    at_once(clients, lambda client: client.post("/account/tokens", data={"name": "A", "days": "7"}))
    with app.app_context():
        return 1 + (db.session.scalar(select(func.count(Token.id))) or 0) - MOST


CHECKS = (reset, confirm, change_email, recovery_code, code, passkey, registration, tokens_above_the_limit)
accepted = {check.__name__: [check() for _ in range(3)] for check in CHECKS}
with app.app_context():
    db.drop_all()
    db.engine.dispose()
print(accepted)
sys.exit(any(count != 1 for counts in accepted.values() for count in counts))
