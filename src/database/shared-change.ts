import {
  type Answer,
  type Asked,
  NOT_SHARED,
  type Question,
  type QuestionStatement,
  SharedStatement,
  type SharingLimits,
  type Statement,
  textFor,
} from './shared-statement.js';

/** Changes take longer than reads, because they wait for the disk, and each waits for all that it goes with. */
export const SHARED_CHANGES: SharingLimits = { running: 2, questions: 16 };

/** A statement that locks one row and changes it, in the form for many callers and in the one for a single caller. */
export interface ChangeStatement {
  readonly together: QuestionStatement;
  readonly alone: Statement;
  /** Which value of a question says whose row it is. */
  readonly owner: number;
}

/** What such a statement returns. */
export interface Changed extends Answer {
  /** Whether the row is left to the form for a single caller, or in that form was not there. */
  readonly isSkipped: boolean;
}

/** What is different in the two forms. */
export interface ChangeForm {
  /** The questions, as an item of `from`: a row `q` for each, with its values and its `place`. */
  readonly q: string;
  /** The owner of the row, of whom the item of `from` that is named has one of its own. */
  readonly owner: (alias: string) => string;
  /** Whether many callers wait for it: then it must not wait for a lock, nor for what takes long. */
  readonly isShared: boolean;
}

/** @param statement names the value that says whose row is changed */
export function changeStatement({
  name,
  question,
  owner,
  text,
}: Pick<QuestionStatement, 'name' | 'question'> & {
  readonly owner: string;
  readonly text: (form: ChangeForm) => string;
}): ChangeStatement {
  const index = Object.keys(question).indexOf(owner);
  // A distributed database knows only of a parameter on which node it is.
  const parameter = `$${index + 1}`;
  return {
    owner: index,
    together: {
      name: `${name}-together`,
      question,
      text: (q) => text({ q, owner: (alias) => `${alias}.${owner}`, isShared: true }),
    },
    alone: {
      name,
      text: textFor({ question, text: (q) => text({ q, owner: () => parameter, isShared: false }) }, NOT_SHARED),
    },
  };
}

/**
 * The changes of many callers at once.
 *
 * 1. Those of one row are made one after the other, in their order.
 * 2. One whose row was skipped is made alone, and keeps no others waiting but those of its row.
 */
export class SharedChange<Row extends Changed> extends SharedStatement<Row> {
  /** Whose rows are being changed. */
  private readonly held = new Set<Question[number]>();

  /** @param alone makes a change as a statement of its own */
  constructor(
    private readonly owner: number,
    private readonly alone: (question: Question) => Promise<Row | undefined>,
    ...of: ConstructorParameters<typeof SharedStatement<Row>>
  ) {
    super(...of);
  }

  override async ask(question: Question): Promise<Row | undefined> {
    const row = await super.ask(question);
    if (row?.isSkipped !== true) return row;
    try {
      return await this.alone(question);
    } finally {
      this.release(question);
    }
  }

  protected override next(): Asked<Row>[] {
    return this.waiting.take(this.limits.questions, ({ question }) => {
      const owner = question[this.owner]!;
      return !this.held.has(owner) && this.held.add(owner) === this.held;
    });
  }

  protected override settle({ question, resolve }: Asked<Row>, row: Row | undefined): void {
    if (row?.isSkipped !== true) this.release(question);
    resolve(row);
  }

  protected override fail({ question, reject }: Asked<Row>, error: unknown): void {
    this.release(question);
    reject(error);
  }

  private release(question: Question): void {
    this.held.delete(question[this.owner]!);
    this.schedule();
  }
}
