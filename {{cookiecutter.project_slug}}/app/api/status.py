"""``GET /api/v1/status``: what this API is."""

from flask import current_app
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import fields

from .schema import Schema

blueprint = Blueprint("status", __name__, description="What this API is")


class StatusSchema(Schema):
    """The application and the version of its API."""

    name = fields.String(required=True)
    version = fields.String(required=True)


@blueprint.route("")
class Status(MethodView):
    """The API itself."""

    @blueprint.response(200, StatusSchema)
    def get(self) -> dict[str, str]:
        """Tell the name of the application and the version of its API"""
        config = current_app.config
        return {"name": config["APP_NAME"], "version": config["API_VERSION"]}
