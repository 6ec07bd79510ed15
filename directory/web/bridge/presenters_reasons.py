"""The reasons of a suggestion in words: why it stands there, what to ask before going, and that somebody went."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from directory import labels
from directory.domain.bridge.suggestions import Because, Suggestion
from directory.i18n import a_language, a_list, gettext, ngettext
from directory.web.bridge import presenters_words as words
from directory.web.presenters import openings_mark, stale_mark
from directory.web.presenters_time import LONG, SOON, Mark, can_ring, inactive_words, is_active
from directory.web.wording import clock_words, day_words, distance_words, moment_words, zone_words

_ = gettext


def reason_marks(each: Suggestion, now: datetime) -> Iterator[Mark]:
    """The reasons in their order. What is closed for now is told as that."""
    if not is_active(each.card):
        yield Mark(inactive_words(each.card), "quiet")
        return
    for because in each.because:
        if because.code == "openings":
            if mark := openings_mark(each.card.openings, now):
                yield mark
        elif not because.is_caution and because.code != "went":
            yield Mark(reason_words(because, each, now), _tone(because, now))
    if stale := stale_mark(each.card, now):
        yield stale


def _tone(because: Because, now: datetime) -> str:
    if because.code == "distance":
        return "strong"
    is_soon = (
        isinstance(because.value, datetime) and because.code in ("starts", "opens") and because.value - now <= SOON
    )
    return "now" if is_soon or because.code in ("open", "always-open") else "plain"


def reason_words(because: Because, each: Suggestion, now: datetime) -> str:
    """One reason in words, such as "0.8 miles", "starts in 40 minutes", "women only", "takes Medicaid"."""
    code, value, card = because.code, because.value, each.card
    if isinstance(value, float):
        return distance_words(value, card.approximate)
    if isinstance(value, datetime):
        return _moment_words(code, value, now, _zone_part(each, now))
    if code in words.REASONS:
        return _(words.REASONS[code])
    text = str(value)
    if code == "for":
        only = {"women": _("women only"), "men": _("men only")} if card.kind == "meeting" else {}
        return only.get(text) or _(words.FOR_PEOPLE[text])
    if code == "liked":
        return _("they like %(program)s") % {"program": labels.short_program(text)}
    if code == "suits-time":
        return _("at a time that suits them")
    if code == "language":
        return _("in %(language)s") % {"language": a_language(text)}
    if code == "takes":
        return _("takes %(payer)s") % {"payer": labels.label("pay", text)}
    return labels.label("medication", text)


def _moment_words(code: str, value: datetime, now: datetime, zone: str) -> str:
    if code == "open":
        return _("open until %(when)s") % {
            "when": clock_words(value) if value - now < LONG else moment_words(value, now)
        }
    until = value - now
    if timedelta() < until <= SOON:
        minutes = max(1, round(until / timedelta(minutes=1)))
        if code == "starts":
            text = ngettext("starts in %(n)s minute", "starts in %(n)s minutes", minutes)
        else:
            text = ngettext("opens in %(n)s minute", "opens in %(n)s minutes", minutes)
        return text % {"n": minutes}
    when = moment_words(value, now) + zone
    return when if code == "starts" else _("closed now, opens %(when)s") % {"when": when}


def _zone_part(each: Suggestion, now: datetime) -> str:
    """The clock by which it is told, for what is joined from wherever somebody is."""
    if Because("online") not in each.because:
        return ""
    return f" ({zone_words(each.card.shown_zone or each.card.timezone, now)})"


# --- what to ask, and what was said before ---------------------------------------------------------------------------


def asks_words(each: Suggestion) -> str:
    """What the listing does not say, or says of others, to be asked before anybody sets out; "" for nothing."""
    asks = [_caution(because) for because in each.because if because.is_caution and because.code != "for-others"]
    others = [_(words.FOR_PEOPLE[str(because.value)]) for because in each.because if because.code == "for-others"]
    asks += [_("it is %(people)s") % {"people": ", ".join(others)}] if others else []
    if not asks or not is_active(each.card):
        return ""
    told = {"what": a_list(asks)}
    return _("Call first: %(what)s.") % told if can_ring(each.card.phones) else _("Ask first: %(what)s.") % told


def _caution(because: Because) -> str:
    text = _(words.CAUTIONS[because.code])
    if because.code == "unknown-language":
        return text % {"language": a_language(str(because.value))}
    if because.code in ("unknown-pay", "other-pay"):
        return text % {"payer": labels.label("pay", str(because.value))}
    return text


def went_words(each: Suggestion, now: datetime) -> str:
    """When they went there last; "" where they did not."""
    when = next((because.value for because in each.because if because.code == "went"), None)
    if not isinstance(when, datetime):
        return ""
    day = when.astimezone(ZoneInfo(each.card.shown_zone or each.card.timezone)).date()
    return _("They went on %(day)s.") % {"day": day_words(day)}
