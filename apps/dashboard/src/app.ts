/** The page: examples on top, five views as tabs below, and what to do when the session changes. */

import { askForKeyWith } from "./access/key";
import { signIn } from "./access/sign-in";
import { failureOf, type Failure } from "./api/client";
import type { PlanRequest } from "./api/types";
import { booksView } from "./books/view";
import { backtestView } from "./backtest/view";
import { controlsView } from "./controls/view";
import { announcement } from "./decision/verdict";
import { decisionView } from "./decision/view";
import { asker } from "./dom/ask";
import { fill, h } from "./dom/element";
import { tabs } from "./dom/tabs";
import { themeChoice } from "./dom/theme-choice";
import { executionView } from "./execution/view";
import { short, utc } from "./format";
import { importView } from "./import/view";
import { outageBanner } from "./outage";
import type { Outcome } from "./outcome";
import { emptyPosition } from "./portfolio/draft";
import { FaultBoard } from "./portfolio/faults";
import { keepDraft, keptDraft } from "./portfolio/keep";
import { scenarioBar, type Scenario } from "./portfolio/scenarios";
import { portfolioView } from "./portfolio/view";
import { auditView } from "./records/audit";
import { planInAddress, showInAddress } from "./records/link";
import { plansView } from "./records/plans";
import { Session } from "./session";
import { startView } from "./start";

const DECISION = 0;
const PORTFOLIO = 1;
const CONTROLS = 4;

export function startApp(root: HTMLElement): void {
  const session = new Session();
  const page = new Page(root, session);
  session.on("doubt", () => page.doubtChanged());
  session.on("draft", ({ rebuilt }) => page.draftChanged(rebuilt));
  session.on("busy", () => page.busyChanged());
  session.on("outcome", () => session.outcome && page.outcomeChanged(session.outcome));
  session.on("failure", () => page.failureChanged(session.failure));
  addEventListener("popstate", () => {
    const id = planInAddress();
    if (id !== undefined) void page.openFromHistory(id);
    else page.leaveStored();
  });
  addEventListener("beforeunload", (event) => {
    if (page.losesWork()) event.preventDefault();
  });
  const named = planInAddress();
  if (named !== undefined) void page.openStored(named);
  else page.restore();
  void page.loadScenarios();
}

