"""Work that is to be done once, however often it is asked for.

A task may be delivered twice: when its worker dies before it is done, or when it was sent twice.
"""

from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from ..database import db
from .models import Done

KEPT = timedelta(days=30)  # then nobody asks for it again


def once(key: str) -> bool:
    """Claim a piece of work; tell whether it is neither done nor being done.

    The claim belongs to the transaction of the work, and is to be committed with it: what a
    worker did not finish is not claimed either. Another claim waits until it is known.

    :param key: names the work, at most 200 characters
    """
    try:
        with db.session.begin_nested():
            db.session.add(Done(key=key))
    except IntegrityError:
        return False
    return True
