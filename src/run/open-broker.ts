import { rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedBroker, startEmbeddedBroker } from '../cluster/embedded-broker.js';
import { type Link, LinkError } from '../cluster/link.js';
import { openNatsLink } from '../cluster/nats-link.js';
import type { BoxesSetting } from '../config/boxes.js';
import { isInClear } from '../config/broker.js';
import { PreflightError } from '../errors.js';

/** The wire of a run over boxes. */
export interface BrokerPlace {
  readonly link: Link;
  /** Where it is, without secrets. */
  readonly place: string;
  /** Resolves with words when the run's own broker has gone by itself; never for one of others. */
  readonly died: Promise<string>;
  close(): Promise<void>;
}

/**
 * Connects to the broker that is named, or starts one for this run and writes down how agents reach it: a file in the
 * folder of runs that only its owner can read, and that goes when the run is over.
 * @throws {PreflightError} when there is none
 */
export async function openBroker(
  { broker, waitMs }: Pick<BoxesSetting, 'broker' | 'waitMs'>,
  outDir: string,
  say: (line: string) => void,
): Promise<BrokerPlace> {
  const name = `dorami-load coordinator on ${hostname()}`;
  let embedded: EmbeddedBroker | undefined;
  try {
    if (!('embed' in broker)) {
      if (isInClear(broker)) {
        say(
          `note: what is said to ${broker.url} can be read on its way (tls:// hides it); tokens are sealed`,
        );
      }
      const tls = broker.tls === undefined ? {} : { tls: broker.tls };
      const link = await openNatsLink({ url: broker.secretUrl.reveal(), name, ...tls, patienceMs: waitMs });
      return { link, place: broker.url, died: new Promise(() => {}), close: () => link.close() };
    }
    embedded = await startEmbeddedBroker(broker.embed);
    const { url, host, port, died } = embedded;
    const link = await openNatsLink({ url, name, patienceMs: 5000 });
    const file = join(outDir, `broker-${port}.env`);
    await writeFile(file, `DORAMI_LOAD_NATS=${url}\n`, { mode: 0o600 });
    const place = `nats://${host}:${port}`;
    say(`broker at ${place}; agents on this machine: env $(cat ${file}) dorami-load agent --name NAME`);
    const started = embedded;
    return {
      ...{ link, place, died },
      async close() {
        await link.close();
        await started.close();
        await rm(file, { force: true });
      },
    };
  } catch (error) {
    await embedded?.close();
    if (error instanceof LinkError) throw new PreflightError(error.message, { cause: error });
    throw error;
  }
}
