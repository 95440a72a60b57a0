"""The tasks that every application has."""

from celery import shared_task
from celery.schedules import crontab
from flask import current_app
from sqlalchemy import delete

from ..database import db
from ..database.utc import now
from . import RETRIES, run_clean_ups
from .models import Done
from .once import KEPT, once

SCHEDULE = {"clean up": {"task": "tasks.clean_up", "schedule": crontab(hour=3, minute=0)}}


@shared_task(name="tasks.ping")
def ping() -> str:
    """Answer with the application's name."""
    return str(current_app.config["APP_NAME"])


@shared_task(name="tasks.clean_up", **RETRIES)
def clean_up_tonight() -> list[str]:
    """Clean up, unless that is done today, or being done."""
    return run_clean_ups() if once(f"clean up {now():%Y-%m-%d}") else []


def clean_up() -> str:
    """Forget what was done so long ago that nobody asks for it again."""
    result = db.session.execute(delete(Done).where(Done.done_at < now() - KEPT))
    return f"Forgot {result.rowcount} tasks that are done."  # type: ignore[attr-defined]
