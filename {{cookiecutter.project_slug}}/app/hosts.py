"""The hosts that the site answers for; links in mails are made from the host of a request."""

import re
from ipaddress import ip_address
from typing import Any, NamedTuple

from environs import ValidationError
from flask import Flask, Response, abort, current_app, request
from flask.globals import request_ctx
from werkzeug.exceptions import SecurityError
from werkzeug.routing import RequestRedirect

LABEL = r"(?:[^\W_]|-)+"
NAME = rf"{LABEL}(?:\.{LABEL})*|\[[0-9a-f:.]+\]"
PORT = r"[1-9]\d{0,4}"
HOST = re.compile(rf"(\.?)({NAME})\.?(?::({PORT}))?")
HIGHEST_PORT = 65535
# The path that a proxy puts before ours: links would lead to another host if it began with two slashes.
PREFIX = re.compile(r"(/[\w~-][\w.~-]*)*")
SITE_URL = re.compile(rf"(https?)://([^/.][^/]*)({PREFIX.pattern})/?", re.IGNORECASE)
# Probes name the server by its IP address; these answers hold no links.
ANY_HOST = {"health.healthz", "health.readyz"}
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


class Site(NamedTuple):
    """The address of the site."""

    scheme: str
    host: Host
    path: str


def init_app(app: Flask) -> None:
    """Check the host of each request, and let tasks and commands make links."""
    # Flask's own check would ignore the port, and refuse names in capital letters.
    names, app.config["TRUSTED_HOSTS"] = app.config["TRUSTED_HOSTS"], None
    hosts = app.extensions["hosts"] = [parse(name) for name in names]
    site = app.extensions["site"] = parse_site(app.config["SITE_URL"] or default_site(hosts))
    # Test clients use SERVER_NAME as their host, and tests expect localhost.
    if app.config["SITE_URL"] or not app.testing:
        app.config["SERVER_NAME"] = str(site.host)
        app.config["PREFERRED_URL_SCHEME"] = site.scheme
        app.config["APPLICATION_ROOT"] = site.path or "/"
    app.before_request(check_proxy)
    app.before_request(check_host)


def default_site(hosts: list[Host]) -> str:
    """Return the address at the first public host, or that of ``flask run``."""
    public = next((host for host in hosts if not host.is_local), None)
    return f"https://{public}" if public else f"http://{hosts[0].name}:{hosts[0].port or 5000}"


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


def parse_site(url: str) -> Site:
    """Read the address of a site.

    :raises environs.ValidationError: the text is not such an address
    """
    found = SITE_URL.fullmatch(url)
    if not found:
        message = f"{url!r} is not like https://example.com or https://example.com/shop."
        raise ValidationError(message)
    return Site(found[1].lower(), parse(found[2]), found[3])


def check_site(url: str) -> None:
    """Refuse what is not the address of a site; it may be empty.

    :raises environs.ValidationError: the text is not such an address
    """
    if url:
        parse_site(url)


def lists_site(names: list[str], url: str | None) -> bool:
    """Return whether the list allows the host of this address; True if there is none."""
    if not url:
        return True
    site = parse_site(url)
    return is_listed(site.host, DEFAULT_PORTS[site.scheme], [parse(name) for name in names])


def check_host() -> None:
    """Refuse hosts that are not listed, and let links lead to those that are.

    :raises werkzeug.exceptions.SecurityError: the host is not listed
    """
    if request.endpoint in ANY_HOST:
        return
    hosts: list[Host] = current_app.extensions["hosts"]
    asked, default_port = requested_host(), DEFAULT_PORTS.get(request.scheme)
    if not is_listed(asked, default_port, hosts):
        raise SecurityError
    adapter: Any = request_ctx.url_adapter
    adapter.server_name = str(linked_host(asked))
    if isinstance(request.routing_exception, RequestRedirect):
        request_ctx.match_request()  # the redirect was made for the host of SITE_URL


def is_listed(asked: Host, default_port: int | None, hosts: list[Host]) -> bool:
    """Return whether the list allows a host."""
    return any(host.allows(asked, default_port) for host in hosts)


def check_proxy() -> None:
    """Refuse a scheme or a path of the proxy that would lead links elsewhere."""
    if request.scheme not in DEFAULT_PORTS:
        abort(Response("X-Forwarded-Proto is not http or https.", 400, mimetype="text/plain"))
    if not PREFIX.fullmatch(request.root_path):
        abort(Response("X-Forwarded-Prefix is not a path.", 400, mimetype="text/plain"))


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


def linked_host(asked: Host) -> Host:
    """Return the host for links: the local names of a public site are for health checks only."""
    site: Host = current_app.extensions["site"].host
    is_hidden = asked.is_local and current_app.config["APP_ENV"] == "production"
    return site if is_hidden and not site.is_local else asked


def is_local(host: str) -> bool:
    """Return whether a host is reached without a network."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
