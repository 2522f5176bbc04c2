//! A recurrent layer with tensors.

use super::Pass;
use crate::Matrix;
use crate::parameters::{Builder, Id};
use crate::tape::{Cell, Var};

#[derive(Debug, Clone)]
pub(crate) struct Lstm {
    from_input: Id,
    from_hidden: Id,
    bias: Id,
    width: usize,
}

impl Lstm {
    pub(crate) fn new(builder: &mut Builder, name: &str, width: usize) -> Self {
        let from_input = builder.drawn(format!("{name}.from_input"), width, 4 * width);
        let from_hidden = builder.drawn(format!("{name}.from_hidden"), width, 4 * width);
        // A cell that keeps its state at first learns long memories sooner (Jozefowicz, Zaremba and Sutskever 2015).
        let mut bias = Matrix::zeros(1, 4 * width);
        bias.data_mut()[width..2 * width].fill(1.0);
        let bias = builder.push(format!("{name}.bias"), bias);
        Self { from_input, from_hidden, bias, width }
    }

    /// Rows `[h c]`.
    pub(crate) fn run(&self, pass: &mut Pass<'_>, x: Var, start: (Var, Var)) -> Var {
        let cell = Cell {
            from_input: pass.of(self.from_input),
            from_hidden: pass.of(self.from_hidden),
            bias: pass.of(self.bias),
        };
        pass.tape.lstm(x, cell, start)
    }

    /// `h` and `c` of rows `[h c]`.
    pub(crate) fn parts(&self, pass: &mut Pass<'_>, rows: Var) -> (Var, Var) {
        (pass.tape.columns(rows, 0, self.width), pass.tape.columns(rows, self.width, self.width))
    }
}
