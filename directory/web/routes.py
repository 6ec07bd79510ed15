"""The whole table of addresses. `tests/routes.txt` holds a copy: an address that vanishes fails the suite."""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount, Route

from directory.web import (
    accounts,
    api,
    corrections,
    exports,
    health,
    language,
    listings,
    map,
    pages,
    people,
    search,
    sign_in,
    take,
)
from directory.web.static import Static

POST = ["POST"]


def table(static: Static) -> list[BaseRoute]:
    """Every address of the site. GET stands for HEAD too."""
    return [
        Route("/", pages.home, name="home"),
        Route("/search", search.page, name="search"),
        Route("/search.csv", exports.search_table, name="search-table"),
        Route("/search.ics", exports.search_calendar, name="search-calendar"),
        Route("/list", take.page, name="list"),
        Route("/list.csv", exports.list_table, name="list-table"),
        Route("/list.ics", exports.list_calendar, name="list-calendar"),
        # Before the listing, whose slug would take the ending for its own.
        Route("/listings/{slug}.ics", listings.calendar, name="listing-calendar"),
        Route("/listings/{slug}", listings.page, name="listing"),
        Route("/listings/{slug}/report", corrections.form, name="report"),
        Route("/listings/{slug}/report", corrections.add, methods=POST, name="report-send"),
        Route("/about", pages.about, name="about"),
        Route("/privacy", pages.privacy, name="privacy"),
        Route("/language", language.choose, methods=POST, name="language"),
        Route("/sign-in", sign_in.form, name="sign-in"),
        Route("/sign-in", sign_in.send, methods=POST, name="sign-in-send"),
        Route("/sign-in/code", sign_in.code_form, name="sign-in-code"),
        Route("/sign-in/code", sign_in.code_send, methods=POST, name="sign-in-code-send"),
        Route("/sign-in/again", sign_in.again_form, name="sign-in-again"),
        Route("/sign-in/again", sign_in.again_send, methods=POST, name="sign-in-again-send"),
        Route("/sign-out", sign_in.out, methods=POST, name="sign-out"),
        Route("/demo/sign-in", sign_in.demo, methods=POST, name="demo-sign-in"),
        Route("/invitation/{token}", accounts.invitation, name="invitation"),
        Route("/invitation/{token}", accounts.invitation_send, methods=POST, name="invitation-send"),
        Route("/second-step/{token}", sign_in.renew_form, name="second-step"),
        Route("/second-step/{token}", sign_in.renew_send, methods=POST, name="second-step-send"),
        Route("/reset", accounts.reset_form, name="reset"),
        Route("/reset", accounts.reset_send, methods=POST, name="reset-send"),
        Route("/reset/{token}", accounts.new_password_form, name="new-password"),
        Route("/reset/{token}", accounts.new_password_send, methods=POST, name="new-password-send"),
        Route("/account", accounts.account, name="account"),
        Route("/account/sessions", accounts.session_end, methods=POST, name="account-session-end"),
        Route("/account/password", accounts.password_form, name="account-password"),
        Route("/account/password", accounts.password_send, methods=POST, name="account-password-send"),
        Route("/account/second-factor", accounts.second_form, name="account-second"),
        Route("/account/second-factor", accounts.second_send, methods=POST, name="account-second-send"),
        Route("/account/codes", accounts.codes_send, methods=POST, name="account-codes"),
        Route("/people", people.people, name="people"),
        Route("/people/invite", people.invite_form, name="people-invite"),
        Route("/people/invite", people.invite_send, methods=POST, name="people-invite-send"),
        Route("/people/roles/end", people.role_end, methods=POST, name="people-role-end"),
        Route("/people/second-factor", people.second_reset, methods=POST, name="people-second-reset"),
        Route("/map/places", map.places, name="map-places"),
        Route("/api/listings", api.results, name="api-listings"),
        Route("/api/listings/{slug}", api.listing, name="api-listing"),
        Route("/healthz", health.live, name="healthz"),
        Route("/readyz", health.ready, name="readyz"),
        Route("/robots.txt", health.robots, name="robots"),
        Mount(static.path, static, name="static"),
    ]
