"""Text in Python code, translated or not."""

from flask import Flask

from app.text import gettext, lazy_gettext, ngettext


def test_places_in_a_message_are_filled(app: Flask) -> None:
    with app.test_request_context():
        assert gettext("Hello %(name)s.", name="Ada") == "Hello Ada."
        assert str(lazy_gettext("Hello %(name)s.", name="Ada")) == "Hello Ada."


def test_the_form_of_a_message_fits_the_number(app: Flask) -> None:
    with app.test_request_context():
        forms = [ngettext("%(num)s apple", "%(num)s apples", num) for num in (0, 1, 2)]
    assert forms == ["0 apples", "1 apple", "2 apples"]
