import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programPath } from './available.js';
import { type Service, startService, waitForPort } from './child.js';

export interface NginxOptions {
  /** Folder of its own: configuration, logs, temporary files. */
  readonly folder: string;
  /** Top-level directives, e.g. `load_module` lines. */
  readonly head?: string;
  /** The `http { }` context's directives. */
  readonly http: string;
  /** Further top-level contexts, e.g. `rtmp { }`. */
  readonly contexts?: string;
  /** Port to wait for. */
  readonly port: number;
}

/** Starts a real nginx (master and one worker) that keeps every file of its own inside `folder`. */
export async function startNginx(options: NginxOptions): Promise<Service> {
  const program = programPath('nginx');
  if (program === undefined) throw new Error('nginx is not installed');
  const config = join(options.folder, 'nginx.conf');
  writeFileSync(config, nginxConfig(options));
  for (const name of ['body', 'proxy', 'other']) mkdirSync(join(options.folder, name), { recursive: true });
  const service = startService({
    command: program,
    args: ['-p', options.folder, '-c', config, '-e', join(options.folder, 'error.log')],
    folder: options.folder,
  });
  try {
    await waitForPort(options.port, service);
  } catch (error) {
    await service.stop();
    throw error;
  }
  return service;
}

function nginxConfig(options: NginxOptions): string {
  const { folder } = options;
  // Workers of a root master would drop to another user, who may not read a folder made by mkdtemp (mode 0700).
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `
${options.head ?? ''}
${user}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log info;
events { worker_connections 2048; }
http {
  access_log ${folder}/access.log;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/other;
  uwsgi_temp_path ${folder}/other;
  scgi_temp_path ${folder}/other;
  sendfile on;
  tcp_nodelay on;
  keepalive_timeout 65;
  server_tokens off;
${options.http}
}
${options.contexts ?? ''}
`;
}
