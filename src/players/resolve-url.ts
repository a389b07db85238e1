/** A URI of a playlist against the list's own URL (RFC 8216 4.1), undefined when it is none of http or https. */
export function resolveUrl(uri: string, baseUrl: string): string | undefined {
  try {
    const url = new URL(uri, baseUrl);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined;
  } catch {
    return undefined;
  }
}
