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

/** Options of ffmpeg's inputs whose value is nobody else's business. */
const SECRET_OPTION = /pass|secret|key|token|auth|cookie|header|user|streamid|proxy/i;

/**
 * What of an input must not be printed: names and passwords in addresses, the values of their queries, and the values
 * of options that are secrets by their name. ffmpeg quotes addresses in its complaints.
 */
export function inputSecrets(words: readonly string[]): string[] {
  const found = words.flatMap((word, index) => {
    const option = words[index - 1] ?? '';
    if (option.startsWith('-') && SECRET_OPTION.test(option)) return [word];
    const userInfo = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/i.exec(word)?.[1];
    const query = /:\/\/[^?]*\?(.*)$/.exec(word)?.[1] ?? '';
    const values = query.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1));
    return [...(userInfo === undefined ? [] : [userInfo, ...userInfo.split(':')]), ...values];
  });
  return [...new Set(found.filter((secret) => secret !== ''))].sort((a, b) => b.length - a.length);
}

/** An address anywhere in a word: behind `cache:`, or in a filter, where colons are escaped. */
const ADDRESS = /[a-z][a-z0-9+.-]*\\*:\/\/(?:[^/@\s]*@)?(\[[^\]]*\]|[^/:?#\s'"\\,;|]*)/gi;

/** The hosts that an input is read from or through, if it comes over a network; each once. */
export function inputHosts(words: readonly string[]): string[] {
  const hosts = words.flatMap((word) =>
    [...word.matchAll(ADDRESS)].map(([, host = '']) => host.replace(/^\[(.*)\]$/, '$1').toLowerCase()),
  );
  return [...new Set(hosts.filter((host) => host !== ''))];
}
