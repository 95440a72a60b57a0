"""Static files: kept for a year by an address that changes with them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Blueprint, Flask, url_for
from flask.testing import FlaskClient

from app import create_app


@pytest.fixture
def site(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder of the site's own static files, with one file in it."""
    monkeypatch.setattr(app, "static_folder", str(tmp_path))
    (tmp_path / "style.css").write_text("p { color: navy }")
    with app.test_request_context():
        yield tmp_path


@pytest.mark.usefixtures("site")
def test_a_file_is_kept_for_a_year_by_the_address_that_pages_name(client: FlaskClient) -> None:
    with client.get(url_for("static", filename="style.css")) as response:
        assert response.data == b"p { color: navy }"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Vary" not in response.headers
    assert "Set-Cookie" not in response.headers


def test_a_changed_file_has_another_address(client: FlaskClient, site: Path) -> None:
    old = url_for("static", filename="style.css")
    (site / "style.css").write_text("p { color: maroon }")
    new = url_for("static", filename="style.css")
    assert new != old
    # An old page is shown with the file that there is, which must not be kept as the old one.
    for address, kept in ((new, True), (old, False)):
        with client.get(address) as response:
            assert b"maroon" in response.data
            assert ("immutable" in response.headers["Cache-Control"]) is kept


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("filename", ["none.css", "../style.css", ""])
def test_what_is_no_file_has_no_version(filename: str, client: FlaskClient) -> None:
    address = url_for("static", filename=filename)
    assert "v=" not in address
    assert client.get(f"{address}?v=").status_code in {404, 405}


def test_all_files_of_a_page_are_kept(client: FlaskClient) -> None:
    addresses = re.findall(r'(?:src|href)="([^"]*/static/[^"]*)"', client.get("/").text)
    assert addresses
    for address in addresses:
        with client.get(address) as response:
            assert "immutable" in response.headers["Cache-Control"], address


def test_a_package_without_static_files_is_left_alone() -> None:
    app = create_app()
    app.register_blueprint(Blueprint("plain", __name__))
    app.add_url_rule("/plain/<filename>", "plain.static", lambda filename: filename)
    with app.test_request_context():
        assert url_for("plain.static", filename="x") == "/plain/x"
