"""Tokens by which programs use the API as a user: each has a name and an end, and can be revoked.

Flask-Security signs a token, and reads it again. It is valid while its row exists,
and while its user has the ``fs_uniquifier`` of then, which a new password replaces.
"""

import secrets
from datetime import datetime, timedelta

from flask import abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import auth_required, current_user, naive_utcnow
from flask_security.models.sqla import FsUserMixin
from flask_wtf import FlaskForm
from sqlalchemy import ForeignKey, String, event, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Mapper, declared_attr, mapped_column, relationship
from wtforms import SelectField, StringField, SubmitField
from wtforms.validators import DataRequired, Length, Regexp

from ..database import Model, db
from ..text import gettext as _
from ..text import lazy_gettext as _l
from ..text import ngettext, strip
from .views import blueprint, freshness

DAYS = [7, 30, 90, 365]
# A new one takes the place of the oldest.
MOST = 50
# Writing down each use would make a row of each request.
NOTED = timedelta(hours=1)


class Token(Model):
    """A token, by the key that is signed into it."""

    __tablename__ = "tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=naive_utcnow)
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)

    def is_valid(self) -> bool:
        """Tell whether the token has not ended."""
        return self.expires_at > naive_utcnow()

    def note_use(self) -> None:
        """Write down that the token was used just now, unless somebody else is writing."""
        now = naive_utcnow()
        if self.last_used_at and now - self.last_used_at <= NOTED:
            return
        statement = update(Token).where(Token.id == self.id).values(last_used_at=now)
        try:
            db.session.execute(statement, execution_options={"optional": True})
            db.session.commit()
        except SQLAlchemyError:
            db.session.rollback()


class UserMixin(FsUserMixin):
    """A user with tokens."""

    @declared_attr
    def tokens(cls) -> Mapped[list[Token]]:  # noqa: N805
        """The newest last."""
        return relationship(cascade="all, delete-orphan", order_by=Token.id, passive_deletes=True)

    def get_auth_token(
        self, name: str = "Log-in", lifetime: timedelta = timedelta(days=1)
    ) -> str | bytes:
        """Make a token; it can be used when the session is committed.

        :param name: by which its user knows it
        """
        # Requests for the same user wait here, so that each counts the tokens of the others.
        db.session.flush()
        user = type(self)
        db.session.execute(select(user.id).where(user.id == self.id).with_for_update())
        db.session.refresh(self, ["tokens"])
        key, expires_at = secrets.token_hex(16), naive_utcnow() + lifetime
        kept = [token for token in self.tokens if token.is_valid()][1 - MOST :]
        self.tokens = [*kept, Token(key=key, name=name, expires_at=expires_at)]
        return super().get_auth_token()

    def augment_auth_token(self, tdata: dict[str, object]) -> None:
        """Sign the key of the newest token into it."""
        tdata["key"] = self.tokens[-1].key

    def verify_auth_token(self, tdata: dict[str, object]) -> bool:
        """Tell whether a token that was signed is for this page, and neither revoked nor ended."""
        if not request.path.startswith(f"{current_app.config['OPENAPI_URL_PREFIX']}/"):
            return False
        token = next((token for token in self.tokens if token.key == tdata.get("key")), None)
        if not (token and token.is_valid()):
            return False
        g.token_id = token.id
        token.note_use()
        return True


@event.listens_for(UserMixin, "mapper_configured", propagate=True)
def watch(_mapper: Mapper[UserMixin], user_class: type[UserMixin]) -> None:
    """Notice when a user gets another ``fs_uniquifier``, with which all tokens are void."""
    event.listen(user_class.fs_uniquifier, "set", forget_tokens)


def forget_tokens(user: UserMixin, _new: str, old: object, _event: object) -> None:
    """Delete the tokens of the user."""
    if isinstance(old, str):
        user.tokens.clear()


class TokenForm(FlaskForm):
    """Asks for the name of a token, and for how long it is needed."""

    name = StringField(
        _l("What is it for?"),
        [DataRequired(), Length(max=80), Regexp(r"[^\0]*\Z")],
        filters=[strip],
        render_kw={"autocomplete": "off"},
    )
    days = SelectField(_l("Valid for"), coerce=int, default=30)
    submit = SubmitField(_l("Create the token"))

    def __init__(self) -> None:
        super().__init__()
        self.days.choices = [(days, ngettext("%(num)s day", "%(num)s days", days)) for days in DAYS]


@blueprint.route("/account/tokens", methods=["GET", "POST"])
@auth_required("session", within=freshness)
def tokens() -> ResponseReturnValue:
    """List the user's tokens, and show a new one, which is never shown again."""
    form, new_token = TokenForm(), None
    if form.validate_on_submit():
        lifetime = timedelta(days=form.days.data)
        new_token = current_user.get_auth_token(form.name.data, lifetime)
        db.session.commit()
    return render_template("security/tokens.html", form=form, new_token=new_token)


@blueprint.post("/account/tokens/<int:token_id>/revoke")
@auth_required("session")
def revoke_token(token_id: int) -> ResponseReturnValue:
    """Make one of the user's tokens void."""
    token = next((token for token in current_user.tokens if token.id == token_id), None)
    if token is None:
        abort(404)
    current_user.tokens.remove(token)
    db.session.commit()
    flash(_("The token “%(name)s” is revoked.", name=token.name), "success")
    return redirect(url_for("account.tokens"))
