import type { FetchText } from '../collect/fetch-text.js';
import { NOTHING, type SideFacts } from './facts.js';

/** Asks SRS's HTTP API which version it is; one that does not answer is a note, never a value. */
export async function askSrs(api: string, fetchText: FetchText, signal: AbortSignal): Promise<SideFacts> {
  try {
    const { status, body } = await fetchText(`${api.replace(/\/+$/, '')}/api/v1/versions`, signal);
    if (status !== 200) return noted(`answers ${status}`);
    const version = versionIn(body);
    if (version === undefined) return noted('says no version');
    return { ...NOTHING, facts: { 'srs-version': { value: version, from: 'srs-api' } } };
  } catch (error) {
    return noted(error instanceof Error ? error.message : String(error));
  }
}

function noted(why: string): SideFacts {
  return { ...NOTHING, notes: [{ row: 'srs-version', text: `srs-api: ${why}` }] };
}

function versionIn(body: string): string | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return undefined;
  }
  const { data } = (answer ?? {}) as { readonly data?: { readonly version?: unknown } | null };
  const version = data?.version;
  return typeof version === 'string' && /^\d+(?:\.\d+){0,3}[\w.-]{0,20}$/.test(version) ? version : undefined;
}
