"""A form of a page as a browser would send it, with some fields typed over."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from tests.pages import Page

Sent = dict[str, list[str]]


def form_to(page: Page, action: str, button: str = "") -> Element:
    """The form of the page that is sent to this address; of several the one with this value on a button."""
    found = [form for form in page.all("form") if form.get("action") == action]
    if button:
        found = [form for form in found if button in {each.get("value") for each in form.iter("button")}]
    assert found, f"no form to {action} with {button} in {page.text[:500]}"
    return found[0]


def sent(form: Element, **typed: str | list[str]) -> Sent:
    """All that the form would send, with these fields (`__` is a hyphen) typed over; a list is what is ticked."""
    fields: Sent = {}
    for field in form.iter():
        name = field.get("name") if isinstance(field.tag, str) else None
        if name and (value := _value(field)) is not None:
            fields.setdefault(name, []).append(value)
    over = {name.replace("__", "-"): value if isinstance(value, list) else [value] for name, value in typed.items()}
    unknown = over.keys() - {field.get("name") for field in form.iter() if isinstance(field.tag, str)}
    assert not unknown, f"the form has no {unknown}"
    return fields | over


def _value(field: Element) -> str | None:
    """What a field sends; None for one that sends nothing, as a button that nobody presses."""
    if field.tag == "textarea":
        return field.text or ""
    if field.tag == "select":
        options = list(field.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None] or options[:1]
        return chosen[0].get("value", "") if chosen else None
    if field.tag != "input" or (field.get("type") in ("radio", "checkbox") and field.get("checked") is None):
        return None
    return field.get("value", "")
