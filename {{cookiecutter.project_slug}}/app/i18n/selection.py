"""Which language and which time zone a page is in.

The language is the one that the address asks for (``?lang=es``), else the one that the visitor
chose, else the one that the browser prefers, else the default.
"""

from urllib.parse import urlencode, urljoin

from babel import Locale, negotiate_locale, parse_locale
from babel.core import get_global
from flask import Response, current_app, g, has_request_context, request, url_for
from flask_babel import get_locale, get_timezone
from markupsafe import Markup
from pytz import common_timezones_set

from ..text import language
from .preference import preferred


def available_languages() -> dict[str, str]:
    """Return the name of each language in that language, by its code."""
    codes = current_app.config["LANGUAGES"]
    return {code: (Locale.parse(code).get_display_name() or code).capitalize() for code in codes}


def select_language() -> str | None:
    """Return the code of the language of the page; None is the default."""
    if not has_request_context():
        return None
    g.language_matters = True
    languages = current_app.config["LANGUAGES"]
    for code in (request.args.get("lang"), preferred("language")):
        if code in languages:
            return code
    wanted = (tag.replace("-", "_") for tag, _quality in request.accept_languages)
    return next(filter(None, (match_language(code, languages) for code in wanted)), None)


def match_language(wanted: str, languages: list[str]) -> str | None:
    """Return the language that is the wanted one, or else is written in the same script."""
    written = writing(wanted)
    alike = (code for code in languages if written and writing(code) == written)
    return negotiate_locale([wanted], languages) or next(alike, None)


def writing(code: str) -> tuple[str, str | None] | None:
    """Return a language and its script: zh and Hans for ``zh_CN``; none for what is no code."""
    try:
        language, region, script = parse_locale(code)[:3]
    except ValueError:
        return None
    likely = get_global("likely_subtags")
    full = likely.get(f"{language}_{region}") or likely.get(language) or language
    return language, script or parse_locale(full)[2]


def select_timezone() -> str | None:
    """Return the name of the time zone that the visitor chose; None is the default."""
    name = preferred("timezone") if has_request_context() else None
    return name if name in common_timezones_set else None


def template_context() -> dict[str, object]:
    """Tell the templates how the page is read, and which languages there are."""
    context = {
        "alternate_page": alternate_page,
        "languages": available_languages(),
        "text_direction": get_locale().text_direction,
        "this_page": this_page,
        "timezone": get_timezone,
    }
    if context["text_direction"] == "rtl":
        context["bootstrap_css"] = load_rtl_css
    return context


def this_page(code: str | None = None) -> str:
    """Return the path and the query of this page: in a language, or in that of the visitor."""
    path = request.root_path + request.path
    arguments = [(name, text) for name, text in request.args.items(multi=True) if name != "lang"]
    query = urlencode(arguments + ([("lang", code)] if code else []))
    return f"{path}?{query}" if query else path


def alternate_page(code: str | None = None) -> str:
    """Return the address of this page, at the host that links lead to."""
    return urljoin(url_for("pages.home", _external=True), this_page(code))


def load_rtl_css() -> Markup:
    """Return the link to the Bootstrap that reads from right to left."""
    address = url_for("i18n.static", filename="bootstrap.rtl.min.css")
    return Markup('<link rel="stylesheet" href="{}">').format(address)


def add_headers(response: Response) -> Response:
    """Tell caches and search engines about the language, where the response has one."""
    if g.get("language_matters"):
        response.headers.setdefault("Content-Language", language())
        response.vary.update(["Accept-Language", "Cookie"])
    return response
