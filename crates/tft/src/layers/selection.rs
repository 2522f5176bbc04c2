//! Selection of the variables that matter at each step.

use super::{Grn, Pass, Widths};
use crate::Matrix;
use crate::parameters::Builder;
use crate::tape::Var;

/// A variable selection network (Lim et al. 2021, equations 6 to 8): the weights are the softmax of a gated residual network of all variables
/// side by side, and the result is the sum of the variables, each processed by its own network, with these weights.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    weights: Option<Grn>,
    each: Vec<Grn>,
}

impl Selection {
    pub(crate) fn new(builder: &mut Builder, name: &str, variables: &[&str], width: usize, context: bool) -> Self {
        let count = variables.len();
        let widths = Widths { from: count * width, inside: width, to: count };
        let weights = (count > 1).then(|| Grn::new(builder, &format!("{name}.weights"), widths, context));
        let each = variables.iter().map(|variable| Grn::plain(builder, &format!("{name}.of.{variable}"), width));
        Self { weights, each: each.collect() }
    }

    /// The sum, and the weights: a column per variable.
    pub(crate) fn run(&self, pass: &mut Pass<'_>, variables: &[Var], context: Option<Var>) -> (Var, Var) {
        let weights = if let Some(network) = &self.weights {
            let beside = pass.tape.beside(variables);
            let scores = network.run(pass, beside, context);
            pass.tape.softmax(scores)
        } else {
            let rows = variables.first().map_or(0, |variable| pass.tape.value(*variable).rows());
            let mut alone = Matrix::zeros(rows, variables.len());
            alone.data_mut().fill(1.0);
            pass.tape.constant(alone)
        };
        let each: Vec<Var> =
            self.each.iter().zip(variables).map(|(network, variable)| network.run(pass, *variable, None)).collect();
        (pass.tape.select(weights, &each), weights)
    }
}
