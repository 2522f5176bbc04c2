//! What orders cost to execute.

use portfolio_core::{Currency, Money};
use tca::{NoCost, Shortfall};

use crate::context::RequestContext;
use crate::dto::metadata::{ENGINE_VERSION, Metadata, ModelReference};
use crate::dto::tca::TcaRequest;
use crate::dto::tca_answer::{KissellSplit, MissingCost, TcaCosts, TcaResponse};
use crate::dto::warning::PlanWarning;
use crate::dto::warning_code::WarningCode;
use crate::fault_code::FaultCode;
use crate::refusal::Refusal;

/// A price this many times above or below the decision price is doubted.
pub(crate) const DOUBTED_RATIO: f64 = 2.0;

/// Whether a price is near enough to the decision price not to be doubted.
pub(crate) fn is_close(price: f64, decision: f64) -> bool {
    (1.0 / DOUBTED_RATIO..=DOUBTED_RATIO).contains(&(price / decision))
}

/// A figure in minor units, or why it does not exist.
type Figure = Result<i64, NoCost>;

/// The figures of an order or of all, in minor units; they add up.
#[derive(Clone, Copy)]
pub(crate) struct Sums {
    decision_value: i64,
    /// Shortfall, delay, trading, opportunity, fees; Kissell's delay and opportunity; spread, impact, against VWAP, beyond the estimate.
    figures: [Figure; 11],
}

impl Sums {
    /// Of no order.
    pub(crate) const NONE: Self = Self { decision_value: 0, figures: [Ok(0); 11] };

    /// Of one order.
    pub(crate) fn of(cost: &Shortfall) -> Self {
        let minor = |figure: Result<Money, NoCost>| figure.map(Money::minor);
        Self {
            decision_value: cost.decision_value.minor(),
            figures: [
                minor(cost.shortfall),
                Ok(cost.delay.minor()),
                Ok(cost.trading.minor()),
                minor(cost.opportunity),
                Ok(cost.fees.minor()),
                Ok(cost.delay_on_all.minor()),
                minor(cost.opportunity_since_arrival),
                minor(cost.spread),
                minor(cost.impact),
                minor(cost.against_vwap),
                minor(cost.beyond_estimate),
            ],
        }
    }

    /// Whether all of the shortfall is known.
    pub(crate) fn has_shortfall(&self) -> bool {
        self.figures[0].is_ok()
    }

    /// Adds those of another order in the same currency.
    pub(crate) fn add(&mut self, other: &Self) {
        self.decision_value = self.decision_value.saturating_add(other.decision_value);
        for (sum, figure) in self.figures.iter_mut().zip(&other.figures) {
            *sum = match (*sum, *figure) {
                (Ok(sum), Ok(figure)) => Ok(sum.saturating_add(figure)),
                (Err(reason), _) | (_, Err(reason)) => Err(reason),
            };
        }
    }
}

/// Tells figures, and collects those that do not exist.
pub(crate) struct Teller {
    /// The currency of the amounts.
    pub(crate) currency: Currency,
    /// Figures that do not exist, with the pointers under which they were asked for.
    pub(crate) missing: Vec<MissingCost>,
}

impl Teller {
    fn tell(&mut self, pointer: String, figure: Result<f64, NoCost>) -> Option<f64> {
        if let Err(reason) = figure {
            self.missing.push(MissingCost { pointer, reason, detail: reason.sentence().to_owned() });
        }
        figure.ok()
    }

    fn money(&mut self, at: &str, name: &str, figure: Figure) -> Option<f64> {
        let major = figure.map(|minor| self.major(minor));
        self.tell(format!("{at}/{name}"), major)
    }

    fn bps(&mut self, at: &str, name: &str, figure: Figure, value: i64) -> Option<f64> {
        let bps = figure.and_then(|minor| {
            if value == 0 { Err(NoCost::NoDecisionValue) } else { Ok(minor as f64 * 1e4 / value as f64) }
        });
        self.tell(format!("{at}/{name}_bps"), bps)
    }

    fn major(&self, minor: i64) -> f64 {
        Money::from_minor(minor, self.currency).major()
    }

