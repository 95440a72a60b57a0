"""Keep the faces that the project has, put the tests in their place, and let the project's own tools do the rest."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(json.loads(r'[= cookiecutter.__project | tojson =]'))
TEMPLATES = PROJECT / json.loads(r'[= cookiecutter._repo_dir | tojson =]')
FEATURES = json.loads('[= (cookiecutter | resource).features | sort | tojson =]')
NOUNS, PLURAL = "[= (cookiecutter | resource).nouns =]", "[= cookiecutter.__plural =]"
UPGRADE = "[= cookiecutter._upgrade =]".lower() in {"1", "true", "y", "yes"}
PACKAGE = Path.cwd()
ROOT = PACKAGE.parents[1]


def main() -> None:
    """Finish the resource."""
    python = find_python()
    written = place_files()
    tidy(python, written)
    print(f"Written in {ROOT}:", *(f"  {path.relative_to(ROOT).as_posix()}" for path in written), sep="\n")
    if ROOT != PROJECT:
        print("This is a preview: in the root of the project, without -o, its migration is written, too.")
        return
    before = set(ROOT.glob("migrations/versions/*.py"))
    left = run(python, commands())
    made = [path.relative_to(ROOT).as_posix() for path in sorted(set(ROOT.glob("migrations/versions/*.py")) - before)]
    for name in made:
        print(f"  {name}")
    tests = [f"tests/{path.name}" for path in written if path.parent.name == "tests" and path.name != "rows.py"]
    print(farewell([f"app/{PLURAL}", *tests, *made], left))


def find_python() -> Path:
    """Return the Python of the project's environment, which has its tools.

    The whole resource goes, as nothing of it could be finished, where there is none.
    """
    named = filter(None, map(os.environ.get, ("UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV")))
    for folder in (PROJECT / name for name in (*named, ".venv")):
        for python in (folder / "bin" / "python", folder / "Scripts" / "python.exe"):
            if python.with_name(python.name.replace("python", "flask")).exists():
                return python
    sys.exit(f"{PROJECT} has no environment: run python bin/setup.py there, and this again.")


def place_files() -> list[Path]:
    """Delete the faces that the project has not, move the tests, and return what is left."""
    for feature in {"admin", "api"} - set(FEATURES):
        (PACKAGE / f"{feature}.py").unlink()
        (PACKAGE / "_tests" / f"test_{PLURAL}_{feature}.py").unlink()
    tests = ROOT / "tests"
    tests.mkdir(exist_ok=True)
    moved = []
    for file in sorted((PACKAGE / "_tests").glob("*.py")):
        place = tests / file.name
        if file.name != "rows.py" or not place.exists():
            moved.append(Path(shutil.move(file, place)))
    shutil.rmtree(PACKAGE / "_tests")
    sources = [path for path in PACKAGE.rglob("*") if path.suffix in {".html", ".py"}]
    return sorted(sources) + moved


def tidy(python: Path, written: list[Path]) -> None:
    """Leave out the imports that no field needs, and write the code as the project's tools do."""
    code = [path for path in written if path.suffix == ".py"]
    settings = PROJECT / "pyproject.toml"
    # One line where one is enough.
    sort = ["--fix", "--select", "F401,I", "--config", "lint.isort.split-on-trailing-comma=false"]
    wrap = ["--config", "format.skip-magic-trailing-comma=true"]
    for command in (
        [python, "-m", "ruff", "check", "--quiet", "--config", settings, *sort, *code],
        [python, "-m", "ruff", "format", "--quiet", "--config", settings, *wrap, *code],
        [python, "-m", "djlint", "--quiet", "--reformat", "--configuration", settings, PACKAGE],
    ):
        subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)


def commands() -> list[str]:
    """Return the commands of ``flask`` that bring the project in step with its new models and texts."""
    texts = ["translate update", "translate compile"] if "i18n" in FEATURES else []
    return [*texts, f"db migrate -m 'Add {NOUNS}'", *(["db upgrade"] if UPGRADE else [])]


def run(python: Path, pending: list[str]) -> list[str]:
    """Run commands until one fails, which is told, and return those that are left."""
    [known] = TEMPLATES.parent.glob("*cookiecutter.project_slug*/app/translations")
    command = [python, TEMPLATES / "finish.py", known, *pending]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE, encoding="utf-8", check=False)
    if not done.returncode:
        return []
    print(*done.stderr.strip().splitlines()[-1:], sep="\n")
    # Python itself ends with 1, too, where the project does not start.
    return pending[done.returncode - 1 :]


def farewell(files: list[str], left: list[str]) -> str:
    """Return what is left to do, and how to undo what was done."""
    uv = "uv run " if shutil.which("uv") else ""
    todo = [f"{uv}flask {command}" for command in left]
    todo += [] if UPGRADE else [f"{uv}flask db upgrade"]
    undo = [f"{uv}flask db downgrade   # if it was upgraded"]
    undo += [f"rm -r {' '.join(files)}"]
    if "i18n" in FEATURES:
        todo += [f"{uv}flask translate check   # tells which texts to translate"]
        undo += ["git restore app/translations"]
    parts = {"Then:": [*todo, f"{uv}pytest"], "To undo it:": undo}
    return "\n".join(f"\n{title}\n  " + "\n  ".join(lines) for title, lines in parts.items())


if __name__ == "__main__":
    main()
