/** What `nginx -T` writes above each file. */
const HEAD = /^# configuration file (.+):$/;

/** The files in what `nginx -T` printed, by path, the main one first; undefined when the text is not that. */
export function filesOfDump(text: string): ReadonlyMap<string, string> | undefined {
  const files = new Map<string, string>();
  let path: string | undefined;
  let lines: string[] = [];
  const finish = (): void => {
    if (path !== undefined) files.set(path, lines.join('\n'));
    lines = [];
  };
  for (const line of text.split(/\r?\n/)) {
    const head = HEAD.exec(line)?.[1];
    if (head === undefined) lines.push(line);
    else {
      finish();
      path = head;
    }
  }
  finish();
  return files.size === 0 ? undefined : files;
}
