"""Fixtures that all tests share. Combinations of answers come from cookiecutter.json, by way of foundry.manifest."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Protocol

import pytest
from foundry.browser import Visit, chromium, visitor
from foundry.environment import Environment, Installed
from foundry.manifest import ALL
from foundry.project import Project
from foundry.server import serve, worker
from foundry.services import redis
from playwright.sync_api import Browser
from pytest_cookies.plugin import Cookies
from test_end_to_end import generate
from xdist.scheduler import LoadScopeScheduling

# Files whose tests share a costly fixture when they have the same parameters, by what they share.
TOGETHER = {
    "tests/test_accounts_in_browser.py": "site",
    "tests/test_admin_in_browser.py": "site",
    "tests/test_browser.py": "site",
    "tests/test_cache_server.py": "cache server",
    "tests/test_mail_server.py": "mail server",
    "tests/test_production.py": "production",
    "tests/test_proxies.py": "proxies",
    "tests/test_static.py": "rendered projects",
    "tests/test_worker.py": "worker",
}


def scope(nodeid: str) -> str:
    """What a test is run together with."""
    file, _, name = nodeid.partition("::")
    return f"{TOGETHER[file]}[{name.partition('[')[2]}" if file in TOGETHER else nodeid


class Scheduling(LoadScopeScheduling):
    """Hands each test to the worker that is free, but tests that share a costly fixture to the same one."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    """Replace `--dist=loadgroup`, which does not see its groups under pytest 9.2."""
    return Scheduling(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what `make test-every` asks for."""
    parser.addoption("--every", action="store_true", help="run also the tests that are too many for every day")
    parser.addoption("--shard", default="1/1", metavar="I/N", help="run the I-th of N equal parts")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what was not asked for."""
    part, parts = map(int, config.getoption("--shard").split("/"))
    together = [*dict.fromkeys(scope(item.nodeid) for item in items)][part - 1 :: parts]
    wanted = {
        item: scope(item.nodeid) in together and (config.getoption("--every") or not item.get_closest_marker("every"))
        for item in items
    }
    config.hook.pytest_deselected(items=[item for item in items if not wanted[item]])
    items[:] = [item for item in items if wanted[item]]


class Bake(Protocol):
    """Renders a project with these answers."""

    def __call__(self, **answers: Any) -> Project:
        """Answer the prompts; what is not given has its default, but nothing is set up."""


@pytest.fixture
def bake(cookies: Cookies, capfd: pytest.CaptureFixture[str]) -> Bake:
    """Render with Cookiecutter itself, as a user would, and make sure that it went well."""

    def bake(**answers: Any) -> Project:
        result = cookies.bake(extra_context={"setup": False} | answers)
        assert result.exit_code == 0, f"{result.exception}\n{capfd.readouterr().err}"
        return Project(result.project_path)

    return bake


@pytest.fixture(scope="session")
def environment() -> Environment:
    """This worker's environment; it is kept, so that the next run finds most of it in place."""
    return Environment.kept(os.environ.get("PYTEST_XDIST_WORKER", "alone"))


@pytest.fixture(scope="session")
def installed(environment: Environment) -> Installed:
    """What there is when all that any project declares is installed; uv's cache is warm from then on."""
    environment.hold_everything()
    return environment.look()


@dataclass(frozen=True)
class Site:
    """A project that is served, and where."""

    project: Project
    address: str


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:  # noqa: ARG001 nothing is served for no browser
    """Everything on, set up by its own hook, and served with its worker; passkeys need the host to have a name."""
    folder = tmp_path_factory.mktemp("site")
    # All visitors of the tests come from one address; what each account may try is left as it is.
    app = "app:create_app({{'ACCOUNTS_LIMIT_BY_ADDRESS': '1000 per hour'}})"
    with redis() as url:
        project = generate(ALL, folder)
        with (
            worker(project, project.path / "instance" / "worker.log", REDIS_URL=url),
            serve(project, "flask", "--app", app, "run", "--port", "{port}", REDIS_URL=url) as address,
        ):
            yield Site(project, address.replace("127.0.0.1", "localhost"))


@pytest.fixture
def enter(browser: Browser, site: Site) -> Iterator[Callable[[], Visit]]:
    """Let visitors in, each with cookies of their own."""
    with ExitStack() as visits:
        yield lambda: visits.enter_context(visitor(browser, site.address))


@pytest.fixture
def visit(enter: Callable[[], Visit]) -> Visit:
    """A visitor without cookies, who sees no error and no request off the host."""
    return enter()


@pytest.fixture(scope="session")
def logged_in(browser: Browser, site: Site) -> list[Any]:
    """What the browser of the administrator keeps, who logs in once: each account may try it ten times only."""
    with visitor(browser, site.address) as visit:
        log_in(visit, site.project)
        return [*visit.page.context.cookies()]


def log_in(visit: Visit, project: Project) -> None:
    """Log in as the administrator whom set-up has made."""
    settings = dict(line.split("=", 1) for line in project.read(".env").splitlines() if re.match(r"\w+=", line))
    visit.open("/login")
    visit.fill(email=settings["ADMIN_EMAIL"], password=settings["ADMIN_PASSWORD"])
    visit.press("Log in")
    assert settings["ADMIN_EMAIL"] in visit.open("/account")


@pytest.fixture
def administrator(enter: Callable[[], Visit], logged_in: list[Any]) -> Visit:
    """A visitor who has logged in with what set-up has printed, which is what .env holds."""
    visit = enter()
    visit.page.context.add_cookies(logged_in)
    return visit