class Page {
  readonly #faults = new FaultBoard();
  readonly #asker = asker();
  readonly #signIn = signIn();
  readonly #start = startView({
    enter: () => this.#enterBook(),
    importFile: () => this.#importer.choose(),
    example: () => void this.#lookAtExample(),
  });
  /** Whether this browser holds the draft as it is. */
  #isKept = true;
  #examples: readonly Scenario[] = [];
  readonly #live = h("p", { class: "visually-hidden", role: "status" });
  readonly #stale = h("p", { class: "note stale", hidden: true }, "The portfolio has changed since this plan.");
  readonly #reopened = h("p", { class: "note", hidden: true });
  readonly #scenarios;
  readonly #outage;
  readonly #decision;
  readonly #importer;
  readonly #controls;
  readonly #views;

  constructor(
    readonly root: HTMLElement,
    readonly session: Session,
  ) {
    askForKeyWith(this.#signIn.ask);
    this.#scenarios = scenarioBar(session, (scenario) => void this.#takeScenario(scenario));
    this.#outage = outageBanner(session, () => this.#recover());
    this.#decision = decisionView(session, this.#start.element, {
      replan: () => void session.plan(),
      importPrices: () => this.#importer.choose(),
    });
    const open = (id: string): void => void this.#openWithLeave(id);
    const plans = plansView(session, { open, compared: () => this.#showComparison() });
    const audit = auditView({ open });
    const backtest = backtestView(session, { planDay: (request) => void this.#planDay(request) });
    this.#controls = controlsView(session, { open, show: () => this.#views.select(CONTROLS) });
    const execution = executionView();
    const portfolio = portfolioView(session, this.#faults, {
      plan: () => void this.#planFromEditor(),
      mayReplace: () => this.#mayReplace(),
      importFile: () => this.#importer.choose(),
      previewTable: (table, options) => this.#importer.table(table, options),
      books: booksView(session, {
        mayReplace: () => this.#mayReplace(),
        mayOverwrite: (name) => this.#mayOverwrite(name),
        mayClose: (name) => this.#mayClose(name),
        refused: (failure) => session.report(failure),
      }),
    });
    this.#importer = importView(session, {
      json: (text) => (this.#views.select(PORTFOLIO), portfolio.readText(text)),
      say: (text) => (this.#views.select(PORTFOLIO), portfolio.say(text)),
      used: (remark) => this.#useImported(remark, portfolio.say),
    });
    this.#views = tabs("Views", [
      { title: "Decision", panel: this.#decision.element },
      { title: "Portfolio", panel: portfolio.element },
      { title: "Plans", panel: h("div", {}, plans.element), onshow: plans.load },
      { title: "Backtest", panel: h("div", {}, backtest.element), onshow: backtest.load },
      { title: "Controls", panel: this.#controls.element, onshow: this.#controls.load },
      { title: "Execution", panel: execution.element, onshow: execution.load },
      { title: "Audit", panel: h("div", {}, audit.element), onshow: audit.load },
    ]);
    fill(root, ...this.#parts());
    this.#controls.look();
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
      this.#controls.banner,
      this.#outage.element,
      h("main", { id: "main", tabindex: -1 }, ...this.#views.panels),
      h("footer", {}, h("a", { href: "/assets/licences.txt" }, "Software used in this page, and its licences")),
      this.#live,
      this.#asker.element,
      this.#signIn.element,
      this.#importer.element,
    ];
  }

  draftChanged(rebuilt: boolean): void {
    if (rebuilt) this.#faults.clear();
    this.#markStale();
    const { origin, draft } = this.session;
    // An example or a stored plan that is only looked at does not take the place of the reader's own book.
    if (origin === "own") this.#isKept = keepDraft(draft);
    this.#start.show(draft.assets.length === 0 ? undefined : draft.name || "Your book");
  }

  doubtChanged(): void {
    if (this.session.doubt) this.#views.select(PORTFOLIO);
  }

  /** Whether leaving the page loses what was typed. */
  losesWork(): boolean {
    return !this.#isKept && this.session.hasWork;
  }

  /** Brings back the last book of this browser. */
  restore(): void {
    const draft = keptDraft();
    if (!draft || draft.assets.length === 0) return;
    this.session.restore(draft);
    this.#views.select(PORTFOLIO);
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
    if (failure?.kind === "failed" && failure.halt) this.#controls.look();
    if (failure === undefined || failure.kind === "refused") this.#outage.hide();
    if (!failure) return this.#faults.clear();
    const refused = failure.kind === "refused";
    if (!this.session.outcome) {
      const isLink = failure.kind === "failed" && failure.retryMs === undefined && this.session.unanswered?.kind === "open";
      this.#decision.sayInstead(
        refused
          ? "No plan yet: the portfolio needs a correction."
          : isLink
            ? "This link leads to no plan."
            : "No plan yet. It appears here as soon as the service answers.",
      );
    }
    if (refused) {
      this.#views.select(PORTFOLIO);
      this.#faults.show(failure.faults, failure.detail, true);
    } else this.#outage.show(failure);
  }

  /** Returns whether the examples came. */
  async loadScenarios(): Promise<boolean> {
    try {
      this.#examples = await this.#scenarios.load();
      return true;
    } catch (error) {
      this.session.report(failureOf(error));
      return false;
    }
  }

  /** Asks before a book takes the place of work that no plan and no file holds. */
  async #mayReplace(): Promise<boolean> {
    if (!this.session.hasWork) return true;
    const name = this.session.draft.name || "Your book";
    return this.#asker.ask(
      "Replace your book?",
      `${name} has changes that no stored plan holds yet. Undo under Portfolio brings them back until the page is left.`,
      "Replace it",
      "Keep my book",
    );
  }

  /** Asks before a book that this browser keeps goes. */
  #mayOverwrite(name: string): Promise<boolean> {
    return this.#asker.ask(
      `Let go of the saved “${name}”?`,
      "This browser keeps one book of a name: what was saved here under it is gone then.",
      "Let it go",
      "Keep it",
    );
  }

  #mayClose(name: string): Promise<boolean> {
    return this.#asker.ask(
      `Close “${name}” in the service?`,
      "Nobody finds it in the list any more, and it takes no further version. The versions it has stay in the audit trail.",
      "Close it",
      "Keep it",
    );
  }

  /** Plans the book of a day of a backtest, after a question where that would lose work. */
  async #planDay(request: Partial<PlanRequest>): Promise<void> {
    if (!(await this.#mayReplace())) return;
    this.session.load(request, "example");
    this.#views.select(DECISION);
    void this.session.plan();
  }

  #enterBook(): void {
    const { session } = this;
    if (session.draft.assets.length === 0) session.edit({ entry: "units", assets: [emptyPosition()] }, { rebuilt: true });
    this.#views.select(PORTFOLIO);
    document.querySelector<HTMLElement>(".asset-table input")?.focus();
  }

  /** A file took the place of the book: what is left to enter comes next. */
  #useImported(remark: string, say: (text: string) => void): void {
    this.#views.select(PORTFOLIO);
    say(remark);
    const targets = document.querySelectorAll<HTMLInputElement>('.asset-table input[data-pointer$="/target_weight"]');
    const open = [...targets].find((field) => field.value === "");
    (open ?? document.querySelector<HTMLElement>(".plan-bar .primary"))?.focus();
  }

  async #lookAtExample(): Promise<void> {
    const [first] = this.#examples;
    if (first) await this.#takeScenario(first);
    else if (await this.loadScenarios()) await this.#lookAtExample();
  }

  /** A step back from a stored plan: what was there before, or the book in the editor. */
  leaveStored(): void {
    this.#views.select(this.session.back() ? DECISION : PORTFOLIO);
  }

  /** A step back in the browser is asked like any other book that would take the draft's place. */
  async openFromHistory(planId: string): Promise<void> {
    if (await this.#mayReplace()) await this.openStored(planId);
    else showInAddress(undefined);
  }

  async #openWithLeave(planId: string): Promise<void> {
    if (await this.#mayReplace()) await this.openStored(planId);
  }

  async openStored(planId: string): Promise<void> {
    this.#faults.clear();
    if (await this.session.open(planId)) this.#views.select(DECISION);
    scrollTo({ top: 0 });
  }

  async #takeScenario(scenario: Scenario): Promise<void> {
    if (!(await this.#mayReplace())) return;
    this.session.load(scenario, "example");
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
    // In the meantime another plan may have been asked for.
    if (!unanswered || this.session.unanswered !== unanswered) return;
    if (unanswered.kind === "open") await this.openStored(unanswered.planId);
    else await this.session.plan();
  }
}
