//! Training by gradient boosting.

mod bins;
mod grow;
mod histogram;
mod loss;
mod spec;
mod split;

use portfolio_core::Seed;
use rand::SeedableRng;
use rand::seq::index::sample;
use rand_chacha::ChaCha8Rng;

use self::bins::BinnedRows;
use self::grow::{Ground, Grown};
pub use self::spec::{FitError, GbdtSpec, Loss, Monotone};
use crate::{Ensemble, Feature, Leaf, Objective, Rows, Tree, WrongWidth};

/// Rows with targets that decide when a fit stops, but are not trained on.
#[derive(Debug, Clone, Copy)]
pub struct Validation<'a> {
    /// The rows. The caller has to purge those that overlap with the training rows.
    pub rows: &'a Rows,
    /// Their targets.
    pub targets: &'a [f64],
}

/// A trained model, and how it was obtained.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The model.
    pub ensemble: Ensemble,
    /// Mean loss on the validation set after each round; empty without a set.
    pub validation_losses: Vec<f64>,
}

impl Ensemble {
    /// Trains an ensemble by gradient boosting: each tree is grown leaf by leaf on the gradients of the loss, over histograms of the
    /// features, as in LightGBM (Ke and others 2017).
    ///
    /// `rows` holds the features by name, with NaN for a missing value; the side to which missing values go is learned.
    /// The fit is determined by its arguments to the last bit: it runs on one thread, and `seed` decides which features
    /// a tree may use when `feature_fraction` is below 1. Time is proportional to rows × features × rounds.
    ///
    /// # Example
    /// ```
    /// use portfolio_core::Seed;
    /// use trees::{Ensemble, GbdtSpec, Rows};
    ///
    /// let rows = Rows::new(1, (0..100).map(f64::from).collect()).unwrap();
    /// let targets: Vec<f64> = (0..100).map(|i| if i < 40 { -1.0 } else { 1.0 }).collect();
    /// let fitted = Ensemble::fit(&["x"], &rows, &targets, &GbdtSpec::default(), Seed(7), None)?;
    /// let said = fitted.ensemble.predict(&Rows::new(1, vec![10.0, 80.0]).unwrap()).unwrap();
    /// assert!((said[0] + 1.0).abs() < 1e-3 && (said[1] - 1.0).abs() < 1e-3);
    /// # Ok::<(), trees::FitError>(())
    /// ```
    ///
    /// # Errors
    /// Data that cannot be trained on, or a member of the specification out of range.
    pub fn fit<S: AsRef<str>>(
        features: &[S],
        rows: &Rows,
        targets: &[f64],
        spec: &GbdtSpec,
        seed: Seed,
        validation: Option<Validation<'_>>,
    ) -> Result<Fitted, FitError> {
        check_names(features)?;
        check_sample(features.len(), rows, targets)?;
        spec.check(features.len())?;
        if let Some(validation) = validation {
            check_sample(features.len(), validation.rows, validation.targets)?;
        }
        let binned = BinnedRows::new(rows, spec.bins);
        let start = spec.loss.start(targets);
        let mut predictions = vec![start; rows.len()];
        let mut watch = validation.map(|validation| Watch::new(validation, start, spec.loss));
        let mut trees = Vec::new();
        for round in 0..spec.rounds {
            let gradients: Vec<f64> =
                predictions.iter().zip(targets).map(|(p, target)| spec.loss.gradient(*p, *target)).collect();
            let used = features_of(round, features.len(), spec.feature_fraction, seed);
            let grown = Ground { spec, binned: &binned, used: &used, gradients: &gradients }.grow();
            if grown.splits.is_empty() && used.len() == features.len() {
                // No later tree would find a split either.
                break;
            }
            let base = if trees.is_empty() { start } else { 0.0 };
            trees.push(finished(grown, features.len(), spec, base, targets, &mut predictions)?);
            if let (Some(watch), Some(tree)) = (&mut watch, trees.last())
                && watch.is_over(tree, base, spec)
            {
                break;
            }
        }
        let validation_losses = watch.map_or_else(Vec::new, |watch| {
            if spec.patience.is_some() {
                trees.truncate(watch.best);
            }
            watch.losses
        });
        if trees.is_empty() {
            let leaf = Leaf { value: start, count: rows.len() as u64, weight: rows.len() as f64 };
            trees.push(Tree::new(features.len(), Vec::new(), vec![leaf]).map_err(|_| FitError::BadTarget)?);
        }
        let of = |(name, bins): (&S, &bins::FeatureBins)| Feature { name: name.as_ref().to_owned(), range: bins.range };
        let features = features.iter().zip(&binned.features).map(of).collect();
        let objective = Objective::Identity(spec.loss.name());
        let ensemble = Self::new(features, objective, trees).map_err(|_| FitError::BadTarget)?;
        Ok(Fitted { ensemble, validation_losses })
    }
}

