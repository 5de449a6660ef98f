/** One operation of a history. Times are the numbers of events as one observer counted them: no two are equal. */
export interface Operation<Input, Output> {
  readonly input: Input;
  readonly called: number;
  /** `Infinity` when no answer came. */
  readonly returned: number;
  /** `undefined` when no answer came: the operation may have taken effect at any time since its call, or never. */
  readonly output: Output | undefined;
}

/** What a thing does when operations come one at a time. */
export interface Model<State, Input, Output> {
  readonly initial: State;
  /** The very same state object where the operation changes nothing. */
  step(state: State, input: Input): { readonly state: State; readonly output: Output };
  isSame(expected: Output, observed: Output): boolean;
  /** Equal for states that are equal in every respect, and only for those. */
  keyOf(state: State): string;
  /** A number that no step makes smaller. */
  rankOf(state: State): number;
  /** The rank of the state that the operation with this output left, if the output tells; else `undefined`. */
  rankSeen(output: Output): number | undefined;
}

/**
 * The way that explains most answers and assumes least beside, and the answered operations of which one had to be next.
 */
export interface DeadEnd<State, Op> {
  readonly order: readonly Op[];
  readonly state: State;
  readonly stuck: readonly Op[];
}

export type Verdict<State, Op> =
  | { readonly kind: 'linearizable'; readonly order: readonly Op[]; readonly state: State }
  | ({ readonly kind: 'violated' } & DeadEnd<State, Op>)
  | ({ readonly kind: 'undecided' } & DeadEnd<State, Op>);

export interface SearchOptions<Op> {
  /** After so many configurations the search gives up; with good hints it needs about one for each change. */
  readonly mostConfigurations?: number;
  /**
   * Which of several operations to try first: the one with the lowest number; none comes last. A hint may be wrong. It
   * makes the search faster or slower and never changes what it finds.
   */
  readonly hintOf?: (operation: Op) => number | undefined;
}

const MAX_CONFIGURATIONS = 200_000;

/**
 * Says whether a concurrent history is linearizable (Herlihy and Wing 1990): whether every operation can be given one
 * moment between its call and its return, so that the model, run in the order of these moments, answers the same.
 *
 * The search is Wing and Gong's (1993): of the operations that were called before any other open one returned, take one
 * that the model can explain, go on from there, and come back when that leads nowhere. Like Lowe's (2017) it remembers
 * each configuration, which is the set of operations taken and the state they led to, and never enters one twice.
 *
 * 1. An operation that leaves the state as it is and whose answer fits is taken at once, without an alternative:
 *    whatever order has it later can have it now, because no operation notices.
 * 2. An operation without an answer stays open for ever. It is taken only where it changes the state, because otherwise
 *    it could as well never happen, and, without a hint, only after the answered ones were tried.
 * 3. No step makes the rank smaller. So a configuration whose rank is above one that an operation yet to come has seen
 *    leads nowhere. The rank comes from the model; what an operation has seen is an answer to explain like all others.
 *
 * Limits: one thing at a time, and the model must be deterministic. The problem is NP-complete; the answer may
 * therefore be "undecided", which is not "linearizable". That is near where many operations without an answer changed
 * something one after the other, unless hints say which.
 */
export function checkLinearizability<State, Input, Output, Op extends Operation<Input, Output>>(
  model: Model<State, Input, Output>,
  history: readonly Op[],
  { mostConfigurations = MAX_CONFIGURATIONS, hintOf }: SearchOptions<Op> = {},
): Verdict<State, Op> {
  const open = new OpenOperations<Input, Output, Op>(history, (output) => model.rankSeen(output));
  const entered = new Set<string>();
  let longest: DeadEnd<State, Op> = { order: [], state: model.initial, stuck: [] };
  let mostAnswered = -1;

  /** The state after the operation; `undefined` where its answer does not fit. */
  const after = (state: State, operation: Op): State | undefined => {
    const step = model.step(state, operation.input);
    return operation.output === undefined || model.isSame(step.output, operation.output) ? step.state : undefined;
  };

  const takeWhatChangesNothing = (state: State): void => {
    for (let tookOne = true; tookOne;) {
      const unchanging = open.candidates().answered.filter((operation) => after(state, operation) === state);
      for (const operation of unchanging) open.take(operation);
      tookOne = unchanging.length > 0;
    }
  };

  /** Takes what changes nothing, and says how it can go on from there. */
  const enter = (state: State): { operation: Op; state: State }[] => {
    takeWhatChangesNothing(state);
    const configuration = `${open.key} ${model.keyOf(state)}`;
    const leadsSomewhere = model.rankOf(state) <= open.lowestRank && !entered.has(configuration);
    entered.add(configuration);
    const { answered, unanswered } = open.candidates();
    const hinted = (operation: Op) => hintOf?.(operation) ?? Number.MAX_VALUE;
    const candidates = [...answered, ...unanswered].toSorted((one, other) => hinted(one) - hinted(other));
    const choices = candidates.flatMap((operation) => {
      const next = leadsSomewhere ? after(state, operation) : undefined;
      return next === undefined || next === state ? [] : [{ operation, state: next }];
    });
    const gain = open.answeredCount - mostAnswered;
    if (gain > 0 || (gain === 0 && open.taken.length < longest.order.length)) {
      mostAnswered = open.answeredCount;
      longest = { order: [...open.taken], state, stuck: answered };
    }
    return choices.reverse();
  };

  const path = [{ length: 0, choices: enter(model.initial) }];
  let state = model.initial;
  while (!open.isDone) {
    const here = path.at(-1);
    if (here === undefined) return { kind: 'violated', ...longest };
    if (entered.size > mostConfigurations) return { kind: 'undecided', ...longest };
    const choice = here.choices.pop();
    if (choice === undefined) {
      open.putBackTo(here.length);
      path.pop();
    } else {
      const length = open.taken.length;
      open.take(choice.operation);
      state = choice.state;
      path.push({ length, choices: enter(state) });
    }
  }
  return { kind: 'linearizable', order: open.taken, state };
}

