"""Reads the events of a run as they arrive, through the client that openapi-python-client makes from openapi/openapi.json.

The generated function returns the whole stream as one text, and only when the stream has ended. `follow_run` calls that function
and hears each event on the way, by a response hook of httpx. When the connection is lost it calls again with the id of the last
event it heard: no event is missed and none is heard twice. Copy this file beside your job.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
from rebalancer_client import AuthenticatedClient
from rebalancer_client.api.runs import watch_batch_run
from rebalancer_client.models import Problem, RunDoneEvent, RunItemEvent, RunProgressEvent

RunEvent = RunProgressEvent | RunItemEvent | RunDoneEvent
READERS: dict[str, Callable[[Mapping[str, Any]], RunEvent]] = {
    "progress": RunProgressEvent.from_dict,
    "item": RunItemEvent.from_dict,
    "done": RunDoneEvent.from_dict,
}


class RunRefused(Exception):
    """The service refused to tell the events."""

    def __init__(self, problem: Problem):
        super().__init__(problem.detail)
        self.problem = problem


def follow_run(
    server: str,
    run_id: str,
    heard: Callable[[str, RunEvent], None],
    last_event_id: str = "0",
    attempts: int = 10,
    pause_seconds: float = 1.0,
) -> None:
    """Calls `heard` with the id and the content of every event after `last_event_id`, and returns after the last one.

    After a lost connection it waits for `pause_seconds` and connects again; `attempts` connections in a row that bring no event
    raise what the last of them failed with. What `heard` raises passes through.
    """
    ended = False
    failed = 0

    def hear(event_id: str, event: RunEvent) -> None:
        nonlocal last_event_id, ended
        heard(event_id, event)
        last_event_id, ended = event_id, isinstance(event, RunDoneEvent)

    def listen(response: httpx.Response) -> None:
        if response.status_code == 200 and isinstance(response.stream, httpx.SyncByteStream):
            response.stream = HeardStream(response.stream, hear)

    while not ended:
        heard_before = last_event_id
        # The service sends a sign of life every 15 s, so a longer silence is a lost connection.
        client = AuthenticatedClient(
            base_url=server,
            token=os.environ["REBALANCER_KEY"],
            timeout=httpx.Timeout(60.0),
            headers={"Accept-Encoding": "identity"},
            httpx_args={"event_hooks": {"response": [listen]}},
        )
        try:
            with client:
                answer = watch_batch_run.sync_detailed(run_id, client=client, last_event_id=last_event_id)
        except httpx.TransportError as error:
            lost: Exception = error
        else:
            if answer.status_code == 204:
                return
            if isinstance(answer.parsed, Problem):
                lost = RunRefused(answer.parsed)
                if answer.status_code != 503:
                    raise lost
            else:
                lost = ConnectionError("the stream ended before the run did")
        failed = failed + 1 if last_event_id == heard_before else 0
        if failed == attempts:
            raise lost
        if not ended:
            time.sleep(pause_seconds)


class HeardStream(httpx.SyncByteStream):
    """A stream of server-sent events that tells each event when it is complete."""

    def __init__(self, stream: httpx.SyncByteStream, hear: Callable[[str, RunEvent], None]):
        self.stream, self.hear = stream, hear

    def __iter__(self) -> Iterator[bytes]:
        unread = b""
        for chunk in self.stream:
            *events, unread = (unread + chunk).split(b"\n\n")
            for event in events:
                fields = dict(line.partition(": ")[::2] for line in event.decode().splitlines())
                # Lines that begin with a colon are comments: signs of life.
                if "data" in fields:
                    self.hear(fields["id"], READERS[fields["event"]](json.loads(fields["data"])))
            yield chunk

    def close(self) -> None:
        self.stream.close()
