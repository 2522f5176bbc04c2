//! Interpretable multi-head attention.

use super::{Dense, Pass};
use crate::parameters::Builder;
use crate::tape::{Heads, Var};

/// Attention whose heads share their values (Lim et al. 2021, equations 13 to 16), so that the mean of the heads'
/// weights is the entire contribution of each step.
#[derive(Debug, Clone)]
pub(crate) struct Attention {
    queries: Dense,
    keys: Dense,
    values: Dense,
    out: Dense,
    heads: usize,
}

impl Attention {
    pub(crate) fn new(builder: &mut Builder, name: &str, width: usize, heads: usize) -> Self {
        Self {
            queries: Dense::without_bias(builder, &format!("{name}.queries"), width, width),
            keys: Dense::without_bias(builder, &format!("{name}.keys"), width, width),
            values: Dense::without_bias(builder, &format!("{name}.values"), width, width / heads),
            out: Dense::without_bias(builder, &format!("{name}.out"), width / heads, width),
            heads,
        }
    }

    /// The attention of the rows of `asking` to `all`, and the weights: a row per row of `asking`, a column per step.
    pub(crate) fn run(&self, pass: &mut Pass<'_>, asking: Var, all: Var, windows: usize) -> (Var, Var) {
        let before = (pass.tape.value(all).rows() - pass.tape.value(asking).rows()) / windows;
        let (queries, keys) = (self.queries.run(pass, asking), self.keys.run(pass, all));
        let values = self.values.run(pass, all);
        let weights = pass.tape.attend(queries, keys, Heads { windows, heads: self.heads, before });
        let dropped = pass.dropout(weights);
        let mixed = pass.tape.attended(dropped, values, windows);
        (self.out.run(pass, mixed), weights)
    }
}
