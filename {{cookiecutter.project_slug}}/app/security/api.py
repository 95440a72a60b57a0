"""``GET /api/v1/me``: who the client is logged in as."""

from datetime import timedelta

import click
from flask.views import MethodView
from flask_security import auth_required, current_user
from flask_smorest import Blueprint
from marshmallow import fields

from ..api.access import WRITERS
from ..api.schema import Schema
from ..database import db
from .roles import find_user

me = Blueprint("me", __name__, description="Who the client is logged in as", cli_group=None)
blueprints = [me]


@me.cli.command("create-token")
@click.argument("email")
@click.option("--name", default="Command line", help="What it is for.")
@click.option("--days", type=click.IntRange(1, 365), default=30, show_default=True)
def create_token(email: str, name: str, days: int) -> None:
    """Print a token by which a program can use the API as the user EMAIL."""
    user = find_user(email)
    if user is None:
        message = f"There is no user {email}; see flask users --help."
        raise click.ClickException(message)
    token = user.get_auth_token(name[:80], timedelta(days=days))
    db.session.commit()
    click.echo(token)


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
