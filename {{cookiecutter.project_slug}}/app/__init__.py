"""The application factory; see https://flask.palletsprojects.com/patterns/appfactories/"""

from collections.abc import Mapping
from typing import Any

from flask import Flask

{% set modules = ["config", "requests", "logs", "database", "seed", "headers", "hosts", "etags", "urls", "assets", "layout", "pages"] %}
{% for name, feature in cookiecutter._features.items() if cookiecutter[name] and feature.boots %}
{% set _ = modules.append(name) %}
{% endfor %}
from . import (
    {% for module in modules | sort %}
    {{ module }},
    {% endfor %}
)


@config.env.collected()
def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Build the application: its settings, then each part in the order of its needs.

    :param overrides: settings that win over the environment, as tests need them
    :raises SystemExit: settings are missing or invalid; it names all of them
    """
    app = Flask(__name__)
    config.init_app(app, overrides or {})
    {% for module in modules[1:] %}
    {{ module }}.init_app(app)
    {% endfor %}

    return app
