"""The hosts that the site answers for: any other could lead the links in mails elsewhere."""

import re
from ipaddress import ip_address
from typing import Any, NamedTuple

from environs import ValidationError
from flask import Flask, current_app, request
from flask.globals import request_ctx
from werkzeug.exceptions import SecurityError

LABEL = r"(?:[^\W_]|-)+"
NAME = rf"{LABEL}(?:\.{LABEL})*|\[[0-9a-f:.]+\]"
PORT = r"[1-9]\d{0,4}"
HOST = re.compile(rf"(\.?)({NAME})\.?(?::({PORT}))?")
HIGHEST_PORT = 65535
DEFAULT_PORTS = {"http": 80, "https": 443}


class Host(NamedTuple):
    """A host name, or an IPv6 address in brackets, as browsers send it."""

    name: str
    port: int | None
    with_subdomains: bool

    @property
    def is_local(self) -> bool:
        """Whether the name means the machine that looks it up."""
        return is_local(self.name.strip("[]"))

    def __str__(self) -> str:
        """Return the host as a URL has it."""
        return f"{self.name}:{self.port}" if self.port else self.name

    def allows(self, asked: "Host", default_port: int | None) -> bool:
        """Return whether this entry of the list allows a host; local names allow every port."""
        allows_name = asked.name == self.name or (
            self.with_subdomains and asked.name.endswith(f".{self.name}")
        )
        if not self.port and self.is_local:
            return allows_name
        return allows_name and (asked.port or default_port) == (self.port or default_port)


def init_app(app: Flask) -> None:
    """Check the host of each request."""
    # Flask's own check would ignore the port, and refuse names in capital letters.
    names, app.config["TRUSTED_HOSTS"] = app.config["TRUSTED_HOSTS"], None
    app.extensions["hosts"] = [parse(name) for name in names]
    app.before_request(check_host)


def parse(text: str) -> Host:
    """Read a host: names compare without case and without a final dot.

    :raises environs.ValidationError: the text is not a host
    """
    found = HOST.fullmatch(text.lower())
    try:
        if not found or int(found[3] or 0) > HIGHEST_PORT:
            raise ValueError
        name = found[2].encode("idna").decode()
    except ValueError as error:
        message = (
            f"{text!r} is not a host such as example.com, .example.org (with its subdomains)"
            " or example.com:8443. List each host, without https:// and without a path."
        )
        raise ValidationError(message) from error
    return Host(name, int(found[3]) if found[3] else None, with_subdomains=bool(found[1]))


def check_host() -> None:
    """Refuse hosts that are not listed, and let links lead to those that are.

    :raises werkzeug.exceptions.SecurityError: the host is not listed
    """
    hosts: list[Host] = current_app.extensions["hosts"]
    asked, default_port = requested_host(), DEFAULT_PORTS.get(request.scheme)
    if not any(host.allows(asked, default_port) for host in hosts):
        raise SecurityError
    adapter: Any = request_ctx.url_adapter
    adapter.server_name = str(linked_host(asked, hosts))


def requested_host() -> Host:
    """Return the host that the request names.

    :raises werkzeug.exceptions.SecurityError: it names none
    """
    try:
        host = parse(request.host)
    except ValidationError as error:
        raise SecurityError from error
    if host.with_subdomains:
        raise SecurityError
    return host


def linked_host(asked: Host, hosts: list[Host]) -> Host:
    """Return the host for links: the local names of a public site are for health checks only."""
    if asked.is_local and current_app.config["APP_ENV"] == "production":
        return next((host for host in hosts if not host.is_local), asked)
    return asked


def is_local(host: str) -> bool:
    """Return whether a host is reached without a network."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
