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

/// Share of a quantity by which it may differ from whole lots.
const ROUNDING: f64 = 1e-9;
/// Lots that a double still counts one by one.
const MOST_LOTS: f64 = 9e15;

/// How an order is placed over time: `slices` parts of `slice_value`, the last one `last_slice_value`. An order of whole lots is cut into whole
/// lots.
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
    /// Units of every slice but the last, whole lots; absent for an order that has no lots, and for an odd lot that is sold whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = 42.0))]
    pub slice_units: Option<f64>,
    /// Units of the last slice; with the others they sum to the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = 40.0))]
    pub last_slice_units: Option<f64>,
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
    /// Slices an order by volume if the volume is known, and otherwise evenly over time; into whole lots of `lot` units where it is of such.
    pub(super) fn of(notional: Money, units: f64, volume: Option<f64>, nav: Money, lot: Option<f64>) -> Self {
        let value = notional.minor();
        if let Some((lot, lots)) = lot.and_then(|lot| Some((lot, whole_lots(units, lot)?)))
            && let Some(schedule) = Self::in_lots(notional, (lot, lots), volume, nav)
        {
            return schedule;
        }
        let Some(volume) = volume else {
            let slices = twap_slices(value, nav).min(u32::try_from(value).unwrap_or(u32::MAX).max(1));
            return Self::cut(ScheduleMethod::Twap, notional, slices, value / i64::from(slices), None);
        };
        let days = (units / (MAX_PARTICIPATION * volume)).ceil().clamp(1.0, MAX_DAYS);
        // The last slice is the remainder, so every slice rounds up and none is empty.
        let slice = (value as f64 / days).ceil() as i64;
        let slices = (value as u64).div_ceil(slice.max(1) as u64).max(1) as u32;
        let participation = round_to_12_decimals(units * slice as f64 / value.max(1) as f64 / volume);
        Self::cut(ScheduleMethod::DailyVolume, notional, slices, slice, Some(participation))
    }

    /// Slices of equally many whole lots, the last one smaller; `None` where a lot is worth less than a minor unit.
    fn in_lots(notional: Money, (lot, lots): (f64, u64), volume: Option<f64>, nav: Money) -> Option<Self> {
        let value = notional.minor();
        let (method, each) = match volume {
            None => (ScheduleMethod::Twap, lots.div_ceil(u64::from(twap_slices(value, nav)))),
            Some(volume) => {
                let within = (MAX_PARTICIPATION * volume / lot * (1.0 + ROUNDING)).floor().max(1.0) as u64;
                (ScheduleMethod::DailyVolume, within.max(lots.div_ceil(MAX_DAYS as u64)))
            }
        };
        let each = each.min(lots);
        let slices = lots.div_ceil(each);
        let rest = lots - (slices - 1) * each;
        let slice = (value as f64 * each as f64 / lots as f64).round() as i64;
        let last = value - (slices as i64 - 1) * slice;
        let money = |minor| Money::from_minor(minor, notional.currency());
        let units = |lots: u64| round_to_12_decimals(lots as f64 * lot);
        (slice > 0 && last > 0).then(|| Self {
            method,
            slices: slices as u32,
            slice_value: money(slice),
            last_slice_value: money(last),
            slice_units: Some(units(each)),
            last_slice_units: Some(units(rest)),
            participation: volume.map(|volume| round_to_12_decimals(each as f64 * lot / volume)),
        })
    }

    fn cut(method: ScheduleMethod, notional: Money, slices: u32, slice: i64, participation: Option<f64>) -> Self {
        let money = |minor| Money::from_minor(minor, notional.currency());
        let last = notional.minor() - i64::from(slices - 1) * slice;
        Self {
            method,
            slices,
            slice_value: money(slice),
            last_slice_value: money(last),
            slice_units: None,
            last_slice_units: None,
            participation,
        }
    }
}

/// How many slices a TWAP of this value has, before it is seen what can be cut.
fn twap_slices(value: i64, nav: Money) -> u32 {
    let wanted = (value as f64 / (TWAP_SLICE * nav.minor() as f64)).ceil();
    (wanted as u32).clamp(1, MAX_TWAP_SLICES)
}

