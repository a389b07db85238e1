import { open } from 'node:fs/promises';

const BATCH = 256;

/**
 * Adds lines to the end of a file, which is made when it is not there, as they come.
 * @throws the file system's error
 */
export async function appendLines(
  path: string,
  lines: AsyncIterable<{ readonly line: string }>,
): Promise<void> {
  const file = await open(path, 'a');
  try {
    let batch: string[] = [];
    for await (const { line } of lines) {
      batch.push(line);
      if (batch.length < BATCH) continue;
      await file.appendFile(`${batch.join('\n')}\n`);
      batch = [];
    }
    if (batch.length > 0) await file.appendFile(`${batch.join('\n')}\n`);
  } finally {
    await file.close();
  }
}
