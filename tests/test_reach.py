"""Other systems, other Pythons and other Cookiecutters than the ones that the template is written with."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Bake
from foundry.environment import Environment
from foundry.manifest import ALL, TEMPLATE, TREE, template_files
from foundry.project import Project, clean_environ, run_tool
from setup_helpers import commit, copy_template, execute
from uv import find_uv_bin

LONGEST_SLUG = "s" * 50  # what the hook lets through
LONGEST_PATH = 160  # of 260 that Windows allows: the rest is for the folder that the project is in
OLDEST = "cookiecutter==2.6.0"
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


def checked_out(folder: Path, where: Path) -> Path:
    """What Git on Windows checks out of a commit of this folder."""
    environ = clean_environ()
    commit(folder, environ)
    done = execute(["git", "-c", "core.autocrlf=true", "clone", "--quiet", str(folder), str(where)], folder, environ)
    assert done.returncode == 0, done.stdout
    return where


def with_carriage_returns(folder: Path) -> Iterator[str]:
    """The text files whose lines end as on Windows."""
    for path in folder.rglob("*"):
        if path.is_file() and ".git" not in path.relative_to(folder).parts:
            content = path.read_bytes()
            if b"\r\n" in content and b"\0" not in content:
                yield str(path.relative_to(folder))


def test_a_clone_on_windows_renders_the_same(tmp_path: Path) -> None:
    copy = copy_template(tmp_path)
    before = set(with_carriage_returns(copy))
    assert set(with_carriage_returns(checked_out(copy, tmp_path / "clone"))) == before


def test_a_project_that_is_cloned_on_windows_stays_the_same(bake: Bake, tmp_path: Path) -> None:
    project = bake(**ALL.answers).path
    before = set(with_carriage_returns(project))
    assert set(with_carriage_returns(checked_out(project, tmp_path / "clone"))) == before


def test_paths_leave_room_for_the_folder_that_a_project_is_in() -> None:
    made = ["migrations/versions/" + "0" * 12 + "_" + "s" * 40 + ".py", "instance/cache/" + "0" * 32]
    paths = [f"{LONGEST_SLUG}/{path}" for path in [*template_files(), *made]]
    assert max(map(len, paths)) <= LONGEST_PATH


def test_nothing_has_to_be_executable() -> None:
    """Windows knows no such thing: everything is started by its interpreter."""
    assert [path for path in template_files() if (TREE / path).stat().st_mode & 0o111] == []


def test_text_is_read_and_written_as_utf_8_wherever_the_console_has_another_encoding(bake: Bake) -> None:
    rules = ["--isolated", "--preview", "--select=PLW1514", "--no-cache"]
    run_tool("ruff", "check", *rules, "hooks", "bin", cwd=TEMPLATE)
    run_tool("ruff", "check", *rules, ".", cwd=bake(**ALL.answers).path)


def test_the_pythons_that_a_project_names_are_those_of_our_own_workflow(bake: Bake) -> None:
    project = bake(**ALL.answers)
    oldest = tomllib.loads(project.read("pyproject.toml"))["project"]["requires-python"].removeprefix(">=")
    assert oldest == PYTHONS[0]
    for text in (project.read(".github/workflows/ci.yml"), (TEMPLATE / ".github/workflows/ci.yml").read_text("utf-8")):
        assert set(PYTHONS) <= set(re.findall(r'"(3\.\d+)"', text))


def tool(pin: str, folder: Path) -> list[str]:
    """The command by which uv runs this Cookiecutter, with all that it needs at the pinned versions."""
    pins = (TEMPLATE / "constraints.txt").read_text("utf-8")
    constraints = folder / "constraints.txt"
    constraints.write_text(re.sub(r"^cookiecutter==.+$", pin, pins, flags=re.MULTILINE), "utf-8")
    options = ["--python", sys.executable, "--constraints", str(constraints)]
    return [find_uv_bin(), "tool", "run", *options, "--from", "cookiecutter", "cookiecutter"]


@pytest.mark.every
@pytest.mark.parametrize("pin", [OLDEST, r"\g<0>"], ids=["oldest", "pinned"])
def test_oldest_and_pinned_cookiecutter_render_the_same(
    pin: str, bake: Bake, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    render(*tool(pin, tmp_path_factory.mktemp("pins")), folder=tmp_path)
    assert Project(tmp_path / "my_flask_app").files() == bake().files()


@pytest.mark.every
def test_an_answer_that_the_oldest_cookiecutter_can_not_read_is_refused(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    oldest = tool(OLDEST, tmp_path_factory.mktemp("pins"))
    command = [*oldest, str(TEMPLATE), "--no-input", "--default-config", "admin=no"]
    done = execute(command, tmp_path, clean_environ())
    assert done.returncode == 1
    assert 'admin is "no"' in done.stdout
    assert "On the command line that takes Cookiecutter 2.7." in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.every
def test_a_cookiecutter_that_pip_has_installed_renders_the_same(bake: Bake, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "own"], cwd=tmp_path, check=True)
    pip = [str(tmp_path / "own/bin/python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--constraint", str(TEMPLATE / "constraints.txt"), "cookiecutter"], check=True)
    render(str(tmp_path / "own/bin/cookiecutter"), folder=tmp_path)
    assert Project(tmp_path / "my_flask_app").files() == bake().files()


def render(*command: str, folder: Path) -> None:
    """Render the template with its defaults, without its set-up."""
    options = ["--no-input", "--default-config", "--output-dir", str(folder)]
    done = execute([*command, str(TEMPLATE), *options], folder, clean_environ(FLASK_FOUNDRY_SETUP="none"))
    assert done.returncode == 0, done.stdout


def interpreter(version: str) -> str:
    """Find a Python of this version, on the path or among those of pyenv."""
    known = Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
    for program in filter(None, [shutil.which(f"python{version}"), *map(str, sorted(known))]):
        done = subprocess.run([program, "--version"], capture_output=True, encoding="utf-8", check=False)
        if done.stdout.startswith(f"Python {version}."):
            return program
    pytest.skip(f"Python {version} is not there")


@pytest.mark.every
@pytest.mark.parametrize("version", PYTHONS)
def test_everything_works_on_each_python(version: str, bake: Bake, environment: Environment, tmp_path: Path) -> None:
    project = bake(**ALL.answers)
    environ = environment.environ | {"UV_PROJECT_ENVIRONMENT": str(tmp_path / "own"), "UV_PYTHON": interpreter(version)}
    for command in (["python3", "bin/setup.py"], ["uv", "run", "mypy"], ["uv", "run", "pytest"]):
        said = project.failure(*command, **environ)
        assert not said, said
    assert f"{version}." in project.run("uv", "run", "python", "--version", **environ).stdout
