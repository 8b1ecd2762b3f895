// The health of the services, as long as the page is visible.
import { call, isHttp2, text } from './connect.js';
const PAUSE = 5000;
let following = new AbortController();

/**
 * Watches all services over HTTP/2. Otherwise a browser has six connections for all its tabs, so that the page watches
 * the server and the chosen service only, and asks for the others from time to time.
 *
 * @param tell is given the name of a service, empty for the server, and its state
 */
export function follow(services, chosen, tell) {
  following.abort();
  following = new AbortController();
  document.hidden || ['', chosen, ...services].forEach((name, index, all) => name === undefined || all.indexOf(name) !== index
    || repeat(isHttp2 || index < 2 ? 'Watch' : 'Check', name, following.signal, tell));
}

async function repeat(method, service, signal, tell) {
  const request = { unary: method === 'Check', messages: [JSON.stringify({ service })], signal };
  while (!signal.aborted) {
    const { code, http } = await call('grpc.health.v1.Health/' + method, request, bytes => tell(service, JSON.parse(text(bytes)).status ?? 'UNKNOWN'));
    if (!signal.aborted && code !== 'OK') {
      // A server that stops refuses new watches.
      tell(service, code !== 'UNAVAILABLE' ? code : http ? 'NOT_SERVING' : 'unreachable');
    }
    await new Promise(done => { setTimeout(done, PAUSE); signal.addEventListener('abort', done, { once: true }); });
  }
}
