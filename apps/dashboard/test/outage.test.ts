import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { retryAfter } from "../src/api/client";
import { pauseAfter, type Outage } from "../src/outage";
import { Session } from "../src/session";

const fetchOfNode = globalThis.fetch;
afterEach(() => (globalThis.fetch = fetchOfNode));

/** A service that answers every request in the same way. */
function answering(status: number, headers: Record<string, string> = {}): void {
  globalThis.fetch = () => Promise.resolve(new Response("{}", { status, headers }));
}

test("Retry-After is read in seconds and as a date", () => {
  const now = Date.parse("2026-01-02T03:04:05Z");
  assert.equal(retryAfter("1", now), 1_000);
  assert.equal(retryAfter("Fri, 02 Jan 2026 03:04:35 GMT", now), 30_000);
  assert.equal(retryAfter("Fri, 02 Jan 2026 03:04:00 GMT", now), 0, "a time that has passed");
  assert.equal(retryAfter("soon", now), undefined);
  assert.equal(retryAfter(null, now), undefined);
});

test("the page asks again after the pause that the service names, and less often each time", () => {
  const busy = (retryMs: number | undefined): Outage => ({ kind: "failed", title: "", detail: "", requestId: "", retryMs });
  assert.deepEqual(
    [0, 1, 2, 10].map((before) => pauseAfter(busy(1_000), before)),
    [1_000, 2_000, 4_000, 60_000],
  );
  assert.equal(pauseAfter(busy(90_000), 3), 90_000, "never earlier than it was asked to");
  assert.equal(pauseAfter(busy(0), 0), 1_000, "and never at once");
  assert.equal(pauseAfter(busy(undefined), 0), undefined, "a person decides");
});

test("a busy service is asked again, a broken one is not", async () => {
  const session = new Session();
  const retryMs = (): number | undefined =>
    session.failure && "retryMs" in session.failure ? session.failure.retryMs : undefined;
  answering(503, { "Retry-After": "7" });
  assert.equal(await session.plan(), false);
  assert.equal(retryMs(), 7_000);
  answering(503);
  await session.plan();
  assert.equal(retryMs(), 5_000);
  answering(500);
  await session.plan();
  assert.equal(session.failure?.kind, "failed");
  assert.equal(retryMs(), undefined);
});

test("the call that was not answered is remembered until the next one", async () => {
  const session = new Session();
  globalThis.fetch = () => Promise.reject(new TypeError("no network"));
  await session.open("1234");
  assert.deepEqual(session.unanswered, { kind: "open", planId: "1234" });
  await session.plan();
  assert.deepEqual(session.unanswered, { kind: "plan" });
  answering(400);
  await session.plan();
  assert.equal(session.failure?.kind, "refused");
  assert.equal(session.unanswered, undefined, "a refusal is an answer");
});
