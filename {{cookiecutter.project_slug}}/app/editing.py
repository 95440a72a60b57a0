{% if cookiecutter.security %}
"""What pages share that change rows: who may, which is whoever may edit the content, and how."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from flask import flash, redirect, render_template
from flask_security import auth_required, current_user, permissions_required
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from werkzeug import Response

from .database import Model, db
from .security.roles import EDIT
from .text import gettext as _

P = ParamSpec("P")
R = TypeVar("R")
Row = TypeVar("Row", bound=Model)


def may_edit() -> bool:
    """Tell whether the visitor may change the content."""
    return bool(current_user.is_authenticated and current_user.has_permission(EDIT))


def editors_only(view: Callable[P, R]) -> Callable[P, R]:
    """Let the others log in, or tell them that they are not allowed."""
    guarded = auth_required("session")(permissions_required(EDIT)(view))
    return cast("Callable[P, R]", guarded)
{% else %}
"""What pages share that change rows: who may, which in production is nobody, and how."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort, current_app, flash, redirect, render_template
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from werkzeug import Response

from .database import Model, db
from .text import gettext as _

P = ParamSpec("P")
R = TypeVar("R")
Row = TypeVar("Row", bound=Model)


def may_edit() -> bool:
    """Tell whether the visitor may change the content."""
    return bool(current_app.config["APP_ENV"] != "production")


def editors_only(view: Callable[P, R]) -> Callable[P, R]:
    """Refuse those who may not; put your own way to know people here."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not may_edit():
            abort(403)
        return view(*args, **kwargs)

    return guarded
{% endif %}


def save(form: FlaskForm, row: Row) -> Row:
    """Write what the form has into the row, new or not."""
    form.populate_obj(row)
    db.session.add(row)
    db.session.commit()
    flash(_("Saved “%(name)s”.", name=row), "success")
    return row


def delete(row: Model, back: str) -> str | Response:
    """Ask whether to delete the row, delete it unless others refer to it, and lead back."""
    form = FlaskForm()
    if not form.validate_on_submit():
        return render_template("delete.html", form=form, row=row, back=back)
    name = str(row)
    db.session.delete(row)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        flash(_("“%(name)s” is in use.", name=name), "warning")
    else:
        flash(_("Deleted “%(name)s”.", name=name), "success")
    return redirect(back)
