"""What schemathesis can't read in a document: what belongs together.

It loads this file itself, from the variable SCHEMATHESIS_HOOKS. Only valid requests are completed; those that are
meant to be refused stay as they are.
"""

import re
from typing import Any

import schemathesis
from schemathesis import GenerationMode


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    """Name the state that a row is in, a category that is there, one way to a page, and moments of all zones."""
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    if "If-Match" in (case.headers or {}):
        case.headers["If-Match"] = "*"
    if isinstance(case.body, dict) and "category_id" in case.body:
        case.body["category_id"] = 1
    if isinstance(case.query, dict):
        case.query.pop("cursor", None)
        # The first and the last year are over elsewhere.
        case.query |= {
            name: re.sub(r"\b(0001|9999)-", "2001-", value)
            for name, value in case.query.items()
            if isinstance(value, str)
        }
