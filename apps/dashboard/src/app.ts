/** The page: scenarios on top, the decision and the portfolio as two tabs, and what to show while there is neither. */

import { api, failureOf, type Failure } from "./api/client";
import type { Scenarios } from "./api/types";
import { allocationDrawing } from "./charts/allocation";
import { ChartFrame } from "./charts/frame";
import { assetDialog } from "./decision/asset";
import { comparePanel } from "./decision/compare";
import { contributionsPanel } from "./decision/contributions";
import { displayPanel } from "./decision/display";
import { frontierPanel } from "./decision/frontier";
import { limitsPanel } from "./decision/limits";
import { section, wide, type Panel } from "./decision/panel";
import { pricesPanel } from "./decision/prices";
import { reportHead } from "./decision/report-head";
import { riskPanel } from "./decision/risk";
import { simulationPanel } from "./decision/simulation";
import { timelinePanel } from "./decision/timeline";
import { tradesPanel } from "./decision/trades";
import { announcement, verdictPanel } from "./decision/verdict";
import { warningsPanel } from "./decision/warnings";
import { whatIfPanel } from "./decision/what-if";
import { fill, h } from "./dom/element";
import { tabs } from "./dom/tabs";
import { setTheme, theme, type Theme } from "./dom/theme";
import { short, utc } from "./format";
import { editorView } from "./portfolio/editor";
import { FaultBoard } from "./portfolio/faults";
import { groupsView } from "./portfolio/groups";
import { parametersView } from "./portfolio/parameters";
import { repaired } from "./portfolio/repair";
import { auditView } from "./records/audit";
import { planInAddress, showInAddress } from "./records/link";
import { plansView } from "./records/plans";
import { recordPanel } from "./records/record";
import { Session } from "./session";

const RETRY_MS = 5_000;
const DECISION = 0;
const PORTFOLIO = 1;

