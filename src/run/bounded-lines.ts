/**
 * The lines of a text that comes in pieces, without their newlines. A line longer than `maxChars` comes as
 * `undefined` and is never held whole: a damaged file must not take the memory. What stands after the last newline
 * is a line, too, unless it is empty.
 */
export async function* boundedLines(
  pieces: AsyncIterable<string>,
  maxChars: number,
): AsyncGenerator<string | undefined> {
  let held = '';
  let tooLong = false;
  for await (const piece of pieces) {
    let from = 0;
    for (let at = piece.indexOf('\n'); at !== -1; at = piece.indexOf('\n', from)) {
      const line = held + piece.slice(from, at);
      yield tooLong || line.length > maxChars ? undefined : line;
      held = '';
      tooLong = false;
      from = at + 1;
    }
    if (!tooLong) held += piece.slice(from);
    if (held.length > maxChars) {
      tooLong = true;
      held = '';
    }
  }
  if (tooLong) yield undefined;
  else if (held !== '') yield held;
}
