import { codesOf } from '../common/errors/database-failure.js';
import { WaitingLine } from './waiting-line.js';

/** The values of one question; `null` is SQL's. */
export type Question = readonly (string | number | boolean | null)[];

/** What a shared statement returns for a question that has an answer. */
export interface Answer {
  /** Which question of those that were asked together, from 1 on. */
  readonly place: string | number;
}

/** A question that waits for its answer. */
export interface Asked<Row> {
  readonly question: Question;
  readonly resolve: (row: Row | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** A statement with the name under which each connection prepares it once, unless the environment says otherwise. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** A statement that answers questions, without what depends on how many it is asked at once. */
export interface QuestionStatement {
  readonly name: string;
  /** What the values of a question are called, in their order, and the types of the columns with which they are compared. */
  readonly question: Readonly<Record<string, 'uuid' | 'varchar' | 'text' | 'bigint' | 'integer' | 'boolean'>>;
  /** @param q the questions, as an item of `from`: a row `q` for each, with its values and its `place` */
  readonly text: (q: string) => string;
}

/** How many executions run at a time, and how many questions one takes. */
export interface SharingLimits {
  readonly running: number;
  readonly questions: number;
}

export const SHARED: SharingLimits = { running: 2, questions: 64 };

/** How long questions wait for others to go with them beside an execution that runs, in milliseconds. */
const LINGER_MS = 10;

/** Each question has an execution of its own, which names one owner: a distributed database knows then which node to ask. */
export const NOT_SHARED: SharingLimits = { running: Infinity, questions: 1 };

/** The text of a statement whose parameters are arrays of values, or, where a question has it alone, the values themselves. */
export function textFor({ question, text }: Omit<QuestionStatement, 'name'>, { questions }: SharingLimits): string {
  const columns = `q (${Object.keys(question).join(', ')}, place)`;
  const parameters = Object.values(question).map((type, index) => `$${index + 1}::${type}`);
  return text(
    questions === 1
      ? `(select ${parameters.join(', ')}, 1) ${columns}`
      : `unnest(${parameters.map((parameter) => `${parameter}[]`).join(', ')}) with ordinality ${columns}`,
  );
}

/**
 * A statement that answers the questions of many callers at once, because each execution costs PostgreSQL and us about as
 * much as ten answers.
 *
 * 1. Questions that come in one turn of the event loop, or while as many executions run as may, go together. An execution
 *    begins after the last of its questions was asked, so each caller sees every change that was acknowledged before.
 * 2. A question that is asked while no execution runs waits for nothing but the end of the turn.
 * 3. Beside an execution that runs, another begins when as many questions wait as that one took, or when it takes long.
 * 4. What is wrong with one is no failure of the others: they are asked again, each alone.
 */
export class SharedStatement<Row extends Answer> {
  protected readonly waiting = new WaitingLine<Asked<Row>>();
  /** In the order in which they began. */
  private running: { readonly questions: number; readonly since: number }[] = [];
  private isScheduled = false;
  private lingering: NodeJS.Timeout | undefined;

  /**
   * @param execute runs the statement. Its parameters are arrays: the first values of all questions, the second ones and so
   *   on; it returns at most one row for each place in them.
   * @param begin is told of each question; what it returns is told of the answer
   */
  constructor(
    private readonly execute: (columns: readonly Question[]) => Promise<Row[]>,
    private readonly begin: () => ((error?: unknown) => void) | undefined,
    protected readonly limits: SharingLimits,
  ) {}

  get waitingCount(): number {
    return this.waiting.length;
  }

  /** @returns `undefined` when the statement returns no row for it */
  ask(question: Question): Promise<Row | undefined> {
    const answer = new Promise<Row | undefined>((resolve, reject) => {
      this.waiting.push({ question, resolve, reject });
      this.schedule();
    });
    const end = this.begin();
    if (end !== undefined) answer.then(() => end(), end);
    return answer;
  }

  protected schedule(): void {
    if (this.isScheduled || !this.mayBegin) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      while (this.mayBegin) {
        const next = this.next();
        if (next.length === 0) return;
        void this.answer(next);
      }
    });
  }

  private get mayBegin(): boolean {
    if (this.waiting.length === 0 || this.running.length >= this.limits.running) return false;
    const last = this.running.at(-1);
    return last === undefined || this.waiting.length >= last.questions || performance.now() - last.since >= LINGER_MS;
  }

  /** Takes out what is to be answered next, if anything can be. */
  protected next(): Asked<Row>[] {
    return this.waiting.take(this.limits.questions);
  }

  protected settle({ resolve }: Asked<Row>, row: Row | undefined): void {
    resolve(row);
  }

  protected fail({ reject }: Asked<Row>, error: unknown): void {
    reject(error);
  }

  private async answer(asked: Asked<Row>[]): Promise<void> {
    const execution = { questions: asked.length, since: performance.now() };
    this.running.push(execution);
    // A timer may be early by less than a millisecond.
    this.lingering = this.lingering?.refresh() ?? setTimeout(() => this.schedule(), LINGER_MS + 1).unref();
    try {
      const columns = asked[0]!.question.map((_, column) => asked.map(({ question }) => question[column]!));
      const rows = await this.execute(columns);
      const byPlace = new Array<Row | undefined>(asked.length);
      for (const row of rows) byPlace[Number(row.place) - 1] = row;
      asked.forEach((one, index) => this.settle(one, byPlace[index]));
    } catch (error) {
      if (asked.length > 1 && isOfOneQuestion(error)) for (const one of asked) void this.answer([one]);
      else for (const one of asked) this.fail(one, error);
    } finally {
      this.running.splice(this.running.indexOf(execution), 1);
      this.schedule();
    }
  }
}

/**
 * Whether a question, or the row that it is about, is to blame: SQLSTATE class 22 (data exception), 23 (integrity constraint
 * violation), 54 (program limit exceeded), XX001 (data corrupted). All else, too little time among it, would befall most
 * of the questions again.
 */
function isOfOneQuestion(error: unknown): boolean {
  return codesOf(error).some((code) => /^(?:(?:22|23|54)...|XX001)$/.test(code));
}
