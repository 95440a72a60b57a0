"""Render a project with the defaults into demo/, let it set itself up, and serve it until Ctrl-C.

A demo that is there already is replaced, so that what is shown is always the template as it stands.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parent.parent
DEMO = TEMPLATE / "demo"


def main() -> int:
    """Show the template; 0 when it was ended on purpose."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    take_the_terminal()
    try:
        project = render()
        flask = next(project.glob(".venv/*/flask"), None)
        if flask is None:
            print("The demo cannot be served before what is listed above is done.", file=sys.stderr)
            return 1
        return serve(project, flask)
    except KeyboardInterrupt:
        return 0


def take_the_terminal() -> None:
    """Let Ctrl-C reach this program alone: make, which waits for it, would call it an error."""
    if os.name != "posix" or not sys.stdin.isatty():
        return
    os.setpgid(0, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # asking from the background would stop us
    os.tcsetpgrp(sys.stdin.fileno(), os.getpgrp())


def render() -> Path:
    """Render the template with its defaults in place of the last demo; its hook sets it up."""
    shutil.rmtree(DEMO, ignore_errors=True)
    command = [sys.executable, "-m", "cookiecutter", str(TEMPLATE), "--no-input"]
    subprocess.run([*command, "--default-config", "--output-dir", str(DEMO)], check=True)
    return next(DEMO.iterdir())


def serve(project: Path, flask: Path) -> int:
    """Run the project's own `flask run` until it ends or is interrupted."""
    port = free_port()
    print(f"\nThe demo is at http://127.0.0.1:{port}/ in {project}. Ctrl-C ends it.\n", flush=True)
    server = subprocess.Popen([flask, "run", "--port", str(port)], cwd=project)
    try:
        return server.wait()
    finally:
        stop(server)


def stop(server: "subprocess.Popen[bytes]") -> None:
    """End the server, which has had the same Ctrl-C, and wait until it is gone."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(timeout=5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def free_port() -> int:
    """Flask's usual port, or one that the system picks when that is taken."""
    for wanted in (5000, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")


if __name__ == "__main__":
    sys.exit(main())
