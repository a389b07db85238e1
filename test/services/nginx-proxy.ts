import { freePort, type Service, temporaryFolder } from './child.js';
import { startNginx } from './nginx.js';

export interface ProxyOptions {
  /** Origin of REST and Socket.IO, e.g. `http://127.0.0.1:4000`. */
  readonly apiOrigin: string;
  /** Origin of the media server; absent = the same as `apiOrigin`. */
  readonly mediaOrigin?: string;
  /** Path on the media server that `/live/live/` is sent to; absent = unchanged. */
  readonly flvPath?: string;
  /** Requests per second and burst allowed on `/api/` from one address; beyond it nginx answers 503. */
  readonly apiLimit?: { readonly perS: number; readonly burst: number };
  /** Connections allowed from one address at a time; beyond it nginx answers 503. */
  readonly connectionLimit?: number;
}

export interface Proxy extends Service {
  /** Where the proxied platform is reached. */
  readonly origin: string;
}

/**
 * nginx in front of a platform, with the locations of the platform's own configuration: HLS under `/hls/` and,
 * for what the master playlist points at, under `/live/`; HTTP-FLV under `/live/live/`; unbuffered media; a
 * WebSocket upgrade; and, when asked for, its limits per address.
 */
export async function startNginxProxy(options: ProxyOptions): Promise<Proxy> {
  const port = await freePort();
  const folder = temporaryFolder('nginx-proxy');
  const service = await startNginx({ folder, port, http: proxyHttp(options, port) });
  return { ...service, origin: `http://127.0.0.1:${port}` };
}

function proxyHttp(options: ProxyOptions, port: number): string {
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
  gzip on;
  gzip_types application/json text/css application/javascript;
  ${rate === undefined ? '' : `limit_req_zone $binary_remote_addr zone=api:1m rate=${rate.perS}r/s;`}
  ${connections === undefined ? '' : 'limit_conn_zone $binary_remote_addr zone=each:1m;'}
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server {
    listen 127.0.0.1:${port};
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
      ${rate === undefined ? '' : `limit_req zone=api burst=${rate.burst} nodelay;`}
      proxy_pass ${api};
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }`;
}
