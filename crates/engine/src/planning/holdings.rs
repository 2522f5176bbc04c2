//! The current and the target portfolio of a request: the book, from weights or from quantities, and the policy.

use pipeline::Policy;
use portfolio_core::{
    AssetRole, Book, Currency, Intent, Money, Position, ResolvedWeights, Universe, WeightPolicy, Written,
    resolve_weights,
};

use crate::dto::absent;
use crate::dto::instructions::IntentKind;
use crate::dto::portfolio::{AssetRequest, RebalanceRequest};
use crate::fault::{Fault, Faults};
use crate::fault_code::FaultCode;

/// What a request holds and wants.
#[derive(Debug)]
pub(super) struct Holdings {
    /// What is held.
    pub(super) book: Book,
    /// The target weights.
    pub(super) policy: Policy,
    /// The sums of the target and current weights as sent, where one of them was scaled; the second is absent for
    /// quantities.
    pub(super) scaled_from: Option<(f64, Option<f64>)>,
}

impl Holdings {
    /// The holdings of a request.
    ///
    /// # Errors
    /// Weights that the policy does not allow, and a value that contradicts its positions.
    pub(super) fn of(request: &RebalanceRequest, currency: Currency, universe: &Universe) -> Result<Self, Vec<Fault>> {
        if request.holds_quantities() {
            Self::by_quantity(request, currency, universe)
        } else {
            Self::by_weight(request, currency, universe)
        }
    }

    fn by_weight(request: &RebalanceRequest, currency: Currency, universe: &Universe) -> Result<Self, Vec<Fault>> {
        let value = request.portfolio_value.unwrap_or_default();
        let nav = Money::floor(value, currency).map_err(|e| fault("/portfolio_value", &e))?;
        if nav.minor() == 0 {
            return Err(fault("/portfolio_value", &"is less than the smallest unit of the currency"));
        }
        let mut current: Vec<f64> =
            request.assets.iter().map(|asset| asset.current_weight.unwrap_or_default()).collect();
        for (weight, asset) in current.iter_mut().zip(&request.assets) {
            if asset.role == Some(AssetRole::Excluded) {
                *weight = 0.0;
            }
        }
        let mut policy = request.policy();
        if let Some(cash) = request.cash {
            let invested: f64 = current.iter().sum();
            let left = (1.0 - invested) * value;
            if (cash - left).abs() > AGREES * value + 0.01 {
                return Err(fault(
                    "/cash",
                    &format_args!(
                        "is {}, and the current weights leave {} of the portfolio_value: send the weights of the assets in the portfolio with its cash",
                        Written(cash),
                        Written(left)
                    ),
                ));
            }
            if request.weight_policy.is_none() {
                policy = WeightPolicy::CashRemainder;
            }
        }
        let weights = resolve(request, &current, policy)?;
        let universe = universe.clone();
        let book = Book::from_weights(universe, nav, weights.current.clone(), &prices(request));
        let book = book.map_err(|e| fault("/assets", &e))?;
        let scaled_from = weights.normalized_from.map(|(target, current)| (target, Some(current)));
        Ok(Self { book, policy: Policy::from(&weights), scaled_from })
    }

    fn by_quantity(request: &RebalanceRequest, currency: Currency, universe: &Universe) -> Result<Self, Vec<Fault>> {
        let cash = Money::floor(request.cash.unwrap_or_default(), currency).map_err(|e| fault("/cash", &e))?;
        let position = |(asset, price): (&AssetRequest, f64)| {
            let is_outside = asset.role == Some(AssetRole::Excluded);
            let quantity = if is_outside { 0.0 } else { asset.quantity.unwrap_or_default() };
            Position::of_quantity(quantity, price, currency)
        };
        let positions = request.assets.iter().zip(prices(request)).map(position).collect();
        let book = Book::new(universe.clone(), positions, cash).map_err(|error| match error {
            portfolio_core::BookError::Nav { value } => fault(
                "/assets",
                &format_args!("positions and cash are worth {}: that cannot be planned", Written(value)),
            ),
            other => fault("/assets", &other),
        })?;
        if let Some(stated) = request.portfolio_value {
            // Each position may have been rounded to a minor unit before it was added.
            let slack = (request.assets.len() + 1) as f64 / currency.minor_per_major();
            if (stated - book.nav().major()).abs() > slack {
                return Err(fault(
                    "/portfolio_value",
                    &format_args!(
                        "is {}, but quantities, prices and cash come to {}: leave it out, or correct the positions",
                        Written(stated),
                        Written(book.nav().major())
                    ),
                ));
            }
        }
        let is_remainder = implied_cash_target(request).is_some();
        let policy = if is_remainder { WeightPolicy::CashRemainder } else { request.policy() };
        let weights = resolve(request, book.weights(), policy)?;
        let scaled_from = weights.normalized_from.map(|(target, _)| (target, None));
        Ok(Self { book, policy: Policy::from(&weights), scaled_from })
    }
}

