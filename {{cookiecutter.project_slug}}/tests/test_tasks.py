"""Background tasks."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app import create_app
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


def test_the_worker_knows_the_tasks() -> None:
    assert "tasks.ping" in celery.tasks


def test_tasks_are_done_at_once_in_tests_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert celery.conf.task_always_eager
    monkeypatch.setenv("APP_ENV", "development")
    monkeypatch.setattr("app.config.ROOT", "/nowhere")
    assert not create_app().extensions["celery"].conf.task_always_eager
