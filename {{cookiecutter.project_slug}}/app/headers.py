"""Security headers, with a Content-Security-Policy that allows no inline code.

A part that can't live with the policy relaxes it for its own pages. See
https://developer.mozilla.org/docs/Web/HTTP/Headers/Content-Security-Policy
"""

import re
import secrets

from flask import Flask, Response, current_app, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'nonce-{nonce}'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

ROOT_PATH = re.compile("; Path=/(?=;|$)")


class SessionInterface(SecureCookieSessionInterface):
    """Keeps what was made with a session out of caches."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set the cookie; what may be meant for one visitor is stored nowhere.

        It could otherwise be seen by going back, after the visitor has logged out.
        """
        super().save_session(app, session, response)
        if session.accessed:
            response.headers.setdefault("Cache-Control", "no-store")
        if request.root_path:
            limit_cookies(response)


def limit_cookies(response: Response) -> None:
    """Keep the cookies of a site below a path from the other sites of its host."""
    cookies = response.headers.getlist("Set-Cookie")
    path = f"; Path={request.root_path}"
    response.headers.setlist("Set-Cookie", [ROOT_PATH.sub(path, cookie) for cookie in cookies])


def init_app(app: Flask) -> None:
    """Send the headers with every response."""
    app.session_interface = SessionInterface()
    app.extensions["relaxed_policies"] = []
    app.before_request(make_nonce)
    app.after_request(add_headers)


def relax(app: Flask, path: str, directives: dict[str, str]) -> None:
    """Replace directives of the policy for the pages whose path starts with ``path``."""
    app.extensions["relaxed_policies"].append((path, directives))


def make_nonce() -> None:
    """Choose the number, used once, by which this response marks its own scripts."""
    g.setdefault("csp_nonce", secrets.token_urlsafe(16))


def policy(path: str) -> str:
    """Return the Content-Security-Policy of the page at this path."""
    directives = dict(POLICY)
    for prefix, relaxed in current_app.extensions["relaxed_policies"]:
        if path.startswith(prefix):
            directives |= relaxed
    header = "; ".join(f"{name} {value}" for name, value in directives.items())
    return header.replace("{nonce}", g.csp_nonce)


def add_headers(response: Response) -> Response:
    """Add the headers that the view has not set itself."""
    make_nonce()  # a request that is refused very early has none
    ours = {"Content-Security-Policy": policy(request.path), **HEADERS}
    if current_app.config["APP_ENV"] == "production":
        ours["Strict-Transport-Security"] = "max-age=31536000"
    # Looked up at once, for each header on its own would take several times as long.
    given = {name.lower() for name, _value in response.headers}
    response.headers.extend({name: ours[name] for name in ours if name.lower() not in given})
    return response
