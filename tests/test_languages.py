"""The languages that are shipped, and a project that speaks but one."""

import json
import re
import tomllib
from difflib import unified_diff
from typing import Any

import pytest
from conftest import Bake
from foundry.environment import Environment, Installed
from foundry.manifest import ALL, TREE, all_but
from foundry.project import Project

SHIPPED = sorted(path.name for path in (TREE / "app" / "translations").iterdir())

# Run by the project's own Python: every page that an administrator can open without knowing more.
READ_ALL_PAGES = r"""
import json, os, re, secrets
secrets.token_urlsafe = lambda *_: "always-the-same"
os.environ.update(APP_ENV="testing", SECRET_KEY="x" * 40, TOTP_SECRET="x" * 40, DATABASE_URL="sqlite:///pages.db")
os.environ.update(ADMIN_EMAIL="admin@example.com", ADMIN_PASSWORD="correct horse battery")
from app import create_app
from app.database import db
app = create_app({"WTF_CSRF_ENABLED": False})
with app.app_context():
    db.drop_all()
    db.create_all()
seeded = app.test_cli_runner().invoke(args=["seed"])
assert seeded.exit_code == 0, seeded.output
client = app.test_client()
form = {"email": "admin@example.com", "password": "correct horse battery"}
assert client.post("/login", data=form).status_code == 302
session = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
pages = {}
for rule in app.url_map.iter_rules():
    if "GET" in rule.methods and not rule.arguments and "logout" not in rule.rule:
        client.set_cookie(session.key, session.value)
        with client.get(rule.rule) as response:
            page = response.get_data(as_text=True)
            tokens_and_times = r"\w{40,}[.][.\w-]+|\d+:\d+(:\d+([.]\d+)?)?"
            pages[rule.rule] = [response.status_code, re.sub(tokens_and_times, "", page)]
print(json.dumps(pages))
"""

COUNT_PRODUCTS = """
import json, os
os.environ.update(APP_ENV="testing", SECRET_KEY="x" * 40, TOTP_SECRET="x" * 40, DATABASE_URL="sqlite://")
from app import create_app
from app.i18n import LANGUAGES
from app.text import ngettext
app = create_app({"LANGUAGES": LANGUAGES})
counted = {}
for language in LANGUAGES:
    with app.test_request_context(headers={"Accept-Language": language.replace("_", "-")}):
        forms = [ngettext("%(num)s product", "%(num)s products", number) for number in range(120)]
        counted[language] = forms
print(json.dumps(counted))
"""


def run(project: Project, environment: Environment, program: str) -> Any:
    """Run a program with the project's Python, and return the JSON that it prints."""
    done = project.run(str(environment.bin / "python"), "-W", "error", "-c", program)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_one_language_is_spoken_whether_flask_babel_is_installed_or_not(
    bake: Bake, environment: Environment, installed: Installed
) -> None:
    project = bake(**all_but("i18n").answers)
    environment.hold_everything()
    with_babel = run(project, environment, READ_ALL_PAGES)
    declared = tomllib.loads(project.read("pyproject.toml"))
    environment.hold(*declared["project"]["dependencies"])
    assert "flask_babel" in installed.distributions
    assert "flask_babel" not in environment.look().distributions
    assert len(with_babel) > 40
    without_babel = run(project, environment, READ_ALL_PAGES)
    differ = [path for path in with_babel if with_babel[path] != without_babel[path]]
    pairs = [(with_babel[path][1].splitlines(), without_babel[path][1].splitlines()) for path in differ]
    assert not differ, "\n".join(line for pair in pairs for line in unified_diff(*pair, n=0))


def digits_left_out(text: str) -> str:
    """The words of a text about a number."""
    return re.sub(r"\d+", "", text).strip()


@pytest.fixture
def polyglot(bake: Bake, environment: Environment, installed: Installed) -> Project:
    """A project with everything, in every language that is shipped."""
    assert installed.distributions
    project = bake(**ALL.answers, languages=", ".join(["en", *SHIPPED]))
    failed = project.failure("python3", "bin/setup.py", **environment.environ)
    assert not failed, failed
    return project


def test_every_page_is_complete_in_every_language_that_is_shipped(polyglot: Project, environment: Environment) -> None:
    command = ["uv", "run", "pytest", "--no-cov", "-W", "error", "-k", "i18n"]
    assert not (failed := polyglot.failure(*command, UV_OFFLINE="1", **environment.environ)), failed
    assert not (failed := polyglot.failure("uv", "run", "flask", "translate", "check", **environment.environ)), failed
    counted = run(polyglot, environment, COUNT_PRODUCTS)
    words = {language: [digits_left_out(text) for text in texts] for language, texts in counted.items()}
    assert len(set(words["ja"])) == len(set(words["zh_Hans"])) == 1
    assert len(set(words["es"])) == len(set(words["de"])) == 2
    polish = words["pl"]
    assert polish[2] == polish[3] == polish[22] != polish[5] == polish[12] == polish[112] != polish[1]
    arabic = words["ar"]
    assert len({arabic[number] for number in (1, 2, 3, 11)}) == 4
    assert arabic[3] == arabic[10] == arabic[103]
    assert arabic[11] == arabic[99] == arabic[111]
