"""Background tasks, done by a worker process: ``celery -A app.tasks.worker worker``.

See https://docs.celeryq.dev and https://flask.palletsprojects.com/patterns/celery/
"""

import click
from celery import Celery, Task, shared_task
from celery.exceptions import OperationalError, TimeoutError  # noqa: A004 what Celery raises
from flask import Flask, current_app
from flask.cli import with_appcontext

from ..config import env
from ..discovery import modules_named

PING_TIMEOUT = 10  # seconds


def init_app(app: Flask) -> None:
    """Connect to the broker, and let tasks run as part of the application."""

    class ContextTask(Task):
        """Runs in the application's context, so that it has settings and a database."""

        def __call__(self, *args: object, **kwargs: object) -> object:
            with app.app_context():
                return self.run(*args, **kwargs)

    redis_url = env.str("REDIS_URL", "") or "redis://127.0.0.1:6379/0"
    app.config.setdefault(
        "CELERY",
        {
            "broker_url": redis_url,
            "result_backend": redis_url,
            # A request that leaves a task is not to wait for a server that is down.
            "broker_transport_options": {
                "interval_start": 0,
                "max_retries": 1,
                "socket_connect_timeout": 2,
                "socket_timeout": 5,
            },
            "result_backend_transport_options": {"retry_policy": {"max_retries": 1}},
            "task_always_eager": app.testing,
        },
    )
    celery = Celery(app.import_name, task_cls=ContextTask)
    celery.config_from_object(app.config["CELERY"])
    celery.set_default()
    app.extensions["celery"] = celery
    modules_named("tasks")  # importing them registers their tasks
    app.cli.add_command(ping_worker)


@shared_task(name="tasks.ping")
def ping() -> str:
    """Answer with the application's name."""
    return str(current_app.config["APP_NAME"])


@click.command()
@with_appcontext
def ping_worker() -> None:
    """Ask a worker to answer, to see that tasks are done."""
    task = current_app.extensions["celery"].tasks[ping.name]
    try:
        click.echo(task.delay().get(timeout=PING_TIMEOUT))
    except (OperationalError, RuntimeError, TimeoutError) as error:
        message = f"No worker answered; is Redis running, and a worker? {error}"
        raise click.ClickException(message) from error
