"""The secret of a site for which nobody has set one."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from directory.services import credentials
from directory.settings import Settings
from directory.storage import secret


def test_a_site_without_a_secret_makes_one_that_nobody_else_can_read(tmp_path: Path) -> None:
    urls = [f"sqlite://{tmp_path}/{name}.sqlite3" for name in ("one", "two")]
    made = [secret.kept_secret(url) for url in urls]
    assert made[0] != made[1]
    assert all(len(each) >= 43 for each in made)
    path = secret.secret_path(urls[0])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret.kept_secret.cache_clear()
    assert secret.kept_secret(urls[0]) == made[0]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["one.sqlite3.secret", "two.sqlite3.secret"]


def test_of_several_that_make_a_secret_at_once_all_get_the_same(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/one.sqlite3"
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: secret.kept_secret.__wrapped__(url), range(8)))
    assert len(set(made)) == 1


def test_who_knows_the_defaults_cannot_forge_what_a_browser_is_known_by(tmp_path: Path) -> None:
    site, other = (Settings(database_url=f"sqlite://{tmp_path}/{name}.sqlite3") for name in ("one", "two"))
    known = credentials.known_device("ana@example.org", site)
    assert credentials.device_number(known, "ana@example.org", site)
    assert credentials.device_number(known, "ana@example.org", other) is None
