import { describe, expect, it } from 'vitest';
import { parseConf } from '../nginx-conf/parse.js';
import type { LoadNeed } from './load-need.js';
import { srsTraps } from './srs-traps.js';

const NEED: LoadNeed = {
  ...{ vus: 500, addresses: 1, heldPerAddress: 650, mediaHeld: 150, callsPerS: 20, hls: true, flv: true },
};

function traps(text: string, need: Partial<LoadNeed> = {}): readonly [string, string, string | undefined][] {
  const found = srsTraps(parseConf(text), 'srs.conf', { ...NEED, ...need });
  return found.map(({ id, severity, where }) => [id, severity, where]);
}

describe('a configuration of SRS', () => {
  it('with the known traps names each of them, with its line', () => {
    const text = `max_connections 300;
srs_log_level warn;
threads 4;
vhost __defaultVhost__ {
  play {
    gop_cache on;
    gop_cache_max_frames 30;
    queue_length 1;
    mw_latency 0;
  }
  hls { enabled on; hls_fragment 2; hls_window 4; }
}
`;
    expect(traps(text)).toEqual([
      ['max_connections', 'error', 'srs.conf:1'],
      ['srs_log_level', 'warning', 'srs.conf:2'],
      ['threads', 'warning', 'srs.conf:3'],
      ['gop_cache_max_frames', 'warning', 'srs.conf:7'],
      ['queue_length', 'warning', 'srs.conf:8'],
      ['mw_latency', 'warning', 'srs.conf:9'],
      ['hls_window', 'warning', 'srs.conf:11'],
    ]);
  });

  it('without them is silent, and a commented trap is none', () => {
    const text = `max_connections 5000;
vhost x { play { gop_cache on; gop_cache_max_frames 2500; mw_latency 350; queue_length 10; }
  # play { mw_latency 0; }
  hls { enabled on; hls_fragment 1; hls_window 4; hls_ctx on; } http_remux { enabled on; } }`;
    expect(traps(text)).toEqual([]);
  });

  it('without a protocol spoils only runs that use it', () => {
    const text = 'vhost x { http_remux { enabled off; } hls { enabled off; } }';
    expect(traps(text).map(([, severity]) => severity)).toEqual(['error', 'error']);
    expect(traps(text, { flv: false })).toHaveLength(1);
    expect(traps(text, { flv: false, hls: false })).toEqual([]);
  });

  it('with the API off is told that the backend will end the stream', () => {
    expect(traps('http_api { enabled off; }')).toEqual([['http_api_enabled', 'error', 'srs.conf:1']]);
  });
});
