"""The tokens of the forms that the invented people of the demonstration would have sent, which leave no trace."""

from __future__ import annotations

from dataclasses import dataclass, field

from directory.domain.tokens import token_hash
from directory.services.credentials import new_token
from directory.storage import db
from directory.storage import demo as storage


@dataclass(slots=True)
class Forms:
    """Tokens that were handed out to services that take each form once."""

    tokens: list[str] = field(default_factory=list)

    def new(self) -> str:
        """The token of another form."""
        self.tokens.append(new_token())
        return self.tokens[-1]

    async def forget(self) -> None:
        """Takes them out of the database: nobody sends these forms a second time."""
        async with db.staging():
            await storage.links_erase([token_hash(token) for token in self.tokens])
