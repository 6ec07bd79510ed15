"""Who may go where: every address of the site, as every role, for what is one's own and for what is another agency's.

The table is the whole of it: an address without a row fails, and so does a row without an address.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest
from httpx2 import Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from directory.app import create_app
from directory.domain.access import STAFF, Role
from directory.settings import Settings
from directory.storage import db
from directory.web.middleware import SECURITY_HEADERS
from tests import (
    accounts,
    agencies,
    bridge,
    care,
    curation,
    edits,
    files,
    handouts,
    line_files,
    lines,
    openings,
    reports,
)
from tests.services.bridge import grouped
from tests.services.waitlist import standing
from tests.services.waitlist.agency import opened as offer_opened
from tests.web import world
from tests.web.waitlist import callers, persons

T = TypeVar("T")
NewDatabase = Callable[[str, Path], AbstractContextManager[str]]

ROLES = (Role.VISITOR, Role.PEER, Role.COORDINATOR, Role.EDITOR, Role.OVERSIGHT, Role.ADMINISTRATOR)
OPEN = """
GET / | GET /search | GET /search.csv | GET /search.ics | GET /list | GET /list.csv | GET /list.ics | GET /listings/{slug}.ics
GET /listings/{slug} | GET /listings/{slug}/report | POST /listings/{slug}/report | GET /about | GET /privacy | POST /language
GET /data-quality | GET /l/{number} | GET /map/places | GET /api/listings | GET /api/listings/{slug} | GET /healthz | GET /readyz | GET /robots.txt | MOUNT /static
POST /sign-in | POST /sign-out | GET /reset | POST /reset | GET /call-me | POST /call-me
GET /who-goes-first | GET /your-rights | GET /status | POST /status | POST /status/waiting | POST /status/check | POST /texts/incoming | POST /status/call | POST /status/groups | GET /status/closed | GET /status/leave
GET /groups | GET /groups.ics | GET /groups/{id} | GET /groups/{id}.ics
"""
"""The same for everybody."""
TABLE = """
                                    visitor  peer     coordinator  editor   oversight  administrator
