//! The schedule of an order over time, and its expected price impact.

use portfolio_core::{Money, round_to_12_decimals, square_root_impact};
use serde::{Deserialize, Serialize};

/// Maximum share of an average day's volume that a schedule takes.
///
/// Desks customarily call participation of up to about 10 % passive; beyond it impact grows quickly.
pub const MAX_PARTICIPATION: f64 = 0.10;
/// A TWAP slice is worth about this share of NAV.
const TWAP_SLICE: f64 = 0.01;
/// Maximum number of slices in one session: one every half hour of a six-and-a-half-hour day, without the last.
const MAX_TWAP_SLICES: u32 = 12;
/// Maximum number of days of a schedule; the last day takes the remainder.
const MAX_DAYS: f64 = 250.0;

/// How an order is placed over time: `slices` parts of `slice_value`, the last one `last_slice_value`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderSchedule {
    /// What the slices follow.
    pub method: ScheduleMethod,
    /// Number of slices, at least one.
    #[cfg_attr(feature = "openapi", schema(example = 3, minimum = 1))]
    pub slices: u32,
    /// Value of every slice but the last.
    #[cfg_attr(feature = "openapi", schema(example = 1833.33, value_type = f64))]
    pub slice_value: Money,
    /// Value of the last slice; with the others it sums to the order, to the minor unit.
    #[cfg_attr(feature = "openapi", schema(example = 1833.34, value_type = f64))]
    pub last_slice_value: Money,
    /// Share of an average day's volume that the largest slice takes, a fraction; null without a daily volume.
    #[cfg_attr(feature = "openapi", schema(required = true, example = 0.08))]
    pub participation: Option<f64>,
}

/// What the slices of an order follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ScheduleMethod {
    /// One slice a day, none larger than a tenth of the average daily volume; an order that would take more than 250
    /// days is cut into 250 equal slices, and `participation` says what each takes.
    DailyVolume,
    /// Equal slices at equal intervals of one session (TWAP): one for each percent of NAV, at most 12.
    Twap,
}

impl OrderSchedule {
    /// Slices an order by volume if the volume is known, and otherwise evenly over time.
    pub(super) fn of(notional: Money, units: f64, volume: Option<f64>, nav: Money) -> Self {
        let value = notional.minor();
        let Some(volume) = volume else {
            let wanted = (value as f64 / (TWAP_SLICE * nav.minor() as f64)).ceil();
            let slices = (wanted as u32).clamp(1, MAX_TWAP_SLICES).min(u32::try_from(value).unwrap_or(u32::MAX).max(1));
            return Self::cut(ScheduleMethod::Twap, notional, slices, value / i64::from(slices), None);
        };
        let days = (units / (MAX_PARTICIPATION * volume)).ceil().clamp(1.0, MAX_DAYS);
        // The last slice is the remainder, so every slice rounds up and none is empty.
        let slice = (value as f64 / days).ceil() as i64;
        let slices = (value as u64).div_ceil(slice.max(1) as u64).max(1) as u32;
        let participation = round_to_12_decimals(units * slice as f64 / value.max(1) as f64 / volume);
        Self::cut(ScheduleMethod::DailyVolume, notional, slices, slice, Some(participation))
    }

    fn cut(method: ScheduleMethod, notional: Money, slices: u32, slice: i64, participation: Option<f64>) -> Self {
        let money = |minor| Money::from_minor(minor, notional.currency());
        let last = notional.minor() - i64::from(slices - 1) * slice;
        Self { method, slices, slice_value: money(slice), last_slice_value: money(last), participation }
    }
}

/// Expected impact of an order in basis points of its value by the square-root law, `10⁴·σ·√(Q/V)`, with volatility and
/// volume of one day; `None` without either.
pub(super) fn impact_bps(units: f64, volume: Option<f64>, volatility: Option<f64>) -> Option<f64> {
    let impact = square_root_impact(1e4 * volatility?, units / volume?);
    impact.is_finite().then(|| round_to_12_decimals(impact))
}

