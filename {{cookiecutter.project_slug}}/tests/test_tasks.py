"""Background tasks."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app import create_app
from app.tasks.worker import celery


def test_a_task_runs_in_the_application(app: Flask, runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["ping-worker"])
    assert result.output.strip() == app.config["APP_NAME"]


def test_the_worker_knows_the_tasks() -> None:
    assert "tasks.ping" in celery.tasks


def test_tasks_are_done_at_once_in_tests_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert celery.conf.task_always_eager
    monkeypatch.setenv("APP_ENV", "development")
    monkeypatch.setattr("app.config.ROOT", "/nowhere")
    assert not create_app().extensions["celery"].conf.task_always_eager
