/** Halts: a banner over the page while one is in force, and where a person halts and resumes. */

import { ApiError, failureOf } from "../api/client";
import type { HaltEntry } from "../api/types";
import { section } from "../decision/panel";
import { fill, h, uniqueId } from "../dom/element";
import { dataTable } from "../dom/table";
import { utc } from "../format";
import { controls } from "./service";

/** How often an open page looks for halts that somebody else ordered. */
const LOOK_MS = 30_000;
/** Characters the service takes as a reason. */
const REASON_MAX = 200;
const SCOPE_MAX = 200;

export interface HaltsView {
  banner: HTMLElement;
  element: HTMLElement;
  load: () => Promise<void>;
}

/** What a scope stops, in words. */
export function scopeInWords(scope: string): string {
  if (scope === "all") return "everything";
  const [kind, ...rest] = scope.split(":");
  const name = rest.join(":");
  return kind === "actor" ? `what ${name} asks for` : kind === "reference" ? `plans of the reference ${name}` : scope;
}

/** `show` leads to where halts are lifted. */
export function haltsView(show: () => void): HaltsView {
  const banner = h("div", { class: "halt-banner", role: "alert", hidden: true });
  const list = h("div");
  const outcome = h("p", { class: "outcome", role: "status" });
  const [scopeId, nameId, reasonId] = [uniqueId("scope"), uniqueId("scope-name"), uniqueId("reason")];
  const scope = h(
    "select",
    { id: scopeId, onchange: () => (named.hidden = scope.value === "all") },
    h("option", { value: "all" }, "Everything"),
    h("option", { value: "reference:" }, "Plans of a reference"),
    h("option", { value: "actor:" }, "What an actor asks for"),
  );
  const name = h("input", { type: "text", id: nameId, maxlength: SCOPE_MAX, autocomplete: "off", dir: "auto" });
  const named = h("div", { class: "field", hidden: true }, h("label", { for: nameId }, "Its name"), name);
  const reason = h("input", { type: "text", id: reasonId, maxlength: REASON_MAX, autocomplete: "off", dir: "auto" });
  const button = h("button", { type: "submit" }, "Halt");
  const form = h(
    "form",
    { class: "halt-form", onsubmit: (event) => (event.preventDefault(), void halt()) },
    h("div", { class: "field" }, h("label", { for: scopeId }, "What is halted"), scope),
    named,
    h("div", { class: "field grow" }, h("label", { for: reasonId }, "Reason, also for resuming"), reason),
    button,
  );
  const element = section(
    "Halts",
    "A halt stops planning, approval and the export of orders until somebody resumes it. Orders that left are the broker's",
    list,
    form,
    outcome,
  );
  let known = "";
  const look = (): void => void (document.visibilityState === "visible" && load());
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", look);
  return { banner, element, load };

  /** Quiet where the service does not answer: what was known stays. */
  async function load(): Promise<void> {
    try {
      tell((await controls.halts()).halts);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  function tell(halts: readonly HaltEntry[]): void {
    const now = JSON.stringify(halts);
    // An alert that is filled anew is read out anew.
    if (now === known) return;
    known = now;
    banner.hidden = halts.length === 0;
    fill(
      banner,
      halts.length > 0 && h("strong", {}, "Halted"),
      ...halts.map((entry) => h("span", { dir: "auto" }, ` ${haltInWords(entry)} `)),
      halts.length > 0 && h("button", { type: "button", onclick: show }, "Halts…"),
    );
    fill(list, halts.length === 0 ? h("p", { class: "empty" }, "Nothing is halted.") : table(halts));
  }

  function table(halts: readonly HaltEntry[]): HTMLElement {
    return dataTable<HaltEntry>(
      [
        { title: "Halted", heading: true, cell: (entry) => scopeInWords(entry.scope) },
        { title: "Reason", cell: (entry) => h("span", { dir: "auto" }, entry.reason) },
        { title: "By", cell: (entry) => entry.actor },
        { title: "Since, UTC", cell: (entry) => utc(entry.halted_at) },
        {
          title: "Resume",
          cell: (entry) =>
            h(
              "button",
              { type: "button", class: "quiet", onclick: () => void resume(entry) },
              "Resume",
              h("span", { class: "visually-hidden" }, ` ${scopeInWords(entry.scope)}`),
            ),
        },
      ],
      halts,
      { caption: "Halts in force, oldest first" },
    );
  }

  async function halt(): Promise<void> {
    const chosen = scope.value === "all" ? "all" : `${scope.value}${name.value.trim()}`;
    await step(() => controls.halt(chosen, reason.value.trim()), `Halted: ${scopeInWords(chosen)}.`);
  }

  async function resume(entry: HaltEntry): Promise<void> {
    await step(() => controls.resume(entry.scope, reason.value.trim()), `Resumed: ${scopeInWords(entry.scope)}.`);
  }

  async function step(ask: () => Promise<{ halts: HaltEntry[] }>, done: string): Promise<void> {
    if (reason.value.trim() === "") {
      say("Give a reason first: it is kept in the audit trail.", "bad");
      return reason.focus();
    }
    try {
      tell((await ask()).halts);
      reason.value = "";
      say(done, "good");
    } catch (error) {
      const failure = failureOf(error);
      const faults = failure.kind === "refused" ? failure.faults.map((fault) => fault.detail) : [];
      say(`${failure.title}. ${faults.length > 0 ? `The scope or the reason ${faults.join("; ")}.` : failure.detail}`, "bad");
    }
  }

  function say(text: string, mark: "good" | "bad"): void {
    outcome.className = `outcome ${mark}`;
    outcome.textContent = text;
  }
}

/** "everything, by api since 2026-01-02 03:04:05 UTC: prices are wrong." */
export function haltInWords({ scope, actor, halted_at, reason }: HaltEntry): string {
  return `${scopeInWords(scope)}, by ${actor} since ${utc(halted_at)} UTC: ${reason.replace(/\.$/, "")}.`;
}
