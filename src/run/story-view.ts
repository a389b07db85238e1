import { printable } from '../report/text-width.js';
import { parseLine } from '../trace/line.js';
import { Story } from '../trace/story.js';
import type { Output } from './output.js';

/** Prints the lines of one viewer as they come: as sentences, or as they are for a program that reads along. */
export function createStoryView(json: boolean, output: Output): (lines: readonly string[]) => void {
  if (json) return (lines) => output.result(lines.join('\n'));
  const story = new Story();
  return (lines) => {
    const told = lines.flatMap((text) => {
      const line = parseLine(text);
      const words = line === undefined ? undefined : story.tell(line);
      return words === undefined ? [] : [printable(words)];
    });
    if (told.length > 0) output.result(told.join('\n'));
  };
}
