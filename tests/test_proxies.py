"""A project behind real reverse proxies: nginx and Caddy."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urljoin
from urllib.request import OpenerDirector, Request

import pytest
from foundry.manifest import all_but
from foundry.project import Project
from foundry.server import TOKEN, fetch, free_port, serve, submit, visitor, wait_for
from foundry.services import HOST, caddy, nginx
from test_end_to_end import generate

NGINX = """
user root;
daemon off;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    gzip on;
    gzip_types application/json text/css;
    server {{
        listen {host}:{port};
        set $prefix "";
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Host $http_host;
        proxy_set_header X-Forwarded-Prefix $prefix;
        proxy_set_header X-Forwarded-Proto $scheme;
        location / {{
            proxy_pass {site};
        }}
        location /shop/ {{
            set $prefix /shop;
            proxy_pass {site}/;
        }}
    }}
}}
"""
CADDY = """
{{
    admin off
    storage file_system {folder}
}}
http://{host}:{port} {{
    encode zstd gzip
    reverse_proxy {site}
}}
"""
# Of links, files, forms, and what scripts ask for.
ADDRESS = re.compile(r'(href|src|action|data-[\w-]*url)="([^"]*)"')
LEADS_AWAY = re.compile("logout|language|[?#]")
PAGES = 300


def nginx_command(config: Path) -> list[str]:
    """The command that runs nginx with this configuration."""
    return [nginx(), "-p", str(config.parent), "-e", "stderr", "-c", str(config)]


def caddy_command(config: Path) -> list[str]:
    """The command that runs Caddy with this configuration."""
    return [caddy(), "run", "--adapter", "caddyfile", "--config", str(config)]


PROXIES = {"nginx": (nginx_command, NGINX), "caddy": (caddy_command, CADDY)}


@contextmanager
def proxy(name: str, site: str, folder: Path) -> Iterator[str]:
    """Run a proxy in front of a site, and yield its address."""
    command, template = PROXIES[name]
    port = free_port()
    config = folder / "config"
    config.write_text(template.format(folder=folder, host=HOST, port=port, site=site), encoding="utf-8")
    with (folder / "log").open("wb") as log:
        process = Popen(command(config), stdin=DEVNULL, stdout=log, stderr=log)
    try:
        address = f"http://{HOST}:{port}"
        wait_for(lambda: process.poll() is not None or answers(address))
        assert process.poll() is None, (folder / "log").read_text("utf-8")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def answers(address: str) -> bool:
    """Whether the site is reached."""
    try:
        return fetch(f"{address}/healthz")[0] == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, str]]:
    """A project with an API, and the address of its server."""
    project = generate(all_but("tasks", "caching"), tmp_path_factory.mktemp("proxies"))
    environ = {"APP_ENV": "development", "FLASK_DEBUG": "0", "PROXIES": "1"}
    with serve(project, "gunicorn", "--bind", "127.0.0.1:{port}", "--workers", "1", **environ) as address:
        yield project, address


@dataclass(frozen=True)
class Client:
    """A client of the API that accepts compressed responses, as browsers do."""

    opener: OpenerDirector
    token: str

    def ask(self, method: str, url: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """Status and headers of the response."""
        headers |= {"Accept-Encoding": "gzip, zstd", "Content-Type": "application/json", "X-CSRFToken": self.token}
        data = json.dumps(body).encode() if body is not None else None
        request = Request(url, data, headers, method=method)  # noqa: S310
        try:
            with self.opener.open(request) as response:
                return response.status, response.headers
        except HTTPError as error:
            with error:
                return error.code, error.headers


def editor(project: Project, address: str) -> Client:
    """Log in as the administrator."""
    settings = dict(re.findall(r"^(ADMIN_\w+)=(.*)$", project.read(".env"), re.MULTILINE))
    opener = visitor()
    submit(opener, f"{address}/login", email=settings["ADMIN_EMAIL"], password=settings["ADMIN_PASSWORD"])
    with opener.open(f"{address}/account") as page:
        token = TOKEN.search(page.read().decode())
    assert token
    return Client(opener, token[1])


@pytest.mark.parametrize("name", PROXIES)
def test_rows_can_be_changed_behind_a_proxy_that_compresses(
    name: str, site: tuple[Project, str], tmp_path: Path
) -> None:
    project, address = site
    with proxy(name, address, tmp_path) as front:
        client = editor(project, front)
        products = f"{front}/api/v1/products"
        new = {
            "name": f"Behind {name}",
            "price": "1.00",
            "category_id": 1,
            "description": "Long enough to be compressed. " * 50,
        }
        status, headers = client.ask("POST", products, new)
        assert status == 201
        row = f"{front}{headers['Location']}"

        def seen() -> str:
            status, headers = client.ask("GET", row)
            assert (status, headers["Content-Encoding"]) == (200, {"nginx": "gzip", "caddy": "zstd"}[name])
            return str(headers["ETag"])

        old = seen()
        assert client.ask("GET", row, **{"If-None-Match": old})[0] == 304
        assert client.ask("PATCH", row, {"price": "2.00"}, **{"If-Match": old})[0] == 200
        assert client.ask("PATCH", row, {"price": "3.00"}, **{"If-Match": old})[0] == 412
        status, headers = client.ask("PUT", row, {**new, "price": "4.00"}, **{"If-Match": seen()})
        assert status == 200
        assert client.ask("DELETE", row, **{"If-Match": old})[0] == 412
        assert client.ask("DELETE", row, **{"If-Match": headers["ETag"]})[0] == 204


@pytest.mark.parametrize("name", PROXIES)
def test_cached_file_is_not_sent_again_behind_a_proxy(name: str, site: tuple[Project, str], tmp_path: Path) -> None:
    with proxy(name, site[1], tmp_path) as front:
        client = Client(visitor(), "")
        status, headers = client.ask("GET", f"{front}/static/app.css")
        assert status == 200
        for tag in (headers["ETag"], f"W/{headers['ETag'].removeprefix('W/')}"):
            assert client.ask("GET", f"{front}/static/app.css", **{"If-None-Match": tag})[0] == 304


def test_site_below_a_path_of_a_proxy_keeps_it(site: tuple[Project, str], tmp_path: Path) -> None:
    """Every page that an administrator reaches from the home page leads to pages below the path."""
    with proxy("nginx", site[1], tmp_path) as front:
        opener = editor(site[0], f"{front}/shop").opener
        seen, waiting = {f"{front}/shop/"}, [f"{front}/shop/"]
        while waiting and len(seen) < PAGES:
            page = waiting.pop(0)
            with opener.open(page) as response:
                text = response.read().decode() if "text/html" in response.headers["Content-Type"] else ""
            found = {(name, urljoin(page, unescape(address))) for name, address in ADDRESS.findall(text)}
            own = {(name, address) for name, address in found if address.startswith(front)}
            assert not [address for _, address in own if not address.startswith(f"{front}/shop/")], page
            links = {address for name, address in own if name == "href" and not LEADS_AWAY.search(address)}
            waiting += sorted(links - seen)
            seen |= links
        for path in ("account", "admin/", "admin/product/", "api/v1/docs", "products/", "preferences"):
            assert f"{front}/shop/{path}" in seen
        with opener.open(f"{front}/shop/api/v1/openapi.json") as response:
            assert json.load(response)["servers"] == [{"url": "/shop"}]
