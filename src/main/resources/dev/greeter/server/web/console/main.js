// The page: its methods, the chosen one, and its calls.
import { call, envelope, streamsRequests } from './connect.js';
import { commands } from './commands.js';
import { follow } from './health.js';
import { addMetadata, metadata, read, scroll, seconds, select, token, violations } from './request.js';
import { Response, draw, show } from './response.js';
import { Schema } from './schema.js';
import { $, button, copy, make, prose, save, time } from './view.js';

const [REDRAW, MAX_HISTORY] = [100, 50];
const KINDS = { unary: 'unary', server_streaming: 'server streaming', client_streaming: 'client streaming', bidi_streaming: 'bidirectional' };
const SAFETY = { NO_SIDE_EFFECTS: 'changes nothing', IDEMPOTENT: 'idempotent' };
const STATES = { SERVING: 'serving', NOT_SERVING: 'not serving', SERVICE_UNKNOWN: 'unknown' };
const MANY = 'Write one message after the other. ' + (streamsRequests
  ? 'They are sent while the call is open, by Call and by Send messages. Browsers show the responses when the requests have ended: press Finish.'
  : 'All are sent at once, and then the responses come: to send them one by one takes Chromium, HTTP/2 and TLS.');
const catalog = await (await fetch('console/services.json')).json();
const schema = new Schema(catalog);
const methods = new Map(catalog.services.flatMap(service => service.methods.map(method => {
  const path = `${service.name}/${method.name}`;
  const [takesMany, sendsMany] = [/client|bidi/, /server|bidi/].map(kinds => kinds.test(method.kind));
  return [path, { request: '', response: '', access: 'open', ...method, service, path, takesMany, sendsMany }];
})));
const [states, drafts, past] = [new Map(), new Map(), []];
let chosen, running, response, refused = [], tool = 'grpcurl';

const address = path => new URL(path, document.baseURI).href;
const rule = ({ access }) => access === 'open' ? 'open to all' : access === 'authenticated' ? 'needs a token' : access.replace(':', ' ');
const title = ({ name, deprecated }) => make('span', { className: deprecated ? 'deprecated' : '' }, name);
const facts = method => [KINDS[method.kind], rule(method), SAFETY[method.idempotency], method.deprecated && 'deprecated'].filter(Boolean);

function list() {
  const words = $('search').value.toLowerCase().split(/\s+/);
  const found = [...methods.values()].filter(({ path, kind, comment = '' }) =>
    words.every(word => `${path} ${KINDS[kind]} ${comment}`.toLowerCase().includes(word)));
  $('services').replaceChildren(...[...new Set(found.map(({ service }) => service))].map(service => make('section', {},
    make('h2', {}, make('i', { className: 'dot', 'data-service': service.name }), title(service)),
    make('ul', {}, ...found.filter(method => method.service === service).map(method => make('li', {},
      make('a', { href: '#/' + method.path, 'aria-current': method === chosen ? 'page' : 'false' },
        title(method), make('small', {}, facts(method).filter(fact => fact !== SAFETY.NO_SIDE_EFFECTS && fact !== 'open to all').join(' · ')))))))));
  $('none').hidden = found.length > 0;
  states.forEach((state, service) => tell(service, state));
}

function route() {
  chosen && drafts.set(chosen.path, $('editor').value);
  running?.abort();
  end();
  chosen = methods.get(location.hash.slice(2));
  $('welcome').hidden = Boolean(chosen);
  $('method').hidden = !chosen;
  document.body.classList.toggle('chosen', Boolean(chosen));
  document.title = `${chosen ? chosen.name + ' · ' : ''}${catalog.name} console`;
  list();
  chosen && open(chosen);
  watch();
}

const watch = () => methods.has('grpc.health.v1.Health/Watch') && follow(catalog.services.map(({ name }) => name), chosen?.service.name, tell);

function tell(service, state) {
  states.set(service, state);
  const title = STATES[state] ?? state;
  if (!service) {
    $('health').className = state;
    $('health').lastChild.textContent = state === 'NOT_SERVING' ? 'draining or not ready' : title;
  }
  document.querySelectorAll('.dot').forEach(dot => dot.dataset.service === service && Object.assign(dot, { className: 'dot ' + state, title }));
}

function open(method) {
  const types = new Set([method.request, method.response].flatMap(type => schema.describe(type)));
  $('service').textContent = method.service.name;
  $('title').replaceChildren(title(method));
  $('facts').replaceChildren(...facts(method).map(fact => make('li', {}, fact)));
  $('about').replaceChildren(...prose(method.comment));
  $('of-service').replaceChildren($('of-service').firstElementChild, ...prose(method.service.comment));
  $('of-service').hidden = !method.service.comment;
  $('hint').textContent = method.takesMany ? MANY : '';
  $('schema').replaceChildren(...[...types].join('\n').split(/^(\s*\/\/.*\n)/m)
    .map((part, index) => index % 2 ? make('span', { className: 'comment' }, part) : part));
  $('editor').value = drafts.get(method.path) ?? example(method);
  $('options').open = method.access !== 'open';
  refused = [];
  show(null);
  edited();
}

