"""``GET /api/v1/me``: who the client is logged in as."""

from flask.views import MethodView
from flask_security import auth_required, current_user
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from ..api.access import WRITERS

me = Blueprint("me", __name__, description="Who the client is logged in as")
blueprints = [me]


class UserSchema(Schema):
    """A user as the API shows it."""

    email = fields.Email(required=True)
    roles = fields.List(fields.String(), required=True)


@me.route("")
class Me(MethodView):
    """The user who asks."""

    @auth_required("token", "session")
    @me.response(200, UserSchema)
    @me.doc(security=WRITERS)
    def get(self) -> dict[str, object]:
        """Tell who is logged in"""
        roles = [role.name for role in current_user.roles]
        return {"email": current_user.email, "roles": roles}
