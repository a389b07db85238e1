import type { PageProfile, RendererProfile } from '../../../src/players/profiles.js';
import type { FidelityProtocol, Side } from '../story.js';

/** How far a decision of the renderer may lie from its boundary before it is certain, ms. */
export const MARGIN_MS: Readonly<Record<FidelityProtocol, number>> = { hls: 10, flv: 40 };

/** A browser that runs dry late does so this much later than most. */
const HLS_LATE_GUARD_MS = 25;
const HLS_SLOW_APPEND_MS = 12;

export type OurSide = Exclude<Side, 'browser'>;
export const OUR_SIDES: readonly OurSide[] = ['ours', 'ours-early', 'ours-late'];

/**
 * The page with a renderer that decides a little to the one or to the other side: what is marginal shows.
 *
 * FLV: media counts a margin later or earlier than it does. That turns just those decisions that are a margin from their
 * boundary: media that came less than 40 ms before the viewer would have run dry comes too late, media that came less than
 * 40 ms after it comes in time. All others stay where they are. Thresholds of media are not moved: what a browser wants to
 * have before it begins or goes on is an amount, and how late it learns of it does not change that. Requests leave that
 * much earlier or later: where in the GOP they find the server decides what it begins with. HLS in the place of FLV is
 * attached, and has its lists, that much earlier or later: it may or may not miss a tick.
 *
 * HLS: media comes a segment at a time, so that moved thresholds turn no decisions but those on their boundary. How far
 * from the end of the audio a browser runs dry hangs on how its audio device's calls fall on the stream since it last
 * began: 24 to 59 ms were seen, half of them 50 ms and more. An append takes 5 ms, one in ten 12 ms longer.
 */
export function variantOf(profile: PageProfile, side: OurSide, protocol: FidelityProtocol): PageProfile {
  if (side === 'ours') return profile;
  const byMs = side === 'ours-early' ? MARGIN_MS[protocol] : -MARGIN_MS[protocol];
  const { flv, page, renderer } = profile;
  const { swap } = page;
  const moved: Partial<RendererProfile> =
    protocol === 'flv'
      ? { flvAppendDelayMs: renderer.flvAppendDelayMs + byMs }
      : {
          underrunGuardMs: renderer.underrunGuardMs + (byMs > 0 ? byMs : -HLS_LATE_GUARD_MS),
          appendDelayMs: renderer.appendDelayMs + (byMs > 0 ? HLS_SLOW_APPEND_MS : 0),
          startAudioMs: renderer.startAudioMs - byMs,
          resumeAudioShiftMs: renderer.resumeAudioShiftMs - byMs,
        };
  return {
    ...profile,
    name: `${profile.name}, ${side}`,
    renderer: { ...renderer, ...moved },
    page: {
      ...page,
      swap: {
        ...swap,
        attachMs: Math.max(0, swap.attachMs - byMs),
        listsMs: Math.max(0, swap.listsMs - Math.max(byMs, 0)),
      },
    },
    flv: { ...flv, workerStartMs: Math.max(0, flv.workerStartMs - byMs) },
  };
}
