/** The wire types under the names the page uses; all of them come from the OpenAPI document. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type PlanRequest = Schemas["RebalanceRequest"];
export type AssetRequest = Schemas["AssetRequest"];
export type HoldingRequest = Schemas["HoldingRequest"];
export type Plan = Schemas["PlanResponse"];
export type WeightEntry = Schemas["WeightEntry"];
export type TradeEntry = Schemas["TradeEntry"];
export type RiskMetrics = Schemas["RiskMetrics"];
export type PlanWarning = Schemas["PlanWarning"];
export type Insights = Schemas["InsightsResponse"];
export type RiskFlag = Schemas["RiskFlag"];
export type Timeline = Schemas["TandemResponse"];
export type TandemStep = Schemas["TandemStep"];
export type SimulationRequest = Schemas["MonteCarloSimulationRequest"];
export type Simulation = Schemas["MonteCarloSimulationResponse"];
export type ReportRequest = Schemas["RiskReportRequest"];
export type Report = Schemas["RiskReportResponse"];
export type Scenarios = Schemas["PreviewScenarios"];
export type Problem = Schemas["Problem"];
export type Fault = Schemas["Fault"];
