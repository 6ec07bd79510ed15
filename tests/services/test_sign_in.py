"""Who comes in and who does not: passwords, second factors, sessions, links, and the slowing of guesses, on both engines."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from directory.domain.access import OF_THE_SITE, Action, Denied, Refused, Role, Thing, may
from directory.domain.people import DeadLink, TooSoon, UnfitFields, WrongSignIn
from directory.domain.sign_in import FULL, OF_ACCOUNT, OF_CODE, OF_CODES, PASSWORD_GIVEN, SET_UP
from directory.services import credentials, own_account, sessions
from directory.services.people import second_factor_reset
from directory.services.sign_in import second_factor_give, second_factor_renew, sign_in_again
from directory.settings import Settings
from directory.storage import accounts, db
from directory.storage import sessions as stored
from tests.accounts import (
    NOW,
    PASSWORD,
    SETTINGS,
    Somebody,
    agency,
    cookie,
    enter,
    invited,
    joined,
    session,
    signed_in,
    take,
)

NOBODY = Somebody(0, "nobody@example.org")
LATER = NOW + timedelta(minutes=5)


async def actions() -> list[str]:
    """What the audit trail says was done, in order."""
    return [row["action"] for row in await db.rows("SELECT action FROM audit_entry ORDER BY id")]


# --- the password ----------------------------------------------------------------------------------------------------


async def test_an_editor_comes_in_with_a_password_alone_and_a_peer_needs_a_code_too(database: str) -> None:
    home = await agency()
    editor, peer = await joined(Role.EDITOR, home, "ed@example.org"), await joined(Role.PEER, home, "pia@example.org")
    assert (await enter(editor)).stage == FULL
    begun = await enter(peer)
    assert begun.stage == PASSWORD_GIVEN
    half = await session(begun)
    assert half.actor.person is None
    full = await session(await second_factor_give(session=half, code=peer.code(NOW), settings=SETTINGS, now=NOW))
    assert full.actor.person == peer.id
    assert full.actor.roles == {Role.PEER}
    assert await sessions.session_find(token=begun.token, now=NOW) is None


async def test_unknown_wrong_and_closed_get_the_same_answer_after_the_same_work(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await joined(Role.EDITOR, await agency())
    closed = await joined(Role.EDITOR, await agency(), "closed@example.org")
    async with db.staging():
        await accounts.person_set(closed.id, disabled_at=NOW)
    verified = 0
    real = credentials.password_fits

    async def counting(stored: str | None, password: str, settings: object) -> bool:
        nonlocal verified
        verified += 1
        return await real(stored, password, SETTINGS)

    monkeypatch.setattr(credentials, "password_fits", counting)
    said = []
    for somebody, password in ((NOBODY, PASSWORD), (ana, "wrong-wrong-wrong"), (closed, PASSWORD)):
        with pytest.raises(WrongSignIn) as wrong:
            await enter(somebody, password=password)
        said.append(str(wrong.value))
    assert said == ["wrong-sign-in"] * 3
    assert verified == 3


async def test_a_thousand_guesses_are_slowed_and_the_owner_still_gets_in(database: str) -> None:
    ana = await joined(Role.EDITOR, await agency())
    tried, waits = 0, []
    for guess in range(1000):  # one a second, each from another network
        try:
            await enter(
                ana, NOW + timedelta(seconds=guess), password=f"guess-number-{guess}", address=f"198.{guess % 250}.2.1"
            )
        except WrongSignIn:
            tried += 1
        except TooSoon as slowed:
            waits.append(slowed.seconds)
    assert tried + len(waits) == 1000
    assert max(waits) <= OF_ACCOUNT.longest.total_seconds()
    assert tried < 35
    after = NOW + timedelta(seconds=1000) + OF_ACCOUNT.longest
    assert (await enter(ana, after)).stage == FULL
    with pytest.raises(WrongSignIn):  # who has come in starts anew
        await enter(ana, after, password="wrong-wrong-wrong")


async def test_the_owner_comes_in_at_once_on_a_known_device_while_strangers_guess_on(database: str) -> None:
    ana, ben = await joined(Role.EDITOR, await agency()), await joined(Role.EDITOR, await agency(), "ben@example.org")
    known = (await enter(ana)).known
    for guess in range(20):
        with contextlib.suppress(WrongSignIn, TooSoon):
            await enter(ana, password=f"guess-number-{guess}")
    for forged in (known[:-1] + "x", "", ".", known.partition(".")[0]):
        with pytest.raises(TooSoon):
            await enter(ana, known=forged)
    assert (await enter(ana, known=known)).stage == FULL
    assert credentials.device_number(known, ben.email, SETTINGS) is None


async def test_a_letter_tells_the_owner_of_a_sign_in_on_a_device_that_is_new(database: str) -> None:
    ana = await joined(Role.PEER, await agency())
    half = await session(await enter(ana))
    begun = await second_factor_give(session=half, code=ana.code(NOW), settings=SETTINGS, now=NOW)
    half = await session(await enter(ana, LATER), LATER)
    code = ana.code(LATER)
    await second_factor_give(session=half, code=code, known=begun.known, settings=SETTINGS, now=LATER)
    sent = await db.rows("SELECT recipient FROM outbox WHERE template = 'new-sign-in'")
    assert [row["recipient"] for row in sent] == [ana.email]


async def test_one_network_is_slowed_whatever_names_it_tries(database: str) -> None:
    waited = 0
    for number in range(40):
        somebody = Somebody(0, f"nobody{number}@example.org")
        try:
            await enter(somebody, address=f"203.0.113.{number}")
        except WrongSignIn:
            continue
        except TooSoon:
            waited += 1
    assert waited == 40 - 20
    with pytest.raises(WrongSignIn):
        await enter(NOBODY, address="203.0.114.1")


async def test_an_office_that_comes_to_work_is_not_slowed_down(database: str) -> None:
    ana = await joined(Role.EDITOR, await agency())
    for _ in range(30):
        assert (await enter(ana)).stage == FULL


async def test_tries_are_forgotten_after_a_day(database: str) -> None:
    for now in (NOW, NOW + timedelta(days=2)):
        with pytest.raises(WrongSignIn):
            await enter(NOBODY, now)
    assert len(await db.rows("SELECT * FROM throttle")) == 2
    with pytest.raises(WrongSignIn):
        await enter(Somebody(0, "other@example.org"), NOW + timedelta(days=4), address="198.51.100.1")
    assert len(await db.rows("SELECT * FROM throttle")) == 2


async def test_the_table_of_tries_names_nobody(database: str) -> None:
    with pytest.raises(WrongSignIn):
        await enter(NOBODY)
    rows = await db.rows("SELECT * FROM throttle")
    assert len(rows) == 2
    assert all(len(row["key"]) == 64 for row in rows)
    assert "192.0.2" not in str(rows)


async def test_no_secret_of_signing_in_reaches_a_log(database: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ana = await joined(Role.PEER, await agency())
    begun = await enter(ana)
    await second_factor_give(session=await session(begun), code=ana.code(NOW), settings=SETTINGS, now=NOW)
    for secret in (PASSWORD, ana.secret, begun.token, ana.email):
        assert secret not in caplog.text


async def test_what_is_stored_holds_no_secret(database: str) -> None:
    token = await invited(Role.PEER, await agency())
    begun = await take(token)
    half = await session(begun)
    secret = await own_account.second_factor_offer(session=half, settings=SETTINGS, now=NOW)
    half = await session(begun)
    code = Somebody(0, "", secret).code(NOW)
    begun, codes = await own_account.second_factor_set(session=half, code=code, settings=SETTINGS, now=NOW)
    kept = ""
    for table in ("person", "session", "link", "recovery_code", "audit_entry"):
        kept += str(await db.rows(f"SELECT * FROM {table}"))
    assert len(codes) == 10
    assert "'$argon2id$v=19$" in kept
    for text in (PASSWORD, token, begun.token, secret, *codes, *(code.replace("-", "") for code in codes)):
        assert text not in kept


def test_outside_tests_a_password_is_hashed_at_the_cost_that_owasp_names() -> None:
    for env in ("development", "production"):
        hashed = credentials.hasher_of(replace(SETTINGS, env=env)).hash(PASSWORD)
        assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


# --- the second factor -----------------------------------------------------------------------------------------------


async def test_a_code_is_taken_once_and_so_is_none_of_before(database: str) -> None:
    ana = await joined(Role.PEER, await agency())
    await signed_in(ana)
    for moment in (NOW, NOW - timedelta(seconds=30)):
        half = await session(await enter(ana))
        with pytest.raises(WrongSignIn):
            await second_factor_give(session=half, code=ana.code(moment), settings=SETTINGS, now=NOW)
    assert (await signed_in(ana, LATER)).stage == FULL


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(("seconds", "is_taken"), [(-90, False), (-30, True), (0, True), (30, True), (90, False)])
async def test_a_clock_may_be_half_a_minute_off(database: str, seconds: int, is_taken: bool) -> None:
    ana = await joined(Role.PEER, await agency())
    half = await session(await enter(ana))
    code = ana.code(NOW + timedelta(seconds=seconds))
    if is_taken:
        assert (await second_factor_give(session=half, code=code, settings=SETTINGS, now=NOW)).stage == FULL
    else:
        with pytest.raises(WrongSignIn):
            await second_factor_give(session=half, code=code, settings=SETTINGS, now=NOW)


async def test_of_two_who_send_one_code_at_once_one_comes_in(database: str) -> None:
    ana = await joined(Role.PEER, await agency())
    halves = [await session(await enter(ana)) for _ in range(4)]
    sent = [second_factor_give(session=half, code=ana.code(NOW), settings=SETTINGS, now=NOW) for half in halves]
    answers = await asyncio.gather(*sent, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["SignedIn", *["WrongSignIn"] * 3]


async def test_a_recovery_code_stands_in_once_however_it_is_typed(database: str) -> None:
    token = await invited(Role.PEER, await agency())
    begun = await take(token)
    secret = await own_account.second_factor_offer(session=await session(begun), settings=SETTINGS, now=NOW)
    ana = Somebody(0, "ana@example.org", secret)
    _, codes = await own_account.second_factor_set(
        session=await session(begun), code=ana.code(NOW), settings=SETTINGS, now=NOW
    )
    typed = codes[0].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    half = await session(await enter(ana))
    full = await session(await second_factor_give(session=half, code=typed, settings=SETTINGS, now=NOW))
    assert await own_account.recovery_codes_left(by=full.actor, now=NOW) == 9
    half = await session(await enter(ana))
    with pytest.raises(WrongSignIn):
        await second_factor_give(session=half, code=codes[0], settings=SETTINGS, now=NOW)


async def test_codes_are_guessed_slowly(database: str) -> None:
    ana = await joined(Role.PEER, await agency())
    half = await session(await enter(ana))
    tried, waits = 0, []
    for guess in range(20):
        try:
            await second_factor_give(session=half, code=f"{guess:06}", settings=SETTINGS, now=NOW)
        except WrongSignIn:
            tried += 1
        except TooSoon as slowed:
            waits.append(slowed.seconds)
    assert tried == OF_CODE.free
    assert max(waits) <= OF_CODE.longest.total_seconds()


async def test_the_owner_gives_a_code_at_once_while_somebody_else_guesses_codes(database: str) -> None:
    ana = await joined(Role.PEER, await agency())
    theirs, known = await session(await enter(ana)), (await own_account_known(ana))
    for guess in range(30):
        with contextlib.suppress(WrongSignIn, TooSoon):
            await second_factor_give(session=theirs, code=f"{guess:06}", settings=SETTINGS, now=NOW)
    half = await session(await enter(ana))
    assert (await second_factor_give(session=half, code=ana.code(NOW), settings=SETTINGS, now=NOW)).stage == FULL
    tried = 0
    for guess in range(100):  # and whoever begins anew each time comes to an end as well
        fresh = await session(await enter(ana))
        try:
            await second_factor_give(session=fresh, code=f"{guess:06}", settings=SETTINGS, now=NOW)
        except WrongSignIn:
            tried += 1
        except TooSoon:
            break
    assert tried == OF_CODES.free
    half = await session(await enter(ana, LATER, known=known), LATER)
    begun = await second_factor_give(session=half, code=ana.code(LATER), known=known, settings=SETTINGS, now=LATER)
    assert begun.stage == FULL


async def own_account_known(ana: Somebody) -> str:
    """What a browser is known by after a lost password was set anew in it."""
    token = await _reset_token(ana.email)
    return await own_account.password_reset_take(token=token, password=PASSWORD, settings=SETTINGS, now=NOW)


async def test_a_link_to_a_new_second_factor_ends_with_the_password(database: str) -> None:
    home = await agency()
    cora = await signed_in(await joined(Role.COORDINATOR, home, "cora@example.org"))
    ana = await joined(Role.PEER, home)
    handed = await second_factor_reset(by=cora.actor, person=ana.id, settings=SETTINGS, now=NOW)
    new = "otters-under-the-pier"
    await own_account.password_change(session=await signed_in(ana), old=PASSWORD, new=new, settings=SETTINGS, now=NOW)
    with pytest.raises(DeadLink):
        await second_factor_renew(
            token=str(handed.address).rpartition("/")[2], password=new, device="", settings=SETTINGS, now=NOW
        )


async def test_who_did_not_come_in_is_written_down_whether_there_is_such_a_name_or_not(database: str) -> None:
    ana = await joined(Role.PEER, await agency())
    for somebody in (ana, NOBODY):
        with pytest.raises(WrongSignIn):
            await enter(somebody, password="wrong-wrong-wrong")
    half = await session(await enter(ana))
    with pytest.raises(WrongSignIn):
        await second_factor_give(session=half, code="000000", settings=SETTINGS, now=NOW)
    told = await db.rows("SELECT action, subject, details FROM access_entry ORDER BY id")
    assert [(row["action"], row["subject"]) for row in told] == [
        ("wrong-password", f"person {ana.id}"),
        ("wrong-password", "nobody"),
        ("wrong-code", f"person {ana.id}"),
    ]


async def test_one_network_gets_few_letters_sent_whomever_it_names(database: str) -> None:
    ana = await joined(Role.EDITOR, await agency())
    for number in range(30):
        await own_account.password_reset_ask(
            email=f"nobody{number}@example.org", address="192.0.2.7", settings=SETTINGS, now=NOW
        )
    for address in ("192.0.2.99", "198.51.100.1"):
        await own_account.password_reset_ask(email=ana.email, address=address, settings=SETTINGS, now=NOW)
    assert len(await db.rows("SELECT id FROM outbox WHERE template = 'reset-password'")) == 1


async def test_an_offered_second_factor_counts_only_after_a_right_code(database: str) -> None:
    begun = await take(await invited(Role.COORDINATOR, await agency()))
    assert begun.stage == SET_UP
    half = await session(begun)
    secret = await own_account.second_factor_offer(session=half, settings=SETTINGS, now=NOW)
    half = await session(begun)
    assert await own_account.second_factor_offer(session=half, settings=SETTINGS, now=NOW) == secret
    with pytest.raises(WrongSignIn):
        await own_account.second_factor_set(session=half, code="000000", settings=SETTINGS, now=NOW)
    assert half.actor.person is None
    assert (await enter(Somebody(0, "ana@example.org"))).stage == SET_UP


# --- sessions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("role", "idle", "whole"),
    [(Role.PEER, 30, 12), (Role.EDITOR, 30, 12), (Role.OVERSIGHT, 15, 8), (Role.ADMINISTRATOR, 15, 8)],
)
async def test_a_session_ends_when_nobody_is_there_and_at_the_end_of_a_day(
    database: str, role: Role, idle: int, whole: int
) -> None:
    ana = await joined(role, None if role in OF_THE_SITE else await agency())
    begun = await cookie(ana)
    assert await sessions.session_find(token=begun, now=NOW + timedelta(minutes=idle)) is None
    alive = NOW
    while alive < NOW + timedelta(hours=whole) - timedelta(minutes=10):
        alive += timedelta(minutes=10)
        assert await sessions.session_find(token=begun, now=alive) is not None, alive
    assert await sessions.session_find(token=begun, now=NOW + timedelta(hours=whole)) is None


async def test_a_forged_cookie_is_nobodys(database: str) -> None:
    ana = await joined(Role.EDITOR, await agency())
    token = await cookie(ana)
    (row,) = await db.rows("SELECT key FROM session ORDER BY created_at DESC LIMIT 1")
    forged = [
        "",
        "x",
        "a" * 43,
        token[:-1] + ("a" if token[-1] != "a" else "b"),
        row["key"],
        f"{token} ",
        "' OR 1=1 --",
    ]
    assert [await sessions.session_find(token=each, now=NOW) for each in forged] == [None] * len(forged)
    assert sessions.actor_of_session(None).person is None


async def test_a_session_is_ended_from_another_one_and_nobody_ends_another_persons(database: str) -> None:
    home = await agency()
    ana, ben = await joined(Role.EDITOR, home), await joined(Role.EDITOR, home, "ben@example.org")
    here, there, other = await signed_in(ana), await signed_in(ana), await signed_in(ben)
    await sessions.session_revoke(by=here.actor, key=there.key, now=NOW)
    await sessions.session_revoke(by=here.actor, key=other.key, now=NOW)
    assert there.key not in {each.key for each in await sessions.session_list(by=here.actor, now=NOW)}
    assert other.key in {each.key for each in await sessions.session_list(by=other.actor, now=NOW)}


async def test_a_role_that_ends_ends_what_a_session_may_do_at_once(database: str) -> None:
    ana = await joined(Role.EDITOR, await agency())
    token = await cookie(ana)
    async with db.staging():
        await db.execute("UPDATE role_grant SET ended_at = granted_at")
    assert await sessions.session_find(token=token, now=NOW) is None
    with pytest.raises(WrongSignIn):
        await enter(ana)


async def test_a_new_password_ends_every_session_and_begins_one(database: str) -> None:
    ana = await joined(Role.EDITOR, await agency())
    elsewhere, here = await cookie(ana), await signed_in(ana)
    begun = await own_account.password_change(
        session=here, old=PASSWORD, new="otters-under-the-pier", settings=SETTINGS, now=NOW
    )
    assert await sessions.session_find(token=elsewhere, now=NOW) is None
    assert (await session(begun)).actor.person == ana.id
    with pytest.raises(WrongSignIn):
        await enter(ana)


async def test_a_new_password_makes_nobody_fresher(database: str) -> None:
    ana = await joined(Role.PEER, await agency())
    old, later = await signed_in(ana), NOW + timedelta(minutes=20)
    begun = await own_account.password_change(
        session=old, old=PASSWORD, new="otters-under-the-pier", settings=SETTINGS, now=later
    )
    actor = (await session(begun, later)).actor
    assert may(actor, Action.CHANGE_SECOND_FACTOR, Thing(ana.id), now=later) == Refused("sign-in-again")


@contextlib.contextmanager
def while_hashing(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], Awaitable[object]]) -> Iterator[None]:
    """Lets something happen between the reading of an account and the answer to its password."""
    real, to_come = credentials.password_fits, [happens]

    async def slow(stored: str | None, password: str, settings: Settings) -> bool:
        fits = await real(stored, password, settings)
        if to_come:
            await to_come.pop()()
        return fits

    with monkeypatch.context() as patch:
        patch.setattr(credentials, "password_fits", slow)
        yield


async def test_the_old_password_is_wrong_as_soon_as_there_is_a_new_one(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await joined(Role.EDITOR, await agency())
    here, new = await signed_in(ana), "otters-under-the-pier"

    async def change() -> None:
        await own_account.password_change(session=here, old=PASSWORD, new=new, settings=SETTINGS, now=NOW)

    with while_hashing(monkeypatch, change), pytest.raises(WrongSignIn):
        await enter(ana)
    assert len(await stored.of_person(ana.id)) == 1
    assert (await enter(ana, password=new)).stage == FULL


async def test_who_sets_a_second_factor_up_too_late_replaces_none(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = await take(await invited(Role.PEER, await agency()))
    ana = Somebody((await session(begun)).account.id, "ana@example.org")

    async def set_up() -> None:
        secret = await own_account.second_factor_offer(session=await session(begun), settings=SETTINGS, now=NOW)
        code = Somebody(0, "", secret).code(NOW)
        await own_account.second_factor_set(session=await session(begun), code=code, settings=SETTINGS, now=NOW)

    with while_hashing(monkeypatch, set_up):
        assert (await enter(ana)).stage == PASSWORD_GIVEN
    late = replace(await session(await enter(ana)), stage=SET_UP)
    secret = await own_account.second_factor_offer(session=late, settings=SETTINGS, now=NOW)
    (late,) = [each for each in await stored.of_person(ana.id) if each.key == late.key]
    with pytest.raises(WrongSignIn):
        await own_account.second_factor_set(
            session=replace(late, stage=SET_UP), code=Somebody(0, "", secret).code(NOW), settings=SETTINGS, now=NOW
        )


async def test_signing_in_again_makes_a_session_fresh(database: str) -> None:
    ana = await joined(Role.PEER, await agency())
    old = await signed_in(ana)
    later = NOW + timedelta(minutes=20)
    with pytest.raises(Denied) as denied:
        await own_account.recovery_codes_renew(session=old, settings=SETTINGS, now=later)
    assert denied.value.reason == "sign-in-again"
    words = {"password": PASSWORD, "settings": SETTINGS, "now": later}
    with pytest.raises(WrongSignIn):
        await sign_in_again(session=old, by=old.actor, code="000000", **words)  # type: ignore[arg-type]
    await sign_in_again(session=old, by=old.actor, code=ana.code(later), **words)  # type: ignore[arg-type]
    (fresh,) = [each for each in await sessions.session_list(by=old.actor, now=later) if each.key == old.key]
    assert len(await own_account.recovery_codes_renew(session=fresh, settings=SETTINGS, now=later)) == 10


# --- links -----------------------------------------------------------------------------------------------------------


async def test_an_invitation_is_good_once(database: str) -> None:
    token = await invited(Role.EDITOR, await agency())
    answers = await asyncio.gather(*(take(token) for _ in range(4)), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["DeadLink"] * 3 + ["SignedIn"]
    with pytest.raises(DeadLink):
        await take(token, password="another-one-by-the-sea")


async def test_an_invitation_ends_after_three_days_and_when_there_is_a_newer_one(database: str) -> None:
    first = await invited(Role.EDITOR, await agency())
    second = await invited(Role.EDITOR, await agency())
    with pytest.raises(DeadLink):
        await take(first)
    with pytest.raises(DeadLink):
        await take(second, now=NOW + timedelta(hours=72))
    assert (await take(second, now=NOW + timedelta(hours=71))).stage == FULL


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short-one", "too-short"),
        ("x" * 129, "too-long"),
        ("passwordpassword", "common"),
        ("1234567890123", "common"),
        ("ana@example.org", "own-words"),
        ("footbridge-2026", "own-words"),
    ],
)
async def test_a_poor_password_is_refused_and_the_invitation_stays_good(
    database: str, password: str, code: str
) -> None:
    token = await invited(Role.EDITOR, await agency())
    with pytest.raises(UnfitFields) as unfit:
        await take(token, password=password)
    assert [problem.code for problem in unfit.value.problems] == [code]
    assert (await take(token)).stage == FULL


async def test_a_lost_password_is_set_anew_by_a_mailed_link_and_the_second_factor_stays(database: str) -> None:
    ana = await joined(Role.PEER, await agency())
    elsewhere = await cookie(ana)
    token = await _reset_token(ana.email)
    await own_account.password_reset_take(token=token, password="otters-under-the-pier", settings=SETTINGS, now=LATER)
    assert await sessions.session_find(token=elsewhere, now=LATER) is None
    with pytest.raises(DeadLink):
        await own_account.password_reset_take(token=token, password="and-once-more-again", settings=SETTINGS, now=LATER)
    assert (await enter(ana, LATER, password="otters-under-the-pier")).stage == PASSWORD_GIVEN


async def _reset_token(email: str) -> str:
    await own_account.password_reset_ask(email=email, address="192.0.2.7", settings=SETTINGS, now=NOW)
    (row,) = await db.rows("SELECT words FROM outbox WHERE template = 'reset-password'")
    return str(db.from_json(row["words"])["link"]).rpartition("/")[2]


async def test_a_link_to_a_lost_password_ends_after_an_hour(database: str) -> None:
    ana = await joined(Role.EDITOR, await agency())
    token = await _reset_token(ana.email)
    with pytest.raises(DeadLink):
        await own_account.password_reset_show(token=token, now=NOW + timedelta(hours=1))


async def test_nobody_is_told_whether_an_address_has_an_account_and_nobody_is_flooded_with_mail(database: str) -> None:
    ana = await joined(Role.EDITOR, await agency())
    for email in (ana.email, "nobody@example.org") * 10:
        await own_account.password_reset_ask(email=email, address="192.0.2.7", settings=SETTINGS, now=NOW)
    sent = await db.rows("SELECT recipient FROM outbox WHERE template = 'reset-password'")
    assert [row["recipient"] for row in sent] == [ana.email] * 3


async def test_the_audit_trail_tells_the_story_without_a_name(database: str) -> None:
    ana = await joined(Role.PEER, await agency())
    await signed_in(ana)
    assert await actions() == ["invite", "invitation-taken", "second-factor-set", "sign-in-begun", "sign-in"]
    told = str(await db.rows("SELECT by, subject, details FROM audit_entry"))
    assert "ana" not in told.lower()
    assert "192.0.2" not in told
