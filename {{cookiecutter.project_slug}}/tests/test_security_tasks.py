"""What is deleted each night."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from flask_security import naive_utcnow
from sqlalchemy import select

from app.database import db
from app.security.roles import find_user
from app.security.tokens import Token


@pytest.mark.usefixtures("context")
def test_tokens_that_have_ended_are_deleted(
    app: Flask, runner: FlaskCliRunner, register: Callable[..., str]
) -> None:
    user = find_user(register(app, "editor"))
    assert user
    for name, left in {"Old": timedelta(minutes=-1), "New": timedelta(minutes=1)}.items():
        user.tokens.append(Token(key=name, name=name, expires_at=naive_utcnow() + left))
    db.session.commit()
    assert "Deleted 1 tokens" in runner.invoke(args=["clean-up"]).output
    assert db.session.scalars(select(Token.name)).all() == ["New"]
