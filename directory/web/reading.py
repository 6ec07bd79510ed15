"""Files that take long to read: whoever sent one waits some seconds, then goes to the page of its run, and it is read to its end beside."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from directory.domain.errors import FootbridgeError
from directory.services.exchange import Watch

logger = logging.getLogger("footbridge")

PATIENCE = 5.0
"""Seconds that somebody waits for the preview itself; proxies and people give up much later."""
_STEP = 0.1

_under_way: set[asyncio.Task[int]] = set()
"""Held here, since the loop itself holds no task."""


async def run_to_show(work: Callable[[Watch], Coroutine[Any, Any, int]]) -> int:
    """The run that this work makes: compared, or, where that takes long, as soon as it has a number. Raises what goes wrong by then.

    A process that ends meanwhile leaves a run that is only being read, which the next recovery forgets.
    """
    watch = Watch()
    task = asyncio.create_task(work(watch))
    _under_way.add(task)
    task.add_done_callback(_ended)
    await asyncio.wait({task}, timeout=PATIENCE)
    while watch.run is None and not task.done():
        await asyncio.wait({task}, timeout=_STEP)
    if task.done() or watch.run is None:
        return task.result()
    watch.is_left = True
    return watch.run


def _ended(task: asyncio.Task[int]) -> None:
    """Nobody may be there any more to hear of an error: that of a file stands with its run, a fault of ours is logged by its kind."""
    _under_way.discard(task)
    error = None if task.cancelled() else task.exception()
    if error and not isinstance(error, FootbridgeError):
        logger.error("a file could not be read: %s", type(error).__qualname__)
