-- A run may train a model: an item of another kind.
ALTER TABLE run_items DROP CONSTRAINT run_items_kind_check;
ALTER TABLE run_items ADD CONSTRAINT run_items_kind_check CHECK (kind IN ('portfolio', 'simulation', 'backtest', 'training'));
