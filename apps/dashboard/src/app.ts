/** The page: scenarios on top, four views as tabs below, and what to do when the session changes. */

import { failureOf, type Failure } from "./api/client";
import { announcement } from "./decision/verdict";
import { decisionView } from "./decision/view";
import { fill, h } from "./dom/element";
import { tabs } from "./dom/tabs";
import { themeChoice } from "./dom/theme-choice";
import { short, utc } from "./format";
import { outageBanner } from "./outage";
import type { Outcome } from "./outcome";
import { FaultBoard } from "./portfolio/faults";
import { scenarioBar, type Scenario } from "./portfolio/scenarios";
import { portfolioView } from "./portfolio/view";
import { auditView } from "./records/audit";
import { planInAddress, showInAddress } from "./records/link";
import { plansView } from "./records/plans";
import { Session } from "./session";

const DECISION = 0;
const PORTFOLIO = 1;

export function startApp(root: HTMLElement): void {
  const session = new Session();
  const page = new Page(root, session);
  session.on("draft", ({ rebuilt }) => page.draftChanged(rebuilt));
  session.on("busy", () => page.busyChanged());
  session.on("outcome", () => session.outcome && page.outcomeChanged(session.outcome));
  session.on("failure", () => page.failureChanged(session.failure));
  addEventListener("popstate", () => {
    const id = planInAddress();
    if (id !== undefined) void page.openStored(id);
    else void session.plan();
  });
  const named = planInAddress();
  if (named !== undefined) void page.openStored(named);
  void page.loadScenarios();
}

class Page {
  readonly #faults = new FaultBoard();
  readonly #live = h("p", { class: "visually-hidden", role: "status" });
  readonly #stale = h("p", { class: "note stale", hidden: true }, "The portfolio has changed since this plan.");
  readonly #reopened = h("p", { class: "note", hidden: true });
  readonly #scenarios;
  readonly #outage;
  readonly #decision;
  readonly #views;

  constructor(
    readonly root: HTMLElement,
    readonly session: Session,
  ) {
    this.#scenarios = scenarioBar(session, (scenario) => void this.#takeScenario(scenario));
    this.#outage = outageBanner(session, () => this.#recover());
    this.#decision = decisionView(session, () => void session.plan());
    const open = (id: string): void => void this.openStored(id);
    const plans = plansView(session, { open, compared: () => this.#showComparison() });
    const audit = auditView({ open });
    this.#views = tabs("Views", [
      { title: "Decision", panel: this.#decision.element },
      { title: "Portfolio", panel: portfolioView(session, this.#faults, () => void this.#planFromEditor()) },
      { title: "Plans", panel: h("div", {}, plans.element), onshow: plans.load },
      { title: "Audit", panel: h("div", {}, audit.element), onshow: audit.load },
    ]);
    fill(root, ...this.#parts());
  }

  #parts(): HTMLElement[] {
    const title = h("h1", {}, "Smart Portfolio Rebalancer");
    const service = h("nav", { "aria-label": "Service" }, h("a", { href: "/docs/" }, "API"), themeChoice());
    return [
      h("a", { class: "skip", href: "#main" }, "Skip to the content"),
      h(
        "header",
        { class: "top" },
        h("div", { class: "brand" }, title, service),
        this.#scenarios.buttons,
        this.#scenarios.story,
        h("div", { class: "view-bar" }, this.#views.list, this.#reopened, this.#stale),
      ),
      this.#outage.element,
      h("main", { id: "main", tabindex: -1 }, ...this.#views.panels),
      h("footer", {}, h("a", { href: "/assets/licences.txt" }, "Software used in this page, and its licences")),
      this.#live,
    ];
  }

  draftChanged(rebuilt: boolean): void {
    if (rebuilt) this.#faults.clear();
    this.#markStale();
  }

  busyChanged(): void {
    this.#decision.setBusy(this.session.busy);
    this.root.classList.toggle("busy", this.session.busy);
    this.#markStale();
  }

  outcomeChanged(outcome: Outcome): void {
    const { metadata } = outcome.plan;
    this.#decision.show(outcome);
    this.#reopened.hidden = !outcome.reopened;
    this.#reopened.textContent = `Stored plan ${short(metadata.plan_id ?? "")} of ${utc(metadata.timestamp_utc)} UTC, as it was answered.`;
    // A plan opened from the store has its link; a new one is the page's own.
    showInAddress(outcome.reopened ? (metadata.plan_id ?? undefined) : undefined);
    if (outcome.insights.state !== "loading") this.#live.textContent = announcement(outcome);
  }

  failureChanged(failure: Failure | undefined): void {
    if (failure === undefined || failure.kind === "refused") this.#outage.hide();
    if (!failure) return this.#faults.clear();
    const refused = failure.kind === "refused";
    if (!this.session.outcome) {
      this.#decision.sayInstead(
        refused
          ? "No plan yet: the portfolio needs a correction."
          : "No plan yet. It appears here as soon as the service answers.",
      );
    }
    if (refused) {
      this.#views.select(PORTFOLIO);
      this.#faults.show(failure.faults, failure.detail, true);
    } else this.#outage.show(failure);
  }

  /** Returns whether the scenarios came; the first is planned where nothing else is asked for. */
  async loadScenarios(): Promise<boolean> {
    try {
      const [first] = await this.#scenarios.load();
      const unused = this.session.draft.assets.length === 0 && planInAddress() === undefined;
      if (first && unused) await this.#takeScenario(first);
      return true;
    } catch (error) {
      this.session.report(failureOf(error));
      return false;
    }
  }

  async openStored(planId: string): Promise<void> {
    this.#faults.clear();
    if (await this.session.open(planId)) this.#views.select(DECISION);
    scrollTo({ top: 0 });
  }

  async #takeScenario(scenario: Scenario): Promise<void> {
    this.session.load(scenario);
    if (await this.session.plan()) this.#views.select(DECISION);
  }

  async #planFromEditor(): Promise<void> {
    this.#faults.clear();
    if (!(await this.session.plan())) return;
    this.#views.select(DECISION);
    document.getElementById("main")?.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }

  #showComparison(): void {
    this.#views.select(DECISION);
    this.#decision.scrollToComparison();
  }

  #markStale(): void {
    const { busy, outcome, draft, plannedDraft } = this.session;
    this.#stale.hidden = busy || outcome === undefined || draft === plannedDraft;
  }

  /** Asks again for what did not come. What is shown has been answered: it is not planned, and stored, a second time. */
  async #recover(): Promise<void> {
    const { unanswered } = this.session;
    if (!unanswered) this.session.report(undefined);
    if (!this.#scenarios.loaded() && !(await this.loadScenarios())) return;
    // Where the scenarios came first, one of them may have been planned in the meantime.
    if (!unanswered || this.session.unanswered !== unanswered) return;
    if (unanswered.kind === "open") await this.openStored(unanswered.planId);
    else await this.session.plan();
  }
}
