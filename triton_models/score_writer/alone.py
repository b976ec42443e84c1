"""One song at a time, in the caller's own thread."""

from itertools import count

from triton_models.generation_core.events import Ended
from triton_models.generation_core.request import Boundaries
from triton_models.generation_core.scheduler import Scheduler
from triton_models.score_writer.windows import Manner, Result, Song, request_of


def write_alone(song: Song[Result], manner: Manner, scheduler: Scheduler, context: int) -> Result:
    """Have a scheduler that does nothing else fill all windows; raises what the song or the scheduler raises."""
    for number in count():
        try:
            window = next(song)
        except StopIteration as end:
            result: Result = end.value
            return result
        scheduler.submit(request_of(f"window {number}", number, window, manner, context, Boundaries()))
        while not scheduler.idle:
            for event in scheduler.step():
                if isinstance(event, Ended) and event.error is not None:
                    raise event.error
    raise AssertionError("a count never ends")