/// The tree with shrunk values, which are added to the predictions of the training rows.
fn finished(
    grown: Grown,
    features: usize,
    spec: &GbdtSpec,
    base: f64,
    targets: &[f64],
    predictions: &mut [f64],
) -> Result<Tree, FitError> {
    let mut leaves = Vec::with_capacity(grown.leaves.len());
    for leaf in grown.leaves {
        let residuals = leaf.rows.iter().map(|row| targets[*row as usize] - predictions[*row as usize]);
        let step = spec.learning_rate * spec.loss.renewed(residuals).unwrap_or(leaf.value);
        for row in &leaf.rows {
            predictions[*row as usize] += step;
        }
        let count = leaf.rows.len();
        leaves.push(Leaf { value: base + step, count: count as u64, weight: count as f64 });
    }
    Tree::new(features, grown.splits, leaves).map_err(|_| FitError::BadTarget)
}

/// The loss on rows that are not trained on.
struct Watch<'a> {
    set: Validation<'a>,
    predictions: Vec<f64>,
    losses: Vec<f64>,
    /// The smallest loss so far, and the number of trees that gives it; at first that of the constant.
    least: f64,
    best: usize,
}

impl<'a> Watch<'a> {
    fn new(set: Validation<'a>, start: f64, loss: Loss) -> Self {
        let predictions = vec![start; set.targets.len()];
        let least = loss.mean(&predictions, set.targets);
        Self { set, predictions, losses: Vec::new(), least, best: 0 }
    }

    /// Adds a tree, and returns whether the loss has not fallen for so long that the fit should stop.
    fn is_over(&mut self, tree: &Tree, base: f64, spec: &GbdtSpec) -> bool {
        for (prediction, row) in self.predictions.iter_mut().zip(self.set.rows.iter()) {
            *prediction += tree.predict(row) - base;
        }
        let loss = spec.loss.mean(&self.predictions, self.set.targets);
        self.losses.push(loss);
        if loss < self.least {
            (self.least, self.best) = (loss, self.losses.len());
        }
        spec.patience.is_some_and(|patience| self.losses.len() - self.best >= patience)
    }
}

/// The features that the tree of a round may use, ascending.
fn features_of(round: usize, features: usize, fraction: f64, seed: Seed) -> Vec<usize> {
    let count = ((features as f64 * fraction).round() as usize).clamp(1, features);
    if count == features {
        return (0..features).collect();
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed.0);
    random.set_stream(round as u64);
    let mut used = sample(&mut random, features, count).into_vec();
    used.sort_unstable();
    used
}

fn check_names<S: AsRef<str>>(features: &[S]) -> Result<(), FitError> {
    let bad = |name: &S| {
        let name = name.as_ref();
        name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control() || "[]{}\":,=".contains(c))
    };
    match features.iter().position(bad) {
        Some(feature) => Err(FitError::Name { feature }),
        None => Ok(()),
    }
}

fn check_sample(features: usize, rows: &Rows, targets: &[f64]) -> Result<(), FitError> {
    if rows.width() != features {
        return Err(WrongWidth { expected: features, got: rows.width() }.into());
    }
    if rows.is_empty() {
        return Err(FitError::NoRows);
    }
    if u32::try_from(rows.len()).is_err() {
        return Err(FitError::TooManyRows);
    }
    if targets.len() != rows.len() {
        return Err(FitError::Targets { rows: rows.len(), targets: targets.len() });
    }
    // Sums of squares of twice these numbers stay finite.
    let most = (f64::MAX / (16.0 * targets.len() as f64)).sqrt();
    if targets.iter().all(|target| target.abs() <= most) { Ok(()) } else { Err(FitError::BadTarget) }
}
