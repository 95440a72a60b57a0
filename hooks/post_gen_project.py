"""Remove what was not chosen, then let the project set itself up.

Cookiecutter renders this file and runs it in the project that it has just written. A project
whose removal went wrong is none, and goes with the hook's failure; whatever keeps set-up from
finishing is told, and the project stays.
"""

import sys

sys.path.pop(0)  # the folder of temporary files: whatever lies there must not be imported

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

# Rendered as a JSON string, the one form in which no answer can become code; as a list of pairs,
# for an object would be sorted by name.
ANSWERS = dict(json.loads({{ cookiecutter.items() | list | tojson | tojson }}))
FEATURES = {name: ANSWERS["_features"][name] for name in ANSWERS if name in ANSWERS["_features"]}
PROJECT = Path.cwd().resolve()  # without links and short names, so that folders can be compared
PIN = re.compile(r"(?P<pin>(?P<name>[^=]+)==.*?)(?:\s+# via (?P<via>.*))?")


def main() -> None:
    """Finish the project.

    :raises FileNotFoundError: the manifest lists a path that the template doesn't have
    """
    sys.stdout.reconfigure(errors="replace")  # not every console can show every name
    prune()
    trim_constraints(PROJECT / "constraints.txt")
    for catalogue in PROJECT.glob("app/translations/*/LC_MESSAGES/*.po"):
        trim_catalogue(catalogue)
    ship_translations()
    record_commit(PROJECT / "pyproject.toml")
    if not rerendering():
        set_up()
        print(summary(), flush=True)


def prune() -> None:
    """Remove the files that no feature needs that is on, and the languages that were not chosen."""
    listed = [path for name, feature in FEATURES.items() if not ANSWERS[name] for path in feature["files"]]
    shared = ANSWERS["_shared"].items()
    listed += [path for path, users in shared if not any(ANSWERS[name] for name in users)]
    if missing := [path for path in listed if not (PROJECT / path).exists()]:
        raise FileNotFoundError(f"listed in cookiecutter.json, but not in the template: {', '.join(missing)}")
    languages = {code.strip() for code in ANSWERS["languages"].split(",")}
    others = [path for path in PROJECT.glob("app/translations/*") if path.name not in languages]
    for path in [*(PROJECT / path for path in listed), *others]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)  # gone already with the folder of another feature
        remove_empty(path.parent)


def remove_empty(folder: Path) -> None:
    """Remove ``folder`` and the folders above it that have nothing left in them."""
    while folder != PROJECT and not (folder.exists() and any(folder.iterdir())):
        if folder.exists():
            folder.rmdir()
        folder = folder.parent


def trim_constraints(file: Path) -> None:
    """Keep the pins of what the project requires and of all that this requires in turn."""
    text = file.read_text(encoding="utf-8")
    if "# via" not in text:  # it was there, trimmed, and Cookiecutter was told to leave it
        return
    pins = [PIN.fullmatch(line) for line in text.splitlines()]
    needed, found = set(), {distribution(requirement) for requirement in requirements()}
    while found:
        needed |= found
        found = {pin["name"] for pin in pins if needed & set((pin["via"] or "").split(", "))} - needed
    kept = [pin["pin"] + "\n" for pin in pins if pin["name"] in needed]
    file.write_text("".join(kept), encoding="utf-8", newline="\n")


def requirements() -> Iterator[str]:
    """Yield what is installed: for the core, its database and its features, and to install that."""
    yield from ANSWERS["_dependencies"] + ANSWERS["_dev_dependencies"] + ANSWERS["_installers"]
    yield from ANSWERS["_databases"][ANSWERS["database"]]["dependencies"]
    for name, feature in FEATURES.items():
        if ANSWERS[name]:
            yield from feature["dependencies"] + feature.get("build_dependencies", [])


