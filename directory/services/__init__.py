"""Use cases: may this person, transaction, rules, write, audit. Keyword-only functions named `<noun>_<verb>`."""
