import type { PageProfile } from '../../../src/players/profiles.js';
import type { FidelityProtocol, Side } from '../story.js';

/** How far a decision of the renderer may lie from its boundary before it is certain, ms. */
export const MARGIN_MS: Readonly<Record<FidelityProtocol, number>> = { hls: 10, flv: 40 };

export type OurSide = Exclude<Side, 'browser'>;
export const OUR_SIDES: readonly OurSide[] = ['ours', 'ours-early', 'ours-late'];

/**
 * The page with a renderer that underruns and resumes a little earlier or later, and whose FLV requests leave a little
 * earlier or later: where in the GOP they find the server decides what it begins with. What is marginal shows.
 */
export function variantOf(profile: PageProfile, side: OurSide, protocol: FidelityProtocol): PageProfile {
  if (side === 'ours') return profile;
  const byMs = side === 'ours-early' ? MARGIN_MS[protocol] : -MARGIN_MS[protocol];
  const { flv, renderer } = profile;
  return {
    ...profile,
    name: `${profile.name}, ${side}`,
    renderer: {
      ...renderer,
      underrunGuardMs: renderer.underrunGuardMs + byMs,
      startAudioMs: renderer.startAudioMs - byMs,
      resumeAudioShiftMs: renderer.resumeAudioShiftMs - byMs,
    },
    flv: { ...flv, workerStartMs: Math.max(0, flv.workerStartMs - byMs) },
  };
}
