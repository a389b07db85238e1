import { ProtocolError } from '../errors.js';
import type { OwnVu } from '../protocol.js';
import { type BoxAsk, readWire, viewersSchema, workSchema } from './agent-messages.js';
import type { BoxShare, BoxWork } from './protocol.js';

type Take = Extract<BoxAsk, { kind: 'take' }>;

/** Puts the work and the share of a box together from the parts in which they come, each sealed to this process. */
export class ShareIntake {
  readonly #take: Take;
  readonly #open: (sealed: Uint8Array) => Uint8Array;
  readonly #parts = new Map<number, readonly OwnVu[]>();
  readonly work: BoxWork;

  /** @throws {ProtocolError} when the work cannot be read */
  constructor(take: Take, open: (sealed: Uint8Array) => Uint8Array) {
    this.#take = take;
    this.#open = open;
    this.work = readWire(workSchema, this.#unseal(take.work), 'the work') as unknown as BoxWork;
  }

  /** The same part twice is there once. @throws {ProtocolError} when it cannot be read */
  part(index: number, sealed: string): void {
    if (index >= this.#take.parts) throw new ProtocolError(`a part ${index} of ${this.#take.parts}`);
    this.#parts.set(index, readWire(viewersSchema, this.#unseal(sealed), 'a part of the viewers') as OwnVu[]);
  }

  /** @throws {ProtocolError} when a part is missing, or a viewer is there twice */
  get share(): BoxShare {
    const { parts, viewers } = this.#take;
    if (this.#parts.size !== parts) throw new ProtocolError(`${this.#parts.size} of ${parts} parts came`);
    const all = [...this.#parts].sort(([a], [b]) => a - b).flatMap(([, part]) => part);
    if (all.length !== viewers) throw new ProtocolError(`${all.length} of ${viewers} viewers came`);
    const numbers = new Set(all.map(({ vu }) => vu));
    if (numbers.size !== all.length) throw new ProtocolError('a viewer is in the share twice');
    return { viewers: all };
  }

  #unseal(sealed: string): Uint8Array {
    try {
      return this.#open(Buffer.from(sealed, 'base64'));
    } catch (cause) {
      throw new ProtocolError('what was sealed for another process, or not by a coordinator', { cause });
    }
  }
}
