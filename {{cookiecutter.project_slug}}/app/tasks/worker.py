"""What the worker process loads, and the scheduler, which keeps a file."""

from pathlib import Path

from .. import create_app
from ..config import make_private

flask_app = create_app()
make_private(Path(flask_app.instance_path))
celery = flask_app.extensions["celery"]
