//! `x·W + b` with tensors.

use super::Pass;
use crate::parameters::{Builder, Id};
use crate::tape::Var;

#[derive(Debug, Clone)]
pub(crate) struct Dense {
    weights: Id,
    bias: Option<Id>,
}

impl Dense {
    pub(crate) fn new(builder: &mut Builder, name: &str, from: usize, to: usize) -> Self {
        let weights = builder.drawn(format!("{name}.weights"), from, to);
        Self { weights, bias: Some(builder.filled(format!("{name}.bias"), to, 0.0)) }
    }

    pub(crate) fn without_bias(builder: &mut Builder, name: &str, from: usize, to: usize) -> Self {
        Self { weights: builder.drawn(format!("{name}.weights"), from, to), bias: None }
    }

    pub(crate) fn run(&self, pass: &mut Pass<'_>, x: Var) -> Var {
        let (weights, bias) = (pass.of(self.weights), self.bias.map(|bias| pass.of(bias)));
        pass.tape.affine(x, weights, bias)
    }
}
