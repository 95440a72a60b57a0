[% set r = cookiecutter | resource %]
"""The pages of the [= r.nouns =]."""

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from werkzeug import Response

from ..database import db
from ..editing import delete, editors_only, may_edit, save
[% for target in r.targets %]
from ..[= target.package =].models import [= target.name =]
[% endfor %]
[% if r.of("ref") %]
from ..forms import choices_of
[% endif %]
from ..layout import Link, add_link
from ..listing import list_rows
from ..text import gettext as _
from ..text import lazy_gettext as _l
from .forms import LABELS, [= r.name =]Form[% for field in r.of("enum") %], [= field.constant =][% endfor +%]
from .models import [= r.name =]
from .queries import FILTERS, SORTS, search_[= r.plural =]

blueprint = Blueprint("[= r.endpoint =]", __name__, template_folder="templates")
[% if r.filters | selectattr("type", "eq", "ref") | list %]
MAX_CHOICES = 100  # of a filter; a longer one would be no help
[% endif %]
ROW = "<int(min=1, max=2147483647):[= r.singular =]_id>"


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(blueprint, url_prefix="/[= r.slug =]")
    add_link(app, Link(_l("[= r.labels =]"), "[= r.endpoint =].index"))


@blueprint.context_processor
def template_context() -> dict[str, object]:
    """Give the templates what they ask for."""
    return {
        "labels": LABELS,
        "may_edit": may_edit(),
        [% for field in r.of("enum") %]
        "[= field.name =]_labels": [= field.constant =],
        [% endfor %]
        [% for field in r.filters if field.type == "ref" %]
        "[= field.name =]_choices": lambda: choices_of([= field.target.name =], MAX_CHOICES),
        [% endfor %]
    }


@blueprint.get("/")
def index() -> str:
    """List the [= r.nouns =] that are searched for."""
    found, sort = list_rows(search_[= r.plural =](request.args), [= r.name =], SORTS)
    [% if r.filters %]
    kept = {name: request.args.get(name) or None for name in ("q", "sort", *FILTERS)}
    [% else %]
    kept = {name: request.args.get(name) or None for name in ("q", "sort")}
    [% endif %]
    return render_template("[= r.plural =]/index.html", found=found, kept=kept, sort=sort)


@blueprint.get(f"/{ROW}")
def show([= r.singular =]_id: int) -> str:
    """Show [= r.article =]."""
    [= r.variable =] = db.get_or_404([= r.name =], [= r.singular =]_id)
    return render_template("[= r.plural =]/show.html", [= r.singular =]=[= r.variable =])


@blueprint.route("/new", methods=["GET", "POST"])
@blueprint.route(f"/{ROW}/edit", methods=["GET", "POST"])
@editors_only
def edit([= r.singular =]_id: int | None = None) -> str | Response:
    """Show the form of [= r.article =], new or not, and save it."""
    [= r.variable =] = db.get_or_404([= r.name =], [= r.singular =]_id) if [= r.singular =]_id else None
    form = [= r.name =]Form(obj=[= r.variable =])
    if form.validate_on_submit():
        saved = save(form, [= r.variable =] or [= r.name =]())
        return redirect(url_for("[= r.endpoint =].show", [= r.singular =]_id=saved.id))
    title = _("Edit [= r.noun =]") if [= r.variable =] else _("New [= r.noun =]")
    return render_template("form.html", form=form, title=title)


@blueprint.route(f"/{ROW}/delete", methods=["GET", "POST"])
@editors_only
def remove([= r.singular =]_id: int) -> str | Response:
    """Ask whether to delete the [= r.noun =], and delete it."""
    [= r.variable =] = db.get_or_404([= r.name =], [= r.singular =]_id)
    return delete([= r.variable =], url_for("[= r.endpoint =].index"))
