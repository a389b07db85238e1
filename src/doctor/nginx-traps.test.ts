import { describe, expect, it } from 'vitest';
import { parseConf } from '../nginx-conf/parse.js';
import type { Finding } from './finding.js';
import type { LoadNeed } from './load-need.js';
import { nginxTraps } from './nginx-traps.js';

const NEED: LoadNeed = {
  ...{ vus: 500, addresses: 1, heldPerAddress: 650, mediaHeld: 150, callsPerS: 20, hls: true, flv: true },
};

function traps(text: string, need: Partial<LoadNeed> = {}): readonly Finding[] {
  return nginxTraps(parseConf(text), 'nginx.conf', { ...NEED, ...need });
}

function brief(findings: readonly Finding[]): string[] {
  return findings.map(({ id, severity, where }) => `${id} ${severity} ${where}`);
}

const GOOD = `worker_processes 4;
worker_rlimit_nofile 65536;
events { worker_connections 4096; }
http {
  log_format timed '$remote_addr rt=$request_time';
  access_log /var/log/nginx/access.log timed;
  server {
    location = /nginx_status { stub_status; }
    location /live/live/ { proxy_pass http://srs:8080; proxy_buffering off; }
    location /socket.io/ {
      proxy_pass http://backend; proxy_http_version 1.1; proxy_read_timeout 1d;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
    }
  }
}
`;

const STAGING = `worker_processes 1;
events { worker_connections 1024; }
http {
  limit_req_zone $binary_remote_addr zone=api:10m rate=10r/s;
  limit_conn_zone $binary_remote_addr zone=addr:10m;
  access_log /var/log/nginx/access.log combined buffer=64k flush=5s;
  server {
    limit_conn addr 20;
    location /api/ { limit_req zone=api burst=50 nodelay; proxy_pass http://backend; }
    location /live/live/ { proxy_pass http://srs:8080; }
    location /socket.io/ { proxy_pass http://backend; proxy_read_timeout 10s; }
  }
}
`;

describe('a configuration of nginx', () => {
  it('with room for the run is silent', () => {
    expect(traps(GOOD)).toEqual([]);
  });

  it('with the known traps names each of them, with its line', () => {
    expect(brief(traps(STAGING))).toEqual([
      'worker_connections error nginx.conf:2',
      'limit_conn error nginx.conf:8',
      'limit_req error nginx.conf:9',
      'proxy_buffering warning nginx.conf:10',
      'proxy_read_timeout error nginx.conf:11',
      'websocket_upgrade error nginx.conf:11',
      'access_log_buffer warning nginx.conf:6',
      'log_format warning nginx.conf:6',
      'stub_status warning nginx.conf',
    ]);
  });

  it('tells how many addresses a limit per address would take', () => {
    const limit = traps(STAGING).find(({ id }) => id === 'limit_conn');
    expect(limit?.text).toMatch(/^limit_conn 20 per \$binary_remote_addr: the run holds about 650/);
    expect(limit?.fix).toMatch(/--local-ips with 33 addresses/);
  });

  it('limits that are wide enough only warn, and so do those of the whole server', () => {
    const small = traps(STAGING, { vus: 5, heldPerAddress: 8, callsPerS: 0.5 });
    expect(brief(small)).toContain('limit_conn warning nginx.conf:8');
    expect(brief(small)).toContain('limit_req warning nginx.conf:9');
    const whole = traps(STAGING.replaceAll('$binary_remote_addr', '$server_name'));
    expect(brief(whole)).toContain('limit_conn warning nginx.conf:8');
  });

  it('inherits from the level above, also where nginx -T prints the servers by themselves', () => {
    const printed = `http { proxy_buffering off; include conf.d/*.conf; }
server { location /live/live/ { proxy_pass http://srs; } location = /s { stub_status; } }`;
    expect(brief(traps(printed))).toEqual([]);
  });

  it('says what it could not read', () => {
    expect(brief(traps('http { include conf.d/*.conf; include mime.types; }'))).toEqual([
      'include warning nginx.conf:1',
    ]);
  });
});