    /// The figures at a pointer of the answer.
    pub(crate) fn costs(&mut self, at: &str, sums: &Sums) -> TcaCosts {
        let value = sums.decision_value;
        let [shortfall, delay, trading, opportunity, fees, all, since_arrival, spread, impact, vwap, beyond] =
            sums.figures;
        let kissell = format!("{at}/kissell");
        TcaCosts {
            id: None,
            decision_value: self.major(value),
            shortfall: self.money(at, "shortfall", shortfall),
            shortfall_bps: self.bps(at, "shortfall", shortfall, value),
            delay: self.major(delay.unwrap_or(0)),
            delay_bps: self.bps(at, "delay", delay, value),
            trading: self.major(trading.unwrap_or(0)),
            trading_bps: self.bps(at, "trading", trading, value),
            opportunity: self.money(at, "opportunity", opportunity),
            opportunity_bps: self.bps(at, "opportunity", opportunity, value),
            fees: self.major(fees.unwrap_or(0)),
            fees_bps: self.bps(at, "fees", fees, value),
            kissell: KissellSplit {
                delay: self.major(all.unwrap_or(0)),
                delay_bps: self.bps(&kissell, "delay", all, value),
                opportunity: self.money(&kissell, "opportunity", since_arrival),
                opportunity_bps: self.bps(&kissell, "opportunity", since_arrival, value),
            },
            spread: self.money(at, "spread", spread),
            impact: self.money(at, "impact", impact),
            against_vwap: self.money(at, "against_vwap", vwap),
            beyond_estimate: self.money(at, "beyond_estimate", beyond),
        }
    }
}

/// Measures what orders cost to execute.
///
/// # Errors
/// [`Refusal::Invalid`] for what cannot be measured.
pub fn tca_answer(request: &TcaRequest, context: &RequestContext) -> Result<TcaResponse, Refusal> {
    let fault = |at: String, detail: String| Refusal::fault(at, FaultCode::Value, detail);
    let currency = request.currency().ok_or_else(|| fault("/currency".to_owned(), "is no currency".to_owned()))?;
    let mut teller = Teller { currency, missing: Vec::new() };
    let (mut orders, mut total) = (Vec::with_capacity(request.orders.len()), Sums::NONE);
    for (i, order) in request.orders.iter().enumerate() {
        let at = format!("/orders/{i}");
        let exact = order.exact(currency).map_err(|(member, detail)| fault(format!("{at}{member}"), detail))?;
        let sums = Sums::of(&exact.shortfall().map_err(|error| fault(at.clone(), error.to_string()))?);
        total.add(&sums);
        orders.push(TcaCosts { id: order.id.clone(), ..teller.costs(&at, &sums) });
    }
    Ok(TcaResponse {
        currency: currency.code().to_owned(),
        orders,
        total: teller.costs("/total", &total),
        unavailable: teller.missing,
        warnings: warnings(request),
        metadata: Metadata::of(context, None, vec![ModelReference::new("implementation_shortfall", ENGINE_VERSION)]),
    })
}

/// Prices far from the decision price.
fn warnings(request: &TcaRequest) -> Vec<PlanWarning> {
    let mut warnings = Vec::new();
    for (i, order) in request.orders.iter().enumerate() {
        let named =
            [("arrival_price", Some(order.arrival_price)), ("end_price", order.end_price), ("vwap", order.vwap)];
        let around = named.into_iter().filter_map(|(name, price)| Some((format!("/{name}"), price?)));
        let filled = order.fills.iter().enumerate().map(|(j, fill)| (format!("/fills/{j}/price"), fill.price));
        for (member, price) in around.chain(filled) {
            let ratio = price / order.decision_price;
            if !(1.0 / DOUBTED_RATIO..=DOUBTED_RATIO).contains(&ratio) {
                warnings.push(PlanWarning {
                    code: WarningCode::ImplausibleInput,
                    pointer: format!("/orders/{i}{member}"),
                    detail: format!(
                        "{price} is more than a factor of {DOUBTED_RATIO} from the decision price {}",
                        order.decision_price
                    ),
                });
            }
        }
    }
    warnings
}
