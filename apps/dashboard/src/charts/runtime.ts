/** ECharts with the few parts this page draws. Loaded after the page itself, so that the first view does not wait for it. */

import { BarChart, CustomChart, LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, CustomChart, LineChart, ScatterChart, AriaComponent, GridComponent, TooltipComponent, SVGRenderer]);

export function createChart(container: HTMLElement): EChartsType {
  return init(container, null, { renderer: "svg" });
}
