import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FIELDS } from './fields.js';
import { parseFormat } from './nginx-format.js';
import { createNginxLogSource } from './nginx-source.js';

it('a look that is late loses no line: the next one counts them over both spans', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dorami-load-nginx-'));
  const path = join(folder, 'a.log');
  writeFileSync(path, '');
  let nowMs = 0;
  const source = createNginxLogSource(path, parseFormat('$status "$request"'), () => nowMs);
  try {
    const first = await source.read(new AbortController().signal);
    expect(first).toMatchObject({ values: {}, absent: { rt: 'the log format has no $request_time' } });
    appendFileSync(path, '200 "GET /api/a HTTP/1.1"\n500 "GET /api/b HTTP/1.1"\n');
    nowMs = 5000;
    const late = new AbortController();
    const reading = source.read(late.signal);
    late.abort();
    await expect(reading).rejects.toThrow();
    nowMs = 10_000;
    appendFileSync(path, '200 "GET /api/c HTTP/1.1"\n');
    const { values, spanMs } = await source.read(new AbortController().signal);
    expect(spanMs).toBe(10_000);
    expect(values).toMatchObject({ requests: 3, req_per_sec: 0.3, error_5xx: 1 });
    expect(Object.keys(FIELDS.nginx)).toEqual(expect.arrayContaining(Object.keys(values)));
    nowMs += 40;
    appendFileSync(path, '200 "GET /api/d HTTP/1.1"\n');
    const moment = await source.read(new AbortController().signal);
    expect(moment.values).toMatchObject({ requests: 1 });
    expect(moment.values).not.toHaveProperty('req_per_sec');
    expect(moment.absent).toMatchObject({ req_per_sec: 'over 40 ms a rate says nothing' });
  } finally {
    await source.close?.();
    rmSync(folder, { recursive: true });
  }
});
