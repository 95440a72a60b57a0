"""The REST API, under ``/api/v1``, documented in OpenAPI at ``/api/v1/docs``.

A package takes part with a module ``api.py`` that lists its ``blueprints``.
See https://flask-smorest.readthedocs.io
"""

from flask import Blueprint, Flask
from flask_smorest import Api as BaseApi
from flask_smorest import Blueprint as ApiBlueprint

from ..discovery import modules_named
from ..headers import relax
from ..layout import Link, add_link, csrf
from ..pages.errors import answer_in_json
from ..text import lazy_gettext as _l
from .access import SECURITY_SCHEMES
from .status import blueprint as status

PREFIX = "/api/v1"

documentation = Blueprint(
    "api_documentation",
    __name__,
    static_folder="static",
    static_url_path=f"{PREFIX}/static",
    template_folder="templates",
)


class Api(BaseApi):
    """Leaves errors to the application, which answers them all."""

    def _register_error_handlers(self) -> None:
        pass


def init_app(app: Flask) -> None:
    """Add the resources of all packages, and their documentation."""
    app.config.setdefault("API_TITLE", app.config["APP_NAME"])
    app.config.setdefault("API_VERSION", "v1")
    app.config.setdefault("API_SPEC_OPTIONS", {"components": {"securitySchemes": SECURITY_SCHEMES}})
    app.config.setdefault("OPENAPI_VERSION", "3.1.0")
    app.config.setdefault("OPENAPI_URL_PREFIX", PREFIX)
    app.config.setdefault("OPENAPI_JSON_PATH", "openapi.json")
    app.config.setdefault("OPENAPI_SWAGGER_UI_PATH", "docs")
    app.config.setdefault("OPENAPI_SWAGGER_UI_URL", f"{PREFIX}/static/swagger-ui/")
    answer_in_json(app, f"{PREFIX}/")
    # Registered first, so that its templates win over those of the extension.
    app.register_blueprint(documentation)
    api = Api(app)
    register(api, status)
    for module in modules_named("api"):
        for blueprint in module.blueprints:
            register(api, blueprint)
    # Swagger UI styles its elements inline.
    relax(app, f"{PREFIX}/docs", {"style-src": "'self' 'unsafe-inline'"})
    add_link(app, Link(_l("API"), "api-docs.openapi_swagger_ui"))


def register(api: Api, blueprint: ApiBlueprint) -> None:
    """Add a blueprint; clients with a token send no CSRF token, so access.py asks for it."""
    csrf.exempt(blueprint)
    api.register_blueprint(blueprint, url_prefix=f"{PREFIX}/{blueprint.name}")
