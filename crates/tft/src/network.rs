//! The network: its blocks, and how they are connected.

use crate::layers::{Attention, Dense, Gate, Grn, Lstm, Pass, Selection};
use crate::panel::{Batch, StaticValues};
use crate::parameters::{Builder, Id};
use crate::tape::Var;
use crate::{StaticInput, TftSpec};

/// How a static covariate or a known input becomes a vector.
#[derive(Debug, Clone)]
enum Embedding {
    Table(Id),
    Linear(Dense),
}

/// The blocks of Lim et al. (2021), figure 2.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    statics: Vec<Embedding>,
    observed: Vec<Dense>,
    known: Vec<Embedding>,
    static_selection: Selection,
    /// For the selection, the enrichment, the first `h` and the first `c`.
    contexts: [Grn; 4],
    past_selection: Selection,
    future_selection: Selection,
    encoder: Lstm,
    decoder: Lstm,
    after_lstm: Gate,
    enrichment: Grn,
    attention: Attention,
    after_attention: Gate,
    position_wise: Grn,
    last: Gate,
    quantiles: Dense,
    middle: usize,
    lookback: usize,
    horizon: usize,
}

/// The results of one run of the network, on its tape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trace {
    pub(crate) static_weights: Var,
    pub(crate) static_vector: Var,
    pub(crate) contexts: [Var; 4],
    pub(crate) past_weights: Var,
    pub(crate) past: Var,
    pub(crate) future_weights: Var,
    pub(crate) future: Var,
    /// Rows `[h c]`.
    pub(crate) encoder: Var,
    /// Rows `[h c]`.
    pub(crate) decoder: Var,
    pub(crate) temporal: Var,
    pub(crate) enriched: Var,
    pub(crate) attention: Var,
    pub(crate) attended: Var,
    pub(crate) position_wise: Var,
    pub(crate) last: Var,
    /// A row per step and window, a column per level.
    pub(crate) quantiles: Var,
}

impl Trace {
    /// Everything, by name.
    pub(crate) fn named(&self) -> [(&'static str, Var); 19] {
        let [selecting, enriching, hidden, cell] = self.contexts;
        [
            ("static_weights", self.static_weights),
            ("static_vector", self.static_vector),
            ("context_selection", selecting),
            ("context_enrichment", enriching),
            ("context_hidden", hidden),
            ("context_cell", cell),
            ("past_weights", self.past_weights),
            ("past", self.past),
            ("future_weights", self.future_weights),
            ("future", self.future),
            ("encoder", self.encoder),
            ("decoder", self.decoder),
            ("temporal", self.temporal),
            ("enriched", self.enriched),
            ("attention", self.attention),
            ("attended", self.attended),
            ("position_wise", self.position_wise),
            ("last", self.last),
            ("quantiles", self.quantiles),
        ]
    }
}

impl Network {
    pub(crate) fn new(spec: &TftSpec, builder: &mut Builder) -> Self {
        let width = spec.width;
        let embed = |builder: &mut Builder, name: &str| Dense::new(builder, &format!("embedding.{name}"), 1, width);
        let table = |builder: &mut Builder, name: &str, values| {
            Embedding::Table(builder.drawn(format!("embedding.{name}.table"), values, width))
        };
        let statics = spec.statics.iter().map(|input| match input {
            StaticInput::Category { name, values } => table(builder, name, *values),
            StaticInput::Number { name } => Embedding::Linear(embed(builder, name)),
        });
        let statics = statics.collect();
        let observed = spec.observed.iter().map(|name| embed(builder, name)).collect();
        let known = spec.known.iter().zip(spec.known_values()).map(|(name, values)| match values {
            Some(values) => table(builder, name, values),
            None => Embedding::Linear(embed(builder, name)),
        });
        let known = known.collect();
        let names: Vec<&str> = spec.statics.iter().map(StaticInput::name).collect();
        let known_names: Vec<&str> = spec.known.iter().map(String::as_str).collect();
        let static_selection = Selection::new(builder, "static_selection", &names, width, false);
        let contexts = ["selection", "enrichment", "hidden", "cell"]
            .map(|name| Grn::plain(builder, &format!("context.{name}"), width));
        let inner = crate::layers::Widths { from: width, inside: width, to: width };
        Self {
            statics,
            observed,
            known,
            static_selection,
            contexts,
            past_selection: Selection::new(builder, "past_selection", &spec.past(), width, true),
            future_selection: Selection::new(builder, "future_selection", &known_names, width, true),
            encoder: Lstm::new(builder, "encoder", width),
            decoder: Lstm::new(builder, "decoder", width),
            after_lstm: Gate::new(builder, "after_lstm", width, width),
            enrichment: Grn::new(builder, "enrichment", inner, true),
            attention: Attention::new(builder, "attention", width, spec.heads),
            after_attention: Gate::new(builder, "after_attention", width, width),
            position_wise: Grn::plain(builder, "position_wise", width),
            last: Gate::new(builder, "last", width, width),
            quantiles: Dense::new(builder, "quantiles", width, spec.quantiles.len()),
            middle: spec.middle(),
            lookback: spec.lookback,
            horizon: spec.horizon,
        }
    }

