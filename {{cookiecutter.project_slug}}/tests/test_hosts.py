"""The hosts that the site answers for."""

import pytest
from flask import Flask, url_for

from app import create_app


def site(hosts: str, monkeypatch: pytest.MonkeyPatch, **variables: str) -> Flask:
    """Return an application for these hosts, with a page that shows its own address."""
    for name, value in {"TRUSTED_HOSTS": hosts, **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("app.config.ROOT", "/nowhere")
    app = create_app()
    app.add_url_rule("/address", "address", lambda: url_for("address", _external=True))
    return app


def address(app: Flask, host: str, scheme: str = "http") -> str:
    """Return the address that a page shows to a client that names this host, or the status."""
    client = app.test_client()
    response = client.get(
        "/address", headers={"Host": host}, environ_overrides={"wsgi.url_scheme": scheme}
    )
    return response.text if response.status_code == 200 else str(response.status_code)


@pytest.mark.parametrize("environment", ["development", "production"])
@pytest.mark.parametrize(
    ("listed", "host", "linked"),
    [
        ("example.com", "example.com", "example.com"),
        ("example.com", "example.com:80", "example.com"),
        ("Example.COM.", "EXAMPLE.com.", "example.com"),
        ("example.com , www.example.com,", "www.example.com", "www.example.com"),
        (".example.org", "example.org", "example.org"),
        (".example.org", "a.b.Example.org.", "a.b.example.org"),
        ("example.com:8443", "example.com:8443", "example.com:8443"),
        ("example.com:80", "example.com", "example.com"),
        (".example.org:8443", "www.example.org:8443", "www.example.org:8443"),
        ("bücher.example", "xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("192.0.2.1:8000", "192.0.2.1:8000", "192.0.2.1:8000"),
        ("[2001:DB8::1]", "[2001:db8::1]", "[2001:db8::1]"),
        ("", "localhost:5001", "localhost:5001"),
        ("", "127.0.0.1:8000", "127.0.0.1:8000"),
        ("", "[::1]:8000", "[::1]:8000"),
        ("localhost:8000", "localhost:8000", "localhost:8000"),
    ],
)
def test_listed_host_is_answered_and_linked(
    listed: str, host: str, linked: str, environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = site(listed, monkeypatch, APP_ENV=environment)
    assert address(app, host) == f"http://{linked}/address"


@pytest.mark.parametrize("debug", ["0", "1"])
@pytest.mark.parametrize(
    ("listed", "host"),
    [
        ("example.com", "evil.example"),
        ("example.com", "example.com:22"),
        ("example.com", "example.com:8443"),
        ("example.com", "example.com:443"),
        ("example.com", "example.com:0"),
        ("example.com", "example.com:99999"),
        ("example.com", "example.com:80:22"),
        ("example.com", "example.com:80@evil.example"),
        ("example.com", "example.com.."),
        ("example.com", "example.com.evil.example"),
        ("example.com", "www.example.com"),
        ("example.com", "localhost"),
        ("example.com", "evil.example, example.com"),
        ("example.com", f"{'a' * 64}.example"),
        ("example.com:8443", "example.com"),
        ("example.com:8443", "example.com:8444"),
        (".example.org", "evilexample.org"),
        (".example.org", ".example.org"),
        ("localhost:8000", "localhost:8001"),
        ("", "evil.localhost"),
    ],
)
def test_any_other_host_is_refused(
    listed: str, host: str, debug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = site(listed, monkeypatch, APP_ENV="development", FLASK_DEBUG=debug)
    assert address(app, host) == "400"


@pytest.mark.parametrize("listed", ["example.com", "example.com:443"])
def test_default_port_is_that_of_the_scheme(listed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = site(listed, monkeypatch)
    for host in ("example.com", "example.com:443"):
        assert address(app, host, "https") == "https://example.com/address"
    assert address(app, "example.com:80", "https") == "400"
    assert address(app, "example.com:22", "ssh") == "400"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:22"])
def test_local_host_of_a_real_site_is_answered_but_never_linked(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = "localhost,127.0.0.1,[::1],.example.org,example.com"
    app = site(listed, monkeypatch, APP_ENV="production")
    assert address(app, host) == "http://example.org/address"
    app = site(listed, monkeypatch, APP_ENV="development")
    assert address(app, host) == f"http://{host}/address"


@pytest.mark.parametrize(
    ("forwarded", "linked"),
    [
        ("example.com", "https://example.com/address"),
        ("evil.example, EXAMPLE.com.", "https://example.com/address"),
        ("example.com:443", "https://example.com/address"),
        ("example.com:22", "400"),
        ("example.com, evil.example", "400"),
        ("localhost", "400"),
    ],
)
def test_host_of_a_proxy_is_checked_too(
    forwarded: str, linked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = site("example.com", monkeypatch, PROXIES="1")
    headers = {"X-Forwarded-Host": forwarded, "X-Forwarded-Proto": "https"}
    response = app.test_client().get("/address", headers={"Host": "example.com", **headers})
    assert linked == (response.text if response.status_code == 200 else str(response.status_code))


@pytest.mark.parametrize(
    "listed",
    [
        "*",
        "*.example.com",
        "https://example.com",
        "//example.com",
        "example.com/",
        "example.com/shop",
        "example.com:",
        "example.com:0",
        "example.com:65536",
        f"example.com:{'9' * 5000}",
        "example.com:http",
        "user@example.com",
        "example.com www.example.com",
        "example.com;www.example.com",
        "my_app",
        ".",
        "..example.org",
        "::1",
        "a" * 64,
        f"www.{'ü' * 64}.example",
    ],
)
def test_value_that_is_not_a_host_is_refused_at_start(
    listed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match="TRUSTED_HOSTS") as refusal:
        site(f"example.com, {listed}", monkeypatch)
    assert repr(listed)[1:9] in str(refusal.value)


@pytest.mark.parametrize("host", ["10.0.0.7:8000", "10.0.0.7", "[fd00::7]:8000", "", "app_1:8000"])
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probe_is_answered_whatever_host_it_names(
    path: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROXIES", "1")
    monkeypatch.setenv("TRUSTED_HOSTS", "example.com")
    client = create_app().test_client()
    for header in ("Host", "X-Forwarded-Host"):
        response = client.get(path, headers={header: host})
        assert set(response.json or {}) >= {"status"}
        assert host not in response.text or not host
        assert client.post(path, headers={"Host": host}).status_code == 400
    assert client.get("/", headers={"Host": host}).status_code == 400


def test_hosts_given_to_the_factory_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_HOSTS", "example.com")
    client = create_app({"TRUSTED_HOSTS": ["Example.org"]}).test_client()
    assert client.get("/", headers={"Host": "example.org"}).status_code == 200
    assert client.get("/", headers={"Host": "example.com"}).status_code == 400


@pytest.mark.parametrize("environment", ["development", "production"])
@pytest.mark.parametrize(
    ("hosts", "url", "linked"),
    [
        ("", "", "http://localhost:5000/address"),
        ("127.0.0.1:8000", "", "http://127.0.0.1:8000/address"),
        ("localhost,127.0.0.1,.example.org,example.com", "", "https://example.org/address"),
        ("localhost,example.com:8443", "", "https://example.com:8443/address"),
        (
            "example.com,www.example.com",
            "https://WWW.example.com",
            "https://www.example.com/address",
        ),
        ("example.com", "https://example.com/shop/", "https://example.com/shop/address"),
        ("localhost", "http://localhost:8000", "http://localhost:8000/address"),
        ("bücher.example", "https://bücher.example", "https://xn--bcher-kva.example/address"),
    ],
)
def test_links_made_outside_a_request_lead_to_the_site(
    hosts: str, url: str, linked: str, environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = site(hosts, monkeypatch, SITE_URL=url, APP_ENV=environment)
    with app.app_context():
        assert url_for("address") == linked


def test_site_url_does_not_change_what_requests_see(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = "localhost,example.com,www.example.com"
    url = "https://www.example.com"
    app = site(listed, monkeypatch, SITE_URL=url, APP_ENV="production")
    assert address(app, "example.com") == "http://example.com/address"
    assert address(app, "localhost") == "http://www.example.com/address"
    assert address(app, "evil.example") == "400"


@pytest.mark.parametrize(
    "url",
    [
        "example.com",
        "ftp://example.com",
        "https://",
        "https://.example.com",
        "https://example.com//shop",
        "https://example.com/shop?a=b",
        "https://example.com/../shop",
        "https://user@example.com",
        "https://example.com:99999",
        "https://other.example",
    ],
)
def test_site_url_that_leads_nowhere_is_refused_at_start(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match="SITE_URL: "):
        site("example.com", monkeypatch, SITE_URL=url)


@pytest.mark.parametrize("environment", ["development", "production"])
def test_slash_redirect_leads_to_the_host_that_was_asked(
    environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = site("example.com,www.example.com,localhost", monkeypatch, APP_ENV=environment)
    app.add_url_rule("/folder/", view_func=lambda: "")
    for host in ("www.example.com", "example.com"):
        response = app.test_client().get("/folder", base_url=f"https://{host}/")
        assert response.location == f"https://{host}/folder/"


def test_scheme_of_a_proxy_is_http_or_https(monkeypatch: pytest.MonkeyPatch) -> None:
    client = site("example.com", monkeypatch, PROXIES="1").test_client()
    headers = {"Host": "example.com", "X-Forwarded-Proto": "https://evil.example/?x="}
    assert client.get("/", headers=headers).status_code == 400
