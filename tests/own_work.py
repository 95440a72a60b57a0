"""What the user of a project has added and changed: it has to outlive every update."""

import sqlite3
from pathlib import Path

FILES = {
    "app/contacts/__init__.py": '''\
"""Contacts: a package of our own."""

from flask import Blueprint, Flask, render_template

from ..database import db
from .models import Contact

blueprint = Blueprint("contacts", __name__, template_folder="templates")


def init_app(app: Flask) -> None:
    """Add the page."""
    app.register_blueprint(blueprint)


@blueprint.get("/contacts/")
def index() -> str:
    """Show everybody."""
    people = db.session.scalars(db.select(Contact))
    return render_template("contacts/index.html", people=people)
''',
    "app/contacts/models.py": '''\
"""People whom we know."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..database import Model


class Contact(Model):
    """Somebody."""

    __tablename__ = "contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
''',
    "app/contacts/templates/contacts/index.html": """\
{% extends "base.html" %}
{% block content %}
  <h1>{{ _("Our contacts") }}</h1>
  {% for person in people %}<p>{{ person.name }}</p>{% endfor %}
{% endblock content %}
""",
    "tests/test_contacts.py": '''\
"""The contacts."""

from flask.testing import FlaskClient


def test_the_contacts_have_a_page(client: FlaskClient) -> None:
    assert "Our contacts" in client.get("/contacts/").text
''',
}
EDITS = {
    # No neighbour comes or goes with a feature: Git would ask which of the two lines to take. New
    # packages need no line; those of 0.1.0 keep theirs.
    "app/__init__.py": [("    config,\n", "    config,\n    contacts,\n")],
    "README.md": [("A web application built with Flask.", "A web application built with Flask, for our contacts.")],
    "app/templates/base.html": [("      {{ config.APP_NAME }}\n", "      {{ config.APP_NAME }} ©\n")],
}
SETTING = "CONTACTS_KEY=a-secret-of-ours  # and no line break"
CALL = "    contacts.init_app(app)\n"
PLACE = "    layout.init_app(app)\n"
CATALOGUE = "app/translations/es/LC_MESSAGES/messages.po"
SPANISH = {"Theme": ("Tema", "Aspecto"), "Our contacts": ("", "Nuestros contactos")}
ROW = "Ada Lovelace"


def edit(project: Path) -> None:
    """Add the files, change some lines of others, and add a setting."""
    for name, text in FILES.items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for name, changes in EDITS.items():
        for old, new in changes:
            replace(project / name, old, new)
    factory = project / "app" / "__init__.py"
    replace(factory, PLACE, PLACE + CALL)
    with (project / ".env").open("a", encoding="utf-8") as env:
        env.write(SETTING)


def translate(project: Path) -> None:
    """Translate the text of our own, and one text of the template in other words."""
    for text, (old, new) in SPANISH.items():
        replace(project / CATALOGUE, f'msgid "{text}"\nmsgstr "{old}"\n', f'msgid "{text}"\nmsgstr "{new}"\n')


def replace(file: Path, old: str, new: str) -> None:
    """Replace a text of a file, which has it once."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, (file, old)
    file.write_text(text.replace(old, new), encoding="utf-8")


def add_row(project: Path) -> None:
    """Write a row of our own into the database."""
    ask(project, "INSERT INTO contacts (name) VALUES (?)", ROW)


def tables(project: Path) -> set[str]:
    """Return the tables of the database."""
    return {row[0] for row in ask(project, "SELECT name FROM sqlite_master WHERE type = 'table'")}


def ask(project: Path, statement: str, *values: str) -> list[tuple[str, ...]]:
    """Return what the database answers."""
    [file] = project.glob("instance/*.db")
    connection = sqlite3.connect(file)
    try:
        with connection:
            return connection.execute(statement, values).fetchall()
    finally:
        connection.close()


def lost(project: Path, *, translated: bool) -> list[str]:
    """Return what is no longer as we have written it."""
    texts = [*FILES.items(), *((name, new) for name, changes in EDITS.items() for _, new in changes)]
    texts += [("app/__init__.py", CALL), (".env", SETTING)]
    if translated:
        texts += [(CATALOGUE, f'msgstr "{new}"') for _, new in SPANISH.values()]
    gone = [name for name, text in texts if text not in (project / name).read_text(encoding="utf-8")]
    rows = [row for (row,) in ask(project, "SELECT name FROM contacts")]
    return gone + ([] if rows == [ROW] else ["the row"])
