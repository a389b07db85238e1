/**
 * Finds the booleans hasAudio and hasVideo in an onMetaData script tag (AMF0: name, marker 1, value) as its
 * bytes stream by. Nothing else of a script tag matters to a player's start.
 */
export class FlvMetaScan {
  hasAudio: boolean | undefined = undefined;
  hasVideo: boolean | undefined = undefined;
  #matched = 0;
  #video = false;

  reset(): void {
    this.hasAudio = undefined;
    this.hasVideo = undefined;
    this.#matched = 0;
  }

  feed(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at++) this.#step(bytes[at] as number);
  }

  #step(byte: number): void {
    if (this.#matched === VALUE_AT) {
      if (this.#video) this.hasVideo = byte !== 0;
      else this.hasAudio = byte !== 0;
      this.#matched = 0;
      return;
    }
    if (this.#matched === BRANCH_AT) this.#video = byte === VIDEO[BRANCH_AT];
    const wanted = (this.#video ? VIDEO : AUDIO)[this.#matched];
    if (byte === wanted) this.#matched++;
    // "h" stands only at the start of either name, so a mismatch can only begin anew with it.
    else this.#matched = byte === AUDIO[0] ? 1 : 0;
  }
}

const BOOLEAN_MARKER = 1;
const AUDIO = [...'hasAudio'].map((c) => c.charCodeAt(0)).concat(BOOLEAN_MARKER);
const VIDEO = [...'hasVideo'].map((c) => c.charCodeAt(0)).concat(BOOLEAN_MARKER);
const BRANCH_AT = 3;
const VALUE_AT = AUDIO.length;
