/** The control policy: read, changed, and saved on the version that was read. */

import { failureOf } from "../api/client";
import { failureLine, section, waiting } from "../decision/panel";
import { fill, h, uniqueId } from "../dom/element";
import { FaultBoard } from "../portfolio/faults";
import { limitsInWords } from "../portfolio/verdict-levels";
import type { Session } from "../session";
import { policyFields } from "./policy-fields";
import { differences, policyDraftOf, policyOf, type PolicyDraft } from "./policy-draft";
import { controls, isStale, type StandingPolicy } from "./service";

export function policyView(session: Session): { element: HTMLElement; load: () => Promise<void> } {
  const faults = new FaultBoard("The policy cannot be saved yet");
  const outcome = h("p", { class: "outcome", role: "status" });
  const conflict = h("div", { class: "question", hidden: true });
  const fields = h("div");
  const verdict = h("p", { class: "note" });
  const referenceId = uniqueId("policy-of");
  const reference = h("input", { type: "text", id: referenceId, maxlength: 200, dir: "auto", autocomplete: "off" });
  const whose = h("p", { class: "note", role: "status" });
  const chooser = h(
    "form",
    { class: "toolbar", onsubmit: (event) => (event.preventDefault(), void choose()) },
    h("label", { for: referenceId }, "Policy of plans with your reference; empty for the service"),
    reference,
    h("button", { type: "submit" }, "Show this policy"),
  );
  const save = h("button", { type: "submit", class: "primary" }, "Save the policy");
  const reset = h("button", { type: "button", onclick: () => base && take(base) }, "Undo my changes");
  const withdraw = h("button", { type: "button", hidden: true, onclick: () => askWhy() }, "Withdraw this policy");
  const form = h(
    "form",
    { class: "policy-form", onsubmit: (event) => (event.preventDefault(), void put()) },
    faults.summary,
    fields,
    h("div", { class: "toolbar" }, save, reset, withdraw),
    conflict,
    outcome,
  );
  const element = section(
    "Control policy",
    "A plan above a soft limit needs a comment to be approved; above a hard one no order comes out. A limit itself passes",
    verdict,
    chooser,
    whose,
    form,
  );
  /** The version that the fields were filled from, and what they hold now. */
  let base: StandingPolicy | undefined;
  let draft: PolicyDraft | undefined;
  /** Whose policy the fields hold. */
  let chosen = "";
  session.on("draft", tellVerdict);
  tellVerdict();
  return { element, load };

  function tellVerdict(): void {
    verdict.textContent =
      `The verdict's own levels, warning / critical above: ${limitsInWords(session.draft)}. They are set with the plan, under ` +
      "Portfolio; a critical one asks for review. The policy below binds whoever approves.";
  }

  /** Shows another policy, unless something of this one is not saved. */
  async function choose(): Promise<void> {
    const asked = reference.value.trim();
    if (asked === chosen) return load();
    if (base && draft && differences(policyDraftOf(base.policy), draft).length > 0) {
      return say("Save or undo your changes before another policy is shown.", "bad");
    }
    chosen = asked;
    await load();
  }

  function tellWhose({ version, isOwn }: StandingPolicy): void {
    const which = version === "0" ? "the default document, which nobody saved" : `version ${version}`;
    if (chosen === "") whose.textContent = `The policy of the service: ${which}.`;
    else if (isOwn) whose.textContent = `The own policy of plans with the reference ${chosen}: ${which}.`;
    else {
      whose.textContent =
        `Plans with the reference ${chosen} have no policy of their own: this is that of the service, ${which}. ` +
        "What you save here is theirs alone.";
    }
  }

  /** Reads the policy; what was changed and not saved stays. */
  async function load(): Promise<void> {
    if (base && draft && differences(policyDraftOf(base.policy), draft).length > 0) return;
    if (!base) fill(fields, waiting("The policy is being read"));
    save.disabled = true;
    try {
      take(await controls.policy(chosen));
    } catch (error) {
      fill(fields, failureLine(failureOf(error)));
    }
  }

  function take(standing: StandingPolicy): void {
    base = standing;
    tellWhose(standing);
    draft = policyDraftOf(standing.policy);
    withdraw.hidden = !standing.isOwn;
    faults.clear();
    fill(conflict);
    conflict.hidden = true;
    outcome.textContent = "";
    fill(fields, policyFields(draft, faults));
    save.disabled = false;
  }

  async function put(tag = base?.tag): Promise<void> {
    if (!base || !draft || tag === undefined) return;
    const changes = differences(policyDraftOf(base.policy), draft);
    if (changes.length === 0) return say("Nothing was changed.", "good");
    save.disabled = true;
    try {
      take(await controls.save(policyOf(draft), tag, chosen));
      say(`Saved. ${changes.join("; ")}.`, "good");
    } catch (error) {
      if (isStale(error)) await tellConflict();
      else refuse(error);
    }
    save.disabled = false;
  }

  /** A policy is withdrawn with a reason, which the audit trail keeps. */
  function askWhy(): void {
    const id = uniqueId("why");
    const why = h("input", { type: "text", id, maxlength: 200, autocomplete: "off" });
    conflict.hidden = false;
    fill(
      conflict,
      h("p", {}, `Plans with the reference ${chosen} are then held against the policy of the service again.`),
      h("div", { class: "field" }, h("label", { for: id }, "Reason"), why),
      h(
        "div",
        { class: "toolbar" },
        h("button", { type: "button", onclick: () => void takeBack(why.value.trim()) }, "Withdraw"),
        h("button", { type: "button", onclick: () => (fill(conflict), (conflict.hidden = true), withdraw.focus()) }, "Keep it"),
      ),
    );
    why.focus();
  }

  async function takeBack(reason: string): Promise<void> {
    if (!base) return;
    if (reason === "") return say("Give a reason first.", "bad");
    try {
      take(await controls.withdraw(base.tag, chosen, reason));
      say("Withdrawn.", "good");
    } catch (error) {
      if (isStale(error)) await tellConflict();
      else refuse(error);
    }
  }

  function refuse(error: unknown): void {
    const failure = failureOf(error);
    if (failure.kind === "refused" && failure.faults.length > 0) {
      faults.show(failure.faults, failure.detail, true);
      say("Nothing was saved.", "bad");
    } else say(`${failure.title}. ${failure.detail}`, "bad");
  }

  /** Somebody else saved first: says what they changed, and lets the reader choose. Nothing is overwritten unseen. */
  async function tellConflict(): Promise<void> {
    if (!base || !draft) return;
    let latest: StandingPolicy;
    try {
      latest = await controls.policy(chosen);
    } catch (error) {
      return refuse(error);
    }
    const theirs = differences(policyDraftOf(base.policy), policyDraftOf(latest.policy));
    const load = h("button", { type: "button", onclick: () => take(latest) }, "Load their version");
    conflict.hidden = false;
    fill(
      conflict,
      h("p", { class: "outcome bad", role: "alert" }, "Somebody saved another version meanwhile. Nothing of yours was saved."),
      h("p", {}, `They changed: ${theirs.join("; ") || "nothing that differs from what you read"}.`),
      h(
        "div",
        { class: "toolbar" },
        load,
        h("button", { type: "button", onclick: () => void over(latest) }, "Save mine over it"),
      ),
    );
    load.focus();
  }

  async function over(latest: StandingPolicy): Promise<void> {
    base = latest;
    fill(conflict);
    conflict.hidden = true;
    await put(latest.tag);
  }

  function say(text: string, mark: "good" | "bad"): void {
    outcome.className = `outcome ${mark}`;
    outcome.textContent = text;
  }
}
