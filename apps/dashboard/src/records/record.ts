/**
 * The plan as it is stored: its link, its report, and two ways to check it. `link` repeats the first two for the head of the page; for a
 * draft it has what stores it.
 */

import { api, failureOf, planPath, type Failure } from "../api/client";
import type { Replay, Verification } from "../api/types";
import { section, type Panel } from "../decision/panel";
import { dialog } from "../dom/dialog";
import { fill, h, type Child } from "../dom/element";
import { dataTable } from "../dom/table";
import { utc } from "../format";
import type { Outcome } from "../outcome";
import { download } from "../exports/files";
import type { Session } from "../session";
import { commitForm } from "./commit";
import { planLink } from "./link";

/** `made` says how the plan was made, and is folded away: a decision needs none of it. */
export function recordPanel(session: Session, made: HTMLElement): Panel & { link: HTMLElement } {
  let outcome: Outcome | undefined;
  const facts = h("p", { class: "note" });
  const results = h("div", { class: "results", role: "status" });
  const window = dialog("narrow-dialog");
  const button = (label: string, action: () => void): HTMLButtonElement =>
    h("button", { type: "button", onclick: action }, label);
  const copy = (): HTMLButtonElement => {
    const control = button("Copy link", () => void copyLink(control));
    return control;
  };
  const copies = [copy(), copy()];
  const reports = [h("span"), h("span")] as const;
  const verify = button("Check what is stored", () => void check("Checking", api.verifyPlan, verified));
  const replay = button("Recompute", () => void check("Planning again", api.replayPlan, replayed));
  const element = section(
    "Record",
    "A committed plan is stored before it is answered, and never changes",
    facts,
    h("div", { class: "toolbar" }, copies[0] ?? false, reports[0], verify, replay),
    results,
    h("details", { class: "how-made" }, h("summary", {}, "How it was made: agents, limits, digests and durations"), made),
    window.element,
  );
  const commit = commitForm(session);
  const link = h("div", { class: "record-links" }, commit.element, copies[1] ?? false, reports[1]);
  return {
    element,
    link,
    show: (next) => {
      const same = outcome?.plan === next.plan;
      outcome = next;
      const id = planId();
      commit.show(next);
      for (const control of [...copies, verify, replay]) control.hidden = id === undefined;
      const { timestamp_utc, engine_version } = next.plan.metadata;
      fill(
        facts,
        id === undefined ? "A draft, stored nowhere" : h("span", {}, "Plan ", h("code", { class: "hash" }, id)),
        `, made ${utc(timestamp_utc)} UTC by engine ${engine_version}. `,
        next.reopened &&
          "Opened from the store: trades and figures are as they were answered then; " +
            "brief, drawings and simulation details are made anew from the same request.",
      );
      for (const place of reports) fill(place, report(next));
      if (!same) fill(results);
    },
  };

  function planId(): string | undefined {
    return outcome?.plan.metadata.plan_id ?? undefined;
  }

  function report({ plan, request, hasReport }: Outcome): HTMLElement {
    const id = plan.metadata.plan_id;
    if (hasReport && id)
      return h("a", { class: "button", href: `${planPath(id)}/report`, target: "_blank", rel: "noopener" }, "Committee report");
    const save = button("Save committee report", async () => {
      save.disabled = true;
      try {
        download("committee-report.html", "text/html;charset=utf-8", await api.committeeReport(request));
      } catch (error) {
        fill(results, problem(failureOf(error)));
      }
      save.disabled = false;
    });
    return save;
  }

  async function copyLink(control: HTMLButtonElement): Promise<void> {
    const id = planId();
    if (!id) return;
    const url = new URL(planLink(id), location.href).href;
    try {
      await navigator.clipboard.writeText(url);
      control.textContent = "Link copied";
      setTimeout(() => (control.textContent = "Copy link"), 2000);
    } catch {
      // Without a secure connection a page may not write to the clipboard.
      const field = h("input", { type: "text", readonly: true, value: url, "aria-label": "Link to this plan" });
      window.open("Link to this plan", field);
      field.select();
    }
  }

  async function check<Answer>(
    doing: string,
    ask: (id: string) => Promise<Answer>,
    show: (answer: Answer) => Child[],
  ): Promise<void> {
    const id = planId();
    if (!id) return;
    verify.disabled = replay.disabled = true;
    fill(results, h("p", { class: "waiting" }, `${doing}…`));
    try {
      const answer = await ask(id);
      if (planId() === id) fill(results, ...show(answer));
    } catch (error) {
      fill(results, problem(failureOf(error)));
    } finally {
      verify.disabled = replay.disabled = false;
    }
  }
}

function problem(failure: Failure): HTMLElement {
  return h("p", { class: "outcome bad" }, `${failure.title}. ${failure.detail}`);
}

function verified({ valid, checks }: Verification): Child[] {
  const broken = checks.filter((check) => !check.holds).length;
  return [
    h(
      "p",
      { class: valid ? "outcome good" : "outcome bad" },
      valid
        ? "Everything holds: the stored bytes have their recorded digest, and the plan its invariants."
        : `${broken} of ${checks.length} checks do not hold.`,
    ),
    dataTable(
      [
        { title: "Check", heading: true, cell: (check) => check.check.replaceAll("_", " ") },
        {
          title: "Holds",
          cell: (check) => h("span", { class: check.holds ? "outcome good" : "outcome bad" }, check.holds ? "Yes" : "No"),
        },
        { title: "What was compared", cell: (check) => h("span", { class: "why", dir: "auto" }, check.detail) },
      ],
      checks,
      { caption: "Computed again from the stored request and answer" },
    ),
  ];
}

function replayed({ replay }: Replay): Child[] {
  return [
    h(
      "p",
      { class: replay.identical ? "outcome good" : "outcome bad" },
      replay.identical
        ? "Made again from the stored request: the same bytes, apart from metadata."
        : `Not the same: ${replay.detail}.`,
    ),
    replay.first_difference && h("p", { class: "note" }, "First difference at ", h("code", {}, replay.first_difference)),
    replay.changed.length > 0 &&
      h(
        "p",
        { class: "note" },
        `Changed since: ${replay.changed.join(", ")}. Engine ${replay.stored.engine_version} then, ${replay.current.engine_version} now.`,
      ),
  ];
}