const example = ({ request, takesMany }) => (takesMany ? ['"Ada"', '"Grace"'] : ['"Ada"'])
  .map(name => JSON.stringify(schema.example(request), null, 2).replace('"Ada"', name)).join('\n');

function edited() {
  const request = read(chosen, schema, refused);
  $('command').textContent = commands[tool]({
    ...chosen, messages: request.texts, metadata: metadata(), token: chosen.access !== 'open' || token(), seconds: seconds(),
    tls: location.protocol === 'https:', target: `${location.hostname}:${catalog.grpcPort}`, url: address(chosen.path),
    contracts: address('console/contracts.binpb'),
  });
  return request;
}

async function send() {
  refused = [];
  const { texts, values, problems } = edited();
  if (running || problems.length) {
    return problems.length && select(problems[0]);
  }
  const [method, abort] = [chosen, new AbortController()];
  const request = { method, text: $('editor').value, metadata: metadata(), deadline: $('deadline').value, at: new Date() };
  const live = method.takesMany && streamsRequests;
  const body = new ReadableStream({ start: stream => { running = { abort: () => abort.abort(), stream }; } });
  const mine = running;
  live && enqueue(texts);
  const answer = response = new Response(!method.sendsMany);
  buttons(live);
  show(answer);
  const redraw = setInterval(draw, REDRAW, answer);
  answer.end(await call(method.path, {
    unary: method.kind === 'unary', messages: live ? body : texts, signal: abort.signal, timeout: Math.ceil(seconds() * 1000),
    metadata: [...request.metadata, ...(token() ? [['authorization', 'Bearer ' + token()]] : [])],
  }, bytes => answer.add(bytes)));
  clearInterval(redraw);
  running === mine && end();
  draw(answer);
  remember({ ...request, code: answer.code, took: answer.took });
  refused = method === chosen ? violations(method, values, answer) : refused;
  chosen && edited();
}

const end = () => { running = null; buttons(false); };
const enqueue = texts => texts.forEach(one => running.stream.enqueue(envelope(one)));
/** Keeps the focus on a button when that which has it disappears. */
function buttons(live) {
  const focused = document.activeElement.closest('.actions');
  $('send').hidden = Boolean(running);
  $('cancel').hidden = !running;
  $('more').hidden = $('finish').hidden = !live;
  focused && $(running ? 'cancel' : 'send').focus();
}

function remember(made) {
  past.splice(0, past.length, made, ...past.slice(0, MAX_HISTORY - 1));
  $('history').replaceChildren(...past.map(one => make('li', {}, make('time', {}, one.at.toLocaleTimeString()), make('span', {}, one.method.path),
    make('b', { className: one.code === 'OK' ? 'ok' : 'bad' }, one.code), make('span', {}, time(one.took)),
    button('Replay', () => replay(one), { 'aria-label': 'Replay ' + one.method.path }))));
  $('past').hidden = false;
}

function replay({ method, text, metadata, deadline }) {
  history.pushState(null, '', '#/' + method.path);
  route();
  $('editor').value = text;
  $('deadline').value = deadline;
  $('metadata').replaceChildren();
  metadata.forEach(addMetadata);
  send();
}

const actions = {
  more: () => { const { texts, problems } = edited(); problems.length ? select(problems[0]) : enqueue(texts); },
  finish: () => { running.stream.close(); buttons(false); },
  cancel: () => running?.abort(),
  add: () => addMetadata(['', '']).firstChild.focus(),
  example: () => { $('editor').value = example(chosen); $('editor').oninput(); },
  skip: event => { event.preventDefault(); $('main').focus(); },
  'copy-request': ({ target }) => copy($('editor').value, target),
  'copy-response': ({ target }) => copy(response.text(), target),
  'copy-command': ({ target }) => copy($('command').textContent, target),
  'save-request': () => save(chosen.name + '-request.json', $('editor').value),
  'save-response': () => save(chosen.name + '-response.json', response.text()),
};
Object.entries(actions).forEach(([id, onclick]) => Object.assign($(id), { onclick }));
$('request').onsubmit = event => { event.preventDefault(); send(); };
$('editor').oninput = () => { refused = []; edited(); };
$('editor').onscroll = scroll;
$('options').oninput = edited;
$('search').oninput = list;
$('tools').append(...Object.keys(commands).map(name => button(name, ({ target }) => {
  tool = name;
  $('tools').childNodes.forEach(other => other.setAttribute('aria-pressed', other === target));
  edited();
}, { 'aria-pressed': name === tool })));
document.onkeydown = event => {
  const key = (event.ctrlKey || event.metaKey ? 'Ctrl ' : '') + event.key;
  key === 'Escape' && running?.abort();
  key === 'Ctrl Enter' && chosen && send();
  if (key === '/' && !/INPUT|TEXTAREA/.test(event.target.tagName)) {
    event.preventDefault();
    $('search').focus();
  }
};
document.onvisibilitychange = watch;
onhashchange = () => /^(#\/.*)?$/.test(location.hash) && (route(), chosen && $('main').focus());
[$('name').textContent, $('version').textContent] = [catalog.name, [catalog.version, catalog.commit].filter(Boolean).join(' · ')];
addMetadata(['accept-language', '']);
route();
