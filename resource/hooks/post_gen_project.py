"""Keep the faces that the project has, put the tests in their place, and let the project's own tools do the rest."""

import json
import os
import shutil
import subprocess
from pathlib import Path

PROJECT = Path(json.loads(r'[= cookiecutter.__project | tojson =]'))
PYTHON = Path(json.loads(r'[= cookiecutter.__python | tojson =]'))
TEMPLATES = PROJECT / json.loads(r'[= cookiecutter._repo_dir | tojson =]')
FEATURES = json.loads('[= (cookiecutter | resource).features | sort | tojson =]')
NOUNS, PLURAL = "[= (cookiecutter | resource).nouns =]", "[= cookiecutter.__plural =]"
UPGRADE = "[= cookiecutter._upgrade =]".lower() in {"1", "true", "y", "yes"}
PACKAGE = Path.cwd()
ROOT = PACKAGE.parents[1]


def main() -> None:
    """Finish the resource."""
    written = place_files()
    tidy(written)
    names = [path.relative_to(ROOT).as_posix() for path in written]
    print(f"Written in {ROOT}:", *(f"  {name}" for name in names), sep="\n")
    if ROOT != PROJECT:
        print("This is a preview: in the root of the project, without -o, its migration is written, too.")
        return
    before = set(ROOT.glob("migrations/versions/*.py"))
    left = run(commands())
    migrations = sorted(set(ROOT.glob("migrations/versions/*.py")) - before)
    made = [path.relative_to(ROOT).as_posix() for path in migrations]
    for name in made:
        print(f"  {name}")
    print(farewell(names, made, left))


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


def tidy(written: list[Path]) -> None:
    """Leave out the imports that no field needs, and write the code as the project's tools do."""
    code = [path for path in written if path.suffix == ".py"]
    settings = PROJECT / "pyproject.toml"
    # One line where one is enough.
    sort = ["--fix", "--select", "F401,I", "--config", "lint.isort.split-on-trailing-comma=false"]
    wrap = ["--config", "format.skip-magic-trailing-comma=true"]
    ours = ["--quiet", "--no-cache", "--config", settings]
    for command in (
        ["ruff", "check", *ours, *sort, *code],
        ["ruff", "format", *ours, *wrap, *code],
        ["djlint", "--quiet", "--reformat", "--configuration", settings, PACKAGE],
    ):
        subprocess.run([PYTHON, "-m", *command], cwd=ROOT, check=False, stdout=subprocess.DEVNULL)


def commands() -> list[str]:
    """Return the commands of ``flask`` that bring the project in step with its new models and texts."""
    texts = ["translate update", "translate compile"] if "i18n" in FEATURES else []
    # Alembic compares the models with a database that has all migrations of before.
    upgrade = ["db upgrade"] if UPGRADE else []
    return [*texts, *upgrade, f"db migrate -m 'Add {NOUNS}'", *upgrade]


def run(pending: list[str]) -> list[str]:
    """Run commands until one fails, which is told, and return those that are left."""
    [known] = TEMPLATES.parent.glob("*cookiecutter.project_slug*/app/translations")
    command = [PYTHON, TEMPLATES / "finish.py", known, *pending]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE, encoding="utf-8", check=False)
    if not done.returncode:
        return []
    # Python itself ends with 1, too, where the project does not start.
    print("".join(done.stderr.strip().splitlines(keepends=True)[-1:]), end="")
    return pending[done.returncode - 1 :]


def farewell(written: list[str], migrations: list[str], left: list[str]) -> str:
    """Return what is left to do, and how to undo what was done."""
    is_upgraded = UPGRADE and not left
    parts = {"Then:": to_do(left, is_upgraded), "To undo it:": to_undo(written, migrations, is_upgraded)}
    return "\n".join(f"\n{title}\n  " + "\n  ".join(lines) for title, lines in parts.items())


def to_do(left: list[str], is_upgraded: bool) -> list[str]:
    """Return the commands that are left to the user."""
    steps = [command for command in left if command != "db upgrade"]
    if any("migrate" in command for command in steps):
        steps.insert(-1, "db upgrade")  # most likely, migrations of before are waiting
    if not is_upgraded:
        steps.append("db upgrade")
    check = [f"{tool('flask')} translate check   # tells which texts to translate"] if "i18n" in FEATURES else []
    return [*(f"{tool('flask')} {step}" for step in steps), *check, tool("pytest")]


def to_undo(written: list[str], migrations: list[str], is_upgraded: bool) -> list[str]:
    """Return the commands that take back what was done."""
    flask = tool("flask")
    downgrade = f"{flask} db downgrade{'' if is_upgraded else '   # if it was upgraded'}"
    old = committed([f"app/{PLURAL}", *written])
    new = [name for name in written if name not in old]
    if not any(name.startswith("app/") for name in old):
        new = [f"app/{PLURAL}", *(name for name in new if not name.startswith("app/"))]
    removed, restored = [*new, *migrations], old
    texts = []
    if "i18n" in FEATURES:
        if committed(["app/translations"]):
            restored = [*old, "app/translations"]
        else:
            texts = [f"{flask} translate update", f"{flask} translate compile"]
    return [
        *([downgrade] if migrations else []),
        *([f"rm -r {' '.join(removed)}"] if removed else []),
        *([f"git restore {' '.join(restored)}"] if restored else []),
        *texts,
    ]


def tool(name: str) -> str:
    """Return how a tool of the project's environment is called."""
    if shutil.which("uv"):
        return f"uv run {name}"
    path = PYTHON.with_name(PYTHON.name.replace("python", name))
    return str(path.relative_to(PROJECT) if path.is_relative_to(PROJECT) else path)


def committed(names: list[str]) -> list[str]:
    """Return the files of these names that Git can bring back; without Git, there are none."""
    git = shutil.which("git")
    command = [git, "ls-tree", "-r", "--name-only", "-z", "HEAD", *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False) if git else None
    return [name for name in done.stdout.split("\0") if name] if done else []


if __name__ == "__main__":
    main()
