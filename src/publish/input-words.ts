/**
 * Splits ffmpeg's words for an input as a shell would: at spaces, with '...' and "..." around words that hold some.
 * Words without `-i` are the input itself. Undefined when a quote is left open, nothing is there, or something comes
 * behind the input: that would be an output.
 */
export function inputWords(text: string): string[] | undefined {
  const words: string[] = [];
  const pattern = /\s*(?:((?:[^\s"']|"[^"]*"|'[^']*')+)|$)/y;
  while (pattern.lastIndex < text.length) {
    const word = pattern.exec(text)?.[1];
    if (word === undefined) {
      if (pattern.lastIndex === 0 || text.slice(pattern.lastIndex).trim() !== '') return undefined;
      break;
    }
    words.push(word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
  }
  if (words.length === 1 && !words[0]?.startsWith('-')) return ['-i', ...words];
  const oneInput = words.filter((word) => word === '-i').length === 1 && words.at(-2) === '-i';
  return oneInput ? words : undefined;
}

/** The host that an input is read from, if it comes over a network. */
export function inputHost(words: readonly string[]): string | undefined {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]*)/i.exec(words.at(-1) ?? '')?.[1];
  return host === undefined || host === '' ? undefined : host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
}
