/** The members of a forecast in words. */

import type { Plan } from "../api/types";
import { percent } from "../format";

type AssetForecastEntry = Plan["house_view"]["asset_forecasts"][number];

/** What a member says of an asset; one that abstains says nothing, and the mean that the plan has in its place is no forecast. */
export function memberInWords(forecast: AssetForecastEntry, member: "momentum" | "mean_reversion" | "ewma"): string {
  // A plan stored before the answer named them has none.
  const abstentions = forecast.abstentions as AssetForecastEntry["abstentions"] | undefined;
  const abstained = abstentions?.find((abstention) => abstention.member === member);
  return abstained ? `abstains: ${abstained.reason}` : percent(forecast[member], 3);
}
