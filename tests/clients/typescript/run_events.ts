// The events of a run, read from the stream that the generated client hands out with `parseAs: "stream"`.

import type { components } from "./generated/api";

export type RunEvent = components["schemas"]["RunEvent"];

/** Each event with its id, when it is complete. Ends with the stream; a caller that stops early closes the connection. */
export async function* readEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<[string, RunEvent]> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let unread = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      const events = (unread + decoder.decode(value, { stream: true })).split("\n\n");
      unread = events.pop() ?? "";
      for (const event of events) {
        const id = field(event, "id");
        const data = field(event, "data");
        // What has no data is a comment: a sign of life.
        if (id !== undefined && data !== undefined) {
          yield [id, JSON.parse(data)];
        }
      }
    }
  } finally {
    await reader.cancel();
  }
}

function field(event: string, name: string): string | undefined {
  const start = `${name}: `;
  return event
    .split("\n")
    .find((line) => line.startsWith(start))
    ?.slice(start.length);
}
