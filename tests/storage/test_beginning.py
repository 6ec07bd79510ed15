"""A new database is made whole or not at all. That its tables are those of all migrations one after the other, test_texts.py sees to."""

from __future__ import annotations

from pathlib import Path

import pytest
from tortoise.exceptions import IntegrityError

from directory.storage import beginning, db, schema

pytestmark = pytest.mark.may_block("as a command does")


async def test_who_dies_while_the_tables_are_made_leaves_a_database_that_is_still_new(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/x.sqlite3"
    async with db.connect(url):
        with pytest.raises(IntegrityError):
            await beginning.make_tables([*schema.MIGRATIONS, None])  # type: ignore[list-item]
        assert await beginning.is_new()
    assert await schema.migrate(url) == schema.MIGRATIONS
    async with db.connect(url):
        assert not await beginning.is_new()
        assert await schema.pending_migrations() == []