/// The whole lots that an order is of; `None` for an odd lot.
fn whole_lots(units: f64, lot: f64) -> Option<u64> {
    let lots = (units / lot).round();
    let is_whole = (1.0..MOST_LOTS).contains(&lots) && (lots * lot - units).abs() <= ROUNDING * units;
    is_whole.then_some(lots as u64)
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
        let schedule = OrderSchedule::of(money(550_001), 55.0, None, money(10_000_000), None);
        assert_eq!((schedule.method, schedule.slices, schedule.participation), (ScheduleMethod::Twap, 6, None));
        assert_eq!((schedule.slice_value.minor(), total(&schedule)), (91_666, 550_001));
        let small = OrderSchedule::of(money(3), 1.0, None, money(10_000_000), None);
        assert_eq!((small.slices, total(&small)), (1, 3));
        let large = OrderSchedule::of(money(9_000_000), 1.0, None, money(10_000_000), None);
        assert_eq!((large.slices, total(&large)), (12, 9_000_000));
    }

    #[test]
    fn with_a_volume_no_day_takes_more_than_a_tenth() {
        // 250 units against 1,000 a day: 100 a day at most, so three days.
        let schedule = OrderSchedule::of(money(2_500_000), 250.0, Some(1000.0), money(10_000_000), None);
        assert_eq!((schedule.method, schedule.slices), (ScheduleMethod::DailyVolume, 3));
        assert_eq!(total(&schedule), 2_500_000);
        assert!(schedule.participation.unwrap() <= MAX_PARTICIPATION);
        let liquid = OrderSchedule::of(money(2_500_000), 250.0, Some(1e6), money(10_000_000), None);
        assert_eq!((liquid.slices, liquid.last_slice_value.minor()), (1, 2_500_000));
        let thin = OrderSchedule::of(money(2_500_000), 250.0, Some(1e-9), money(10_000_000), None);
        assert_eq!((thin.slices, total(&thin)), (250, 2_500_000));
    }

    #[test]
    fn every_size_is_cut_exactly() {
        for value in (1..2_000).chain([999_983, 1_000_000_007]) {
            for (units, volume) in [(1.0, Some(3.0)), (777.0, Some(900.0)), (1.0, None), (1e9, Some(1.0))] {
                let schedule = OrderSchedule::of(money(value), units, volume, money(1_000_000), None);
                assert_eq!(total(&schedule), value);
                assert!(schedule.slices >= 1 && schedule.last_slice_value.minor() > 0, "{value}: {schedule:?}");
            }
        }
    }

    /// The notional, the units, the lot, the daily volume and the NAV of each case are stated, and what follows from them by hand.
    #[test]
    fn an_order_of_whole_lots_is_cut_into_whole_lots() {
        // 166 shares at 50.00 against a NAV of 225,000: a percent of it is 2,250, so 4 slices, of ⌈166/4⌉ = 42 shares.
        let twap = OrderSchedule::of(money(830_000), 166.0, None, money(22_500_000), Some(1.0));
        assert_eq!((twap.slices, twap.slice_units, twap.last_slice_units), (4, Some(42.0), Some(40.0)));
        assert_eq!((twap.slice_value.minor(), twap.last_slice_value.minor()), (210_000, 200_000));
        // A tenth of 500 shares a day is 50: 50, 50, 50 and 16.
        let days = OrderSchedule::of(money(830_000), 166.0, Some(500.0), money(22_500_000), Some(1.0));
        assert_eq!((days.slices, days.slice_units, days.last_slice_units), (4, Some(50.0), Some(16.0)));
        assert_eq!((days.slice_value.minor(), total(&days), days.participation), (250_000, 830_000, Some(0.1)));
        // 150 bonds in lots of 50 against 600 a day: a tenth is 60, which is one lot.
        let bonds = OrderSchedule::of(money(1_500_000), 150.0, Some(600.0), money(22_500_000), Some(50.0));
        assert_eq!((bonds.slices, bonds.slice_units, bonds.participation), (3, Some(50.0), Some(0.083333333333)));
        // A lot is more than a tenth of a day's volume: still one lot a day.
        let thin = OrderSchedule::of(money(200_000), 200.0, Some(500.0), money(22_500_000), Some(100.0));
        assert_eq!((thin.slices, thin.slice_units, thin.participation), (2, Some(100.0), Some(0.2)));
        // Two shares have no twelve slices.
        let few = OrderSchedule::of(money(9_000_000), 2.0, None, money(10_000_000), Some(1.0));
        assert_eq!((few.slices, few.slice_units, total(&few)), (2, Some(1.0), 9_000_000));
        // Half a share more than whole lots is an odd lot that is sold whole: it is cut by money, and no units are told.
        let odd = OrderSchedule::of(money(832_500), 166.5, None, money(22_500_000), Some(1.0));
        assert_eq!((odd.slices, odd.slice_units, odd.last_slice_units, total(&odd)), (4, None, None, 832_500));
    }

    #[test]
    fn lots_are_whole_in_every_slice_and_sum_to_the_order() {
        for lots in (1..400_u64).chain([9_999, 250_000, 1_000_003]) {
            for (lot, price) in [(1.0, 5_000.0), (100.0, 3.0), (0.001, 1e7), (0.5, 777.0)] {
                for volume in [None, Some(0.7), Some(1_000.0), Some(1e7)] {
                    let units = lots as f64 * lot;
                    let value = (units * price).round() as i64;
                    let cut = OrderSchedule::of(money(value), units, volume, money(1_000_000), Some(lot));
                    let (each, last) = (cut.slice_units.unwrap(), cut.last_slice_units.unwrap());
                    for part in [each, last] {
                        let whole = part / lot;
                        assert!(whole.round() >= 1.0 && (whole - whole.round()).abs() < 1e-6, "{lots} {lot}: {cut:?}");
                    }
                    let sum = f64::from(cut.slices - 1) * each + last;
                    assert!((sum - units).abs() <= 1e-9 * units, "{lots} {lot}: {cut:?}");
                    assert!(last <= each && cut.slices <= 250 && total(&cut) == value, "{lots} {lot}: {cut:?}");
                    assert!(volume.is_some() || cut.slices <= MAX_TWAP_SLICES);
                }
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