/** The operations of a history that have no place yet, while others are taken and put back. */
class OpenOperations<Input, Output, Op extends Operation<Input, Output>> {
  /** In the order in which they were taken. */
  readonly taken: Op[] = [];
  private readonly isTaken = new Set<Op>();
  /** How many of those were answered. */
  answeredCount = 0;
  /** Both in the order of their calls. */
  private readonly answered: readonly Op[];
  private readonly unanswered: readonly Op[];
  /** The answered ones in the order of their ranks. */
  private readonly ranked: readonly { readonly operation: Op; readonly rank: number }[];
  /** Where each stands in `answered` and in `ranked`; before `first` and before `lowest` all are taken. */
  private readonly places: ReadonlyMap<Op, number>;
  private readonly rankedPlaces: ReadonlyMap<Op, number>;
  private first = 0;
  private lowest = 0;

  constructor(history: readonly Op[], rankSeen: (output: Output) => number | undefined) {
    const called = history.toSorted((one, other) => one.called - other.called);
    this.answered = called.filter(({ output }) => output !== undefined);
    this.unanswered = called.filter(({ output }) => output === undefined);
    this.ranked = this.answered
      .map((operation) => ({ operation, rank: rankSeen(operation.output!) ?? Infinity }))
      .toSorted((one, other) => one.rank - other.rank);
    this.places = new Map(this.answered.map((operation, place) => [operation, place]));
    this.rankedPlaces = new Map(this.ranked.map(({ operation }, place) => [operation, place]));
  }

  /** Whether all that were answered are taken. */
  get isDone(): boolean {
    this.advance();
    return this.first === this.answered.length;
  }

  /** The lowest rank that an operation yet to be taken has seen. */
  get lowestRank(): number {
    this.advance();
    return this.ranked[this.lowest]?.rank ?? Infinity;
  }

  /** Which are taken, exactly: how far all are, and which beyond. */
  get key(): string {
    this.advance();
    const beyond: number[] = [];
    let left = this.isTaken.size - this.first;
    const note = (operation: Op) => {
      if (!this.isTaken.has(operation)) return;
      beyond.push(operation.called);
      left--;
    };
    for (const operation of this.unanswered) note(operation);
    for (let place = this.first; left > 0; place++) note(this.answered[place]!);
    return `${this.first}:${beyond.join()}`;
  }

  /** Those that were called before any other open one returned. */
  candidates(): { answered: Op[]; unanswered: Op[] } {
    this.advance();
    const answered: Op[] = [];
    let firstReturn = Infinity;
    for (let place = this.first; place < this.answered.length; place++) {
      const operation = this.answered[place]!;
      if (operation.called > firstReturn) break;
      if (this.isTaken.has(operation)) continue;
      answered.push(operation);
      firstReturn = Math.min(firstReturn, operation.returned);
    }
    const unanswered = this.unanswered.filter(
      (operation) => operation.called < firstReturn && !this.isTaken.has(operation),
    );
    return { answered, unanswered };
  }

  take(operation: Op): void {
    this.taken.push(operation);
    this.isTaken.add(operation);
    if (operation.output !== undefined) this.answeredCount++;
  }

  /** Puts back all but so many. */
  putBackTo(length: number): void {
    for (const operation of this.taken.splice(length)) {
      this.isTaken.delete(operation);
      if (operation.output === undefined) continue;
      this.answeredCount--;
      this.first = Math.min(this.first, this.places.get(operation)!);
      this.lowest = Math.min(this.lowest, this.rankedPlaces.get(operation)!);
    }
  }

  private advance(): void {
    while (this.first < this.answered.length && this.isTaken.has(this.answered[this.first]!)) this.first++;
    while (this.lowest < this.ranked.length && this.isTaken.has(this.ranked[this.lowest]!.operation)) this.lowest++;
  }
}
