"""What the welcome page tells; it goes when the welcome page goes."""

from dataclasses import dataclass

from ..text import lazy_gettext as _l


@dataclass(frozen=True)
class Feature:
    """A part of the application, with the page that shows it."""

    title: str
    summary: str
    endpoint: str


@dataclass(frozen=True)
class Command:
    """Something to do next, in a terminal."""

    line: str
    summary: str


FEATURES = [
    Feature(
        title=_l("Health"),
        summary=_l("Tells a load balancer whether to send requests here."),
        endpoint="health.readyz",
    ),
    {% for name, feature in cookiecutter._features.items() if cookiecutter[name] and feature.boots %}
    Feature(
        title=_l("{{ feature.title }}"),
        summary=_l("{{ feature.summary }}"),
        endpoint="{{ feature.endpoint }}",
    ),
    {% endfor %}
]
COMMANDS = [
    Command("pytest", _l("Run the tests, with their coverage.")),
    Command("flask db migrate", _l("Write a migration after a change of the models.")),
    Command("flask db upgrade", _l("Bring the database up to date.")),
    {% for name, feature in cookiecutter._features.items() if cookiecutter[name] %}
    {% for line, summary in feature.commands.items() %}
    Command(
        "{{ line }}",
        _l("{{ summary }}"),
    ),
    {% endfor %}
    {% endfor %}
]