def distribution(requirement: str) -> str:
    """Return the normalised name in ``requirement``: ``flask-admin`` for ``Flask_Admin[x]>=2``."""
    return re.sub("[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def trim_catalogue(file: Path) -> None:
    """Drop the messages that stand in no file of the project, and the mentions of such files."""
    entries = file.read_text(encoding="utf-8").strip("\n").split("\n\n")
    kept = [entry for entry in map(trim_entry, entries) if entry]
    file.write_text("\n\n".join(kept) + "\n", encoding="utf-8", newline="\n")


def trim_entry(entry: str) -> str:
    """Return ``entry`` without the places that are gone, or nothing when it had only those."""
    places = [place for line in re.findall("^#: (.*)$", entry, re.MULTILINE) for place in line.split()]
    left = [place for place in places if (PROJECT / place.split(":")[0]).exists()]
    if left == places:
        return entry
    lines = [line for line in entry.split("\n") if not line.startswith("#: ")]
    comments = next(number for number, line in enumerate(lines) if not re.match("# |#[.]|#$", line))
    return "\n".join([*lines[:comments], *(f"#: {place}" for place in left), *lines[comments:]]) if left else ""


def ship_translations() -> None:
    """Put a copy of the catalogues where updates reach it, for the others are the user's from now on."""
    translations = PROJECT / "app" / "translations"
    if translations.exists():
        shutil.copytree(translations, PROJECT / "app" / "i18n" / "shipped", dirs_exist_ok=True)


def record_commit(file: Path) -> None:
    """Record the commit that Cookiecutter has rendered, where it has a repository; cruft records it itself."""
    folder, git = PROJECT.parent / ANSWERS.get("_repo_dir", ""), shutil.which("git")
    if "_commit" in ANSWERS or not git or not (folder / ".git").exists():
        return
    asked = [git, "-C", folder, "rev-parse", "HEAD"]
    commit = subprocess.run(asked, capture_output=True, encoding="utf-8", check=False).stdout.strip()
    template = f'template = "{ANSWERS["_repository"]}"\n'
    text = file.read_text(encoding="utf-8")
    if commit:
        text = text.replace(f"{template}\n", f'{template}commit = "{commit}"\n\n')  # unless it has one
        file.write_text(text, encoding="utf-8", newline="\n")


def rerendering() -> bool:
    """Tell whether cruft renders the project anew, in a folder of its own, to compare it."""
    by_cruft = "_commit" in ANSWERS and "_output_dir" not in ANSWERS
    folder = PROJECT.parent
    in_temp = folder.parent == Path(tempfile.gettempdir()).resolve() and folder.name.startswith("tmp")
    return by_cruft and in_temp


def summary() -> str:
    """Return what was turned on, with its address, and the command that gives the same again."""
    chosen = [feature for name, feature in FEATURES.items() if ANSWERS[name]]
    lines = ["", f"{ANSWERS['project_name']} is in the folder {PROJECT.name}, with", ""]
    for feature in [{"title": "Home page", "path": "/"}, *chosen]:
        address = f"http://127.0.0.1:5000{feature['path']}" if feature["path"] else feature["extension"]
        lines.append(f"  {feature['title']:<24}{address}")
    return "\n".join([*lines, "", "The same answers again:", "", f"  {same_again()}", ""])


def same_again() -> str:
    """Return the command line that gives a project with the same answers."""
    command = ["cookiecutter", ANSWERS["_template"], "--no-input"]
    if ANSWERS.get("_checkout"):
        command += ["--checkout", ANSWERS["_checkout"]]
    answers = {name: answer for name, answer in ANSWERS.items() if not name.startswith("_")}
    for name, answer in answers.items():
        command.append(f"{name}={str(answer).lower() if isinstance(answer, bool) else answer}")
    return subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)


def set_up() -> None:
    """Run the project's own set-up, or tell how to; it says itself what it could not do."""
    if not ANSWERS["setup"] or os.environ.get("FLASK_FOUNDRY_SETUP") == "none":
        print(f"It is not set up yet:\n\n  cd {PROJECT.name}\n  python bin/setup.py\n", flush=True)
        return
    # Ctrl-C ends set-up, which tells how to go on, but not this hook: its failure takes the project away.
    signal.signal(signal.SIGINT, lambda *_: None)
    subprocess.run([sys.executable, PROJECT / "bin" / "setup.py"], cwd=PROJECT.parent, check=False)


if __name__ == "__main__":
    main()
