/** Names longer than this are no slip of a finger, and comparing them costs their product. */
const MAX_CHARS = 64;

/** The one of `known` that `seen` most probably was meant to be; undefined when none is near. */
export function nearest(seen: string, known: readonly string[]): string | undefined {
  if (seen.length > MAX_CHARS) return undefined;
  const limit = Math.max(1, Math.floor(seen.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const name of known) {
    const distance = editDistance(seen.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** What is wrong with a name that does not exist, in the words of an issue; `otherwise` when no name is near. */
export function unknownName(
  kind: string,
  seen: string,
  known: readonly string[],
  otherwise: string,
): { readonly problem: string; readonly wanted?: string } {
  const name = nearest(seen, known);
  if (name === undefined) return { problem: `no such ${kind}`, wanted: otherwise };
  return { problem: `no such ${kind}, did you mean ${name}?` };
}

/** Fewest insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? (beforeLast[j - 2] ?? 0) + 1
          : Number.POSITIVE_INFINITY;
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced, swapped));
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
