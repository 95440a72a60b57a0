"""Date-times in the database."""

from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import column, create_engine, select, table
from sqlalchemy.types import String

from app.database.utc import UtcDateTime, now

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_moments_are_stored_in_utc_and_read_with_their_zone() -> None:
    moments = table("moments", column("at", UtcDateTime()))
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE moments (at DATETIME)")
        for at in (NOON.astimezone(timezone(timedelta(hours=2))), NOON.replace(tzinfo=None), None):
            connection.execute(moments.insert().values(at=at))
        assert connection.scalars(select(moments.c.at)).all() == [NOON, NOON, None]
        stored = connection.scalars(select(moments.c.at.cast(String))).first()
    engine.dispose()
    assert stored == "2026-03-01 12:00:00.000000"
    assert UtcDateTime().python_type is datetime
    assert now().tzinfo is UTC
