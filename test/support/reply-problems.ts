/** What was wrong with replies. By itself, so that tests without any need not load what judges them. */
let problems: string[] = [];

export function keepProblem(problem: string): void {
  problems.push(problem);
}

/** Those since the last call. */
export function takeProblems(): string[] {
  const taken = problems;
  problems = [];
  return taken;
}
