"""Background tasks."""

import logging
from datetime import timedelta
from unittest.mock import Mock

import pytest
from celery.apps.beat import Beat
from celery.signals import before_task_publish, task_postrun, task_prerun
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from app import create_app
from app.config import SLUG
from app.database import db
from app.database.utc import now
from app.logs import JSONFormatter
from app.tasks.models import Done
from app.tasks.once import KEPT, once
from app.tasks.worker import celery


def test_a_task_runs_in_the_application(app: Flask, runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["ping-worker"])
    assert result.output.strip() == app.config["APP_NAME"]


def test_a_worker_that_does_not_answer_is_said_to_be_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    app = create_app()
    app.extensions["celery"].conf.task_always_eager = False
    result = app.test_cli_runner().invoke(args=["ping-worker"])
    assert result.exit_code == 1
    assert "No worker answered" in result.output


@pytest.mark.parametrize(
    ("broker", "state"), [("memory://", "ok"), ("redis://127.0.0.1:1/0", "unreachable")]
)
def test_readiness_names_a_broker_that_is_down(
    broker: str, state: str, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.extensions["celery"].conf, "broker_url", broker)
    answer = app.test_client().get("/readyz").json
    assert answer is not None
    assert answer["tasks"] == state


def test_the_lines_of_a_task_have_the_id_of_the_request_that_has_left_it(app: Flask) -> None:
    headers: dict[str, str] = {}
    with app.test_request_context(headers={"X-Request-ID": "told-by-the-proxy"}):
        before_task_publish.send(sender="any", headers=headers)
    record = logging.LogRecord("any", logging.INFO, "", 0, "It is done.", (), None)
    task = Mock(request=headers)
    task_prerun.send(sender=task, task=task)
    assert "told-by-the-proxy" in JSONFormatter().format(record)
    task_postrun.send(sender=task)
    assert "request_id" not in JSONFormatter().format(record)
    unbound: dict[str, str] = {}
    before_task_publish.send(sender="any", headers=unbound)
    assert unbound == {}


def test_the_worker_knows_the_tasks_and_when_they_are_due() -> None:
    for entry in celery.conf.beat_schedule.values():
        assert entry["task"] in celery.tasks
    assert "tasks.ping" in celery.tasks
    assert "tasks.clean_up" in {entry["task"] for entry in celery.conf.beat_schedule.values()}


def test_the_worker_and_the_scheduler_read_no_pickle() -> None:
    conf = celery.conf
    assert list(conf.accept_content) == ["json"]
    assert {conf.task_serializer, conf.result_serializer, conf.event_serializer} == {"json"}
    assert conf.result_accept_content is None  # as the tasks
    assert Beat(app=celery).scheduler_cls == "celery.beat:Scheduler"  # which has no file


def test_tasks_are_done_at_once_in_tests_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert celery.conf.task_always_eager
    monkeypatch.setenv("APP_ENV", "development")
    monkeypatch.setattr("app.config.ROOT", "/nowhere")
    assert not create_app().extensions["celery"].conf.task_always_eager


def test_a_task_ends_before_redis_gives_it_to_another_worker() -> None:
    conf = celery.conf
    timeout = conf.broker_transport_options["visibility_timeout"]
    assert conf.task_soft_time_limit < conf.task_time_limit < timeout
    assert conf.task_acks_late


def test_projects_that_share_a_redis_share_no_key() -> None:
    for options in ("broker_transport_options", "result_backend_transport_options"):
        assert celery.conf[options]["global_keyprefix"].startswith(f"{SLUG}:")


def test_workers_read_nothing_but_json() -> None:
    assert celery.conf.accept_content == ["json"]
    assert celery.conf.task_serializer == celery.conf.result_serializer == "json"


@pytest.mark.usefixtures("context")
def test_work_is_claimed_once() -> None:
    assert once("invoice 7")
    assert not once("invoice 7")
    assert once("invoice 8")
    db.session.commit()
    assert not once("invoice 7")


@pytest.mark.usefixtures("context")
def test_work_that_failed_is_not_claimed() -> None:
    db.session.commit()
    once("invoice 7")
    db.session.rollback()
    assert once("invoice 7")


@pytest.mark.usefixtures("context")
def test_what_was_done_long_ago_is_forgotten(runner: FlaskCliRunner) -> None:
    db.session.add(Done(key="old", done_at=now() - KEPT - timedelta(hours=1)))
    db.session.add(Done(key="new"))
    db.session.commit()
    result = runner.invoke(args=["clean-up"])
    assert "Forgot 1 tasks" in result.output
    assert db.session.scalars(select(Done.key)).all() == ["new"]


def test_the_nightly_cleaning_is_done_once_a_night(app: Flask) -> None:
    task = app.extensions["celery"].tasks["tasks.clean_up"]
    assert task.delay().get()
    assert task.delay().get() == []
