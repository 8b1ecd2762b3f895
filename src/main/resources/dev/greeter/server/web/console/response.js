// What came of a call.
import { text } from './connect.js';
import { $, count, json, make, size, table, time } from './view.js';

/** Of a long stream the last messages are kept; the others are only counted. */
const KEPT = 500;
const LIVE = 50;
let shown;

export class Response {
  messages = [];
  total = 0;
  bytes = 0;
  began = performance.now();

  /** @param single whether it has one message at most */
  constructor(single) { this.single = single; }

  add(bytes) {
    this.bytes += bytes.length;
    this.messages.push({ number: ++this.total, at: performance.now() - this.began, bytes });
    this.messages.length >= 2 * KEPT && this.messages.splice(0, this.messages.length - KEPT);
  }

  end(outcome) {
    Object.assign(this, outcome, { took: performance.now() - this.began, bytes: this.bytes + (outcome.size ?? 0) });
  }

  /** Returns its messages, or else its error, to copy or to save. */
  text() {
    const { code, message, details, messages } = this;
    return (messages.length ? messages.slice(-KEPT).map(({ bytes }) => JSON.parse(text(bytes))) : [{ code, message, details }])
      .map(value => JSON.stringify(value, null, 2) + '\n').join('');
  }
}

/** Shows a response from its beginning, or that there is none. */
export function show(response) {
  shown = response;
  ['messages', 'error', 'dropped', 'status'].forEach(part => $(part).replaceChildren());
  ['messages', 'headers', 'trailers'].forEach(part => { $(part).hidden = true; });
  $('copy-response').disabled = $('save-response').disabled = true;
  response ? draw(response) : $('status').append('Not called yet.');
}

/** Shows what has come since the last time, unless another response is shown. */
export function draw(response) {
  if (response === shown) {
    const { code, total, bytes, took, http = 200 } = response;
    const facts = [code ? time(took) : 'in progress', count(total, 'message'), size(bytes), http === 200 ? '' : 'HTTP ' + http];
    $('status').replaceChildren(make('b', { className: code ? (code === 'OK' ? 'ok' : 'bad') : 'busy' }, code ?? 'OPEN'),
      facts.filter(Boolean).join(' · '));
    $('dropped').textContent = total > KEPT ? `${count(total, 'message')} received; the last ${KEPT} are kept.` : '';
    rows(response);
    code && drawEnd(response);
  }
}

function drawEnd(response) {
  const { code, message = 'There is no message.', details = [] } = response;
  code === 'OK' || $('error').replaceChildren(make('p', { dir: 'auto' }, message), ...details.map(({ type, debug, value }) => make('section', {},
    make('h4', {}, type), debug instanceof Object ? table(Object.entries(debug)) : make('code', {}, value))));
  ['headers', 'trailers'].filter(part => response[part]?.length).forEach(part => {
    $(part).hidden = false;
    $(part).replaceChildren($(part).firstElementChild, table(response[part]));
  });
  $('copy-response').disabled = $('save-response').disabled = false;
}

/** While a stream goes fast, only the last of its messages are shown. */
function rows({ messages, single, code }) {
  const list = $('messages');
  const atEnd = list.scrollTop + list.clientHeight > list.scrollHeight - 40;
  const kept = messages.slice(code ? -KEPT : -LIVE);
  const [first, last] = [list.firstChild, list.lastChild].map(row => Number(row?.dataset.number ?? 0));
  const continued = first <= (code ? kept[0]?.number : first) && last + 1 >= kept[0]?.number;
  continued || list.replaceChildren();
  list.append(...kept.filter(({ number }) => !continued || number > last).map(({ number, at, bytes }) => make('li', { 'data-number': number },
    make('span', { className: 'when', hidden: single }, `#${number}  +${time(at)}`),
    make('code', {}, json(JSON.parse(text(bytes)), single ? '\n' : '')))));
  while (list.childElementCount > KEPT) {
    list.firstChild.remove();
  }
  list.hidden = !list.childElementCount;
  list.scrollTop = atEnd && !single ? list.scrollHeight : list.scrollTop;
}
