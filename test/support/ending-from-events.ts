import type { Ending } from '../../src/run/conclude.js';
import { parseEventLine } from '../../src/run/event-lines.js';
import { EndingLog } from '../../src/run/lifecycle.js';

/** The ending that the text of an events.ndjson tells. */
export function endingFromEvents(text: string): Ending {
  const log = new EndingLog();
  for (const line of text.split('\n')) {
    const event = parseEventLine(line);
    if (event !== undefined) log.addLine(event);
  }
  return log.ending();
}
