// In place of the files of an outbox: the same, and each record is added to the file OUTBOX_LEDGER before it is written to
// them, and when it lies there: a process may be killed between its write and its next step.
import { appendFileSync } from 'node:fs';

const real = new URL(import.meta.url).searchParams.get('real');
const module = await import(`${real}?as=it-is`);

export const { makeRingFolder, readLeftRing } = module;

export class RingFiles extends module.RingFiles {
  async append(seq, payload) {
    const tell = (is) =>
      appendFileSync(process.env.OUTBOX_LEDGER, `{"is":"${is}","record":${Buffer.from(payload)}}\n`);
    tell('begun');
    const place = await super.append(seq, payload);
    if (place !== undefined) tell('written');
    return place;
  }
}
