/**
 * What is taken away from a working platform, and the verdict that each has to get. docs/mutations.md is printed
 * from it.
 */
export interface Mutation {
  /** In words of the platform's side. */
  readonly what: string;
  /** Faults of the stage, as `--stage-fault` takes them; none = a platform in good health. */
  readonly faults: readonly string[];
  /** Exit code: 0 pass, 99 fail, 114 no data. */
  readonly code: 0 | 99 | 114;
  /** Mandatory rows that must be red. */
  readonly red?: readonly string[];
  /** Mandatory rows that must be without data. */
  readonly noData?: readonly string[];
  /** Rows that must be green all the same: the fault is not blamed on another part. */
  readonly green?: readonly string[];
  /** Counters, `name` or `name part`, that must stand at 1 or more. */
  readonly counted?: readonly string[];
  /** Counters that must stand at 0. */
  readonly notCounted?: readonly string[];
  /** Who watches; absent = the profile's mix. */
  readonly mix?: 'hls' | 'flv';
  /** More flags of the run. */
  readonly flags?: readonly string[];
}

const SOCKETS = ['ready_root', 'ready_chat', 'ready_streaming', 'join_root', 'join_chat', 'join_streaming'];
const CHAT = ['chat_delivery_ratio', 'chat_echo_ratio'];
const API = ['api_success', 'api_5xx_rate'];
const REST_OF_IT = [...SOCKETS, ...CHAT, ...API];
const PLAYOUT = ['rebuffer_ratio', 'frozen_ratio', 'replayed_ratio'];
const MEDIA = ['stream_start_success', ...PLAYOUT];
/** Enough viewers that use the cart for the rows of writes to be judged. */
const SHOPPERS = ['--vus', '30', '--rate', 'cart-add=100%'];
/** A viewer waits some time for its ready event. */
const PATIENT = ['--duration', '22s'];

