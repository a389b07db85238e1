import { open } from 'node:fs/promises';
import type { Conf } from '../nginx-conf/directive.js';
import { parseConf } from '../nginx-conf/parse.js';
import type { Finding } from './finding.js';
import type { LoadNeed } from './load-need.js';
import { nginxTraps } from './nginx-traps.js';
import { srsTraps } from './srs-traps.js';

/** All of nginx's files as `nginx -T` prints them are some 100 kB. */
const MAX_BYTES = 4_000_000;
const MOST_PROBLEMS = 3;

const KINDS = {
  nginx: { traps: nginxTraps, flag: '--nginx-config' },
  srs: { traps: srsTraps, flag: '--srs-config' },
} as const;

/** Reads a configuration and says what is known to go wrong with it. A file that cannot be read is an error. */
export async function configFindings(
  kind: keyof typeof KINDS,
  path: string,
  need: LoadNeed,
): Promise<readonly Finding[]> {
  const { traps, flag } = KINDS[kind];
  const read = await readWhole(path);
  if ('problem' in read) {
    const text = `${flag} ${path}: ${read.problem}`;
    return [finding(`${kind}_config`, 'error', text, `the file of ${kind}, or no ${flag}`)];
  }
  const conf = parseConf(read.text);
  const found = [...slips(kind, conf, path), ...traps(conf, path, need)];
  if (conf.directives.length === 0)
    return [finding(`${kind}_config`, 'error', `${path}: no configuration at all`, `the file of ${kind}`)];
  if (found.length > 0) return found;
  return [finding(`${kind}_config`, 'ok', `${path}: none of the known traps`)];
}

function slips(kind: string, { problems }: Conf, path: string): Finding[] {
  return problems.slice(0, MOST_PROBLEMS).map(({ line, problem, file }) => {
    const text = `${problem}: what follows may have been read wrongly`;
    const fix = kind === 'nginx' ? 'nginx -t says what is wrong' : 'see what SRS says at its start';
    return { ...finding(`${kind}_syntax`, 'warning', text, fix), where: `${file ?? path}:${line}` };
  });
}

function finding(id: string, severity: Finding['severity'], text: string, fix?: string): Finding {
  return { id, area: 'configuration', severity, text, ...(fix === undefined ? {} : { fix }) };
}

async function readWhole(path: string): Promise<{ readonly text: string } | { readonly problem: string }> {
  try {
    const file = await open(path, 'r');
    try {
      const chunks: Buffer[] = [];
      let bytes = 0;
      // Also what a shell hands over as a pipe: its size is not known before.
      for await (const chunk of file.createReadStream({ autoClose: false })) {
        bytes += (chunk as Buffer).length;
        if (bytes > MAX_BYTES) return { problem: `longer than ${MAX_BYTES / 1e6} MB` };
        chunks.push(chunk as Buffer);
      }
      return { text: Buffer.concat(chunks).toString('utf8') };
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { problem: `cannot be read: ${code ?? message}` };
  }
}
