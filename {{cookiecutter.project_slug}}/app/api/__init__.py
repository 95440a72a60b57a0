"""The REST API, under ``/api/v1``, documented in OpenAPI at ``/api/v1/docs``.

A package takes part with a module ``api.py`` that lists its ``blueprints``; those of a model
are made by a class, as ``resource.py`` tells. See https://flask-smorest.readthedocs.io
"""

import re

from environs import ValidationError
from flask import Blueprint, Flask, Request, Response, json, request
from flask_cors import CORS
from flask_smorest import Api as BaseApi
from flask_smorest import Blueprint as ApiBlueprint
from marshmallow import missing

from ..config import env, items
from ..discovery import modules_named
from ..headers import relax
from ..layout import Link, add_link, csrf
from ..limits import limiter, or_address
from ..pages.errors import answer_in_json
from ..text import lazy_gettext as _l
from .access import SECURITY_SCHEMES, client, forbid_storing, guard
from .schema import ProblemSchema
from .status import blueprint as status

# As browsers send it: without the default port, and without a path.
ORIGIN = re.compile(
    r"(http://(?!.*:80$)|https://(?!.*:443$))[a-z0-9-]+(\.[a-z0-9-]+)*(:[1-9]\d{0,4})?",
    re.IGNORECASE,
)

documentation = Blueprint(
    "api_documentation", __name__, static_folder="static", template_folder="templates"
)


@ApiBlueprint.ARGUMENTS_PARSER.location_loader("json")
def load_json(request: Request, _schema: object) -> object:
    """Parse the body as the rest of the application does; an empty one is missing."""
    return request.get_json() if request.is_json and request.get_data() else missing


class Api(BaseApi):
    """Leaves errors to the application, which answers them all, and says so in the document."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        pass

    def _register_responses(self) -> None:
        self.DEFAULT_RESPONSE_CONTENT_TYPE = "application/problem+json"
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE

    def _register_pagination_header(self) -> None:
        pass

    def _openapi_json(self) -> Response:
        """Add the path that the site is below, which only a request tells."""
        document = {"servers": [{"url": request.root_path or "/"}]} | self.spec.to_dict()
        return Response(
            json.dumps(document, indent=2, sort_keys=False), mimetype="application/json"
        )


def init_app(app: Flask) -> None:
    """Add the resources of all packages, and their documentation."""
    # Browsers send them in lower case.
    origins = [origin.lower() for origin in items("API_ORIGINS", check_origin)]
    app.config.setdefault("API_PUBLIC", env.bool("API_PUBLIC", True))
    app.config.setdefault("API_LIMIT", env.str("API_LIMIT", "600 per minute", validate=check_limit))
    app.config.setdefault("API_TITLE", app.config["APP_NAME"])
    app.config.setdefault("API_VERSION", "v1")
    app.config.setdefault("API_SPEC_OPTIONS", {"components": {"securitySchemes": SECURITY_SCHEMES}})
    app.config.setdefault("OPENAPI_VERSION", "3.1.0")
    app.config.setdefault("OPENAPI_URL_PREFIX", f"/api/{app.config['API_VERSION']}")
    app.config.setdefault("OPENAPI_JSON_PATH", "openapi.json")
    app.config.setdefault("OPENAPI_SWAGGER_UI_PATH", "docs")
    prefix = app.config["OPENAPI_URL_PREFIX"]
    app.config.setdefault("OPENAPI_SWAGGER_UI_URL", f"{prefix}/static/swagger-ui/")
    answer_in_json(app, f"{prefix}/")
    # Registered first, so that its templates win over those of the extension.
    app.register_blueprint(documentation, url_prefix=prefix)
    api = Api(app)
    register(api, app, status)
    for module in modules_named("api"):
        for blueprint in module.blueprints:
            register(api, app, blueprint)
    if origins:
        exposed = ["ETag", "Link", "Location", "Retry-After", "X-Total-Count"]
        CORS(app, resources=f"{prefix}/.*", origins=origins, expose_headers=exposed)
    # Swagger UI styles its elements inline.
    relax(app, f"{prefix}/docs", {"style-src": "'self' 'unsafe-inline'"})
    add_link(app, Link(_l("API"), "api-docs.openapi_swagger_ui"))


def register(api: Api, app: Flask, blueprint: ApiBlueprint) -> None:
    """Add a blueprint; clients with a token send no CSRF token, so access.py asks for it."""
    csrf.exempt(blueprint)
    app.after_request_funcs[blueprint.name].append(forbid_storing)
    guard(app, blueprint)
    limiter(app).limit(lambda: app.config["API_LIMIT"], key_func=or_address(client))(blueprint)
    prefix = app.config["OPENAPI_URL_PREFIX"]
    api.register_blueprint(blueprint, url_prefix=f"{prefix}/{blueprint.name}")


def check_limit(limit: str) -> None:
    """Refuse what is no number of requests in a time.

    :raises environs.ValidationError: it is none
    """
    if not re.fullmatch(r"[1-9]\d* per (\d+ )?(second|minute|hour|day)s?", limit):
        message = f"{limit!r} is not like 600 per minute."
        raise ValidationError(message)


def check_origin(origin: str) -> None:
    """Refuse an origin that no browser sends.

    :raises environs.ValidationError: it is not a scheme and a host, perhaps with a port
    """
    if not ORIGIN.fullmatch(origin):
        message = f"{origin!r} is not like https://app.example.com or http://localhost:3000."
        raise ValidationError(message)
