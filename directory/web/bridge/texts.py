"""Where the gateway brings text messages that came in: signed, taken once, and answered in one way whoever wrote.

It is a program that posts, not a browser: it brings neither a cookie nor the name of a page, so that web/middleware.py lets it through as it
is, and a page of another site that sent a visitor here would still be turned away.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import NotFound
from directory.services.bridge.text_replies import is_signed, text_take
from directory.web.forms import form_fields
from directory.web.responses import NO_STORE
from directory.web.site import now_of, settings_of

INCOMING = "/texts/incoming"
SIGNATURE = "x-twilio-signature"
NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
"""An answer without a message, as https://www.twilio.com/docs/messaging/twiml shows it: the gateway itself confirms a stop."""


async def incoming(request: Request) -> Response:
    """Takes one text. Raises NotFound where no gateway is set up, and HTTPException 403 for what it has not signed."""
    settings = settings_of(request)
    if not settings.sms_token:
        raise NotFound()
    fields = await form_fields(request)
    url = settings.base_url.rstrip("/") + INCOMING
    if not is_signed(url=url, fields=fields, signature=request.headers.get(SIGNATURE, ""), token=settings.sms_token):
        raise HTTPException(403)
    message, sender, words = (
        (fields.get(name) or [""])[-1].replace("\0", "") for name in ("MessageSid", "From", "Body")
    )
    if message:
        await text_take(message=message, sender=sender, words=words, now=now_of(request), settings=settings)
    return Response(NOTHING_TO_SAY, 200, {"Cache-Control": NO_STORE}, "text/xml")
