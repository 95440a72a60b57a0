"""``flask seed``: writes the rows that the application needs to be used at all."""

from collections.abc import Callable

import click
from environs import EnvError
from flask import Flask, current_app
from flask.cli import with_appcontext

from .database import db


def init_app(app: Flask) -> None:
    """Add the command."""
    app.extensions["seeders"] = []
    app.cli.add_command(seed)


def add(app: Flask, seeder: Callable[[], str]) -> None:
    """Let ``flask seed`` call a function that may run many times and says what it did."""
    app.extensions["seeders"].append(seeder)


@click.command()
@with_appcontext
def seed() -> None:
    """Write the first rows; run it as often as you like."""
    for seeder in current_app.extensions["seeders"]:
        try:
            click.echo(seeder())
        except EnvError as error:
            raise click.ClickException(str(error)) from error
    db.session.commit()
