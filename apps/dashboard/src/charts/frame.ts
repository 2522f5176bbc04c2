/** A figure: heading, key, drawing, and the table that says the same in numbers. */

import type { EChartsOption, TooltipComponentOption } from "echarts";
import { fill, h, uniqueId, type Child } from "../dom/element";
import { onAppearanceChange, palette, reducedMotion, type Palette } from "../dom/theme";

export interface Canvas {
  colours: Palette;
  /** Width of the drawing in CSS pixels. */
  width: number;
}

export interface Drawing {
  /** What is drawn, in words, for those who do not see it. */
  description: string;
  height: number;
  option: (canvas: Canvas) => EChartsOption & { tooltip: TooltipComponentOption };
  /** The same in numbers. Made when asked for. */
  table: () => HTMLElement;
  /** A line under the drawing. */
  note?: Child;
  /** Hears of a click: the place on the horizontal axis. Whatever it does is also to be reached without a pointer. */
  pick?: (x: number) => void;
}

export interface KeyEntry {
  label: string;
  /** Class of the mark, e.g. `key-now`. */
  mark: string;
}

// Fetched while the first plan is being made, so that the page's own script stays small and neither waits for the other.
const loading = import("./runtime");
let runtime: Awaited<typeof loading> | undefined;
/** CSS pixels that fit on a sheet of A4 or Letter between its margins: one drawing, or two side by side. */
const PAPER_WIDTH = 660;
const HALF_PAPER_WIDTH = 315;
let printing = false;
addEventListener("beforeprint", () => (printing = true));
addEventListener("afterprint", () => (printing = false));

export class ChartFrame {
  readonly element: HTMLElement;
  readonly #surface = h("div", { class: "chart-surface", role: "img" });
  readonly #empty = h("p", { class: "empty", hidden: true });
  readonly #note = h("p", { class: "note", hidden: true });
  readonly #data = h("div", { class: "chart-data", hidden: true, id: uniqueId("data") });
  readonly #toggle: HTMLButtonElement;
  readonly #key = h("ul", { class: "key" });
  #drawing: Drawing | undefined;
  #chart: import("echarts/core").EChartsType | undefined;
  #width = 0;
  /** Whether the drawing on the surface is an older one, because the surface was out of sight when a new one came. */
  #late = false;

