/** The preview scenarios: a button for each, and the story of the portfolio in the editor. */

import { api } from "../api/client";
import type { Scenarios } from "../api/types";
import { fill, h } from "../dom/element";
import type { Session } from "../session";

export type Scenario = Scenarios["scenarios"][number];

export interface ScenarioBar {
  buttons: HTMLElement;
  story: HTMLElement;
  /** Asks the service for the scenarios and gives them back; a failure is thrown after it is written in the bar. */
  load: () => Promise<Scenario[]>;
  /** Whether the scenarios are in the bar. */
  loaded: () => boolean;
}

export function scenarioBar(session: Session, take: (scenario: Scenario) => void): ScenarioBar {
  const story = h("p", { class: "story waiting" });
  const bar = h(
    "div",
    { class: "scenario-buttons", role: "group", "aria-label": "Scenarios" },
    h("span", { class: "waiting" }, "Scenarios are loading…"),
  );
  let loaded = false;
  return { buttons: bar, story, load, loaded: () => loaded };

  async function load(): Promise<Scenario[]> {
    try {
      const { scenarios } = await api.scenarios();
      show(scenarios);
      loaded = true;
      return scenarios;
    } catch (error) {
      fill(bar, h("span", { class: "note" }, "Scenarios could not be loaded."));
      throw error;
    }
  }

  function show(scenarios: Scenario[]): void {
    fill(bar);
    const buttons = scenarios.map((scenario) => ({
      scenario,
      button: h("button", { type: "button", onclick: () => take(scenario) }, scenario.name),
    }));
    bar.append(...buttons.map(({ button }) => button));
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
}
