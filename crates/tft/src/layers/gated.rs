//! Gated skip connections and gated residual networks.

use super::{Dense, Pass};
use crate::parameters::{Builder, Id};
use crate::tape::Var;

/// `LayerNorm(skip + GLU(dropout(x)))`.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    gates: Dense,
    gain: Id,
    offset: Id,
}

impl Gate {
    pub(crate) fn new(builder: &mut Builder, name: &str, from: usize, to: usize) -> Self {
        let gates = Dense::new(builder, &format!("{name}.gate"), from, 2 * to);
        let gain = builder.filled(format!("{name}.norm.gain"), to, 1.0);
        Self { gates, gain, offset: builder.filled(format!("{name}.norm.offset"), to, 0.0) }
    }

    pub(crate) fn run(&self, pass: &mut Pass<'_>, x: Var, skip: Var) -> Var {
        let x = pass.dropout(x);
        self.without_dropout(pass, x, skip)
    }

    pub(crate) fn without_dropout(&self, pass: &mut Pass<'_>, x: Var, skip: Var) -> Var {
        let x = self.gates.run(pass, x);
        let x = pass.tape.glu(x);
        let sum = pass.tape.add(skip, x);
        let (gain, offset) = (pass.of(self.gain), pass.of(self.offset));
        pass.tape.layer_norm(sum, gain, offset)
    }
}

/// A gated residual network (Lim et al. 2021, equations 2 to 5):
///
/// ```text
/// η = ELU(a·W + c·U + b),   GRN(a, c) = LayerNorm(skip(a) + GLU(dropout(η·V + d)))
/// ```
///
/// `skip` is the identity, or a linear map where the widths differ.
#[derive(Debug, Clone)]
pub(crate) struct Grn {
    first: Dense,
    context: Option<Dense>,
    second: Dense,
    skip: Option<Dense>,
    gate: Gate,
}

/// Widths of the input, the hidden layer and the result.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Widths {
    pub(crate) from: usize,
    pub(crate) inside: usize,
    pub(crate) to: usize,
}

impl Grn {
    /// `context`: whether one is passed; it is `inside` wide.
    pub(crate) fn new(builder: &mut Builder, name: &str, widths: Widths, context: bool) -> Self {
        let Widths { from, inside, to } = widths;
        let first = Dense::new(builder, &format!("{name}.first"), from, inside);
        let context = context.then(|| Dense::without_bias(builder, &format!("{name}.context"), inside, inside));
        let second = Dense::new(builder, &format!("{name}.second"), inside, inside);
        let skip = (from != to).then(|| Dense::new(builder, &format!("{name}.skip"), from, to));
        Self { first, context, second, skip, gate: Gate::new(builder, name, inside, to) }
    }

    /// The same width everywhere.
    pub(crate) fn plain(builder: &mut Builder, name: &str, width: usize) -> Self {
        Self::new(builder, name, Widths { from: width, inside: width, to: width }, false)
    }

    /// `context`: a row per window, which repeats over the steps.
    pub(crate) fn run(&self, pass: &mut Pass<'_>, x: Var, context: Option<Var>) -> Var {
        let mut hidden = self.first.run(pass, x);
        if let (Some(layer), Some(context)) = (&self.context, context) {
            let context = layer.run(pass, context);
            hidden = pass.tape.add_repeated(hidden, context);
        }
        let hidden = pass.tape.elu(hidden);
        let hidden = self.second.run(pass, hidden);
        let skip = self.skip.as_ref().map_or(x, |skip| skip.run(pass, x));
        self.gate.run(pass, hidden, skip)
    }
}
