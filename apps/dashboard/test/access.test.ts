import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { askForKeyWith, heldKey } from "../src/access/key";
import { api, ApiError } from "../src/api/client";

const fetched = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = fetched;
  askForKeyWith(undefined);
});

/** A service that knows one key; what it was sent is kept. */
function serviceWith(key: string): (string | null)[] {
  const sent: (string | null)[] = [];
  globalThis.fetch = (_, init) => {
    const shown = new Headers(init?.headers).get("authorization");
    sent.push(shown);
    const [status, body] = shown === `Bearer ${key}` ? [200, { head: {} }] : [401, { title: "A valid API key is needed" }];
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  };
  return sent;
}

test("a key is asked for once, sent with every request, and kept in memory", async () => {
  const sent = serviceWith("rbk_good");
  const asked: boolean[] = [];
  askForKeyWith((refused) => {
    asked.push(refused);
    return Promise.resolve(asked.length === 1 ? "rbk_old" : "rbk_good");
  });
  await Promise.all([api.auditHead(), api.auditHead()]);
  await api.auditHead();
  assert.deepEqual(asked, [false, true]);
  assert.equal(heldKey(), "rbk_good");
  assert.equal(sent[0], null);
  assert.equal(sent.at(-1), "Bearer rbk_good");
});

test("a reader without a key sees the refusal and is not asked again", async () => {
  serviceWith("rbk_good");
  let asked = 0;
  askForKeyWith(() => {
    asked += 1;
    return Promise.resolve(undefined);
  });
  for (let round = 0; round < 2; round += 1) {
    await assert.rejects(
      api.auditHead(),
      (error) => error instanceof ApiError && error.failure.title === "A valid API key is needed",
    );
  }
  assert.equal(asked, 1);
  assert.equal(heldKey(), undefined);
});
