const MOST_LINES = 20;
const PER_MS = 10_000;

/**
 * Lets the first lines of each ten seconds through, and says how many were left out: an ffmpeg that complains of every
 * frame must not bury what we say ourselves.
 */
export function lineBudget(): (line: string, atMs: number) => string[] {
  let sinceMs = Number.NEGATIVE_INFINITY;
  let count = 0;
  return (line, atMs) => {
    const out: string[] = [];
    if (atMs - sinceMs >= PER_MS) {
      if (count > MOST_LINES) out.push(`(${count - MOST_LINES} lines of ffmpeg left out)`);
      sinceMs = atMs;
      count = 0;
    }
    count++;
    return count <= MOST_LINES ? [...out, line] : out;
  };
}
