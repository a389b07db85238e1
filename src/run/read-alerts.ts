import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { type AlertStories, AlertStoryReader } from '../report/alert-stories.js';
import { boundedLines } from './bounded-lines.js';
import { RUN_FILES } from './run-folder.js';

const MAX_LINE_CHARS = 10_000;

/** The alerts of a run that collected, from its folder; undefined when its log is missing or cannot be read: not known. */
export async function readAlerts(folder: string): Promise<AlertStories | undefined> {
  const reader = new AlertStoryReader();
  try {
    for await (const line of boundedLines(
      createReadStream(join(folder, RUN_FILES.alerts), 'utf8'),
      MAX_LINE_CHARS,
    ))
      if (line !== undefined) reader.add(line);
  } catch {
    return undefined;
  }
  return reader.stories();
}
