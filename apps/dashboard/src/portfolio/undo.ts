/** Undo and redo: immutable states, so a step is one reference. */

const STEPS = 200;

export class UndoStack<State> {
  #past: State[] = [];
  #future: State[] = [];

  /** Remembers the state that is about to be left. */
  push(left: State): void {
    this.#past.push(left);
    if (this.#past.length > STEPS) this.#past.shift();
    this.#future = [];
  }

  undo(now: State): State | undefined {
    const state = this.#past.pop();
    if (state !== undefined) this.#future.push(now);
    return state;
  }

  redo(now: State): State | undefined {
    const state = this.#future.pop();
    if (state !== undefined) this.#past.push(now);
    return state;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }
}
