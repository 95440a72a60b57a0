"""Keep the faces that the project has, put the tests in their place, and let the project's own tools do the rest."""

import json
import os
import re
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
TRANSLATIONS = "app/translations"


def main() -> None:
    """Finish the resource."""
    written = place_files()
    tidy(written)
    names = [path.relative_to(ROOT).as_posix() for path in written]
    if ROOT != PROJECT:
        tell_written(names)
        print("This is a preview: in the root of the project, without -o, its migration is written, too.")
        return
    keeps_texts = bool(git("status", "--porcelain", "-z", TRANSLATIONS) or not committed([TRANSLATIONS]))
    before = set(ROOT.glob("migrations/versions/*.py"))
    left, said = run(commands())
    made = sorted(set(ROOT.glob("migrations/versions/*.py")) - before)
    tell_written([*names, *(path.relative_to(ROOT).as_posix() for path in made)])
    print(said, end="")
    for title, lines in (("Then:", to_do(left)), ("To undo it:", to_undo(names, made, keeps_texts=keeps_texts))):
        print(f"\n{title}", *lines, sep="\n  ")


def tell_written(names: list[str]) -> None:
    """Show the names of the files that were written."""
    print(f"Written in {ROOT}:", *names, sep="\n  ")


def place_files() -> list[Path]:
    """Delete the faces that the project has not, move the tests, and return what is left of the template's files."""
    for feature in {"admin", "api"} - set(FEATURES):
        (PACKAGE / f"{feature}.py").unlink()
        (PACKAGE / "_tests" / f"test_{PLURAL}_{feature}.py").unlink()
    [template] = TEMPLATES.glob("*cookiecutter.__folder*")
    names = (path.relative_to(template).as_posix() for path in template.rglob("*") if path.is_file())
    files = sorted(PACKAGE / re.sub(r"\[.cookiecutter\.__plural.\]", PLURAL, name) for name in names)
    code = [file for file in files if file.exists() and file.parent.name != "_tests"]
    tests = ROOT / "tests"
    tests.mkdir(exist_ok=True)
    moved = []
    for file in sorted((PACKAGE / "_tests").glob("*.py")):
        place = tests / file.name
        if file.name != "rows.py" or not place.exists():
            moved.append(Path(shutil.move(file, place)))
    shutil.rmtree(PACKAGE / "_tests")
    return code + moved


def tidy(written: list[Path]) -> None:
    """Leave out the imports that no field needs, and write the code as the project's tools do."""
    code = [path for path in written if path.suffix == ".py"]
    pages = [path for path in written if path.suffix == ".html"]
    settings = PROJECT / "pyproject.toml"
    # One line where one is enough.
    sort = ["--fix", "--select", "F401,I", "--config", "lint.isort.split-on-trailing-comma=false"]
    wrap = ["--config", "format.skip-magic-trailing-comma=true"]
    ours = ["--quiet", "--no-cache", "--config", settings]
    for command in (
        ["ruff", "check", *ours, *sort, *code],
        ["ruff", "format", *ours, *wrap, *code],
        ["djlint", "--quiet", "--reformat", "--configuration", settings, *pages],
    ):
        subprocess.run([PYTHON, "-m", *command], cwd=ROOT, check=False, stdout=subprocess.DEVNULL)


def commands() -> list[str]:
    """Return the commands of ``flask`` that bring the project in step with its new models and texts."""
    texts = ["translate update", "translate compile"] if "i18n" in FEATURES else []
    # Alembic compares the models with a database that has all migrations of before.
    upgrade = ["db upgrade"] if UPGRADE else []
    verb = "Change" if committed([f"app/{PLURAL}/models.py"]) else "Add"
    return [*texts, *upgrade, f'db migrate -m "{verb} {NOUNS}"', *upgrade]


def run(pending: list[str]) -> tuple[list[str], str]:
    """Run commands, and return those that could not be run, and what is to be told of it."""
    [known] = TEMPLATES.parent.glob("*cookiecutter.project_slug*/app/translations")
    command = [PYTHON, TEMPLATES / "finish.py", known, *pending]
    environ = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, encoding="utf-8", check=False)
    if not done.returncode:
        return [], done.stdout
    # Python itself ends with 1, too, where the project does not start.
    said = done.stdout or f"The project does not start: {done.stderr.strip().rpartition(chr(10))[2]}\n"
    return pending[done.returncode - 1 :], said


def to_do(left: list[str]) -> list[str]:
    """Return the commands that are left to the user."""
    flask = tool("flask")
    steps = [command for command in left if command != "db upgrade"]
    if any("migrate" in command for command in steps):
        steps.insert(-1, "db upgrade")  # most likely, migrations of before are waiting
    if left or not UPGRADE:
        steps.append("db upgrade")
    check = [f"{flask} translate check   # texts to translate are in {TRANSLATIONS}"] if "i18n" in FEATURES else []
    return [*(f"{flask} {step}" for step in steps), *check, tool("pytest")]


def to_undo(written: list[str], migrations: list[Path], *, keeps_texts: bool) -> list[str]:
    """Return the commands that take back what was done, and nothing else."""
    flask = tool("flask")
    old = committed(written)
    removed = [name for name in written if name not in old]
    removed += [path.relative_to(ROOT).as_posix() for path in migrations]
    files = [path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    if all(path.relative_to(ROOT).as_posix() in removed for path in files):
        folder = PACKAGE.relative_to(ROOT).as_posix()
        removed = [folder, *(name for name in removed if not name.startswith(f"{folder}/"))]
    has_texts = "i18n" in FEATURES
    restored = [*old, *([TRANSLATIONS] if has_texts and not keeps_texts else [])]
    return [
        *(f"{flask} db downgrade {before(path)}   # if it was upgraded" for path in migrations),
        *([f"rm -r {' '.join(removed)}"] if removed else []),
        *([f"git restore {' '.join(restored)}"] if restored else []),
        *([f"{flask} translate update", f"{flask} translate compile"] if has_texts and keeps_texts else []),
    ]


def before(migration: Path) -> str:
    """Return the revision that a migration follows, to which a database without the migration is not downgraded."""
    found = re.search(r"^down_revision\b.*=\s*['\"](\w+)", migration.read_text("utf-8"), re.MULTILINE)
    return found[1] if found else "base"


def tool(name: str) -> str:
    """Return how a tool of the project's environment is called."""
    if shutil.which("uv"):
        return f"uv run {name}"
    path = PYTHON.with_name(PYTHON.name.replace("python", name))
    return str(path.relative_to(PROJECT) if path.is_relative_to(PROJECT) else path)


def committed(names: list[str]) -> list[str]:
    """Return the files of these names that Git can bring back."""
    return git("ls-tree", "-r", "--name-only", "-z", "HEAD", *names)


def git(*arguments: str) -> list[str]:
    """Return what Git answers, one by one; nothing where there is no Git, or no commit."""
    program = shutil.which("git")
    if not program:
        return []
    done = subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    return [text for text in done.stdout.split("\0") if text]


if __name__ == "__main__":
    main()
