// Runs node-media-server by itself: node node-media-server-main.mjs <rtmp port> <http port> <store folder>
import NodeMediaServer from 'node-media-server';

const [rtmpPort, httpPort, store] = process.argv.slice(2);
const server = new NodeMediaServer({
  bind: '127.0.0.1',
  store: { path: store },
  notify: { url: '' },
  auth: { play: false, publish: false, secret: '' },
  rtmp: { port: Number(rtmpPort) },
  http: { port: Number(httpPort) },
  webadmin: { enable: false },
  record: { auto: false },
});
process.once('SIGTERM', () => process.exit(0));
await server.run();
