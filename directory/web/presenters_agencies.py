"""How agencies, their programs and levels of care, and claims are put into words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory import labels
from directory.domain.agencies import APPROVED, ASKED, ENDED, REFUSED, WITHDRAWN, ZONES, Claim, SetAgency, Subject
from directory.domain.levels import ASAM, UNITS, CareLevel, Level, Program
from directory.domain.people import AGENCY_KINDS
from directory.domain.taxonomy import CARE
from directory.i18n import N_, a_number, an_age, gettext, ngettext
from directory.labels import NN_
from directory.web.presenters_form import Choice

_ = gettext

KINDS = {
    "peer": N_("Peer support"),
    "treatment": N_("Treatment"),
    "other": N_("Other help, such as a shelter, a recovery home or harm reduction"),
    "oversight": N_("Oversight"),
}
ZONE_NAMES = {
    "America/New_York": N_("Eastern time (New York)"),
    "America/Chicago": N_("Central time (Chicago)"),
    "America/Denver": N_("Mountain time (Denver)"),
    "America/Phoenix": N_("Mountain time without summer time (Phoenix)"),
    "America/Los_Angeles": N_("Pacific time (Los Angeles)"),
    "America/Anchorage": N_("Alaska time (Anchorage)"),
    "America/Adak": N_("Aleutian time (Adak)"),
    "Pacific/Honolulu": N_("Hawaii time (Honolulu)"),
    "America/Puerto_Rico": N_("Atlantic time (Puerto Rico)"),
    "Pacific/Guam": N_("Chamorro time (Guam)"),
    "Pacific/Pago_Pago": N_("Samoa time (Pago Pago)"),
}
UNIT_NAMES = {"bed": N_("Beds"), "place": N_("Places")}
LEVEL_NAMES = {
    ("3", "0.5"): N_("Early help"),
    ("3", "1"): N_("Outpatient"),
    ("3", "1-WM"): N_("Withdrawal care as an outpatient, with visits"),
    ("3", "2.1"): N_("Intensive outpatient"),
    ("3", "2.5"): N_("Day treatment"),
    ("3", "2-WM"): N_("Withdrawal care as an outpatient, with staff all day"),
    ("3", "3.1"): N_("Living there, with some hours of treatment"),
    ("3", "3.2-WM"): N_("Withdrawal care, living there, without medical staff"),
    ("3", "3.3"): N_("Living there, at a slower pace"),
    ("3", "3.5"): N_("Living there, with treatment all day"),
    ("3", "3.7"): N_("Inpatient, with nurses at all times"),
    ("3", "3.7-WM"): N_("Withdrawal care, inpatient, with nurses at all times"),
    ("3", "4"): N_("Hospital"),
    ("3", "4-WM"): N_("Withdrawal care in a hospital"),
    ("4", "1.0"): N_("Staying in touch in long-term recovery"),
    ("4", "1.5"): N_("Outpatient therapy"),
    ("4", "1.7"): N_("Outpatient, with medical care"),
    ("4", "2.1"): N_("Intensive outpatient"),
    ("4", "2.5"): N_("High-intensity outpatient"),
    ("4", "2.7"): N_("Intensive outpatient, with medical care"),
    ("4", "3.1"): N_("Living there, with some hours of treatment"),
    ("4", "3.5"): N_("Living there, with treatment all day"),
    ("4", "3.7"): N_("Living there, with medical care"),
    ("4", "4"): N_("Hospital"),
}
"""Our own words for each level, by edition and code."""
STATUSES = {
    ASKED: N_("Waits for an answer"),
    APPROVED: N_("Approved"),
    REFUSED: N_("Refused"),
    WITHDRAWN: N_("Withdrawn"),
    ENDED: N_("Ended"),
}
_PEOPLE = NN_("%(n)s person", "%(n)s people")
_LISTINGS = NN_("%(n)s listing", "%(n)s listings")


def counted(forms: tuple[str, str], number: int) -> str:
    """Such as "3 listings"."""
    return ngettext(*forms, number) % {"n": a_number(number)}


# --- choices ---------------------------------------------------------------------------------------------------------


def choices_of(names: Mapping[str, str], chosen: str, order: Iterable[str]) -> tuple[Choice, ...]:
    """A list to choose one from; one that is kept without being on it stands at its end as it is."""
    found = [Choice(value, _(names[value]) if value in names else value, value == chosen) for value in order]
    if chosen and chosen not in {choice.value for choice in found}:
        found.append(Choice(chosen, chosen, True))
    return tuple(found)


def kind_choices(chosen: str) -> tuple[Choice, ...]:
    """The kinds of agency."""
    return choices_of(KINDS, chosen, AGENCY_KINDS)


def zone_choices(chosen: str) -> tuple[Choice, ...]:
    """The time zones of an agency."""
    return choices_of(ZONE_NAMES, chosen, ZONES)


def unit_choices(chosen: str) -> tuple[Choice, ...]:
    """What is counted of a level of care."""
    return choices_of(UNIT_NAMES, chosen, UNITS)


def care_choices(chosen: str) -> tuple[Choice, ...]:
    """The kinds of care that visitors search by; where none is chosen yet, none of them stands there as if it were."""
    found = tuple(Choice(value, labels.label("care", value), value == chosen) for value in CARE)
    return found if chosen else (Choice("", _("Choose one"), True), *found)


def asam_choices(chosen: str) -> tuple[Choice, ...]:
    """The levels of both editions, and none; the value is edition and code, such as "4:3.5"."""
    found = [Choice("", _("None, or not known"), not chosen)]
    for level in ASAM:
        value = f"{level.edition}:{level.code}"
        found.append(Choice(value, asam_text(level), value == chosen))
    return tuple(found)


def asam_text(level: Level) -> str:
    """Such as "3.5: Living there, with treatment all day (4th edition)"."""
    edition = _("4th edition") if level.edition == "4" else _("3rd edition")
    return f"{level.code}: {_(LEVEL_NAMES[level.edition, level.code])} ({edition})"


def state_choices(is_closed: bool) -> tuple[Choice, ...]:
    """Whether a program or level is at work."""
    return (Choice("open", _("Open"), not is_closed), Choice("closed", _("Closed"), is_closed))


# --- cards -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgencyCard:
    """An agency in the list of all."""

    url: str
    name: str
    facts: str
    is_closed: bool


def agency_card(agency: SetAgency) -> AgencyCard:
    """An agency with what is counted of it."""
    facts = (_(KINDS[agency.values.kind]), counted(_PEOPLE, agency.people), counted(_LISTINGS, agency.listings))
    return AgencyCard(f"/agencies/{agency.id}", agency.values.name, " · ".join(facts), bool(agency.closed_at))


@dataclass(frozen=True, slots=True)
class SetUpCard:
    """A program, or one of its levels of care."""

    url: str
    name: str
    facts: tuple[str, ...]
    is_closed: bool


def program_card(program: Program) -> SetUpCard:
    """A program with the listing that it is shown as and its levels of care."""
    facts = [_("Shown as %(name)s") % {"name": program.listing_name}]
    facts += [level.values.name for level in program.levels if not level.closed_at]
    return SetUpCard(f"/programs/{program.id}", program.values.name, tuple(facts), bool(program.closed_at))


def level_card(level: CareLevel) -> SetUpCard:
    """A level of care with what is counted of it."""
    values = level.values
    facts = [labels.label("care", values.care), _(UNIT_NAMES[values.unit])]
    if values.licensed is not None:
        facts.append(_("%(n)s licensed") % {"n": a_number(values.licensed)})
    if values.asam:
        facts.append(_("ASAM %(code)s") % {"code": values.asam})
    return SetUpCard(f"/levels/{level.id}", values.name, (" · ".join(facts),), bool(level.closed_at))


@dataclass(frozen=True, slots=True)
class ClaimCard:
    """A claim with who asked (`agency`). `words` are theirs, `answer` the coordinator's; `holders` the names of agencies that have some of it now."""

    id: int
    title: str
    agency: str
    url: str
    facts: str
    words: str
    status: str
    answer: str
    holders: tuple[str, ...]
    is_waiting: bool
    is_approved: bool


