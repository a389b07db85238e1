import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { NGINX_RTMP_MODULE } from './available.js';
import { freePort, type Service, temporaryFolder, waitForPort } from './child.js';
import { startNginx } from './nginx.js';

export interface NginxRtmp extends Service {
  /** Publish `{rtmpUrl}/{key}`. */
  readonly rtmpUrl: string;
  /** Watch `{origin}/hls/{key}.m3u8`. */
  readonly origin: string;
}

/** nginx with Debian's RTMP module: RTMP in, HLS out (1 s fragments, a list of 5 s, a media playlist only). */
export async function startNginxRtmp(): Promise<NginxRtmp> {
  const folder = temporaryFolder('nginx-rtmp');
  const media = join(folder, 'hls');
  mkdirSync(media);
  const [rtmpPort, port] = [await freePort(), await freePort()];
  const service = await startNginx({
    folder,
    port,
    head: `load_module ${NGINX_RTMP_MODULE};`,
    http: `
  server {
    listen 127.0.0.1:${port};
    location /hls/ {
      alias ${media}/;
      types { application/vnd.apple.mpegurl m3u8; video/mp2t ts; }
      add_header Cache-Control no-cache;
    }
  }`,
    contexts: `
rtmp {
  server {
    listen 127.0.0.1:${rtmpPort};
    chunk_size 4096;
    application live {
      live on;
      hls on;
      hls_path ${media};
      hls_fragment 1s;
      hls_playlist_length 5s;
    }
  }
}`,
  });
  await waitForPort(rtmpPort, service);
  return { ...service, rtmpUrl: `rtmp://127.0.0.1:${rtmpPort}/live`, origin: `http://127.0.0.1:${port}` };
}