#[cfg(test)]
mod tests {
    use super::*;
    use portfolio_core::{CostTerm, Currency, MarketImpact, Ticket, TradeSide};

    fn money(minor: i64) -> Money {
        Money::from_minor(minor, Currency::USD)
    }

    fn total(schedule: &OrderSchedule) -> i64 {
        i64::from(schedule.slices - 1) * schedule.slice_value.minor() + schedule.last_slice_value.minor()
    }

    #[test]
    fn without_a_volume_slices_are_equal_in_time() {
        let schedule = OrderSchedule::of(money(550_001), 55.0, None, money(10_000_000));
        assert_eq!((schedule.method, schedule.slices, schedule.participation), (ScheduleMethod::Twap, 6, None));
        assert_eq!((schedule.slice_value.minor(), total(&schedule)), (91_666, 550_001));
        let small = OrderSchedule::of(money(3), 1.0, None, money(10_000_000));
        assert_eq!((small.slices, total(&small)), (1, 3));
        let large = OrderSchedule::of(money(9_000_000), 1.0, None, money(10_000_000));
        assert_eq!((large.slices, total(&large)), (12, 9_000_000));
    }

    #[test]
    fn with_a_volume_no_day_takes_more_than_a_tenth() {
        // 250 units against 1,000 a day: 100 a day at most, so three days.
        let schedule = OrderSchedule::of(money(2_500_000), 250.0, Some(1000.0), money(10_000_000));
        assert_eq!((schedule.method, schedule.slices), (ScheduleMethod::DailyVolume, 3));
        assert_eq!(total(&schedule), 2_500_000);
        assert!(schedule.participation.unwrap() <= MAX_PARTICIPATION);
        let liquid = OrderSchedule::of(money(2_500_000), 250.0, Some(1e6), money(10_000_000));
        assert_eq!((liquid.slices, liquid.last_slice_value.minor()), (1, 2_500_000));
        let thin = OrderSchedule::of(money(2_500_000), 250.0, Some(1e-9), money(10_000_000));
        assert_eq!((thin.slices, total(&thin)), (250, 2_500_000));
    }

    #[test]
    fn every_size_is_cut_exactly() {
        for value in (1..2_000).chain([999_983, 1_000_000_007]) {
            for (units, volume) in [(1.0, Some(3.0)), (777.0, Some(900.0)), (1.0, None), (1e9, Some(1.0))] {
                let schedule = OrderSchedule::of(money(value), units, volume, money(1_000_000));
                assert_eq!(total(&schedule), value);
                assert!(schedule.slices >= 1 && schedule.last_slice_value.minor() > 0, "{value}: {schedule:?}");
            }
        }
    }

    #[test]
    fn an_order_moves_the_price_as_far_as_the_cost_model_says() {
        // A tenth of the NAV against a daily volume of twice the NAV, at a volatility of 2 %: k = σ/√V.
        let term = MarketImpact::new(&[0.02 / 2.0_f64.sqrt()]).unwrap();
        let ticket = Ticket {
            asset: 0,
            side: TradeSide::Buy,
            value: 1_000_000.0,
            units: 100.0,
            nav: 10_000_000.0,
            minor_per_major: 100.0,
        };
        let bps = impact_bps(100.0, Some(2_000.0), Some(0.02)).unwrap();
        assert!((bps - 1e4 * term.cost(&ticket) / ticket.value).abs() < 1e-9, "{bps}");
    }

    #[test]
    fn impact_follows_the_square_root() {
        let bps = |q| impact_bps(q, Some(10_000.0), Some(0.02)).unwrap();
        assert!((bps(100.0) - 20.0).abs() < 1e-9 && (bps(400.0) - 40.0).abs() < 1e-9);
        assert_eq!(impact_bps(1.0, None, Some(0.02)), None);
        assert_eq!(impact_bps(1.0, Some(1.0), None), None);
    }
}
