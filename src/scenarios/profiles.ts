import type { Profile } from './profile.js';
import { BASELINE } from './profiles/baseline.js';
import { CHAT_BURST } from './profiles/chat-burst.js';
import { ESCALATION } from './profiles/escalation.js';
import { RAMP } from './profiles/ramp.js';
import { RECOVERY } from './profiles/recovery.js';
import { SMOKE } from './profiles/smoke.js';
import { SOAK } from './profiles/soak.js';
import { SPIKE } from './profiles/spike.js';

const PROFILES: readonly Profile[] = [SMOKE, BASELINE, RAMP, SPIKE, SOAK, RECOVERY, ESCALATION, CHAT_BURST];

export const DEFAULT_PROFILE: Profile = SMOKE;

export function findProfile(name: string): Profile | undefined {
  return PROFILES.find((profile) => profile.name === name);
}

export function profileNames(): string[] {
  return PROFILES.map((profile) => profile.name);
}

export function allProfiles(): readonly Profile[] {
  return PROFILES;
}
