/** The most characters of a name that an error quotes. */
const MAX_QUOTED = 50;

/** A name that is shown as it is; any other is quoted, with its control characters escaped. */
const PLAIN_NAME = /^[\w.[\]-]+$/;

/**
 * The error for a name that does not exist, such as `unknown parameter dryrun (did you mean dryRun?)`. If no known name
 * is similar, it lists the known ones.
 *
 * @param known the names that exist, in the order in which they are listed
 */
export function unknownName(kind: 'parameter' | 'member', name: string, known: readonly string[]): string {
  const similar = mostSimilar(name, known);
  const hint =
    similar === undefined ? `known: ${known.length === 0 ? 'none' : known.join(', ')}` : `did you mean ${similar}?`;
  return `unknown ${kind} ${quoted(name)} (${hint})`;
}

function quoted(name: string): string {
  const characters = [...name.slice(0, 2 * MAX_QUOTED + 2)];
  const short = characters.length > MAX_QUOTED ? `${characters.slice(0, MAX_QUOTED).join('')}...` : name;
  return PLAIN_NAME.test(short) ? short : JSON.stringify(short);
}

/** The known name with the fewest edits, if they are few enough for a typo; case does not count. */
function mostSimilar(name: string, known: readonly string[]): string | undefined {
  if (name.length > MAX_QUOTED) return undefined;
  const [nearest] = known
    .map((candidate) => ({ candidate, edits: editsBetween(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, Math.floor(candidate.length * 0.4)))
    .sort((a, b) => a.edits - b.edits);
  return nearest?.candidate;
}

/** The Levenshtein distance. */
export function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = above[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      row[j] = Math.min(replaced, above[j]! + 1, row[j - 1]! + 1);
    }
  }
  return row[to.length]!;
}
