"""The command `user`: the first person of a site, and the help for when nobody on the site can help any more."""

from __future__ import annotations

import argparse

from directory.cli_common import Parsers, Refused, operator
from directory.domain.access import OF_THE_SITE, STAFF, Grant, Role
from directory.domain.errors import NotFound
from directory.domain.people import LastAdministrator, UnfitFields
from directory.services.clock import clock_of
from directory.services.invitations import agency_for, person_invite
from directory.services.links import Handed
from directory.services.people import person_disable, person_reset
from directory.settings import Settings
from directory.storage import db, schema

PROBLEMS = {
    "not-an-email": "{value!r} is no e-mail address",
    "missing": "--{field} is missing",
    "taken": "{value!r} is an invented person of the demonstration",
    "agency-closed": "the agency {value!r} is closed: a coordinator opens it again first",
    "too-long": "--{field} is too long: {allowed} characters at most",
}


def add_commands(commands: Parsers) -> None:
    """Adds `user` to the commands."""
    user = commands.add_parser("user", help="people with an account").add_subparsers(
        dest="what", required=True, metavar="WHAT"
    )
    add = user.add_parser("add", help="give somebody a role and print the link by which they open their account")
    add.add_argument("--role", required=True, choices=[str(role) for role in STAFF])
    add.add_argument("--agency", default="", metavar="NAME", help="made if it is not there; not for the whole site")
    add.add_argument("--email", required=True, help="what they sign in with")
    add.add_argument("--name", default="", help="by default the part of the address before the @")
    add.set_defaults(run=_add)
    disable = user.add_parser("disable", help="close an account, at once and everywhere")
    disable.add_argument("email", metavar="EMAIL")
    disable.set_defaults(run=_disable)
    reset = user.add_parser("reset", help="forget password and second factor, and print a link to start anew")
    reset.add_argument("email", metavar="EMAIL")
    reset.set_defaults(run=_reset)


async def _add(options: argparse.Namespace, settings: Settings) -> int:
    role, now = Role(options.role), clock_of(settings)()
    if not options.agency and role not in OF_THE_SITE:
        raise Refused(f"a {role} belongs to an agency: give --agency NAME.", 2)
    if options.agency and role is Role.ADMINISTRATOR:
        raise Refused("an administrator is for the whole site: leave out --agency.", 2)
    await schema.migrate(settings.database_url)
    async with db.connect(settings.database_url):
        name = options.name or options.email.partition("@")[0]
        try:
            agency = await agency_for(role=role, name=options.agency, by=operator(), settings=settings, now=now)
            handed = await person_invite(
                by=operator(), grant=Grant(role, agency), email=options.email, name=name, settings=settings, now=now
            )
        except UnfitFields as unfit:
            raise Refused(
                "; ".join(_problem(each.field, each.code, each.value, each.allowed) for each in unfit.problems), 2
            ) from None
    print(_said(handed) if handed and handed.address else f"{options.email} has an account, and now this role too.")
    return 0


def _problem(field: str, code: str, value: str, allowed: tuple[str, ...]) -> str:
    return PROBLEMS[code].format(field=field, value=value, allowed="".join(allowed)) + "."


def _said(handed: Handed) -> str:
    """The link on a line of its own, so that it can be picked up by a program."""
    mailed = " A letter carries it too." if handed.is_mailed else ""
    return f"Give them this link. It is good once, for {handed.hours} hours.{mailed}\n{handed.address}"


async def _disable(options: argparse.Namespace, settings: Settings) -> int:
    await schema.migrate(settings.database_url)
    async with db.connect(settings.database_url):
        try:
            await person_disable(by=operator(), email=options.email, now=clock_of(settings)())
        except NotFound:
            raise Refused(f"nobody signs in with {options.email!r}.") from None
        except LastAdministrator:
            raise Refused(
                f"{options.email} is the last administrator: let another one open an account first."
            ) from None
    print(f"{options.email} is closed: no sign-in, no session, no link. `footbridge user reset` opens it again.")
    return 0


async def _reset(options: argparse.Namespace, settings: Settings) -> int:
    await schema.migrate(settings.database_url)
    async with db.connect(settings.database_url):
        try:
            handed = await person_reset(by=operator(), email=options.email, settings=settings, now=clock_of(settings)())
        except NotFound:
            raise Refused(f"nobody signs in with {options.email!r}.") from None
    print(_said(handed))
    return 0
