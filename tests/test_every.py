"""Running every combination: each is met once, sees what it declares alone, and is remembered when it has passed."""

import subprocess
import sys
from contextlib import ExitStack
from itertools import chain, combinations, product
from pathlib import Path

import pytest
from every import shard
from foundry.layers import declared, layers_of
from foundry.manifest import ALL, BARE, DATABASES, TEMPLATE, TOGGLES, combine
from foundry.project import clean_environ
from foundry.proof import Proof, everything, part_of, triples
from foundry.render import render, shared_work


def test_every_choice_of_features_is_run_once() -> None:
    names = [str(combination) for combination in everything()]
    assert len(names) == len(set(names))
    on_sqlite = [combination for combination in everything() if combination.database == DATABASES[0]]
    assert len(on_sqlite) == 2 ** len(TOGGLES)


def test_each_database_server_meets_every_three_features_on_and_off() -> None:
    chosen = [set(names) for names in triples(TOGGLES)]
    assert len(chosen) < 20
    for trio in combinations(TOGGLES, 3):
        met = {tuple(name in names for name in trio) for names in chosen}
        assert met == set(product((True, False), repeat=3)), trio


def test_the_parts_make_the_whole() -> None:
    parts = [part_of(everything(), number, 8) for number in range(1, 9)]
    assert sorted(map(str, chain(*parts))) == sorted(map(str, everything()))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    sizes = [sum(len(combination.features) for combination in part) for part in parts]
    assert max(sizes) < min(sizes) * 1.2, "no part is much more work than another"


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "a/b", "-1/3", "1/0"])
def test_what_is_no_part_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(Exception, match=f"{text} is no part; write it as 3/8"):
        shard(text)


def test_a_project_stands_on_the_layers_of_its_features() -> None:
    assert layers_of(BARE) == ["base"]
    assert layers_of(ALL) == [name for name in declared() if name not in DATABASES]
    assert layers_of(combine(["mail"], "mysql")) == ["base", "mysql", "mail"]


def every(store: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command, with a memory of its own."""
    return subprocess.run(
        [sys.executable, "bin/every.py", *arguments],
        cwd=TEMPLATE,
        env=clean_environ(FLASK_FOUNDRY_STORE=str(store)),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_what_has_passed_is_not_run_again_unless_it_is_asked_for(tmp_path: Path) -> None:
    for options, said in (([], "1 passed of 1"), ([], "1 proven before of 1"), (["--force"], "1 passed of 1")):
        done = every(tmp_path, "bare", *options)
        assert done.returncode == 0, done.stderr
        assert said in done.stdout


def test_a_combination_that_is_none_is_named(tmp_path: Path) -> None:
    done = every(tmp_path, "mail+mail")
    assert done.returncode == 2
    assert "There is no combination mail+mail. Some are: bare, " in done.stderr


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Proof:
    """What runs projects."""
    return Proof(tmp_path_factory.mktemp("proof"), lambda _result: None)


# What is added to which file of a project, the step that fails of it, and what is said.
FAULTS = {
    "undeclared import": ("app/text.py", "import flask_security", "set-up", "No module named 'flask_security'"),
    "warning": ("app/text.py", "import warnings; warnings.warn('old')", "set-up", "app/text.py"),
    "fault": ("app/templates/base.html", "{{ 1 // 0 }}", "pages", "/ answers 500"),
    "dead link": ("app/templates/base.html", '<a href="/nowhere">x</a>', "pages", "/nowhere (a link on "),
    "uncovered line": ("app/text.py", "def unused() -> None:\n    print()", "tests", "app/text.py"),
    "uncovered branch": (
        "app/text.py",
        "def half(number: int) -> int:\n    if number:\n        number += 1\n    return number\n\n\nhalf(1)",
        "tests",
        "app/text.py",
    ),
    "failing test": ("tests/test_text.py", "def test_no() -> None:\n    assert not 1", "tests", "test_no"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_project_that_is_broken_does_not_pass(fault: str, proof: Proof, tmp_path: Path) -> None:
    path, added, step, said = FAULTS[fault]
    with shared_work():
        project = render(BARE, tmp_path)
    with (project / path).open("a", encoding="utf-8") as file:
        file.write(f"\n\n{added}\n")
    with ExitStack() as stack:
        [result] = proof.fork([proof.job(BARE, project, stack)])
    assert (result.state, result.step) == ("failed", step), result
    assert said in result.said