GET /sign-in                        yes      onward   onward       onward   onward     onward
GET /sign-in/code                   sign-in  onward   onward       onward   onward     onward
POST /sign-in/code                  sign-in  onward   onward       onward   onward     onward
GET /sign-in/again                  sign-in  yes      yes          yes      yes        yes
POST /sign-in/again                 sign-in  yes      yes          yes      yes        yes
POST /demo/sign-in                  hidden   hidden   hidden       hidden   hidden     hidden
GET /invitation/{token}             dead     dead     dead         dead     dead       dead
POST /invitation/{token}            dead     dead     dead         dead     dead       dead
GET /second-step/{token}            dead     dead     dead         dead     dead       dead
POST /second-step/{token}           dead     dead     dead         dead     dead       dead
GET /reset/{token}                  dead     dead     dead         dead     dead       dead
POST /reset/{token}                 dead     dead     dead         dead     dead       dead
GET /account                        sign-in  yes      yes          yes      yes        yes
POST /account/sessions              sign-in  yes      yes          yes      yes        yes
GET /account/password               sign-in  yes      yes          yes      yes        yes
POST /account/password              sign-in  yes      yes          yes      yes        yes
GET /account/second-factor          sign-in  yes      yes          yes      yes        yes
POST /account/second-factor         sign-in  yes      yes          yes      yes        yes
POST /account/codes                 sign-in  yes      yes          yes      yes        yes
GET /handouts                       sign-in  yes      yes          no       no         no
POST /handouts                      sign-in  yes      yes          no       no         no
GET /handouts/new                   sign-in  yes      yes          no       no         no
POST /handouts/new                  sign-in  yes      yes          no       no         no
POST /handouts/end own              sign-in  yes      yes          no       no         no
POST /handouts/end other            sign-in  hidden   hidden       no       no         no
POST /clients/{upi}/handouts own    sign-in  yes      yes          no       no         no
POST /clients/{upi}/handouts other  sign-in  hidden   hidden       no       no         no
GET /h/{code}                       dead     dead     dead         dead     dead       dead
GET /h/{code}.pdf                   dead     dead     dead         dead     dead       dead
GET /desk                           sign-in  yes      yes          yes      yes        yes
GET /board                          sign-in  yes      yes          no       no         no
GET /board/calls                    sign-in  yes      yes          no       no         no
POST /board/search                  sign-in  yes      yes          no       no         no
GET /lines                          sign-in  yes      yes          no       no         no
GET /lines/new                      sign-in  no       yes          no       no         no
POST /lines/new own                 sign-in  no       yes          no       no         no
POST /lines/new other               sign-in  no       hidden       no       no         no
GET /lines/{id} own                 sign-in  yes      yes          no       no         no
GET /lines/{id} other               sign-in  hidden   hidden       no       no         no
GET /lines/{id}/edit own            sign-in  no       yes          no       no         no
GET /lines/{id}/edit other          sign-in  no       hidden       no       no         no
POST /lines/{id}/edit own           sign-in  no       yes          no       no         no
POST /lines/{id}/edit other         sign-in  no       hidden       no       no         no
GET /lines/{id}/levels own          sign-in  no       yes          no       no         no
GET /lines/{id}/levels other        sign-in  no       hidden       no       no         no
POST /lines/{id}/levels own         sign-in  no       yes          no       no         no
POST /lines/{id}/levels other       sign-in  no       hidden       no       no         no
GET /lines/{id}/rules own           sign-in  yes      yes          no       no         no
GET /lines/{id}/rules other         sign-in  hidden   hidden       no       no         no
POST /lines/{id}/rules own          sign-in  no       yes          no       no         no
POST /lines/{id}/rules other        sign-in  hidden   hidden       no       no         no
POST /lines/{id}/rules/publish own  sign-in  no       yes          no       no         no
POST /lines/{id}/rules/publish other sign-in no       hidden       no       no         no
GET /pairs                          sign-in  no       yes          no       no         no
GET /pairs/{id} own                 sign-in  no       yes          no       no         no
GET /pairs/{id} other               sign-in  no       hidden       no       no         no
POST /pairs/{id} own                sign-in  no       yes          no       no         no
POST /pairs/{id} other              sign-in  no       hidden       no       no         no
POST /pairs/{id}/reopen own         sign-in  no       yes          no       no         no
POST /pairs/{id}/reopen other       sign-in  no       hidden       no       no         no
GET /line-imports                   sign-in  no       yes          no       no         no
GET /line-imports/{id} own          sign-in  no       yes          no       no         no
GET /line-imports/{id} other        sign-in  no       hidden       no       no         no
POST /line-imports/{id} own         sign-in  no       yes          no       no         no
POST /line-imports/{id} other       sign-in  no       hidden       no       no         no
GET /oversight                      sign-in  no       yes          no       yes        no
GET /oversight/{report}             sign-in  no       yes          no       yes        no
GET /oversight/{report}/file        sign-in  no       yes          no       yes        no
POST /oversight/{report}/file       sign-in  no       yes          no       yes        no
GET /audit                          sign-in  no       no           no       no         yes
POST /audit/check                   sign-in  no       no           no       no         yes
GET /messages                       sign-in  no       no           no       no         yes
POST /messages/retry own            sign-in  no       no           no       no         yes
POST /messages/drop own             sign-in  no       no           no       no         yes
GET /desk/openings                  sign-in  yes      yes          yes      no         no
GET /desk/openings/{level} own      sign-in  yes      yes          yes      no         no
GET /desk/openings/{level} other    sign-in  yes      yes          hidden   no         no
POST /desk/openings/{level} own     sign-in  yes      yes          yes      no         no
POST /desk/openings/{level} other   sign-in  yes      yes          hidden   no         no
POST /desk/openings/{level}/same own sign-in yes      yes          yes      no         no
POST /desk/openings/{level}/same other sign-in yes    yes          hidden   no         no
GET /openings                       sign-in  yes      yes          no       no         no
POST /openings/watch                sign-in  yes      yes          no       no         no
POST /openings/watch/end other      sign-in  hidden   hidden       no       no         no
GET /openings/report/{token}        dead     dead     dead         dead     dead       dead
POST /openings/report/{token}       dead     dead     dead         dead     dead       dead
GET /notices                        sign-in  no       yes          yes      yes        no
GET /notices/{notice} own           sign-in  no       yes          yes      yes        no
GET /notices/{notice} other         sign-in  no       yes          hidden   yes        no
POST /notices/{notice} own          sign-in  no       yes          yes      no         no
POST /notices/{notice} other        sign-in  no       yes          hidden   no         no
GET /slots                          sign-in  yes      yes          no       no         no
GET /slots/{slot} own               sign-in  yes      yes          no       no         no
GET /slots/{slot} other             sign-in  hidden   hidden       no       no         no
POST /slots/{slot}/offer/{upi} own  sign-in  yes      yes          no       no         no
POST /slots/{slot}/offer/{upi} other sign-in hidden   hidden       no       no         no
GET /slots/{slot}/out-of-turn/{upi} own sign-in yes   yes          no       no         no
GET /slots/{slot}/out-of-turn/{upi} other sign-in hidden hidden    no       no         no
POST /slots/{slot}/out-of-turn/{upi} own sign-in yes  yes          no       no         no
POST /slots/{slot}/out-of-turn/{upi} other sign-in hidden hidden   no       no         no
GET /clients/{upi}/why/{slot} own   sign-in  yes      yes          no       no         no
GET /clients/{upi}/why/{slot} other sign-in  hidden   hidden       no       no         no
GET /offers                         sign-in  yes      yes          no       no         no
GET /offers/{id} own                sign-in  yes      yes          no       no         no
GET /offers/{id} other              sign-in  hidden   hidden       no       no         no
POST /offers/{id}/accept own        sign-in  yes      yes          no       no         no
POST /offers/{id}/accept other      sign-in  hidden   hidden       no       no         no
POST /offers/{id}/decline own       sign-in  yes      yes          no       no         no
POST /offers/{id}/decline other     sign-in  hidden   hidden       no       no         no
POST /offers/{id}/cancel own        sign-in  yes      yes          no       no         no
POST /offers/{id}/cancel other      sign-in  hidden   hidden       no       no         no
GET /intake                         sign-in  yes      yes      no       no       no
POST /intake/{id} own               sign-in  yes      yes      no       no       no
POST /intake/{id}/take own          sign-in  yes      yes      no       no       no
GET /clients/new                    sign-in  yes      yes      no       no       no
POST /clients/new                   sign-in  yes      yes      no       no       no
GET /clients/{upi}/edit own         sign-in  yes      yes      no       no       no
GET /clients/{upi}/edit other       sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/edit own        sign-in  yes      yes      no       no       no
POST /clients/{upi}/edit other      sign-in  hidden   hidden   no       no       no
GET /clients/{upi}/routes own       sign-in  yes      yes      no       no       no
GET /clients/{upi}/routes other     sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/routes own      sign-in  yes      yes      no       no       no
POST /clients/{upi}/routes other    sign-in  hidden   hidden   no       no       no
GET /clients/{upi}/routes/{route} own sign-in  yes      yes      no       no       no
GET /clients/{upi}/routes/{route} other sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/routes/{route} own sign-in  yes      yes      no       no       no
POST /clients/{upi}/routes/{route} other sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/routes/{route}/end own sign-in  yes      yes      no       no       no
POST /clients/{upi}/routes/{route}/end other sign-in  hidden   hidden   no       no       no
GET /clients/{upi}/lines own        sign-in  yes      yes      no       no       no
GET /clients/{upi}/lines other      sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/lines own       sign-in  yes      yes      no       no       no
POST /clients/{upi}/lines other     sign-in  hidden   hidden   no       no       no
GET /clients/{upi}/facts own        sign-in  yes      yes      no       no       no
GET /clients/{upi}/facts other      sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/facts own       sign-in  yes      yes      no       no       no
POST /clients/{upi}/facts other     sign-in  hidden   hidden   no       no       no
GET /clients/{upi}/consent own      sign-in  yes      yes      no       no       no
GET /clients/{upi}/consent other    sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/consent own     sign-in  yes      yes      no       no       no
POST /clients/{upi}/consent other   sign-in  hidden   hidden   no       no       no
GET /clients/{upi}/card own         sign-in  yes      yes      no       no       no
GET /clients/{upi}/card other       sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/card own        sign-in  yes      yes      no       no       no
POST /clients/{upi}/card other      sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/card/notice own sign-in  yes      yes      no       no       no
POST /clients/{upi}/card/notice other sign-in  hidden   hidden   no       no       no
GET /clients/{upi} own              sign-in  yes      yes          no       no         no
GET /clients/{upi} other            sign-in  hidden   hidden       no       no         no
GET /clients/{upi}/copy own         sign-in  yes      yes          no       no         no
GET /clients/{upi}/copy other       sign-in  hidden   hidden       no       no         no
POST /clients/{upi}/peer own        sign-in  yes      yes          no       no         no
POST /clients/{upi}/peer other      sign-in  hidden   hidden       no       no         no
POST /clients/{upi}/consents/revoke own sign-in yes   yes          no       no         no
POST /clients/{upi}/consents/revoke other sign-in hidden hidden    no       no         no
GET /clients/{upi}/contact own      sign-in  yes      yes          no       no         no
GET /clients/{upi}/contact other    sign-in  hidden   hidden       no       no         no
POST /clients/{upi}/contact own     sign-in  yes      yes          no       no         no
POST /clients/{upi}/contact other   sign-in  hidden   hidden       no       no         no
GET /clients/{upi}/interim own      sign-in  yes      yes          no       no         no
GET /clients/{upi}/interim other    sign-in  hidden   hidden       no       no         no
POST /clients/{upi}/interim own     sign-in  yes      yes          no       no         no
POST /clients/{upi}/interim other   sign-in  hidden   hidden       no       no         no
GET /clients/{upi}/emergency own    sign-in  yes      yes          no       no         no
GET /clients/{upi}/emergency other  sign-in  hidden   hidden       no       no         no
POST /clients/{upi}/emergency own   sign-in  yes      yes          no       no         no
POST /clients/{upi}/emergency other sign-in  hidden   hidden       no       no         no
GET /clients/{upi}/appeal own       sign-in  yes      yes          no       no         no
GET /clients/{upi}/appeal other     sign-in  hidden   hidden       no       no         no
POST /clients/{upi}/appeal own      sign-in  yes      yes          no       no         no
POST /clients/{upi}/appeal other    sign-in  hidden   hidden       no       no         no
POST /clients/{upi}/appeals/withdraw own sign-in yes  yes          no       no         no
POST /clients/{upi}/appeals/withdraw other sign-in hidden hidden   no       no         no
POST /clients/{upi}/appeals/right own sign-in yes     yes          no       no         no
POST /clients/{upi}/appeals/right other sign-in hidden hidden      no       no         no
GET /clients/{upi}/places/{entry} own sign-in yes     yes          no       no         no
GET /clients/{upi}/places/{entry} other sign-in hidden hidden      no       no         no
POST /clients/{upi}/places/{entry}/{what} own sign-in yes yes      no       no         no
POST /clients/{upi}/places/{entry}/{what} other sign-in hidden hidden no    no         no
GET /appeals                        sign-in  no       yes          no       no         no
GET /appeals/answered               sign-in  no       yes          no       no         no
POST /appeals/{id} own              sign-in  no       yes          no       no         no
POST /appeals/{id} other            sign-in  no       hidden       no       no         no
GET /second-words                   sign-in  yes      yes          no       no         no
POST /second-words/{id} own         sign-in  yes      yes          no       no         no
POST /second-words/{id} other       sign-in  hidden   hidden       no       no         no
GET /desk/slots                     sign-in  no       no           yes      no         no
GET /desk/slots/levels/{level} own  sign-in  no       no           yes      no         no
GET /desk/slots/levels/{level} other sign-in no       no           hidden   no         no
POST /desk/slots/levels/{level} own sign-in  no       no           yes      no         no
POST /desk/slots/levels/{level} other sign-in no      no           hidden   no         no
POST /desk/slots/{slot}/still own   sign-in  no       no           yes      no         no
POST /desk/slots/{slot}/still other sign-in  no       no           hidden   no         no
GET /desk/slots/{slot}/end own      sign-in  no       no           yes      no         no
GET /desk/slots/{slot}/end other    sign-in  no       no           hidden   no         no
POST /desk/slots/{slot}/end own     sign-in  no       no           yes      no         no
POST /desk/slots/{slot}/end other   sign-in  no       no           hidden   no         no
GET /desk/offers                    sign-in  no       no           yes      no         no
GET /desk/offers/{offer} own        sign-in  no       no           yes      no         no
GET /desk/offers/{offer} other      sign-in  no       no           hidden   no         no
POST /desk/offers/{offer} own       sign-in  no       no           yes      no         no
POST /desk/offers/{offer} other     sign-in  no       no           hidden   no         no
GET /clients/{upi}/plan own sign-in  yes      yes      no       no       no
GET /clients/{upi}/plan other sign-in  hidden   hidden   no       no       no
GET /clients/{upi}/plan/edit own sign-in  yes      yes      no       no       no
GET /clients/{upi}/plan/edit other sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/plan/edit own sign-in  yes      yes      no       no       no
POST /clients/{upi}/plan/edit other sign-in  hidden   hidden   no       no       no
GET /clients/{upi}/plan/sheet own sign-in  yes      yes      no       no       no
GET /clients/{upi}/plan/sheet other sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/plan/interim own sign-in  yes      yes      no       no       no
POST /clients/{upi}/plan/interim other sign-in  hidden   hidden   no       no       no
GET /clients/{upi}/suggestions own sign-in  yes      yes      no       no       no
GET /clients/{upi}/suggestions other sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/suggestions own sign-in  yes      yes      no       no       no
POST /clients/{upi}/suggestions other sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/suggestions/marks own sign-in  yes      yes      no       no       no
POST /clients/{upi}/suggestions/marks other sign-in  hidden   hidden   no       no       no
GET /clients/{upi}/goals own sign-in  yes      yes      no       no       no
GET /clients/{upi}/goals other sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/goals/look own sign-in  yes      yes      no       no       no
POST /clients/{upi}/goals/look other sign-in  hidden   hidden   no       no       no
GET /clients/{upi}/goals/new own sign-in  yes      yes      no       no       no
GET /clients/{upi}/goals/new other sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/goals/new own sign-in  yes      yes      no       no       no
POST /clients/{upi}/goals/new other sign-in  hidden   hidden   no       no       no
GET /clients/{upi}/goals/{goal} own sign-in  yes      yes      no       no       no
GET /clients/{upi}/goals/{goal} other sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/goals/{goal} own sign-in  yes      yes      no       no       no
POST /clients/{upi}/goals/{goal} other sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/goals/{goal}/end own sign-in  yes      yes      no       no       no
POST /clients/{upi}/goals/{goal}/end other sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/milestones own sign-in  yes      yes      no       no       no
POST /clients/{upi}/milestones other sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/milestones/{id}/end own sign-in  yes      yes      no       no       no
POST /clients/{upi}/milestones/{id}/end other sign-in  hidden   hidden   no       no       no
GET /clients/{upi}/questionnaire own sign-in  yes      yes      no       no       no
GET /clients/{upi}/questionnaire other sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/questionnaire own sign-in  hidden   hidden   hidden   hidden   hidden
POST /clients/{upi}/questionnaire other sign-in  hidden   hidden   hidden   hidden   hidden
GET /handoffs                       sign-in  yes      yes          no       no         no
GET /clients/{upi}/handoff own sign-in yes    yes    no no no
GET /clients/{upi}/handoff other sign-in hidden hidden no no no
POST /clients/{upi}/handoff/steps own sign-in yes    yes    no no no
POST /clients/{upi}/handoff/steps other sign-in hidden hidden no no no
GET /clients/{upi}/handoff/steps/{what} own sign-in yes    yes    no no no
GET /clients/{upi}/handoff/steps/{what} other sign-in hidden hidden no no no
POST /clients/{upi}/handoff/steps/{what} own sign-in yes    yes    no no no
POST /clients/{upi}/handoff/steps/{what} other sign-in hidden hidden no no no
GET /clients/{upi}/handoff/time own sign-in yes    yes    no no no
GET /clients/{upi}/handoff/time other sign-in hidden hidden no no no
POST /clients/{upi}/handoff/time own sign-in yes    yes    no no no
POST /clients/{upi}/handoff/time other sign-in hidden hidden no no no
GET /clients/{upi}/handoff/words own sign-in yes    yes    no no no
GET /clients/{upi}/handoff/words other sign-in hidden hidden no no no
POST /clients/{upi}/handoff/words own sign-in yes    yes    no no no
POST /clients/{upi}/handoff/words other sign-in hidden hidden no no no
POST /clients/{upi}/handoff/arrival own sign-in yes    yes    no no no
POST /clients/{upi}/handoff/arrival other sign-in hidden hidden no no no
GET /clients/{upi}/handoff/summary own sign-in yes    yes    no no no
GET /clients/{upi}/handoff/summary other sign-in hidden hidden no no no
POST /clients/{upi}/handoff/summary own sign-in yes    yes    no no no
POST /clients/{upi}/handoff/summary other sign-in hidden hidden no no no
GET /clients/{upi}/handoff/follow-ups/{id} own sign-in yes    yes    no no no
GET /clients/{upi}/handoff/follow-ups/{id} other sign-in hidden hidden no no no
POST /clients/{upi}/handoff/follow-ups/{id} own sign-in yes    yes    no no no
POST /clients/{upi}/handoff/follow-ups/{id} other sign-in hidden hidden no no no
GET /desk/offers/{offer}/summary own sign-in no no   yes    no no
GET /desk/offers/{offer}/summary other sign-in no no hidden no no
GET /clients/{upi}/check-ins own sign-in  yes      yes      no       no       no
GET /clients/{upi}/check-ins other sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/check-ins own sign-in  yes      yes      no       no       no
POST /clients/{upi}/check-ins other sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/check-ins/rhythm own sign-in  yes      yes      no       no       no
POST /clients/{upi}/check-ins/rhythm other sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/check-ins/text own sign-in  yes      yes      no       no       no
POST /clients/{upi}/check-ins/text other sign-in  hidden   hidden   no       no       no
GET /clients/{upi}/check-ins/{check_in}/now own sign-in  yes      yes      no       no       no
GET /clients/{upi}/check-ins/{check_in}/now other sign-in  hidden   hidden   no       no       no
POST /clients/{upi}/check-ins/{check_in}/now own sign-in  yes      yes      no       no       no
POST /clients/{upi}/check-ins/{check_in}/now other sign-in  hidden   hidden   no       no       no
GET /peers sign-in  yes      yes          no       no         no
GET /peers/role sign-in yes yes yes yes yes
GET /peers/{agency}/{person} own sign-in  yes  yes  hidden  hidden  hidden
GET /peers/{agency}/{person} other sign-in  hidden  hidden  hidden  hidden  hidden
POST /peers/{agency}/{person}/most own sign-in  no  yes  no  no  no
POST /peers/{agency}/{person}/most other sign-in  no  hidden  no  no  no
POST /peers/{agency}/{person}/away own sign-in  yes  yes  no  no  no
POST /peers/{agency}/{person}/away other sign-in  hidden  hidden  no  no  no
POST /peers/{agency}/{person}/away/end own sign-in  yes  yes  no  no  no
POST /peers/{agency}/{person}/away/end other sign-in  hidden  hidden  no  no  no
POST /peers/{agency}/{person}/supervisor own sign-in  no  yes  no  no  no
POST /peers/{agency}/{person}/supervisor other sign-in  no  hidden  no  no  no
POST /peers/{agency}/{person}/mentor own sign-in  no  yes  no  no  no
POST /peers/{agency}/{person}/mentor other sign-in  no  hidden  no  no  no
POST /peers/{agency}/{person}/mentor/end own sign-in  no  yes  no  no  no
POST /peers/{agency}/{person}/mentor/end other sign-in  no  hidden  no  no  no
POST /peers/{agency}/{person}/training own sign-in  yes  yes  no  no  no
POST /peers/{agency}/{person}/training other sign-in  hidden  hidden  no  no  no
POST /peers/{agency}/{person}/training/end own sign-in  yes  yes  no  no  no
POST /peers/{agency}/{person}/training/end other sign-in  hidden  hidden  no  no  no
POST /peers/{agency}/{person}/hand-over own sign-in  no  yes  no  no  no
POST /peers/{agency}/{person}/hand-over other sign-in  no  hidden  no  no  no
GET /desk/supervision sign-in  yes      yes          no       no         no
POST /desk/supervision/{id} sign-in  hidden   hidden       no       no         no
POST /desk/debriefs/{id} sign-in  hidden   hidden       no       no         no
GET /desk/groups                    sign-in  yes      yes          no       no         no
GET /desk/groups/new                sign-in  yes      yes          no       no         no
POST /desk/groups/new own sign-in  yes      yes          no       no         no
POST /desk/groups/new other sign-in  hidden   hidden       no       no         no
GET /desk/groups/{id} own sign-in  yes      yes          no       no         no
GET /desk/groups/{id} other sign-in  hidden   hidden       no       no         no
GET /desk/groups/{id}/edit own sign-in  yes      yes          no       no         no
GET /desk/groups/{id}/edit other sign-in  hidden   hidden       no       no         no
POST /desk/groups/{id}/edit own sign-in  yes      yes          no       no         no
POST /desk/groups/{id}/edit other sign-in  hidden   hidden       no       no         no
POST /desk/groups/{id}/end own sign-in  yes      yes          no       no         no
POST /desk/groups/{id}/end other sign-in  hidden   hidden       no       no         no
GET /desk/groups/{id}/meetings/{meeting} own sign-in  yes      yes          no       no         no
GET /desk/groups/{id}/meetings/{meeting} other sign-in  hidden   hidden       no       no         no
POST /desk/groups/{id}/meetings/{meeting} own sign-in  yes      yes          no       no         no
POST /desk/groups/{id}/meetings/{meeting} other sign-in  hidden   hidden       no       no         no
POST /desk/groups/{id}/meetings/{meeting}/attendance own sign-in  yes      yes          no       no         no
POST /desk/groups/{id}/meetings/{meeting}/attendance other sign-in  hidden   hidden       no       no         no
POST /desk/groups/{id}/meetings/{meeting}/others own sign-in  yes      yes          no       no         no
POST /desk/groups/{id}/meetings/{meeting}/others other sign-in  hidden   hidden       no       no         no
GET /clients/{upi}/groups own sign-in  yes      yes          no       no         no
GET /clients/{upi}/groups other sign-in  hidden   hidden       no       no         no
POST /clients/{upi}/groups own sign-in  yes      yes          no       no         no
POST /clients/{upi}/groups other sign-in  hidden   hidden       no       no         no
GET /people                         sign-in  no       yes          no       no         yes
GET /people/invite                  sign-in  no       yes          no       no         yes
POST /people/invite own             sign-in  no       yes          no       no         yes
POST /people/invite other           sign-in  no       hidden       no       no         yes
POST /people/invite above           sign-in  no       hidden       no       no         yes
POST /people/roles/end own          sign-in  no       yes          no       no         yes
POST /people/roles/end other        sign-in  no       hidden       no       no         yes
POST /people/second-factor own      sign-in  no       yes          no       no         yes
POST /people/second-factor other    sign-in  no       hidden       no       no         yes
POST /people/second-factor above    sign-in  no       hidden       no       no         yes
GET /desk/listings                  sign-in  yes      yes          yes      no         no
GET /desk/listings/new              sign-in  no       yes          no       no         no
POST /desk/listings/new             sign-in  no       yes          no       no         no
GET /desk/listings/{slug} own       sign-in  yes      yes          yes      no         no
GET /desk/listings/{slug} other     sign-in  yes      yes          hidden   no         no
GET /desk/listings/{slug}/edit own  sign-in  yes      yes          yes      no         no
GET /desk/listings/{slug}/edit other sign-in yes      yes          hidden   no         no
POST /desk/listings/{slug}/edit own sign-in  yes      yes          yes      no         no
POST /desk/listings/{slug}/edit other sign-in yes     yes          hidden   no         no
GET /desk/proposals                 sign-in  yes      yes          yes      no         no
POST /desk/proposals other          sign-in  hidden   hidden       hidden   no         no
POST /desk/listings/{slug}/right own sign-in yes     yes          yes      no         no
POST /desk/listings/{slug}/right other sign-in yes   yes          hidden   no         no
GET /checks                         sign-in  yes      yes          no       no         no
GET /checks/paper                   sign-in  yes      yes          no       no         no
GET /checks/{slug}                  sign-in  yes      yes          no       no         no
POST /checks/{slug}                 sign-in  yes      yes          no       no         no
POST /checks/{slug}/review          sign-in  no       yes          no       no         no
GET /reports                        sign-in  no       yes          no       no         no
GET /reports/{id} own               sign-in  no       yes          no       no         no
POST /reports/{id} own              sign-in  no       yes          no       no         no
POST /reports/{id}/reopen own       sign-in  no       yes          no       no         no
GET /moderation                     sign-in  no       yes          no       no         no
GET /moderation/{id} own            sign-in  no       yes          no       no         no
POST /moderation/{id} own           sign-in  no       yes          no       no         no
GET /places                         sign-in  no       yes          yes      no         no
GET /places/{slug} own              sign-in  no       yes          yes      no         no
GET /places/{slug} other            sign-in  no       yes          hidden   no         no
POST /places/{slug} own             sign-in  no       yes          no       no         no
POST /places/{slug} other           sign-in  no       yes          hidden   no         no
POST /places/{slug}/accept own      sign-in  no       yes          no       no         no
POST /places/{slug}/accept other    sign-in  no       yes          hidden   no         no
POST /places/{slug}/unpin own       sign-in  no       yes          no       no         no
POST /places/{slug}/unpin other     sign-in  no       yes          hidden   no         no
GET /conflicts                      sign-in  no       yes          no       no         no
POST /conflicts/{id} own            sign-in  no       yes          no       no         no
GET /duplicates                     sign-in  no       yes          no       no         no
GET /duplicates/{id} own            sign-in  no       yes          no       no         no
POST /duplicates/{id} own           sign-in  no       yes          no       no         no
POST /duplicates/{id}/reopen own    sign-in  no       yes          no       no         no
POST /account/roles                 sign-in  hidden   hidden       hidden   hidden     hidden
POST /people/roles/trust own        sign-in  no       yes          no       no         yes
POST /people/roles/trust other      sign-in  no       yes          no       no         yes
GET /agencies                       sign-in  no       yes          no       no         yes
GET /agencies/new                   sign-in  no       yes          no       no         yes
POST /agencies/new                  sign-in  no       yes          no       no         yes
GET /agencies/{id} other            sign-in  no       yes          no       no         yes
POST /agencies/{id} other           sign-in  no       yes          no       no         yes
POST /agencies/{id}/close other     sign-in  no       yes          no       no         yes
GET /agencies/{id}/programs/new other sign-in no      yes          no       no         yes
POST /agencies/{id}/programs/new other sign-in no     yes          no       no         yes
GET /programs/{id} other            sign-in  no       yes          no       no         yes
POST /programs/{id} other           sign-in  no       yes          no       no         yes
GET /programs/{id}/levels/new other sign-in  no       yes          no       no         yes
POST /programs/{id}/levels/new other sign-in no       yes          no       no         yes
GET /levels/{id} other              sign-in  no       yes          no       no         yes
POST /levels/{id} other             sign-in  no       yes          no       no         yes
GET /claims                         sign-in  no       yes          yes      no         no
GET /claims/new                     sign-in  no       yes          yes      no         no
POST /claims/new own                sign-in  no       yes          yes      no         no
POST /claims/new other              sign-in  no       yes          hidden   no         no
POST /claims/settle own             sign-in  no       yes          no       no         no
POST /claims/withdraw own           sign-in  no       no           yes      no         no
POST /claims/withdraw other         sign-in  no       no           hidden   no         no
POST /claims/end own                sign-in  no       yes          no       no         no
GET /records                        sign-in  no       yes          no       no         no
POST /records/breaches own          sign-in  no       yes          no       no         no
POST /records/breaches other        sign-in  no       hidden       no       no         no
GET /records/breaches/{id} own      sign-in  no       yes          no       no         no
GET /records/breaches/{id} other    sign-in  no       hidden       no       no         no
POST /records/breaches/{id} own     sign-in  no       yes          no       no         no
POST /records/breaches/{id} other   sign-in  no       hidden       no       no         no
GET /records/refusal                sign-in  no       yes          no       no         no
GET /clients/{upi}/records own      sign-in  no       yes          no       no         no
GET /clients/{upi}/records other    sign-in  no       hidden       no       no         no
POST /clients/{upi}/records own     sign-in  no       yes          no       no         no
POST /clients/{upi}/records other   sign-in  no       hidden       no       no         no
GET /tasks                          sign-in  no       yes          no       no         yes
POST /tasks own                     sign-in  no       yes          no       no         yes
GET /uploads                        sign-in  no       yes          yes      no         no
POST /uploads own                   sign-in  no       yes          yes      no         no
POST /uploads other                 sign-in  no       yes          hidden   no         no
GET /runs                           sign-in  no       yes          yes      no         no
GET /runs/{run} own                 sign-in  no       yes          yes      no         no
GET /runs/{run} other               sign-in  no       yes          hidden   no         no
POST /runs/{run}/confirm own        sign-in  no       yes          no       no         no
POST /runs/{run}/confirm other      sign-in  no       yes          hidden   no         no
POST /runs/{run}/discard own        sign-in  no       yes          yes      no         no
POST /runs/{run}/discard other      sign-in  no       yes          hidden   no         no
POST /runs/{run}/undo own           sign-in  no       yes          no       no         no
POST /runs/{run}/undo other         sign-in  no       yes          hidden   no         no
GET /feeds                          sign-in  no       yes          no       no         yes
GET /feeds/new                      sign-in  no       yes          no       no         yes
POST /feeds/new                     sign-in  no       yes          no       no         yes
GET /feeds/{source}                 sign-in  no       yes          no       no         yes
POST /feeds/{source}                sign-in  no       yes          no       no         yes
POST /feeds/{source}/read           sign-in  no       yes          no       no         yes
POST /feeds/{source}/look           sign-in  no       yes          no       no         no
POST /feeds/{source}/stop           sign-in  no       yes          no       no         yes
"""
"""yes: the page, or the form is looked at. onward: signed in already. no: not this role. hidden: as if it were not there. `own` lies in
the own agency, `other` in another one, `above` belongs to somebody who may do more."""


def rows() -> dict[str, dict[Role, str]]:
    """What each row says for each role."""
    found = {}
    for line in TABLE.strip("\n").splitlines()[1:]:
        name, cells = " ".join(line.split()[: -len(ROLES)]), line.split()[-len(ROLES) :]
        found[name] = dict(zip(ROLES, cells, strict=True))
    return found


ROWS = rows()
EVERYBODY = [entry.strip() for line in OPEN.strip().splitlines() for entry in line.split("|")]


def addresses() -> set[str]:
    """Every address of the site with its method."""
    found = set()
    for route in create_app(Settings(env="test")).routes:
        if isinstance(route, Mount):
            found.add(f"MOUNT {route.path}")
        elif isinstance(route, Route):
            found |= {f"{method} {route.path}" for method in (route.methods or set()) - {"HEAD"}}
    return found


@dataclass(frozen=True)
class Town:
    """The site with its people."""

    url: str
    staff: accounts.Staff
    slug: str


@pytest.fixture(scope="module")
def town(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with new_database("sqlite", tmp_path_factory.mktemp("town")) as url:
        world.fill(url)
        staff = asyncio.run(accounts.staff(url))
        with world.site(url, accounts.NOW) as client:
            slug = client.get("/api/listings?kind=meeting").json()["results"][0]["slug"]
        yield Town(url, staff, slug)


@pytest.fixture(scope="module")
def client(town: Town) -> Iterator[TestClient]:
    """One site for all of them: what a row changes belongs to somebody who is there for that row alone."""
    with world.site(town.url, accounts.NOW) as client:
        yield client


numbers = count()


def in_site(client: TestClient, work: Callable[..., Awaitable[T]], *values: object) -> T:
    """Runs it in the loop of the site, over its connection."""
    assert client.portal is not None
    return client.portal.call(work, *values)


def fields(client: TestClient, town: Town, row: str) -> dict[str, str]:
    """What is sent: of a row about somebody, about somebody who is there for this one request."""
    address, _, whose = row.partition(" ")[2].partition(" ")
    if not whose:
        return {}
    if address.startswith("/line-imports"):
        return {"decision": "refuse"}
    if address.startswith(("/tasks", "/uploads", "/runs")):
        return file_fields(client, town, address, whose)
    if address.startswith(CURATED):
        return curated(client, town, address, whose)
    if address.startswith((*SET_UP, "/claims", "/people/roles/trust")):
        return set_up(client, town, address, whose)
    if address == "/desk/proposals":
        return {"id": str(in_site(client, edits.proposed, town.slug))}
    if address.startswith(OPENINGS):
        return opening_fields(client, town, whose)
    if address.startswith(LINED) or "/why/" in address:
        return {"reason": "safety" if "/out-of-turn" in address else "other", "decision": "agree"}
    if address.startswith("/intake/"):
        return {"outcome": "not-reached"}
    if address.startswith("/desk/groups"):
        return group_fields(client, town, whose)
    if address.startswith("/peers/"):
        return {"id": "1", "reason": "done", "version": "0", "once": f"{next(numbers):043}"}
    if address.startswith(KEPT):
        return person_fields(client, town, address, whose)
    if address.startswith(STOOD_IN):
        return standing_fields(client, town, address, whose)
    if address.startswith(OFFERED):
        return {"answer": "seen", "reason": "staff", "count": "1", "same": "1", "once": f"{next(numbers):043}"}
    if "records" in address:
        agency = town.staff.there if whose == "other" else town.staff.here
        return {"agency": str(agency), "version": "1", "hold": "on", "reason": "court", "what": "A list lay in a bus."}
    if address.startswith(("/desk/listings", "/moderation")):
        return {}
    if address == "/handouts/end":
        return in_site(client, handouts.handed, town.staff.there if whose == "other" else town.staff.here, town.slug)
    if address.startswith("/reports/"):
        return {"version": "2" if address.endswith("/reopen") else "1"}
    if address.startswith("/messages/"):
        return {"id": str(in_site(client, accounts.dead_message))}
    email = f"somebody{next(numbers)}@example.org"
    agency = town.staff.there if whose == "other" else town.staff.here
    if address == "/people/invite":
        role, agency_text = (Role.ADMINISTRATOR, "") if whose == "above" else (Role.PEER, str(agency))
        return {"name": "New One", "email": email, "role": role, "agency": agency_text, "once": f"{next(numbers):043}"}
    if whose == "above":
        return {"id": str(town.staff.people[Role.ADMINISTRATOR].id)}
    person, grant = in_site(client, accounts.newcomer, agency, email)
    return {"id": str(person if address == "/people/second-factor" else grant)}


SET_UP = ("/agencies", "/programs", "/levels")


def set_up(client: TestClient, town: Town, address: str, whose: str) -> dict[str, str]:
    """What is sent about an agency, what is set up for it, or a claim."""
    agency = town.staff.there if whose == "other" else town.staff.here
    if address == "/people/roles/trust":
        grant = in_site(client, agencies.new_editor, agency, f"somebody{next(numbers)}@example.org")
        return {"id": str(grant), "trusted": "yes"}
    if address == "/claims/new":
        in_site(client, agencies.unclaimed)
        return {"agency": str(agency), "listing": town.slug, "what": "listing", "once": f"{next(numbers):043}"}
    if address.startswith("/claims"):
        claim = in_site(client, partial(agencies.claimed, agency, town.slug, approved=address == "/claims/end"))
        return {"id": str(claim), "decision": "refuse"}
    return {"version": "1", "state": "closed"}


def set_up_places(client: TestClient, town: Town, row: str) -> dict[str, str]:
    """What stands in the addresses of what is set up: something that is there for this one request."""
    kind = row.split("/")[1]
    return {"id": str(in_site(client, agencies.set_up, kind, town.slug, f"Agency {next(numbers)}"))}


CURATED = ("/places", "/conflicts", "/duplicates")


def curated(client: TestClient, town: Town, address: str, whose: str) -> dict[str, str]:
    """What is sent about a doubtful place, a disputed field or a pair of listings."""
    if address.startswith("/conflicts"):
        return {"keep": "ours", "seen": in_site(client, curation.disputed, town.slug)[1]}
    if address.startswith("/duplicates"):
        return {"answer": "different"}
    slug = in_site(client, edits.listing_of, *_owned(town, whose))
    if address.endswith("/unpin"):
        in_site(client, curation.pinned, slug)
    return {"latitude": "40.1", "longitude": "-75.1", "seen": in_site(client, curation.doubted, slug)}


def curated_places(client: TestClient, town: Town, row: str) -> dict[str, str]:
    """What stands in those addresses."""
    if "/places/{slug}" in row:
        return {"slug": in_site(client, edits.listing_of, *_owned(town, row.rpartition(" ")[2]))}
    if "/conflicts/{id}" in row:
        return {"id": str(in_site(client, curation.disputed, town.slug)[0])}
    if "/duplicates/{id}" in row:
        return {"id": str(in_site(client, curation.paired, "different" if "/reopen" in row else "open"))}
    return {}


def _owned(town: Town, whose: str) -> tuple[int, str]:
    return (town.staff.there, "Far Shore Clinic") if whose == "other" else (town.staff.here, "Safe Reeds")


def file_fields(client: TestClient, town: Town, address: str, whose: str) -> dict[str, str]:
    """What is sent with a file, about a run, or about a task."""
    if address == "/tasks":
        return {"id": str(in_site(client, files.asked))}
    return {"source": _list_of(town, whose), "format": "csv", "map": "shelter-list", "removals": "1"}


def file_places(client: TestClient, town: Town, row: str) -> dict[str, str]:
    """What stands in the addresses of runs and feeds: something that is there for this one request."""
    if "{run}" not in row:
        return {"source": in_site(client, files.fed, "county")}
    made = files.put_in if "/undo" in row else files.previewed
    return {"run": str(in_site(client, made, town.url, _list_of(town, row.rpartition(" ")[2])))}


def _list_of(town: Town, whose: str) -> str:
    return f"agency-{town.staff.there if whose == 'other' else town.staff.here}"


OPENINGS = ("/desk/openings", "/openings", "/notices")
LINED = ("/slots/", "/offers/", "/second-words/")
"""What the peers of a line do with openings, offers and wishes."""
OFFERED = ("/desk/slots/", "/desk/offers/")
STOOD_IN = ("/lines", "/pairs")
stood: dict[str, str] = {}
"""The line and the pair that are there for this one request."""


def standing_fields(client: TestClient, town: Town, address: str, whose: str) -> dict[str, str]:
    """What is sent about a line, its rules, or two clients who may be one."""
    agency = town.staff.there if whose == "other" else town.staff.here
    stood.update(in_site(client, standing.looked_at, agency))
    if address.endswith("/reopen"):
        in_site(client, db.execute, f"UPDATE client_pair SET status = 'different' WHERE id = {stood['pair']}")
    sent = {"agency": str(agency), "version": "1", "once": f"{next(numbers):043}", "answer": "different"}
    return sent | ({"rules": stood["rules"], "token": stood["token"]} if address.endswith("/publish") else {})


KEPT = ("/clients/{upi}", "/appeals/{id}")
"""What is known of one person, and what they do not agree with."""
kept: dict[str, str] = {}
"""The numbers of the person who is there for this one request."""


def person_fields(client: TestClient, town: Town, address: str, whose: str) -> dict[str, str]:
    """What is sent about a person, who is there from now on."""
    home = town.staff.there if whose == "other" else town.staff.here
    kept.update(in_site(client, persons.kept_by, home))
    kept.update(in_site(client, bridge.around, kept["upi"], town.staff.people[Role.PEER].id))
    about = {
        "id": kept["consent"] if address.endswith("/revoke") else kept["appeal"],
        f"goal-{kept['goal']}": "1",
        "entry": kept["entry"],
        "text": kept["text"],
        "version": "1",
        "decision": "uphold",
        "once": f"{next(numbers):043}",
    }
    if address.endswith("/groups"):
        about["what"] = f"take-{in_site(client, grouped.in_agency, home)['meeting']}"
    if address.endswith("/handouts"):
        about |= in_site(client, handouts.handed, home, town.slug)
    return about


def opening_fields(client: TestClient, town: Town, whose: str) -> dict[str, str]:
    """What is sent about openings: a report after the latest one, or that a notice went out; of watches one that nobody has."""
    _, seen, _ = _opening(client, town, whose)
    return {"seen": str(seen), "once": f"{next(numbers):043}", "sent_to": "State office", "id": "1"}


def opening_places(client: TestClient, town: Town, row: str) -> dict[str, str]:
    """The numbers in those addresses."""
    level, _, notice = _opening(client, town, row.rpartition(" ")[2])
    return {"level": str(level), "notice": str(notice)}


def _opening(client: TestClient, town: Town, whose: str) -> tuple[int, int, int]:
    return in_site(client, openings.in_agency, town.staff.there if whose == "other" else town.staff.here, town.slug)


def listing_places(client: TestClient, town: Town, row: str) -> dict[str, str]:
    """What stands in the addresses about listings of agencies, and about changes to them."""
    if "/line-imports/{id}" in row:
        return {
            "id": str(in_site(client, line_files.sent, town.staff.there if row.endswith("other") else town.staff.here))
        }
    if row.split(" ")[1].startswith(OPENINGS):
        return opening_places(client, town, row)
    if row.split(" ")[1].startswith(LINED) or "/why/" in row:
        return in_site(client, lines.placed, town.staff.there if row.endswith(" other") else town.staff.here, row)
    if row.split(" ")[1].startswith("/intake/"):
        return {
            "id": str(in_site(client, partial(callers.asked, is_again=not row.startswith("POST /intake/{id}/take"))))
        }
    if row.split(" ")[1].startswith(KEPT):
        return kept
    if row.split(" ")[1].startswith(STOOD_IN):
        return {"id": stood.get("pair" if "/pairs" in row else "line", "")}
    if row.split(" ")[1].startswith(OFFERED):
        sides = (town.staff.there, town.staff.here) if row.endswith(" other") else (town.staff.here, town.staff.there)
        return in_site(client, offer_opened, *sides, town.slug)
    if "records" in row:
        agency = town.staff.there if row.endswith(" other") else town.staff.here
        return {
            "upi": in_site(client, care.upi_in, agency) if "{upi}" in row else "",
            "id": str(in_site(client, care.breach_in, agency)) if "{id}" in row else "",
        }
    if row.split(" ")[1].startswith(("/runs", "/feeds")):
        return file_places(client, town, row)
    if row.split(" ")[1].startswith(CURATED):
        return curated_places(client, town, row)
    if row.split(" ")[1].startswith(SET_UP):
        return set_up_places(client, town, row)
    if row.split(" ")[1].startswith("/desk/groups/{id}"):
        return grouped_here
    if row.split(" ")[1].startswith(("/desk/supervision/", "/desk/debriefs/")):
        return {"id": "999999"}
    if row.split(" ")[1].startswith("/peers/{agency}"):
        return peer_places(client, town, row)
    if "/desk/listings/{slug}" in row:
        agency, name = (
            (town.staff.there, "Far Shore Clinic") if row.endswith(" other") else (town.staff.here, "Safe Reeds")
        )
        return {"slug": in_site(client, edits.listing_of, agency, name)}
    if "/reports/{id}" in row:
        made = reports.dealt_with if "/reopen" in row else reports.told
        return {"id": str(in_site(client, made, town.slug))}
    if "/moderation/{id}" in row:
        return {"id": str(in_site(client, edits.proposed, town.slug))}
    return {}


grouped_here: dict[str, str] = {}
"""The numbers of the group that is there for this one request."""


def group_fields(client: TestClient, town: Town, whose: str) -> dict[str, str]:
    """What is sent about a group, one of its meetings or a seat, which are there from now on."""
    agency = town.staff.there if whose == "other" else town.staff.here
    grouped_here.update(in_site(client, grouped.in_agency, agency))
    about = {"version": "1", "mark": f"{grouped_here['seat']}-came", "others": "3", "day": grouped_here["day"]}
    return (
        grouped.typed()
        | about
        | {"agency": str(agency), "once": f"{next(numbers):043}", "time": "10:00", "state": "on"}
    )


def peer_places(client: TestClient, town: Town, row: str) -> dict[str, str]:
    """The peer who asks, or a peer of another agency."""
    if row.endswith(" own"):
        return {"agency": str(town.staff.here), "person": str(town.staff.people[Role.PEER].id)}
    person, _grant = in_site(client, accounts.newcomer, town.staff.there, f"somebody{next(numbers)}@example.org")
    return {"agency": str(town.staff.there), "person": str(person)}


def ask(client: TestClient, town: Town, row: str, role: Role, data: dict[str, str]) -> Response:
    """The answer to somebody in this role."""
    client.cookies.clear()
    method, path = row.split(" ")[:2]
    headers = {"sec-fetch-site": "same-origin"}
    if role is not Role.VISITOR:
        headers["cookie"] = f"session={town.staff.cookies[role]}"
    path = path.format(
        **{"slug": town.slug, "token": "t" * 43, "code": "1", "id": "0", "number": "1", "report": "demand"}
        | listing_places(client, town, row)
    )
    sent = {"file": ("list.csv", files.shelters(*files.STOCK))} if row.startswith("POST /uploads") else None
    method = "GET" if method == "MOUNT" else method
    return client.request(method, path, data=data or None, files=sent, headers=headers)


def outcome(response: Response) -> str:
    """What the answer comes to."""
    if response.status_code == 303:
        place = response.headers["location"]
        if place.partition("?")[0] == "/sign-in":
            return "sign-in"
        return "onward" if place in ("/desk", "/account") else "yes"
    return {200: "yes", 422: "yes", 403: "no", 404: "hidden", 410: "dead"}.get(
        response.status_code, str(response.status_code)
    )


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    named = {" ".join(row.split(" ")[:2]) for row in ROWS} | set(EVERYBODY)
    assert addresses() - named == set(), "who may go there? Add a row"
    assert named - addresses() == set()
    assert {role for row in ROWS.values() for role in row} == {Role.VISITOR, *STAFF}


@pytest.mark.parametrize("row", ROWS)
def test_each_role_gets_what_the_table_says(client: TestClient, town: Town, row: str) -> None:
    found = {}
    for role in ROLES:
        response = ask(client, town, row, role, fields(client, town, row))
        found[role] = outcome(response)
        if row.startswith("POST /account/sessions") and found[role] == "onward":
            found[role] = "yes"  # back to the page that it stands on
        assert response.headers["cache-control"] == "no-store"
        wanted = SECURITY_HEADERS | ({"Referrer-Policy": "no-referrer"} if "/h/{code}" in row else {})
        assert {name: response.headers.get(name) for name in wanted} == wanted
    assert found == ROWS[row]


@pytest.mark.parametrize(
    "row", [row for row in EVERYBODY if row.partition(" ")[2] not in ("/sign-in", "/sign-out", "/static")]
)
def test_what_is_for_everybody_is_the_same_for_everybody(client: TestClient, town: Town, row: str) -> None:
    answers = [ask(client, town, row, role, {}) for role in ROLES]
    assert len({answer.status_code for answer in answers}) == 1
    assert len({answer.headers["cache-control"] for answer in answers}) == 1
    quiet = {"Referrer-Policy": "no-referrer"} if "/status" in row else {}
    wanted = SECURITY_HEADERS | quiet
    assert all({name: answer.headers.get(name) for name in wanted} == wanted for answer in answers)


@pytest.mark.parametrize("row", [row for row in (*ROWS, *EVERYBODY) if row.startswith("POST")])
def test_no_form_is_taken_from_another_site(client: TestClient, town: Town, row: str) -> None:
    given = dict.fromkeys(re.findall(r"{(\w+)}", row), "1") | {"slug": town.slug, "token": "t" * 43, "source": "x"}
    path = row.split(" ")[1].format(**given)
    cookie = f"session={town.staff.cookies[Role.ADMINISTRATOR]}"
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.test"},
        {"origin": "null"},
        {},  # a browser that says nothing, but has the cookie
    ):
        if (
            row.startswith(("POST /status", "POST /language"))
            and headers.get("origin", "null") == "null"
            and "sec-fetch-site" not in headers
        ):
            continue  # their forms name no source in old browsers, and their cookie is strict
        assert client.post(path, data={"id": "1"}, headers={"cookie": cookie, **headers}).status_code == 403


def test_signing_out_ends_the_session_and_takes_the_cookie_away(client: TestClient, town: Town) -> None:
    token = in_site(client, accounts.cookie, town.staff.people[Role.EDITOR])
    headers = {"cookie": f"session={token}", "sec-fetch-site": "same-origin"}
    assert client.get("/account", headers=headers).status_code == 200
    answer = client.post("/sign-out", headers=headers)
    assert answer.headers["location"] == "/"
    assert 'session=""' in answer.headers["set-cookie"]
    assert client.get("/account", headers=headers).headers["location"].startswith("/sign-in")
