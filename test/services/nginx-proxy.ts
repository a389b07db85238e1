import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NAMED_FORMATS } from '../../src/collect/nginx-format.js';
import { freePort, type Service, temporaryFolder } from './child.js';
import { startNginx } from './nginx.js';

export interface ProxyOptions {
  /** Origin of REST and Socket.IO, e.g. `http://127.0.0.1:4000`. */
  readonly apiOrigin: string;
  /** Origin of the media server; absent = the same as `apiOrigin`. */
  readonly mediaOrigin?: string;
  /** Path on the media server that `/live/live/` is sent to; absent = unchanged. */
  readonly flvPath?: string;
  /** Requests per second and burst allowed on `/api/` from one address; beyond it nginx answers `status`, else 503. */
  readonly apiLimit?: { readonly perS: number; readonly burst: number; readonly status?: 429 };
  /** Connections allowed from one address at a time; beyond it nginx answers 503. */
  readonly connectionLimit?: number;
  /** Serves https: with the tests' own certificate, and offers this; absent = http:. */
  readonly tls?: 'h2' | 'http/1.1';
}

/** One line of the proxy's log. */
export interface LoggedRequest {
  /** The client's address. */
  readonly address: string;
  /** nginx's number of the connection. */
  readonly connection: string;
  /** E.g. `HTTP/2.0`. */
  readonly protocol: string;
  readonly status: number;
  /** Content coding of the answer, `-` for none. */
  readonly encoding: string;
  readonly path: string;
}

export interface Proxy extends Service {
  /** Where the proxied platform is reached. */
  readonly origin: string;
  /** Its second log, in the format that `dorami-load collect` calls `timed`; `/nginx_status` is beside it. */
  readonly timedLog: string;
  /** Every request that is over. */
  requests(): readonly LoggedRequest[];
}

/**
 * nginx in front of a platform, with the locations of the platform's own configuration: HLS under `/hls/` and,
 * for what the master playlist points at, under `/live/`; HTTP-FLV under `/live/live/`; unbuffered media; a
 * WebSocket upgrade; and, when asked for, its limits per address.
 */
export async function startNginxProxy(options: ProxyOptions): Promise<Proxy> {
  const port = await freePort();
  const folder = temporaryFolder('nginx-proxy');
  const log = join(folder, 'requests.log');
  const service = await startNginx({ folder, port, http: proxyHttp(options, port, log) });
  const scheme = options.tls === undefined ? 'http' : 'https';
  const timedLog = `${log}.timed`;
  return { ...service, origin: `${scheme}://127.0.0.1:${port}`, timedLog, requests: () => readLog(log) };
}

function readLog(path: string): readonly LoggedRequest[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const [address = '', connection = '', protocol = '', status = '', encoding = '', uri = ''] =
      line.split(' ');
    return { address, connection, protocol, status: Number(status), encoding, path: uri };
  });
}

const TLS_FIXTURES = fileURLToPath(new URL('../fixtures/tls/', import.meta.url));

function listen({ tls }: ProxyOptions, port: number): string {
  if (tls === undefined) return `listen 127.0.0.1:${port};`;
  return `listen 127.0.0.1:${port} ssl${tls === 'h2' ? ' http2' : ''};
    ssl_certificate ${TLS_FIXTURES}cert.pem;
    ssl_certificate_key ${TLS_FIXTURES}key.pem;`;
}

function proxyHttp(options: ProxyOptions, port: number, log: string): string {
  const api = options.apiOrigin;
  const media = options.mediaOrigin ?? api;
  const rate = options.apiLimit;
  const connections = options.connectionLimit;
  const mediaRules = `
      proxy_http_version 1.1;
      proxy_set_header Host localhost;
      proxy_buffering off;
      proxy_request_buffering off;
      add_header Access-Control-Allow-Origin *;
      add_header Cache-Control "no-cache, no-store, must-revalidate";`;
  return `
  log_format requests
    '$remote_addr $connection $server_protocol $status $sent_http_content_encoding $request_uri';
  log_format timed '${NAMED_FORMATS.timed}';
  gzip on;
  gzip_types application/json text/css application/javascript;
  ${rate === undefined ? '' : `limit_req_zone $binary_remote_addr zone=api:1m rate=${rate.perS}r/s;`}
  ${connections === undefined ? '' : 'limit_conn_zone $binary_remote_addr zone=each:1m;'}
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server {
    ${listen(options, port)}
    access_log ${log} requests;
    access_log ${log}.timed timed;
    location = /nginx_status { stub_status; access_log off; }
    client_max_body_size 100m;
    ${connections === undefined ? '' : `limit_conn each ${connections};`}
    location = /health { return 200 "ok\\n"; }
    location /hls/hls/ { return 404; }
    location /live/live/ {
      proxy_pass ${media}${options.flvPath ?? '/live/live/'};${mediaRules}
    }
    location /hls/ {
      proxy_pass ${media}/live/;${mediaRules}
    }
    location ~ ^/live/[^/]+\\.(m3u8|ts)$ {
      proxy_pass ${media};${mediaRules}
    }
    location /socket.io/ {
      proxy_pass ${api};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_buffering off;
      proxy_read_timeout 86400s;
      proxy_send_timeout 86400s;
    }
    location / {
      ${rate === undefined ? '' : `limit_req zone=api burst=${rate.burst} nodelay; limit_req_status ${rate.status ?? 503};`}
      proxy_pass ${api};
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }`;
}
