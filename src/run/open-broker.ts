import { hostname } from 'node:os';
import { type AddressFile, writeAddressFile } from '../cluster/address-file.js';
import { type EmbeddedBroker, startEmbeddedBroker } from '../cluster/embedded-broker.js';
import { type Link, LinkError } from '../cluster/link.js';
import { openNatsLink } from '../cluster/nats-link.js';
import type { BoxesSetting } from '../config/boxes.js';
import { type BrokerTls, isInClear } from '../config/broker.js';
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
 * Connects to the broker that is named, or starts one for this run and says how agents reach it.
 * @throws {PreflightError} when there is none
 */
export async function openBroker(
  { broker, waitMs }: Pick<BoxesSetting, 'broker' | 'waitMs'>,
  say: (line: string) => void,
): Promise<BrokerPlace> {
  const name = `dorami-load coordinator on ${hostname()}`;
  let embedded: EmbeddedBroker | undefined;
  let told: AddressFile | undefined;
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
    const { embed, tls: shown, addressFile } = broker;
    const certified = certificateOf(shown);
    embedded = await startEmbeddedBroker({
      ...embed,
      ...(certified === undefined ? {} : { tls: certified }),
    });
    const { url, agentUrl, agentFile, host, port, died, place, clear, close } = embedded;
    const tls = shown === undefined ? {} : { tls: shown };
    const link = await openNatsLink({ url, name, ...tls, patienceMs: 5000 });
    if (addressFile !== undefined) told = await writeAddressFile(addressFile, agentUrl);
    say(`broker at ${place}; on each box, with a copy of this file and a name of its own:`);
    say(`  DORAMI_LOAD_NATS=$(cat ${shellWord(addressFile ?? agentFile)}) dorami-load agent --name NAME`);
    if (clear) say(CLEAR);
    return {
      ...{ link, place: `${host}:${port}`, died },
      async close() {
        await link.close();
        await told?.remove();
        await close();
      },
    };
  } catch (error) {
    await told?.remove();
    await embedded?.close();
    if (error instanceof LinkError) throw new PreflightError(error.message, { cause: error });
    throw error;
  }
}

const shellWord = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

const CLEAR =
  'note: what boxes say leaves this machine in the clear, but for the tokens of viewers: --nats-cert and --nats-key change that';

/** What the broker shows, in place of what it trusts. */
function certificateOf({ certFile, keyFile }: BrokerTls = {}) {
  return certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile };
}