export const MUTATIONS: Readonly<Record<string, readonly Mutation[]>> = {
  'Nothing broken, or nothing that a viewer notices': [
    { what: 'a platform in good health', faults: [], code: 0, green: [...MEDIA, ...REST_OF_IT] },
    {
      what: 'HLS behind redirects',
      ...{ faults: ['redirect-playlist'], mix: 'hls', code: 0, green: MEDIA, counted: ['segment_count hls'] },
    },
    {
      what: 'one playlist of each viewer answers 502: one segment comes late, too few to judge its 95th percentile',
      ...{ faults: ['lost-playlists:at=7,count=10,status=502'], mix: 'hls', code: 0, green: MEDIA },
      counted: ['playlist_error_count hls.http_status'],
    },
    {
      what: 'segments are cut off for a second',
      ...{ faults: ['cut-segments:at=7,for=1'], mix: 'hls', code: 0, green: MEDIA },
      counted: ['media_request_count hls.segment_network'],
    },
    {
      what: 'HLS sessions are forgotten: the list answers with a master',
      ...{ faults: ['lose-context:at=7'], mix: 'hls', code: 0, green: MEDIA },
      counted: ['context_lost_count hls'],
    },
    {
      what: 'media comes 2 s late three times, HLS viewers hold 3 s and notice nothing; the segments are late all the same',
      ...{
        faults: ['freeze:at=7,for=2', 'freeze:at=17,for=2', 'freeze:at=27,for=2'],
        flags: ['--duration', '35s'],
        mix: 'hls',
        code: 99,
        red: ['segment_generation_p95'],
        green: MEDIA,
        notCounted: ['rebuffer_count hls'],
      },
    },
    {
      what: 'tokens of sockets are looked up slowly',
      ...{ faults: ['slow-auth:ms=1500'], code: 0, green: SOCKETS },
    },
    {
      what: 'the reconciler empties the viewer set',
      ...{ faults: ['wipe-viewers:at=7'], code: 0, green: REST_OF_IT },
    },
  ],
  'The publisher': [
    {
      what: 'is gone for good',
      ...{ faults: ['drop-publisher:at=7'], code: 99, red: ['rebuffer_ratio'], green: REST_OF_IT },
      counted: ['flv_ended_count flv.cut', 'protocol_switch_count hls.cut', 'playlist_stale_count hls'],
    },
    {
      what: 'is gone for good, and the platform ends the stream',
      ...{ faults: ['short-grace', 'drop-publisher:at=6'], code: 99, red: ['rebuffer_ratio'] },
      counted: ['stream_ended_notice_count'],
    },
    {
      what: 'is back after 3 s, numbers go on',
      ...{ faults: ['drop-publisher:at=6,for=3'], code: 99, red: ['rebuffer_ratio'], green: REST_OF_IT },
      notCounted: ['sequence_reset_count hls'],
    },
    {
      what: 'is back after 6 s, numbers begin at 0',
      ...{ faults: ['drop-publisher:at=4,for=6'], code: 99, red: ['rebuffer_ratio'], green: REST_OF_IT },
      counted: ['sequence_reset_count hls'],
    },
    {
      what: 'stands still for 5 s and is late for good',
      ...{ faults: ['pause:at=6,for=5'], code: 99, red: ['rebuffer_ratio'], green: REST_OF_IT },
    },
    {
      what: 'media is held back for 5 s',
      ...{ faults: ['freeze:at=6,for=5'], code: 99, red: ['rebuffer_ratio'], green: REST_OF_IT },
    },
    {
      what: '2 s of media are lost for everybody',
      ...{ faults: ['loss:at=7,for=2'], code: 99, red: ['frozen_ratio', 'frame_drop_rate'] },
      green: REST_OF_IT,
    },
    {
      what: 'times leap by 5 s',
      ...{ faults: ['jump:at=6,seconds=5'], mix: 'hls', code: 99, red: ['rebuffer_ratio'], green: SOCKETS },
    },
    {
      what: 'no pictures, audio goes on',
      ...{ faults: ['video-gone:at=6,for=7'], code: 99, red: ['frozen_ratio'], green: REST_OF_IT },
    },
    {
      what: 'no audio, pictures go on',
      ...{ faults: ['audio-gone:at=6,for=7'], code: 99, red: ['rebuffer_ratio'], green: REST_OF_IT },
    },
    {
      what: 'pictures carry no capture time',
      ...{ faults: ['no-stamps'], code: 114, noData: ['latency_p95_flv', 'latency_p95_hls'] },
      ...{ green: [...MEDIA, ...REST_OF_IT], flags: ['--mix', 'hls=50,flv=50'] },
    },
  ],
  'HTTP-FLV': [
    {
      what: 'nothing is published: no answer at all',
      ...{ faults: ['unpublished'], mix: 'flv', code: 99, red: ['stream_start_success', 'viewers_joined'] },
      ...{ green: API, counted: ['start_failed_count flv.no_data'] },
    },
    {
      what: 'bodies are cut off, viewers go on over HLS',
      ...{ faults: ['flv-cut:at=7'], mix: 'flv', code: 99, red: ['rebuffer_ratio'], green: REST_OF_IT },
      counted: ['flv_ended_count flv.cut', 'protocol_switch_count hls.cut'],
    },
    {
      what: 'bodies end as if all had been said',
      ...{ faults: ['flv-end:at=6'], mix: 'flv', code: 99, red: ['rebuffer_ratio'], green: REST_OF_IT },
      counted: ['flv_ended_count flv.clean', 'player_reload_count flv.watchdog'],
    },
    {
      what: 'silence, connections stay open',
      ...{ faults: ['gap:at=6,for=60'], mix: 'flv', code: 99, red: ['rebuffer_ratio'], green: REST_OF_IT },
    },
    {
      what: 'the server drops 2 s, as for a slow reader',
      ...{ faults: ['gap:at=7,for=2'], mix: 'flv', code: 99, green: REST_OF_IT },
      red: ['rebuffer_ratio', 'frozen_ratio', 'frame_drop_rate'],
    },
    {
      what: 'noise in place of tags, from the start',
      ...{ faults: ['garbage-flv'], mix: 'flv', code: 99, red: ['stream_start_success'], green: API },
      counted: ['start_failed_count flv.media_error', 'protocol_switch_count hls.media_error'],
    },
    {
      what: 'noise in place of tags, later',
      ...{ faults: ['garbage-flv:at=7'], mix: 'flv', code: 99, red: ['rebuffer_ratio'], green: REST_OF_IT },
      counted: ['media_error_count flv.flv_tag_type', 'protocol_switch_count hls.media_error'],
    },
  ],
  HLS: [
    {
      what: 'nothing is published: playlists are 404',
      ...{ faults: ['unpublished'], mix: 'hls', code: 99, red: ['stream_start_success', 'viewers_joined'] },
      counted: ['start_failed_count hls.http_status', 'media_request_count hls.master_not_found'],
    },
    {
      what: 'the publisher has gone before anybody comes, its last list is still served',
      ...{ faults: ['drop-publisher'], mix: 'hls', code: 99, red: ['rebuffer_ratio'] },
      ...{ green: ['stream_start_success', ...API], counted: ['playlist_stale_count hls'] },
    },
    {
      what: 'playlists are 404 from now on',
      ...{
        faults: ['lost-playlists:at=6'],
        mix: 'hls',
        code: 99,
        red: ['rebuffer_ratio'],
        green: REST_OF_IT,
      },
      counted: ['media_request_count hls.playlist_not_found'],
    },
    {
      what: 'the playlist stands still',
      ...{ faults: ['frozen-playlist:at=6'], mix: 'hls', code: 99, red: ['rebuffer_ratio'] },
      ...{ green: REST_OF_IT, counted: ['playlist_stale_count hls'] },
    },
    {
      what: 'the list says that it has ended',
      ...{ faults: ['end-list:at=6'], mix: 'hls', code: 99, red: ['rebuffer_ratio'], green: REST_OF_IT },
    },
    {
      what: 'one segment is 404',
      ...{
        faults: ['lost-segments:at=7'],
        mix: 'hls',
        code: 99,
        red: ['frame_drop_rate'],
        green: REST_OF_IT,
      },
      counted: ['media_request_count hls.segment_not_found'],
    },
    {
      what: 'segments are cut off',
      ...{ faults: ['cut-segments:at=6'], mix: 'hls', code: 99, red: ['rebuffer_ratio'], green: REST_OF_IT },
      counted: ['media_request_count hls.segment_network'],
    },
    {
      what: 'segments of 1 s take 3 s',
      ...{ faults: ['slow-segments:at=6'], mix: 'hls', code: 99, red: ['rebuffer_ratio'], green: REST_OF_IT },
    },
    {
      what: 'segments are never answered',
      ...{
        faults: ['hang-segments:at=7'],
        mix: 'hls',
        flags: PATIENT,
        code: 99,
        red: ['rebuffer_ratio'],
        green: REST_OF_IT,
      },
      counted: ['media_request_count hls.segment_timeout'],
    },
    {
      what: 'playlists are rubbish',
      ...{ faults: ['garbage-playlist'], mix: 'hls', code: 99, red: ['stream_start_success'] },
      counted: ['start_failed_count hls.not_a_playlist'],
    },
    {
      what: 'segments are rubbish',
      ...{ faults: ['garbage-segment'], mix: 'hls', code: 99, red: ['stream_start_success'] },
      counted: ['start_failed_count hls.media_error'],
    },
  ],
  'Sockets and chat': [
    {
      what: 'every connection is cut once',
      ...{ faults: ['drop-sockets:at=7'], code: 99, red: ['connections_dropped'] },
      ...{ green: [...MEDIA, 'viewers_lost'], counted: ['socket_disconnected_count transport'] },
    },
    {
      what: 'the ready event of one namespace is missing',
      ...{
        faults: ['no-ready:namespace=/chat'],
        flags: PATIENT,
        code: 99,
        red: ['ready_chat', 'viewers_joined'],
      },
      ...{
        green: [...MEDIA, ...API, 'ready_root', 'ready_streaming'],
        counted: ['socket_failed_count chat_ready_timeout'],
      },
    },
    {
      what: 'looking up a token takes a minute',
      ...{ faults: ['slow-auth:ms=60000'], flags: PATIENT, code: 99, green: [...MEDIA, ...API] },
      red: ['ready_root', 'ready_chat', 'ready_streaming', 'viewers_joined'],
    },
    {
      what: 'messages are confirmed and reach nobody',
      ...{ faults: ['mute-chat'], code: 99, red: CHAT, green: [...MEDIA, ...SOCKETS, ...API] },
    },
    {
      what: 'messages reach their sender only',
      ...{ faults: ['echo-to-sender-only'], code: 99, red: ['chat_delivery_ratio'] },
      green: [...MEDIA, ...SOCKETS, ...API, 'chat_echo_ratio'],
    },
  ],
  'REST and shop': [
    {
      what: 'the app answers 500',
      ...{ faults: ['http-5xx:at=3'], code: 99, red: API, green: [...MEDIA, ...SOCKETS, ...CHAT] },
      counted: ['api_outcome_count server_fault'],
      notCounted: ['api_outcome_count throttled', 'api_outcome_count proxy_limit'],
    },
    {
      what: 'the app throttles: 429',
      ...{
        faults: ['http-429:at=3'],
        code: 99,
        red: ['api_success'],
        counted: ['api_outcome_count throttled'],
      },
      ...{ green: [...MEDIA, 'api_5xx_rate'], notCounted: ['api_outcome_count server_fault'] },
    },
    {
      what: 'the proxy limits: 503',
      ...{
        faults: ['http-503:at=3'],
        code: 99,
        red: ['api_success'],
        counted: ['api_outcome_count proxy_limit'],
      },
      ...{ green: [...MEDIA, 'api_5xx_rate'], notCounted: ['api_outcome_count server_fault'] },
    },
    {
      what: 'answers take 2 s',
      ...{ faults: ['slow:at=3,ms=2000'], code: 99, red: ['api_read_p95'], green: [...MEDIA, ...API] },
      flags: SHOPPERS,
    },
    {
      what: 'carts fail with write conflicts: 500',
      ...{ faults: ['order-conflicts'], code: 99, red: API, green: [...MEDIA, ...SOCKETS], flags: SHOPPERS },
      counted: ['api_failed_call_count cart_add'],
    },
    {
      what: 'all is sold out: nobody can buy, which is no fault; writes cannot be judged',
      ...{ faults: ['sold-out'], code: 114, noData: ['api_write_p95'], green: [...MEDIA, ...REST_OF_IT] },
      flags: SHOPPERS,
    },
  ],
  'What it carries': [
    {
      what: 'the media server takes no more than 6 connections',
      ...{ faults: ['cap-media:count=6'], mix: 'flv', code: 99, red: ['stream_start_success'] },
      // The viewers who go at once leave too few calls to judge the API by.
      green: SOCKETS,
    },
    {
      what: 'no more than 2 calls a second',
      ...{ faults: ['cap-api:rate=2'], code: 99, red: ['api_success'], green: [...MEDIA, ...SOCKETS] },
      ...{ flags: ['--rate', 'products=1s'], counted: ['api_outcome_count proxy_limit'] },
    },
    {
      what: 'bandwidth for 6 viewers, the rest starve with them',
      ...{ faults: ['starve:count=6,share=0.4'], code: 99, red: ['rebuffer_ratio'], green: REST_OF_IT },
    },
  ],
  'The whole front': [
    {
      what: '502 pages of nginx for REST and media',
      ...{ faults: ['html-502'], code: 99, red: ['stream_start_success', 'viewers_lost'] },
    },
  ],
};