def claim_card(claim: Claim, now: datetime, names: Mapping[str, str]) -> ClaimCard:
    """A claim in words. `names` has the names behind labels, as far as the reader may know them."""
    scope = _("All listings of this organization: %(n)s") if claim.is_whole else ""
    facts = [scope % {"n": a_number(claim.listings)}] if scope else [_("This one listing")]
    is_now = now - claim.asked_at < timedelta(minutes=1)
    facts.append(_("asked just now") if is_now else _("asked %(age)s") % {"age": an_age(claim.asked_at, now)})
    return ClaimCard(
        id=claim.id,
        title=claim.name,
        agency=", ".join(part for part in (names.get(claim.asked_by, ""), claim.agency_name) if part),
        url=f"/listings/{claim.slug}" if claim.slug else "",
        facts=" · ".join(facts),
        words=claim.words or "",
        status=_(STATUSES[claim.status]),
        answer=claim.answer or "",
        holders=claim.holders,
        is_waiting=claim.status == ASKED,
        is_approved=claim.status == APPROVED,
    )


@dataclass(frozen=True, slots=True)
class SubjectCard:
    """A listing that can be claimed."""

    slug: str
    name: str
    facts: str


def subject_card(subject: Subject) -> SubjectCard:
    """A listing with where it is and who runs it."""
    place = ", ".join(part for part in (subject.city, subject.state) if part)
    return SubjectCard(
        subject.slug, subject.name, " · ".join(part for part in (place, subject.organization_name or "") if part)
    )


def what_choices(subject: Subject) -> tuple[Choice, ...]:
    """What can be claimed around a listing: it alone, or all of its organization."""
    found = [Choice("listing", _("Only this listing: %(name)s") % {"name": subject.name}, True)]
    if subject.organization is not None:
        said = ngettext(
            "Everything of %(name)s: %(n)s listing", "Everything of %(name)s: %(n)s listings", subject.listings
        )
        named = {"name": subject.organization_name, "n": a_number(subject.listings)}
        found.append(Choice("organization", said % named, False))
    return tuple(found)
