"""What schemathesis can't read in a document: what belongs together.

It loads this file itself, from the variable SCHEMATHESIS_HOOKS. Only valid requests are completed; those that are
meant to be refused stay as they are.
"""

import re
from typing import Any

import schemathesis
from schemathesis import GenerationMode

ROW = 1  # which others refer to, and nobody deletes
LONGEST = 200  # letters of a parameter


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    """Name the state that a row is in, rows that are there, one way to a page, and moments of all zones."""
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    if "If-Match" in (case.headers or {}):
        case.headers["If-Match"] = "*"
    if case.method == "DELETE" and case.path_parameters.get("id") == ROW:
        case.path_parameters["id"] += 1
    if isinstance(case.body, dict):
        case.body |= {name: ROW for name, value in case.body.items() if name.endswith("_id") and value is not None}
        case.body |= {name: value[:1] and [ROW] for name, value in case.body.items() if name.endswith("_ids")}
    if isinstance(case.query, dict):
        case.query.pop("cursor", None)
        # The first and the last year are over elsewhere, and no server reads an address of a hundred thousand letters.
        case.query = {
            name: re.sub(r"\b(0001|9999)-", "2001-", value) if isinstance(value, str) else value
            for name, value in case.query.items()
            if len(str(value)) <= LONGEST
        }
