"""Wall time from the `cookiecutter` command to the first page, everything on. Aims: 6 s with uv, 20 s with pip.

    .venv/bin/python benchmarks/first_page.py

The package caches are warm: the first run, which is not counted, sees to that.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from measure import EVERYTHING, TEMPLATE, environ, medians, scratch


def first_page(path: str) -> float:
    """Generate a project, let it set itself up, serve it, and fetch its home page."""
    with scratch() as folder:
        begin = time.perf_counter()
        command = [sys.executable, "-m", "cookiecutter", str(TEMPLATE), "--no-input", "--default-config", *EVERYTHING]
        subprocess.run(command, cwd=folder, env=environ(PATH=path), check=True, stdout=subprocess.DEVNULL)
        project = next(folder.iterdir())
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        flask = [str(project / ".venv/bin/flask"), "run", "--no-reload", "--port", port]
        server = subprocess.Popen(
            flask, cwd=project, env=environ(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            fetch(f"http://127.0.0.1:{port}/", server)
            return time.perf_counter() - begin
        finally:
            server.terminate()
            server.wait()


def fetch(url: str, server: "subprocess.Popen[bytes]") -> None:
    """Ask until the page comes."""
    while server.poll() is None:
        try:
            with urlopen(url) as page:  # noqa: S310
                page.read()
                return
        except URLError:
            time.sleep(0.02)
    raise RuntimeError("the server ended before it answered")


def without_uv(folder: Path) -> str:
    """A PATH on which all programs but uv are found."""
    for directory in reversed(os.environ["PATH"].split(os.pathsep)):
        for program in Path(directory).glob("*"):
            link = folder / program.name
            link.unlink(missing_ok=True)
            link.symlink_to(program)
    (folder / "uv").unlink(missing_ok=True)
    return str(folder)


if __name__ == "__main__":
    tools = str(Path(sys.executable).parent)
    with scratch() as links:
        if shutil.which("uv", path=f"{tools}:{os.environ['PATH']}"):
            medians("first page with uv, wall", lambda: first_page(f"{tools}:{os.environ['PATH']}"))
        plain = without_uv(links)
        medians("first page with pip, wall", lambda: first_page(plain), runs=3)
