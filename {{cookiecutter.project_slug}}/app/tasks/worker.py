"""What the worker process loads."""

from .. import create_app

celery = create_app().extensions["celery"]
