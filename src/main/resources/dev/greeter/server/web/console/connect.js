// The Connect protocol by fetch: https://connectrpc.com/docs/protocol
const END = 2;
const PREFIX = 5;
/** How long after its deadline the server may take to say that it has passed. */
const GRACE = 500;
const decoder = new TextDecoder();
export const text = bytes => decoder.decode(bytes);
export const isHttp2 = performance.getEntriesByType('navigation')[0]?.nextHopProtocol === 'h2';

/** Whether requests can be streams: in some browsers, over HTTP/2, which all of them use with TLS only. */
export const streamsRequests = isHttp2 && acceptsStreams();

function acceptsStreams() {
  let asked = false;
  const options = { method: 'POST', body: new ReadableStream(), get duplex() { return (asked = true) && 'half'; } };
  return !new Request('/', options).headers.has('content-type') && asked;
}

export function envelope(json) {
  const message = new TextEncoder().encode(json);
  const framed = new Uint8Array(PREFIX + message.length);
  new DataView(framed.buffer).setUint32(1, message.length);
  framed.set(message, PREFIX);
  return framed;
}

/**
 * Makes a call and returns how it ended: { code, message, details, headers, trailers, http, size }.
 *
 * @param messages JSON texts, or a ReadableStream of envelopes
 * @param onMessage is given the bytes of each message of the response
 */
export async function call(path, { unary, messages, metadata = [], timeout, signal: cancelled }, onMessage) {
  const streamed = messages instanceof ReadableStream;
  const late = timeout ? AbortSignal.timeout(timeout + GRACE) : new AbortController().signal;
  let headers;
  try {
    headers = new Headers(metadata);
    headers.set('content-type', unary ? 'application/json' : 'application/connect+json');
    headers.set('connect-protocol-version', '1');
    timeout && headers.set('connect-timeout-ms', timeout);
    const body = streamed ? messages : unary ? messages[0] : new Blob(messages.map(envelope));
    const signal = AbortSignal.any([cancelled, late]);
    const response = await fetch(path, { method: 'POST', headers, body, signal, cache: 'no-store', ...(streamed && { duplex: 'half' }) });
    const [trailers, others] = [true, false].map(wanted => [...response.headers].filter(([name]) => name.startsWith('trailer-') === wanted));
    return {
      http: response.status,
      headers: others,
      trailers: trailers.map(([name, value]) => [name.replace('trailer-', ''), value]),
      ...(response.ok && !unary ? await stream(response.body.getReader(), onMessage) : await single(response, onMessage)),
    };
  } catch ({ message }) {
    return cancelled.aborted ? { code: 'CANCELLED', message: 'Cancelled here, and so at the server.' }
      : !headers ? { code: 'NOT SENT', message }
      : late.aborted ? { code: 'DEADLINE_EXCEEDED', message: 'The deadline has passed.' }
      : { code: 'UNAVAILABLE', message: `The server cannot be reached, or it has ended the connection. (${message})` };
  }
}

async function single(response, onMessage) {
  const body = new Uint8Array(await response.arrayBuffer());
  if (response.ok) {
    onMessage(body);
    return { code: 'OK' };
  }
  const isError = response.headers.get('content-type') === 'application/json';
  return { size: body.length, ...(isError ? error(JSON.parse(text(body))) : { code: 'HTTP ' + response.status, message: text(body) }) };
}
const error = ({ code, message, details }) => ({ code: code === 'canceled' ? 'CANCELLED' : code.toUpperCase(), message, details });

async function stream(reader, onMessage) {
  for (let rest = new Uint8Array(); ;) {
    const { done, value } = await reader.read();
    if (done) {
      return { code: 'UNAVAILABLE', message: 'The response ended early: the server or a proxy has ended the connection.' };
    }
    const data = new Uint8Array(rest.length + value.length);
    data.set(rest);
    data.set(value, rest.length);
    const view = new DataView(data.buffer);
    let at = 0;
    for (let end; at + PREFIX <= data.length && (end = at + PREFIX + view.getUint32(at + 1)) <= data.length; at = end) {
      const message = data.slice(at + PREFIX, end);
      if (data[at] & END) {
        const { error: failed, metadata = {} } = JSON.parse(text(message));
        const trailers = Object.entries(metadata).flatMap(([name, values]) => values.map(one => [name, one]));
        return { trailers, ...(failed ? error(failed) : { code: 'OK' }) };
      }
      onMessage(message);
    }
    rest = data.slice(at);
  }
}
