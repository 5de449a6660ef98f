import { isDatabaseAway } from '../common/errors/database-failure.js';

/** The values of one question; `null` is SQL's. */
export type Question = readonly (string | null)[];

/** What a shared statement returns for a question that has an answer. */
export interface Answer {
  /** Which question of those that were asked together, from 1 on, as digits. */
  readonly place: string;
}

interface Asked<Row> {
  readonly question: Question;
  readonly resolve: (row: Row | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** How many executions run at a time, and how many questions one takes. */
const MOST_RUNNING = 2;
const MOST_QUESTIONS = 64;

/**
 * A statement that answers the questions of many callers at once, because each execution costs PostgreSQL and us about as
 * much as ten answers.
 *
 * 1. Questions that come in one turn of the event loop, or while as many executions run as may, go together. An execution
 *    begins after the last of its questions was asked, so each caller sees every change that was acknowledged before.
 * 2. A question that nobody else asks waits for nothing but the end of the turn.
 * 3. What fails for one is no failure of the others: they are asked again, each alone, unless the database is away.
 */
export class SharedStatement<Row extends Answer> {
  private waiting: Asked<Row>[] = [];
  private running = 0;
  private isScheduled = false;

  /**
   * @param execute runs the statement. Its parameters are arrays: the first values of all questions, the second ones and so
   *   on; it returns at most one row for each place in them.
   * @param begin is told of each question; what it returns is told of the answer
   */
  constructor(
    private readonly execute: (columns: readonly Question[]) => Promise<Row[]>,
    private readonly begin: () => ((error?: unknown) => void) | undefined,
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

  private schedule(): void {
    if (this.isScheduled || this.running >= MOST_RUNNING) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      while (this.waiting.length > 0 && this.running < MOST_RUNNING) void this.answer(this.next());
    });
  }

  private next(): Asked<Row>[] {
    if (this.waiting.length > MOST_QUESTIONS) return this.waiting.splice(0, MOST_QUESTIONS);
    const all = this.waiting;
    this.waiting = [];
    return all;
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
      if (asked.length > 1 && !isDatabaseAway(error)) await Promise.all(asked.map((one) => this.answer([one])));
      else for (const { reject } of asked) reject(error);
    } finally {
      this.running--;
      if (this.waiting.length > 0) this.schedule();
    }
  }
}