/// The cash target that nobody stated: beside quantities, target weights that sum to less than one are meant as they stand, and the rest
/// is cash.
pub(super) fn implied_cash_target(request: &RebalanceRequest) -> Option<f64> {
    let is_stated = request.weight_policy.is_some() || request.cash_target_weight.is_some();
    let total: f64 = request.assets.iter().map(|asset| asset.target_weight).sum();
    (request.holds_quantities() && !is_stated && total > 0.0 && total < 1.0 - SUM).then_some(1.0 - total)
}

/// A stated amount agrees with its weights to within this share of the portfolio.
const AGREES: f64 = 1e-6;

fn prices(request: &RebalanceRequest) -> Vec<f64> {
    request.assets.iter().map(|asset| asset.price.unwrap_or(absent::PRICE)).collect()
}

/// The target weights beside the cash target, and the current weights.
///
/// Current weights that follow from quantities are fractions of NAV already: they are not interpreted.
fn resolve(request: &RebalanceRequest, current: &[f64], policy: WeightPolicy) -> Result<ResolvedWeights, Vec<Fault>> {
    let target: Vec<f64> = request.assets.iter().map(|asset| asset.target_weight).collect();
    let sum: f64 = target.iter().sum();
    let sells_all = request.intent.as_ref().is_some_and(|intent| intent.kind == IntentKind::Liquidate);
    let intent = match request.liquidate.unwrap_or(false) || (sells_all && sum == 0.0) {
        true => Intent::Liquidate,
        false => Intent::Rebalance,
    };
    let refuse = |e: portfolio_core::CoreError| {
        let (code, detail) = crate::dto::portfolio::weight_words(&e);
        vec![Fault::in_body("/assets", code, detail)]
    };
    let by_quantity = request.holds_quantities();
    let Some(cash) = request.cash_target_weight else {
        // Quantities leave their own cash: only the targets are interpreted.
        let (of, side) = if by_quantity { (target.as_slice(), policy) } else { (current, policy) };
        let mut weights = resolve_weights(&target, of, side, intent).map_err(refuse)?;
        if by_quantity {
            keep(&mut weights, current);
        }
        return Ok(weights);
    };
    let mut weights = if by_quantity || request.cash.is_some() {
        resolve_weights(&target, &target, WeightPolicy::Normalize, intent).map_err(refuse)?
    } else {
        resolve_weights(&target, current, policy_of_current(policy), intent).map_err(refuse)?
    };
    if by_quantity || request.cash.is_some() {
        keep(&mut weights, current);
    }
    if intent == Intent::Liquidate {
        return Ok(weights);
    }
    let room = 1.0 - cash;
    let off = (sum - room).abs();
    if off > SUM && policy != WeightPolicy::Normalize {
        let detail = format!(
            "target weights sum to {} and the cash target is {}: together they have to be one",
            Written(sum),
            Written(cash)
        );
        return Err(vec![Fault::in_body("/cash_target_weight", FaultCode::Weights, detail)]);
    }
    weights.target = if off <= EXACT { target } else { target.iter().map(|t| t / sum * room).collect() };
    weights.target_cash = cash;
    weights.normalized_from = (off > SUM).then_some((sum, weights.normalized_from.map_or(1.0, |(_, current)| current)));
    Ok(weights)
}

/// Sums of weights may differ from one by this much.
const SUM: f64 = 1e-6;
/// A sum this close needs no scaling.
const EXACT: f64 = 1e-12;

/// Targets beside a cash target need not sum to one, and current weights are still read under the policy.
fn policy_of_current(policy: WeightPolicy) -> WeightPolicy {
    if policy == WeightPolicy::Strict { WeightPolicy::CashRemainder } else { policy }
}

fn keep(weights: &mut ResolvedWeights, current: &[f64]) {
    weights.current = current.to_vec();
    weights.current_cash = (1.0 - current.iter().sum::<f64>()).max(0.0);
}

fn fault(pointer: &str, detail: &dyn std::fmt::Display) -> Vec<Fault> {
    let mut faults = Faults::default();
    faults.add(pointer, FaultCode::Value, detail.to_string());
    faults.into_vec()
}
