import { codesOf } from '../common/errors/database-failure.js';

/** The values of one question; `null` is SQL's. */
export type Question = readonly (string | number | boolean | null)[];

/** What a shared statement returns for a question that has an answer. */
export interface Answer {
  /** Which question of those that were asked together, from 1 on. */
  readonly place: string | number;
}

interface Asked<Row> {
  readonly question: Question;
  readonly resolve: (row: Row | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** A statement that answers questions, without what depends on how many it is asked at once. */
export interface QuestionStatement {
  readonly name: string;
  /** What the values of a question are called, in their order, and the types of the columns with which they are compared. */
  readonly question: Readonly<Record<string, 'uuid' | 'varchar' | 'text' | 'bigint' | 'integer' | 'boolean'>>;
  /** Which of the values no two questions have in common that are answered at a time: the row that they would change. */
  readonly exclusive?: string;
  /** @param q the questions, as an item of `from`: a row `q` for each, with its values and its `place` */
  readonly text: (q: string) => string;
}

/** How many executions run at a time, and how many questions one takes. */
export interface SharingLimits {
  readonly running: number;
  readonly questions: number;
}

export const SHARED: SharingLimits = { running: 2, questions: 64 };

/** Changes take longer, because they wait for the disk, and each waits for all that it goes with. */
export const SHARED_CHANGES: SharingLimits = { running: 2, questions: 16 };

/** Each question has an execution of its own, which names one owner: a distributed database knows then which node to ask. */
export const NOT_SHARED: SharingLimits = { running: Infinity, questions: 1 };

/** The text of a statement whose parameters are arrays of values, or, where a question has it alone, the values themselves. */
export function textFor({ question, text }: QuestionStatement, { questions }: SharingLimits): string {
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
 * 2. A question that nobody else asks waits for nothing but the end of the turn.
 * 3. What is wrong with one is no failure of the others: they are asked again, each alone.
 * 4. Questions that exclude each other are answered one after the other, in their order.
 */
export class SharedStatement<Row extends Answer> {
  private waiting: Asked<Row>[] = [];
  private running = 0;
  private isScheduled = false;
  /** What no further question may have in common with those that are being answered. */
  private readonly held = new Set<Question[number]>();
  private readonly exclusive: number;

  /**
   * @param asked the statement
   * @param execute runs the statement. Its parameters are arrays: the first values of all questions, the second ones and so
   *   on; it returns at most one row for each place in them.
   * @param begin is told of each question; what it returns is told of the answer
   */
  constructor(
    { question, exclusive }: Pick<QuestionStatement, 'question' | 'exclusive'>,
    private readonly execute: (columns: readonly Question[]) => Promise<Row[]>,
    private readonly begin: () => ((error?: unknown) => void) | undefined,
    private readonly limits: SharingLimits,
  ) {
    this.exclusive = exclusive === undefined ? -1 : Object.keys(question).indexOf(exclusive);
  }

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

  private schedule(): void {
    if (this.isScheduled || this.running >= this.limits.running) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      while (this.waiting.length > 0 && this.running < this.limits.running) {
        const next = this.exclusive < 0 ? this.next() : this.nextExclusive();
        if (next.length === 0) return;
        void this.answer(next);
      }
    });
  }

  private next(): Asked<Row>[] {
    const { questions } = this.limits;
    if (this.waiting.length > questions) return this.waiting.splice(0, questions);
    const all = this.waiting;
    this.waiting = [];
    return all;
  }

  /** The first ones that exclude neither each other nor what is being answered. */
  private nextExclusive(): Asked<Row>[] {
    const next: Asked<Row>[] = [];
    const others: Asked<Row>[] = [];
    for (const asked of this.waiting) {
      const key = asked.question[this.exclusive]!;
      const isNext = next.length < this.limits.questions && !this.held.has(key);
      (isNext ? next : others).push(asked);
      if (isNext) this.held.add(key);
    }
    this.waiting = others;
    return next;
  }

  private async answer(asked: Asked<Row>[]): Promise<void> {
    this.running++;
    try {
      const columns = asked[0]!.question.map((_, column) => asked.map(({ question }) => question[column]!));
      const rows = await this.execute(columns);
      const byPlace = new Array<Row | undefined>(asked.length);
      for (const row of rows) byPlace[Number(row.place) - 1] = row;
      asked.forEach(({ resolve }, index) => resolve(byPlace[index]));
    } catch (error) {
      if (asked.length > 1 && isDataException(error)) await Promise.all(asked.map((one) => this.answer([one])));
      else for (const { reject } of asked) reject(error);
    } finally {
      if (this.exclusive >= 0) for (const { question } of asked) this.held.delete(question[this.exclusive]!);
      this.running--;
      if (this.waiting.length > 0) this.schedule();
    }
  }
}

/** SQLSTATE class 22: a value is wrong, which is the failure of one question. */
function isDataException(error: unknown): boolean {
  return codesOf(error).some((code) => /^22...$/.test(code));
}
