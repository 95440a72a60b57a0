"""Where visitors choose their language and their time zone."""

import re

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import get_locale, get_timezone, refresh
from flask_wtf import FlaskForm
from pytz import common_timezones
from werkzeug import Response
from wtforms import SelectField

from ..text import gettext as _
from ..text import lazy_gettext as _l
from .preference import prefer
from .selection import available_languages

blueprint = Blueprint(
    "i18n",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/i18n/static",
)


class PreferencesForm(FlaskForm):
    """What pages are written in."""

    language = SelectField(_l("Language"), choices=lambda: list(available_languages().items()))
    timezone = SelectField(_l("Time zone"), choices=common_timezones)


@blueprint.get("/language/<code>")
def choose_language(code: str) -> Response:
    """Remember the language, and go back to the page named by ``next`` on this site."""
    if code not in current_app.config["LANGUAGES"]:
        abort(404)
    prefer(language=code)
    home = url_for("pages.home")
    target = request.args.get("next", home)
    # Browsers read a backslash as a slash, and pass over control characters.
    return redirect(target if re.fullmatch(r"/(?!/)[^\x00-\x20\\]*", target) else home)


@blueprint.route("/preferences", methods=["GET", "POST"])
def preferences() -> str | Response:
    """Show what the visitor has chosen, and remember another choice."""
    form = PreferencesForm(language=str(get_locale()), timezone=str(get_timezone()))
    if not form.validate_on_submit():
        return render_template("i18n/preferences.html", form=form)
    prefer(language=form.language.data, timezone=form.timezone.data)
    refresh()
    flash(_("Saved."), "success")
    return redirect(url_for(".preferences"))
