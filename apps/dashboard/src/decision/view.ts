/** The decision: every panel of a plan in its place, and a line of text while there is no plan. */

import { h } from "../dom/element";
import { repaired } from "../portfolio/repair";
import { recordPanel } from "../records/record";
import type { Outcome } from "../outcome";
import type { Session } from "../session";
import { allocationPanel } from "./allocation";
import { assetDialog } from "./asset";
import { comparePanel } from "./compare";
import { contributionsPanel } from "./contributions";
import { controlsPanel } from "./controls";
import { displayPanel } from "./display";
import { frontierPanel } from "./frontier";
import { limitsPanel } from "./limits";
import { ordersPanel } from "./orders";
import { section, wide, type Panel } from "./panel";
import { pathPanel } from "./path";
import { pricesPanel } from "./prices";
import { regimesPanel } from "./regimes";
import { challengersPanel } from "./challengers";
import { allocatorPanel } from "./allocator";
import { comingDaysPanel } from "./coming-days";
import { reportHead } from "./report-head";
import { riskPanel } from "./risk";
import { simulationPanel } from "./simulation";
import { stressPanel } from "./stress";
import { timelinePanel } from "./timeline";
import { verdictPanel } from "./verdict";
import { warningsPanel } from "./warnings";
import { whatIfPanel } from "./what-if";

export interface DecisionView {
  element: HTMLElement;
  show: (outcome: Outcome) => void;
  /** Says in place of the panels why there is no plan. */
  sayInstead: (text: string) => void;
  setBusy: (busy: boolean) => void;
  scrollToComparison: () => void;
}

/**
 * `start` stands where no plan does; `replan` plans the draft again after a slider moved or a limit was repaired; `importPrices` asks for a
 * file of prices.
 */
export function decisionView(
  session: Session,
  start: HTMLElement,
  { replan, importPrices }: { replan: () => void; importPrices: () => void },
): DecisionView {
  const asset = assetDialog();
  const timeline = timelinePanel();
  const record = recordPanel(session, timeline.element);
  const compare = comparePanel(session);
  const prices = pricesPanel((relaxations) => {
    const draft = repaired(session.plannedDraft ?? session.draft, relaxations);
    return draft && (() => (session.edit(draft, { rebuilt: true }), replan()));
  });
  const path = pathPanel();
  const orders = ordersPanel((index) => session.outcome && asset.open(session.outcome, index));
  const report = reportHead();
  const verdict = verdictPanel(record.link);
  const allocation = allocationPanel();
  const limits = limitsPanel();
  const controls = controlsPanel();
  const warnings = warningsPanel();
  const risk = riskPanel();
  const contributions = contributionsPanel();
  const simulation = simulationPanel();
  const stress = stressPanel();
  const display = displayPanel();
  const regimes = regimesPanel();
  const comingDays = comingDaysPanel();
  const frontier = frontierPanel();
  const panels: Panel[] = [
    report,
    verdict,
    prices,
    path,
    allocation,
    limits,
    controls,
    orders,
    warnings,
    risk,
    contributions,
    simulation,
    stress,
    display,
    regimes,
    comingDays,
    frontier,
    timeline,
    record,
  ];
  const unmeasured = withoutPrices(importPrices);
  const measured = [risk, contributions, simulation, stress, display, regimes, comingDays, frontier].map(
    ({ element }) => element,
  );
  const message = h("p", { class: "empty", role: "status" });
  const planning = h("p", { class: "empty waiting", hidden: true }, "Planning on real data…");
  const first = h("div", { class: "first" }, planning, message, start);
  const grid = h(
    "div",
    { class: "decision-grid", hidden: true },
    wide(report.element),
    wide(verdict.element),
    wide(orders.element),
    wide(whatIfPanel(session, replan)),
    wide(prices.element),
    wide(path.element),
    allocation.element,
    limits.element,
    wide(controls.element),
    wide(warnings.element),
    wide(unmeasured),
    risk.element,
    contributions.element,
    wide(simulation.element),
    wide(stress.element),
    wide(display.element),
    wide(regimes.element),
    wide(frontier.element),
    wide(comingDays.element),
    wide(allocatorPanel()),
    wide(challengersPanel().element),
    wide(record.element),
    wide(compare.element),
  );
  return {
    element: h("div", { class: "decision-view" }, first, grid, asset.element),
    show: (outcome) => {
      first.hidden = true;
      grid.hidden = false;
      const hasHistory = outcome.request.assets.some((asset) => (asset.historical_returns ?? []).length > 0);
      for (const element of measured) element.hidden = false;
      for (const panel of panels) panel.show(outcome);
      // Without a single return each of them would say only that it has none.
      if (!hasHistory) for (const element of measured) element.hidden = true;
      unmeasured.hidden = hasHistory;
      compare.show();
    },
    sayInstead: (text) => (message.textContent = text),
    setBusy: (busy) => {
      grid.setAttribute("aria-busy", String(busy));
      planning.hidden = !busy;
      start.hidden = busy;
      if (busy) message.textContent = "";
    },
    scrollToComparison: () => compare.element.scrollIntoView(),
  };
}

/** What a plan without histories lacks, in one place. */
function withoutPrices(importPrices: () => void): HTMLElement {
  return section(
    "No price history",
    "The orders need none. Risk, simulation, stress scenarios, correlation, regimes and the efficient frontier do.",
    h("div", { class: "toolbar" }, h("button", { type: "button", onclick: importPrices }, "Import prices")),
  );
}