  constructor(title: string, subtitle: Child, key: readonly KeyEntry[] = []) {
    for (const entry of key) this.#key.append(h("li", { class: entry.mark }, entry.label));
    this.#toggle = h(
      "button",
      {
        type: "button",
        class: "quiet",
        "aria-expanded": "false",
        "aria-controls": this.#data.id,
        onclick: () => this.#showData(this.#data.hidden),
      },
      "Show data",
      h("span", { class: "visually-hidden" }, `: ${title}`),
    );
    this.element = h(
      "figure",
      { class: "chart" },
      h("figcaption", {}, h("div", {}, h("h3", {}, title), h("p", { class: "subtitle" }, subtitle)), this.#toggle),
      key.length > 0 && this.#key,
      this.#surface,
      this.#empty,
      this.#note,
      this.#data,
    );
    new ResizeObserver(() => {
      const width = Math.round(this.#surface.clientWidth);
      if (width > 0 && (this.#late || width !== this.#width)) this.#draw();
    }).observe(this.#surface);
    onAppearanceChange(() => this.#draw());
    // Paper has its own width and is always light.
    addEventListener("beforeprint", () => this.#draw());
    addEventListener("afterprint", () => this.#draw());
  }

  show(drawing: Drawing): void {
    this.#drawing = drawing;
    this.#surface.hidden = false;
    this.#key.hidden = false;
    this.#empty.hidden = true;
    this.#toggle.hidden = false;
    this.#note.hidden = !drawing.note;
    fill(this.#note, drawing.note);
    if (!this.#data.hidden) fill(this.#data, drawing.table());
    this.#draw();
  }

  /** Says why there is nothing to draw. */
  say(reason: Child): void {
    this.#drawing = undefined;
    this.#chart?.dispose();
    this.#chart = undefined;
    this.#width = 0;
    this.#surface.hidden = true;
    this.#key.hidden = true;
    this.#note.hidden = true;
    this.#toggle.hidden = true;
    this.#showData(false);
    this.#empty.hidden = false;
    fill(this.#empty, reason);
  }

  #showData(visible: boolean): void {
    this.#data.hidden = !visible;
    this.#toggle.setAttribute("aria-expanded", String(visible));
    if (this.#toggle.firstChild) this.#toggle.firstChild.nodeValue = visible ? "Hide data" : "Show data";
    if (visible && this.#drawing) fill(this.#data, this.#drawing.table());
  }

  /** A chart that tells the drawing of the day on which it was clicked. */
  #opened(chart: import("echarts/core").EChartsType): import("echarts/core").EChartsType {
    chart.getZr().on("click", ({ offsetX, offsetY }: { offsetX: number; offsetY: number }) => {
      const pick = this.#drawing?.pick;
      if (!pick || !chart.containPixel("grid", [offsetX, offsetY])) return;
      const [x] = chart.convertFromPixel("grid", [offsetX, offsetY]);
      if (x !== undefined) pick(Math.round(x));
    });
    return chart;
  }

  #draw(): void {
    if (!runtime) {
      void loading.then((loaded) => ((runtime = loaded), this.#draw()));
      return;
    }
    const drawing = this.#drawing;
    const room = Math.round(this.#surface.clientWidth);
    this.#late = drawing !== undefined && room === 0;
    if (!drawing || room === 0) return;
    const width = printing ? (this.element.closest(".columns") ? HALF_PAPER_WIDTH : PAPER_WIDTH) : room;
    this.#width = width;
    this.#chart ??= this.#opened(runtime.createChart(this.#surface));
    const height = textSize(drawing.height);
    this.#surface.style.height = `${height}px`;
    this.#chart.resize({ width, height });
    const colours = palette();
    const { tooltip, ...option } = drawing.option({ colours, width });
    this.#chart.setOption(
      {
        animation: !printing && !reducedMotion(),
        animationDuration: 250,
        animationDurationUpdate: 250,
        textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colours.text },
        aria: { enabled: true, label: { description: drawing.description } },
        tooltip: {
          renderMode: "richText",
          confine: true,
          backgroundColor: colours.surface,
          borderColor: colours.line,
          textStyle: { color: colours.text, fontSize: textSize() },
          ...tooltip,
        },
        ...option,
      },
      { notMerge: true },
    );
  }
}

/** Text for a tooltip: in rich text a brace could begin a style, so a zero-width space follows each. */
export function tooltipText(text: string): string {
  return text.replaceAll("{", "{\u200b");
}

/** Pixels for what measures `pixels` at the page's usual text size: drawings grow with it. */
export function textSize(pixels = 12): number {
  return Math.round((pixels * parseFloat(getComputedStyle(document.documentElement).fontSize)) / 15);
}

/** Axis styles shared by all drawings. */
export function axisStyle(colours: Palette): {
  axisLine: object;
  axisTick: object;
  axisLabel: object;
  splitLine: object;
  nameTextStyle: object;
} {
  return {
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: colours.muted, fontSize: textSize() },
    splitLine: { lineStyle: { color: colours.line } },
    nameTextStyle: { color: colours.muted, fontSize: textSize() },
  };
}

/** A value axis with its name below it; `format` writes its labels. */
export function namedAxis(colours: Palette, name: string, format?: (value: number) => string) {
  const style = axisStyle(colours);
  return {
    type: "value" as const,
    name,
    nameLocation: "middle" as const,
    nameGap: textSize(26),
    ...style,
    axisLabel: { ...style.axisLabel, hideOverlap: true, ...(format && { formatter: format }) },
  };
}