    pub(crate) fn run(&self, pass: &mut Pass<'_>, batch: Batch) -> Trace {
        let windows = batch.windows;
        let (past_rows, future_rows) = (self.lookback * windows, self.horizon * windows);
        let mut statics = Vec::with_capacity(self.statics.len());
        for (embedding, values) in self.statics.iter().zip(batch.statics) {
            match (embedding, values) {
                (Embedding::Table(table), StaticValues::Categories(which)) => {
                    let table = pass.of(*table);
                    statics.push(pass.tape.embedding(table, which));
                }
                (Embedding::Linear(layer), StaticValues::Numbers(values)) => {
                    let values = pass.tape.constant(values);
                    statics.push(layer.run(pass, values));
                }
                // The batch is made of the specification that the network is made of.
                _ => {}
            }
        }
        let (static_vector, static_weights) = self.static_selection.run(pass, &statics, None);
        let [for_selection, for_enrichment, for_hidden, for_cell] = &self.contexts;
        let contexts =
            [for_selection, for_enrichment, for_hidden, for_cell].map(|network| network.run(pass, static_vector, None));
        let [selecting, enriching, hidden, cell] = contexts;

        let mut past = Vec::with_capacity(self.observed.len() + self.known.len());
        for (layer, values) in self.observed.iter().zip(batch.observed) {
            let values = pass.tape.constant(values);
            past.push(layer.run(pass, values));
        }
        let mut future = Vec::with_capacity(self.known.len());
        for (embedding, values) in self.known.iter().zip(batch.known) {
            let all = match embedding {
                // A panel has whole numbers below the size of the table.
                Embedding::Table(table) => {
                    let which = values.data().iter().map(|value| *value as usize).collect();
                    let table = pass.of(*table);
                    pass.tape.embedding(table, which)
                }
                Embedding::Linear(layer) => {
                    let values = pass.tape.constant(values);
                    layer.run(pass, values)
                }
            };
            past.push(pass.tape.rows(all, 0, past_rows));
            future.push(pass.tape.rows(all, past_rows, future_rows));
        }
        let (past, past_weights) = self.past_selection.run(pass, &past, Some(selecting));
        let (future, future_weights) = self.future_selection.run(pass, &future, Some(selecting));

        let encoder = self.encoder.run(pass, past, (hidden, cell));
        let end = pass.tape.rows(encoder, past_rows - windows, windows);
        let end = self.encoder.parts(pass, end);
        let decoder = self.decoder.run(pass, future, end);
        let states = pass.tape.below(encoder, decoder);
        let (states, _) = self.decoder.parts(pass, states);
        let inputs = pass.tape.below(past, future);
        let temporal = self.after_lstm.run(pass, states, inputs);

        let enriched = self.enrichment.run(pass, temporal, Some(enriching));
        let asking = pass.tape.rows(enriched, past_rows, future_rows);
        let (mixed, attention) = self.attention.run(pass, asking, enriched, windows);
        let attended = self.after_attention.run(pass, mixed, asking);
        let position_wise = self.position_wise.run(pass, attended, None);
        let skipped = pass.tape.rows(temporal, past_rows, future_rows);
        let last = self.last.without_dropout(pass, position_wise, skipped);
        let raw = self.quantiles.run(pass, last);
        let quantiles = pass.tape.ordered(raw, self.middle);
        Trace {
            static_weights,
            static_vector,
            contexts,
            past_weights,
            past,
            future_weights,
            future,
            encoder,
            decoder,
            temporal,
            enriched,
            attention,
            attended,
            position_wise,
            last,
            quantiles,
        }
    }
}
