"""ETags that a compressing proxy has changed."""

import pytest
from flask import url_for
from flask.testing import FlaskClient

from app.etags import restored


@pytest.mark.parametrize("changed", ['W/"{}"', '"{}-gzip"', 'W/"{}-br"', '"{}-zstd"'])
def test_cached_file_is_not_sent_again_behind_a_compressing_proxy(
    changed: str, client: FlaskClient
) -> None:
    with client.application.test_request_context():
        address = url_for("static", filename="app.css")
    with client.get(address) as response:
        tag, _ = response.get_etag()
    with client.get(address, headers={"If-None-Match": changed.format(tag)}) as response:
        assert response.status_code == 304
    with client.get(address, headers={"If-None-Match": changed.format(f"{tag}0")}) as response:
        assert response.status_code == 200


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("*", "*"),
        ("", ""),
        ('"abc"', '"abc"'),
        ("abc-gzip", '"abc"'),
        ('W/"abc-deflate" , W/"abc"', '"abc"'),
        ('"abc-gzipped"', '"abc-gzipped"'),
        ('"gzip"', '"gzip"'),
        ('W/""', '""'),
        ('"-gzip"', '""'),
    ],
)
def test_precondition_names_the_version_that_we_sent(sent: str, read: str) -> None:
    assert restored(sent) == read
