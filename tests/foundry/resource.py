"""Resources as users generate them, with Cookiecutter itself."""

import subprocess
import sys
from pathlib import Path

from foundry.manifest import TEMPLATE
from foundry.project import Project

# Every type between them; the second refers to the first, to one, to none and to many, and the third to the second.
RESOURCES = {
    "Author": "name:str:80! email:email?^ born:date? website:url? biography:text?",
    "Book": (
        "title:str:200! isbn:str:13^ price:decimal pages:int weight:float? in_print:bool published:date? "
        "printed_at:datetime? opens:time? key:uuid^ status:enum(draft,published,out-of-print) "
        "binding:enum(paper,cloth)? extra:json? contact:email homepage:url summary:text "
        "author:ref(Author) editor:ref(Author)? readers:refs(Author)"
    ),
    "Chapter": "position:int^ book:ref(Book)^ style:enum(prose,verse)! weight:float price:decimal^ read_at:datetime^",
    "Switch": "active:bool",
}
# Where there are accounts.
OF_USERS = {"Loan": "user:ref(User) deputy:ref(User)? readers:refs(User)"}


def ask_for(
    project: Project, name: str, fields: str, *options: str, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run the command of docs/resource.md in the root of a project; the caller looks at the exit code."""
    cookiecutter = Path(sys.executable).with_name("cookiecutter")
    answers = [f"name={name}", f"fields={fields}"]
    command = [str(cookiecutter), str(TEMPLATE), "--directory", "resource", "--no-input", *options, *answers]
    return project.run(*command, **environ)


def add_resource(project: Project, name: str, fields: str, *options: str, **environ: str) -> str:
    """Generate a resource whose migration is applied, and return what is said."""
    done = ask_for(project, name, fields, "_upgrade=yes", *options, **environ)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "failed" not in said, said
    return said
