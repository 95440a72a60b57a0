"""Background tasks, done by worker processes, some of them by the clock.

A package takes part with a module ``tasks.py``: its shared tasks, a ``SCHEDULE`` of those that
beat sends, and a function ``clean_up`` that is called each night. See https://docs.celeryq.dev
and https://flask.palletsprojects.com/patterns/celery/
"""

from functools import partial
from typing import Any

import click
from celery import Celery, Task
from celery.exceptions import OperationalError, TimeoutError  # noqa: A004 what Celery raises
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun
from environs import validate
from flask import Flask, current_app, g, has_app_context
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError

from ..config import SLUG, env
from ..database import db
from ..discovery import modules_named
from ..logs import request_id, work_id
from ..pages.health import add_check
from ..redis import redis_url

# Of all keys, not of the queue's alone: workers also take back what others have not acknowledged.
PREFIX = f"{SLUG}:tasks:"
PING_TIMEOUT = 10  # seconds
# In seconds: a task is told to end, and then is ended.
SOFT_LIMIT, HARD_LIMIT = 9 * 60, 10 * 60
# Options of a task that tries again, each time after twice as long, when a server is away.
RETRIES: dict[str, Any] = {
    "autoretry_for": (DBAPIError, OSError),
    "max_retries": 8,
    "retry_backoff": True,
    "retry_backoff_max": 10 * 60,  # seconds
    "retry_jitter": True,
}


def init_app(app: Flask) -> None:
    """Connect to the broker, and let tasks run as part of the application."""

    class ContextTask(Task):
        """Runs in the application's context, so that it has settings and a database."""

        def __call__(self, *args: object, **kwargs: object) -> object:
            with app.app_context():
                g.is_going_to_write = True
                return self.run(*args, **kwargs)

    url = redis_url() or "redis://127.0.0.1:6379/0"
    app.config.setdefault("CELERY", default_settings(url, always_eager=app.testing))
    celery = Celery(app.import_name, task_cls=ContextTask)
    celery.config_from_object(app.config["CELERY"])
    celery.set_default()
    app.extensions["celery"] = celery
    # Importing them registers their tasks.
    modules = modules_named("tasks")
    celery.conf.beat_schedule = {
        name: entry for module in modules for name, entry in getattr(module, "SCHEDULE", {}).items()
    }
    add_check(app, "tasks", partial(broker_state, celery))
    app.cli.add_command(ping_worker)
    app.cli.add_command(clean_up)


def broker_state(celery: Celery) -> str:
    """Return ``ok``, or ``unreachable`` while no task can be left to a worker."""
    try:
        with celery.connection_for_write(connect_timeout=2) as connection:
            connection.ensure_connection(max_retries=0, timeout=2)
    except (OperationalError, OSError):
        return "unreachable"
    return "ok"


@before_task_publish.connect
def send_request_id(headers: dict[str, object], **_signal: object) -> None:
    """Let the lines of a task have the id of the request that has left it."""
    if has_app_context():
        headers["request_id"] = request_id()


@task_prerun.connect
def take_request_id(task: Task, **_signal: object) -> None:
    """Write the lines of a task with the id that came with it, or with its own."""
    work_id.set(task.request.get("request_id") or task.request.id)


@task_postrun.connect
def drop_request_id(**_signal: object) -> None:
    """End that."""
    work_id.set("")


@setup_logging.connect
def leave_logging(**_signal: object) -> None:
    """Keep Celery from writing lines of its own form: that somebody listens is enough."""


def default_settings(url: str, *, always_eager: bool) -> dict[str, Any]:
    """Return the settings of Celery, by which no task is lost when a worker dies."""
    return {
        "broker_url": url,
        "result_backend": url,
        "accept_content": ["json"],
        "timezone": "UTC",
        # A task is taken off the queue once it is done; until then, Redis gives it to another
        # worker when this one dies, or has not finished it for so long, in seconds. It has to
        # be longer than any task takes, and than any waits before it is tried again.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "task_soft_time_limit": SOFT_LIMIT,
        "task_time_limit": HARD_LIMIT,
        # A request that leaves a task is not to wait for a server that is down.
        "broker_transport_options": {
            "global_keyprefix": PREFIX,
            "interval_start": 0,
            "max_retries": 1,
            "socket_connect_timeout": 2,
            "socket_timeout": 5,
            "visibility_timeout": env.int(
                "CELERY_VISIBILITY_TIMEOUT", 60 * 60, validate=validate.Range(min=1)
            ),
        },
        "result_backend_transport_options": {
            "global_keyprefix": PREFIX,
            "retry_policy": {"max_retries": 1},
        },
        "broker_connection_retry_on_startup": True,
        # A worker waits for its broker for as long as it takes.
        "broker_connection_max_retries": None,
        # The default keeps the times of the last runs in a file of pickles, which runs the code
        # of anybody who can write it. Without it, each task waits for its next time.
        "beat_scheduler": "celery.beat:Scheduler",
        "task_always_eager": always_eager,
    }


@click.command()
@with_appcontext
def ping_worker() -> None:
    """Ask a worker to answer, to see that tasks are done."""
    task = current_app.extensions["celery"].tasks["tasks.ping"]
    try:
        click.echo(task.delay().get(timeout=PING_TIMEOUT))
    except (OperationalError, RuntimeError, TimeoutError) as error:
        message = f"No worker answered; is Redis running, and a worker? {error}"
        raise click.ClickException(message) from error


@click.command()
@with_appcontext
def clean_up() -> None:
    """Delete what is no longer needed, as the worker does each night."""
    for line in run_clean_ups():
        click.echo(line)


def run_clean_ups() -> list[str]:
    """Let each package delete what it no longer needs, and return what they say."""
    said = [module.clean_up() for module in modules_named("tasks") if hasattr(module, "clean_up")]
    db.session.commit()
    return said