export function startApp(root: HTMLElement): void {
  const session = new Session();
  const faults = new FaultBoard();
  const live = h("p", { class: "visually-hidden", role: "status" });
  const banner = h("div", { class: "banner", role: "alert", hidden: true });
  const scenarioBar = h(
    "div",
    { class: "scenario-buttons", role: "group", "aria-label": "Scenarios" },
    h("span", { class: "waiting" }, "Scenarios are loading…"),
  );
  const story = h("p", { class: "story waiting" });
  const planButton = h("button", { type: "button", class: "primary", onclick: () => void planFromEditor() }, "Plan");
  const stale = h("p", { class: "note stale", hidden: true }, "The portfolio has changed since this plan.");

  const reopened = h("p", { class: "note", hidden: true });

  const allocation = allocationPanel();
  const asset = assetDialog();
  const report = reportHead();
  const record = recordPanel();
  const verdict = verdictPanel(record.link);
  const limits = limitsPanel();
  const warnings = warningsPanel();
  const trades = tradesPanel((index) => session.outcome && asset.open(session.outcome, index));
  const risk = riskPanel();
  const contributions = contributionsPanel();
  const simulation = simulationPanel();
  const display = displayPanel();
  const frontier = frontierPanel();
  const timeline = timelinePanel();
  const prices = pricesPanel((relaxations) => {
    const draft = repaired(session.plannedDraft ?? session.draft, relaxations);
    return draft && (() => (session.edit(draft, { rebuilt: true }), void replan()));
  });
  const panels: Panel[] = [
    report,
    verdict,
    prices,
    allocation,
    limits,
    trades,
    warnings,
    risk,
    contributions,
    simulation,
    display,
    frontier,
    timeline,
    record,
  ];
  const compare = comparePanel(session);
  const first = h("div", { class: "first" }, h("p", { class: "empty waiting" }, "Planning on real data…"));
  const grid = h(
    "div",
    { class: "decision-grid", hidden: true },
    wide(report.element),
    wide(whatIfPanel(session, () => void replan())),
    wide(verdict.element),
    wide(prices.element),
    allocation.element,
    limits.element,
    wide(trades.element),
    wide(warnings.element),
    risk.element,
    contributions.element,
    wide(simulation.element),
    wide(display.element),
    wide(frontier.element),
    wide(timeline.element),
    wide(record.element),
    wide(compare.element),
  );
  const decision = h("div", { class: "decision-view" }, first, grid, asset.element);
  const portfolio = h(
    "div",
    { class: "portfolio-view" },
    faults.summary,
    parametersView(session, faults),
    groupsView(session, faults),
    editorView(session, faults),
    h(
      "div",
      { class: "plan-bar" },
      planButton,
      h("p", { class: "note" }, "The service checks every figure and answers at the field."),
    ),
  );
  const plans = plansView(session, { open: (id) => void openStored(id), compared: () => showCompared() });
  const audit = auditView({ open: (id) => void openStored(id) });
  const views = tabs("Views", [
    { title: "Decision", panel: decision },
    { title: "Portfolio", panel: portfolio },
    { title: "Plans", panel: h("div", {}, plans.element), onshow: plans.load },
    { title: "Audit", panel: h("div", {}, audit.element), onshow: audit.load },
  ]);

  fill(
    root,
    h("a", { class: "skip", href: "#main" }, "Skip to the content"),
    h(
      "header",
      { class: "top" },
      h(
        "div",
        { class: "brand" },
        h("h1", {}, "Smart Portfolio Rebalancer"),
        h("nav", { "aria-label": "Service" }, h("a", { href: "/docs/" }, "API"), themeChoice()),
      ),
      scenarioBar,
      story,
      h("div", { class: "view-bar" }, views.list, reopened, stale),
    ),
    banner,
    h("main", { id: "main", tabindex: -1 }, ...views.panels),
    h("footer", {}, h("a", { href: "/assets/licences.txt" }, "Software in this page and its licences")),
    live,
  );

  session.on("draft", ({ rebuilt }) => {
    if (rebuilt) faults.clear();
    markStale();
  });
  session.on("busy", () => {
    grid.setAttribute("aria-busy", String(session.busy));
    root.classList.toggle("busy", session.busy);
    markStale();
  });
  session.on("outcome", () => {
    if (!session.outcome) return;
    first.hidden = true;
    grid.hidden = false;
    for (const panel of panels) panel.show(session.outcome);
    compare.show();
    const { metadata } = session.outcome.plan;
    reopened.hidden = !session.outcome.reopened;
    reopened.textContent = `Stored plan ${short(metadata.plan_id ?? "")} of ${utc(metadata.timestamp_utc)} UTC, as it was answered.`;
    // A plan opened from the store has its link; a new one is the page's own.
    showInAddress(session.outcome.reopened ? (session.outcome.plan.metadata.plan_id ?? undefined) : undefined);
    if (session.outcome.insights.state !== "loading") live.textContent = announcement(session.outcome);
  });
  session.on("failure", () => showFailure(session.failure));
  addEventListener("offline", () =>
    session.report({ kind: "offline", title: "This device is offline", detail: "There is no network." }),
  );
  addEventListener("online", () => void recover());

  addEventListener("popstate", () => {
    const id = planInAddress();
    if (id !== undefined) void openStored(id);
    else void session.plan();
  });

  const named = planInAddress();
  if (named !== undefined) void openStored(named);
  void loadScenarios();

  async function loadScenarios(): Promise<void> {
    try {
      const { scenarios } = await api.scenarios();
      showScenarios(scenarios);
      if (scenarios[0] && session.draft.assets.length === 0 && planInAddress() === undefined) await takeScenario(scenarios[0]);
    } catch (error) {
      fill(scenarioBar, h("span", { class: "note" }, "Scenarios could not be loaded."));
      session.report(failureOf(error));
    }
  }

  function showScenarios(scenarios: Scenarios["scenarios"]): void {
    fill(scenarioBar);
    const buttons = scenarios.map((scenario) => ({
      scenario,
      button: h("button", { type: "button", onclick: () => void takeScenario(scenario) }, scenario.name),
    }));
    scenarioBar.append(...buttons.map(({ button }) => button));
    const tell = (): void => {
      const { name, description } = session.draft;
      for (const { scenario, button } of buttons) button.setAttribute("aria-pressed", String(name === scenario.name));
      if (session.draft.assets.length === 0) return;
      story.classList.remove("waiting");
      story.textContent = scenarios.find((s) => s.name === name)?.description ?? (description || name || "Own portfolio");
    };
    session.on("draft", tell);
    tell();
  }

  async function takeScenario(scenario: Scenarios["scenarios"][number]): Promise<void> {
    session.load(scenario);
    if (await session.plan()) views.select(DECISION);
  }

  async function openStored(planId: string): Promise<void> {
    faults.clear();
    if (await session.open(planId)) views.select(DECISION);
    scrollTo({ top: 0 });
  }

  function showCompared(): void {
    views.select(DECISION);
    compare.element.scrollIntoView();
  }

  /** A slider moved: faults are shown, but the hand stays on the slider. */
  async function replan(): Promise<void> {
    await session.plan();
  }

  async function planFromEditor(): Promise<void> {
    faults.clear();
    if (!(await session.plan())) return;
    views.select(DECISION);
    document.getElementById("main")?.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }

  function markStale(): void {
    stale.hidden = session.busy || session.outcome === undefined || session.draft === session.plannedDraft;
  }

  function showFailure(failure: Failure | undefined): void {
    banner.hidden = true;
    fill(banner);
    if (!failure) return faults.clear();
    if (!session.outcome)
      fill(
        first,
        h(
          "p",
          { class: "empty" },
          failure.kind === "refused"
            ? "No plan yet: the portfolio needs a correction."
            : "No plan yet. It appears here as soon as the service answers.",
        ),
      );
    if (failure.kind === "refused") {
      views.select(PORTFOLIO);
      faults.show(failure.faults, failure.detail, true);
      return;
    }
    banner.hidden = false;
    const shown = session.outcome ? " What is shown is the last answer." : "";
    const request = failure.kind === "failed" && failure.requestId ? ` Request ${failure.requestId}.` : "";
    const retry = h("button", { type: "button", onclick: () => void recover() }, "Try again");
    fill(banner, h("strong", {}, failure.title), h("span", {}, ` ${failure.detail}${shown}${request} `), retry);
    if (failure.kind === "offline") setTimeout(() => session.failure === failure && void knock(), RETRY_MS);
  }

  /** Asks quietly whether the service is back. */
  async function knock(): Promise<void> {
    const known = session.failure;
    try {
      await api.ready();
      await recover();
    } catch {
      if (session.failure === known) setTimeout(() => session.failure === known && void knock(), RETRY_MS);
    }
  }

  async function recover(): Promise<void> {
    if (session.draft.assets.length === 0 && !session.outcome) {
      session.report(undefined);
      await loadScenarios();
    } else await session.plan();
  }
}

function allocationPanel(): Panel {
  const frame = new ChartFrame("Now, target, after", "Share of NAV; the drift method leaves what is inside its band alone", [
    { label: "now", mark: "key-now" },
    { label: "optimised target", mark: "key-target" },
    { label: "after the plan", mark: "key-after" },
    { label: "target ± drift threshold", mark: "key-range" },
  ]);
  const element = section("Allocation", null, frame.element);
  return { element, show: ({ plan }) => frame.show(allocationDrawing(plan)) };
}

function themeChoice(): HTMLElement {
  const select = h(
    "select",
    { "aria-label": "Colours", onchange: () => setTheme(select.value as Theme) },
    h("option", { value: "system" }, "System colours"),
    h("option", { value: "light" }, "Light"),
    h("option", { value: "dark" }, "Dark"),
  );
  select.value = theme();
  return select;
}
