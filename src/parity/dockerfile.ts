/** The image that the last stage of a Dockerfile stands on, arguments filled in by their defaults; undefined = not known. */
export function baseImage(text: string): string | undefined {
  const args = new Map<string, string>();
  const stages = new Map<string, string>();
  let last: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const arg = /^\s*ARG\s+(\w+)=["']?([^"'\s]*)/i.exec(line);
    if (arg !== null) args.set(arg[1] ?? '', arg[2] ?? '');
    const from = /^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(line);
    if (from === null) continue;
    const image = filledIn(from[1] ?? '', args);
    last = image === undefined ? undefined : (stages.get(image.toLowerCase()) ?? image);
    if (from[2] !== undefined && last !== undefined) stages.set(from[2].toLowerCase(), last);
  }
  return last;
}

function filledIn(image: string, args: ReadonlyMap<string, string>): string | undefined {
  let missing = false;
  const text = image.replace(
    /\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))/g,
    (_, braced?: string, usual?: string, bare?: string) => {
      const value = args.get(braced ?? bare ?? '') ?? usual;
      if (value === undefined) missing = true;
      return value ?? '';
    },
  );
  return missing ? undefined : text;
}