/** docs/mutations.md. */
export function mutationsText(): string {
  const lines = [
    '# What was broken, and what the verdict says',
    '',
    'Printed from the table of `test/e2e/mutations.test.ts`, which plants each of these on the stage and runs the',
    'command against it. A verdict that changes, a row that is red for another reason, or one that is green although it',
    'was hit turns that test red. The runs have 10 viewers and take 15 s; faults begin `at` seconds after the first viewer',
    'may come, `--fault` plants them on a stage that runs by itself. The exit codes are those of',
    '[exit-codes.md](exit-codes.md), the rows those of [kpi.md](kpi.md), the counters those of [metrics.md](metrics.md).',
    '',
    'Not in the table, since they end before a run: two viewers with one account (104), a token that the platform refuses',
    'or that has run out (113), a target that is dead (113).',
  ];
  for (const [part, mutations] of Object.entries(MUTATIONS)) {
    lines.push(
      '',
      `## ${part}`,
      '',
      '| what | flags of the run | exit | rows that decide | counted |',
      '| --- | --- | --- | --- | --- |',
    );
    for (const mutation of mutations) lines.push(rowOf(mutation));
  }
  return `${lines.join('\n')}\n`;
}

function rowOf(mutation: Mutation): string {
  const { what, code, red = [], noData = [], counted = [] } = mutation;
  const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');
  const rows = [listed(red), noData.length > 0 ? `no data: ${listed(noData)}` : '']
    .filter(Boolean)
    .join('; ');
  const faults = mutation.faults.map((fault) => `--stage-fault ${fault}`);
  const planted = [...faults, ...watchers(mutation), ...(mutation.flags ?? [])].join(' ');
  return `| ${what} | ${planted === '' ? '' : `\`${planted}\``} | ${code} | ${rows} | ${listed(counted)} |`;
}

/** The flag that says who watches. */
export function watchers({ mix }: Mutation): readonly string[] {
  if (mix === undefined) return [];
  return ['--mix', mix === 'hls' ? 'hls=100,flv=0' : 'hls=0,flv=100'];
}
