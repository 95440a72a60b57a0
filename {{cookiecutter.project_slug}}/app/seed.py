"""``flask seed``: writes the rows that the application needs to be used at all.

A package takes part with a module ``seed.py``, whose ``seed`` is called: it may run many times,
and returns what it did.
"""

from collections.abc import Callable

import click
from environs import EnvError
from flask import Flask, current_app
from flask.cli import with_appcontext

from .database import db
from .discovery import modules_named


def init_app(app: Flask) -> None:
    """Add the command."""
    app.extensions["seeders"] = []
    app.cli.add_command(seed)


def add(app: Flask, seeder: Callable[[], str]) -> None:
    """Let ``flask seed`` call a function before those of the packages."""
    app.extensions["seeders"].append(seeder)


@click.command()
@with_appcontext
def seed() -> None:
    """Write the first rows; run it as often as you like."""
    found = [module.seed for module in modules_named("seed")]
    for seeder in current_app.extensions["seeders"] + found:
        try:
            click.echo(seeder())
        except EnvError as error:
            raise click.ClickException(str(error)) from error
    db.session.commit()
