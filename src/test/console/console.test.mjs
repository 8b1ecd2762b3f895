// The console in headless Chromium against the built jar: src/test/console/run runs it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { start } from './server.mjs';

const { CHROMIUM, JAR, PICTURES, TLS, WORK } = process.env;
const require = createRequire(join(WORK, 'node_modules') + '/');
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const run = promisify(execFile);

const GREETER = '#/helloworld.Greeter/';
const USERS = '#/users.v1.UserService/';
const MANY = 100_000;

let browser;
let server;
let context;
let page;
const strangers = [];
const refusals = [];

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  [server, browser] = await Promise.all([
    start(JAR, join(WORK, 'server'), '--service.drain.delay=5s'),
    chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })]);
  page = await opened();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const origin = () => `http://127.0.0.1:${server.port}/`;

/** Opens the page in a new context, which notes requests to other hosts and what the policy refuses. */
async function opened(options = {}, url = origin()) {
  context = await browser.newContext({ viewport: { width: 1280, height: 860 }, permissions: ['clipboard-read', 'clipboard-write'], ...options });
  context.setDefaultTimeout(20_000);
  context.on('request', request => request.url().startsWith(url) || request.url().startsWith('blob:') || strangers.push(request.url()));
  const opening = await context.newPage();
  opening.on('pageerror', error => refusals.push(error.stack));
  await opening.exposeFunction('refused', what => refusals.push(what));
  await opening.addInitScript(() => addEventListener('securitypolicyviolation', event => window.refused(`${event.violatedDirective} ${event.blockedURI}`)));
  await opening.goto(url);
  await opening.waitForSelector('nav a');
  return opening;
}

async function show(hash, on = page) {
  await on.evaluate(to => { location.hash = to; }, hash);
  await on.waitForFunction(path => path.endsWith('/' + document.getElementById('title').textContent), hash);
}

const fill = (text, on = page) => on.fill('#editor', typeof text === 'string' ? text : text.map(one => JSON.stringify(one)).join('\n'));

/** Presses Call and returns the status. */
async function called(on = page) {
  await on.click('#send');
  return ended(on);
}

async function ended(on = page) {
  await on.waitForFunction(() => !document.getElementById('send').hidden && document.querySelector('#status b'));
  return on.textContent('#status b');
}

const messages = (on = page) => on.$$eval('#messages code', all => all.map(one => JSON.parse(one.textContent)));

async function openOptions(on = page) {
  await on.$eval('#options', details => { details.open = true; });
}

async function useToken(token) {
  await openOptions();
  await page.fill('#token', token);
}

async function language(tag, on = page) {
  await openOptions(on);
  await on.fill('#metadata > div:first-child input:last-child', tag);
}

test('every served method is listed, with its comment, its kind and its rule', async () => {
  const lost = await (await fetch(origin() + 'lost')).text();
  const served = [...lost.matchAll(/^ {2}(\/\S+)$/gm)].map(([, path]) => path.slice(1)).sort();
  const listed = await page.$$eval('nav a', links => links.map(link => link.getAttribute('href').slice(2)));
  assert.ok(served.length > 10);
  assert.deepEqual([...listed].sort(), served);
  assert.equal(listed[0], 'helloworld.Greeter/SayHello');

  await show(USERS + 'ListUsers');
  assert.deepEqual(await page.$$eval('#facts li', facts => facts.map(fact => fact.textContent)), ['unary', 'scope users.read', 'changes nothing']);
  assert.match(await page.textContent('#about'), /Returns users in the order of their ids/);
  const schema = await page.textContent('#schema');
  assert.match(schema, /message ListUsersRequest \{\n {2}\/\/ The maximum number of users to return\..*\n {2}int32 page_size = 1;/);
  assert.match(schema, /repeated User users = 1;[^]*message User \{/);
});

test('what is deprecated is marked, and a method without a known schema is shown', async () => {
  const other = await browser.newPage();
  await other.route('**/services.json', async route => {
    const catalog = await (await route.fetch()).json();
    Object.assign(catalog.services[0].methods[0], { deprecated: true, request: undefined, response: undefined });
    await route.fulfill({ json: catalog });
  });
  await other.goto(origin() + GREETER + 'SayHello');
  assert.equal(await other.textContent('nav a small'), 'unary · deprecated');
  assert.equal(await other.$eval('#title span', title => getComputedStyle(title).textDecorationLine), 'line-through');
  assert.match(await other.textContent('#facts'), /deprecated$/);
  await other.close();
});

test('the search finds methods by name and by comment', async () => {
  await page.fill('#search', 'bidi greeter');
  assert.deepEqual(await page.$$eval('nav a span', all => all.map(one => one.textContent)), ['SayHelloBidiStream']);
  await page.fill('#search', 'create_time');
  assert.deepEqual(await page.$$eval('nav a span', all => all.map(one => one.textContent)), ['ListUsers']);
  await page.fill('#search', 'nothing of this kind');
  assert.ok(await page.isVisible('#none'));
  await page.fill('#search', '');
});

test('each kind of call is answered', async () => {
  await show(GREETER + 'SayHello');
  assert.equal(await page.inputValue('#editor'), '{\n  "name": "Ada"\n}');
  await language('de');
  assert.equal(await called(), 'OK');
  assert.deepEqual(await messages(), [{ message: 'Hallo, Ada!' }]);
  assert.match(await page.textContent('#headers'), /content-language\s*de/);
  assert.match(await page.textContent('#status'), /OK\d.* ms · 1 message · \d+ B$/);
  await language('');

  await show(GREETER + 'SayHelloStreamReply');
  assert.equal(await called(), 'OK');
  const greetings = await messages();
  assert.equal(greetings.length, 20);
  assert.deepEqual(greetings[0], { message: 'Hello, Ada!' });
  assert.match(await page.textContent('#messages li:last-child .when'), /^#20 {2}\+.* m?s$/);

  await show(GREETER + 'SayHelloStreamRequest');
  await fill([{ name: 'Ada' }, { name: 'Bob' }, { name: 'Eve' }]);
  assert.equal(await page.textContent('#send'), 'Call with 3 messages');
  assert.equal(await called(), 'OK');
  assert.deepEqual(await messages(), [{ message: 'Hello, Ada, Bob, Eve!' }]);

  await show(GREETER + 'SayHelloBidiStream');
  assert.match(await page.textContent('#hint'), /All are sent at once/);
  await fill([{ name: 'Ada' }, { name: 'Bob' }]);
  assert.equal(await called(), 'OK');
  assert.deepEqual(await messages(), [{ message: 'Hello, Ada!' }, { message: 'Hello, Bob!' }]);
});

test('the request is checked while it is typed', async () => {
  const problems = async text => {
    await fill(text);
    return page.$$eval('#problems li', all => all.map(one => one.textContent));
  };
  await show(GREETER + 'SayHello');
  assert.deepEqual(await problems('{\n  "nam": "Ada"\n}'), ['Line 2: helloworld.HelloRequest has no field "nam"; it has name.']);
  assert.deepEqual(await problems('{\n\n  "name": 7\n}'), ['Line 3: A text in quotes is expected.']);
  assert.deepEqual(await problems('{\n  "name": "Ada"'), ['Line 2: , or } is missing at the end.']);
  assert.deepEqual(await problems('{"name": "Ada"} {}'), ['Line 1: This method takes one message.']);
  assert.deepEqual(await problems('{"name": "Ada", "name": null}'), ['Line 1: "name" is here twice.']);
  await page.click('#send');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'editor');
  assert.equal(await page.textContent('#status'), 'Not called yet.');
  assert.deepEqual(await problems('{"name": "\\u00e9\\n"}'), []);

  await show(USERS + 'UpdateUser');
  assert.deepEqual(await problems('{"user": {"id": true, "createTime": "today"}, "update_mask": "name,email"}'),
    ['Line 1: A text in quotes is expected.', 'Line 1: A time such as "2030-01-31T12:00:00Z" is expected.']);
  await show(USERS + 'ListUsers');
  assert.deepEqual(await problems('{"pageSize": 2147483648}'), ['Line 1: A whole number (int32) is expected.']);
  assert.deepEqual(await problems('{"pageSize": "12"}'), []);
  await show('#/grpc.reflection.v1.ServerReflection/ServerReflectionInfo');
  assert.deepEqual(await problems('{"host": "", "listServices": "", "file_by_filename": "", "fileContainingSymbol": null}'),
    ['Line 1: Only one of "listServices" and "file_by_filename" can be set.']);
});

test('a refused field is marked in the editor', async () => {
  await show(GREETER + 'SayHello');
  await fill('{\n  "name": " "\n}');
  assert.equal(await called(), 'INVALID_ARGUMENT');
  assert.equal(await page.textContent('mark'), '"name"');
  assert.match(await page.textContent('#problems'), /^Line 2: name: /);
  assert.equal(await page.getAttribute('#editor', 'aria-invalid'), 'true');
  assert.match(await page.textContent('#error'), /google\.rpc\.ErrorInfo.*NAME_BLANK.*google\.rpc\.LocalizedMessage/);
  await picture('error');
  await page.click('#problems button');
  assert.equal(await page.$eval('#editor', editor => editor.value.slice(editor.selectionStart, editor.selectionEnd)), '"name"');

  await show(GREETER + 'SayHelloBidiStream');
  await fill('{"name": "Ada"}\n{"name": " "}\n{"name": "Eve"}');
  assert.equal(await called(), 'INVALID_ARGUMENT');
  assert.deepEqual(await messages(), [{ message: 'Hello, Ada!' }]);
  assert.match(await page.textContent('#problems'), /^Line 2: name: /);
});

test('users need a token, which stays in the tab', async () => {
  await show(USERS + 'CreateUser');
  assert.equal(await called(), 'UNAUTHENTICATED');
  await useToken('wrong');
  assert.equal(await called(), 'UNAUTHENTICATED');
  assert.match(await page.textContent('#error'), /TOKEN_INVALID/);
  await useToken(server.token);
  assert.equal(await called(), 'OK');
  assert.equal((await messages())[0].email, 'ada@example.com');

  await fill([{ user: { name: '', email: 'none', language: 'en' } }]);
  assert.equal(await called(), 'INVALID_ARGUMENT');
  assert.deepEqual(await page.$$eval('mark', marks => marks.map(mark => mark.textContent)), ['"name"', '"email"']);

  await show(USERS + 'ListUsers');
  assert.equal(await called(), 'OK');
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href, history.state]));
  assert.ok(!kept.includes(server.token));
  for (const tool of ['grpcurl', 'buf curl', 'curl', 'Python']) {
    await page.click(`#tools >> text="${tool}"`);
    const command = await page.textContent('#command');
    assert.ok(command.includes('TOKEN') && !command.includes(server.token));
  }
});

test('a method has an address, so that links, drafts and the way back work', async () => {
  await show(GREETER + 'SayHello');
  await fill('{"name": "draft"}');
  await show(GREETER + 'SayHelloStreamReply');
  await page.goBack();
  await page.waitForFunction(() => document.getElementById('title').textContent === 'SayHello');
  assert.equal(await page.inputValue('#editor'), '{"name": "draft"}');
  assert.equal(await page.getAttribute('nav [aria-current="page"]', 'href'), GREETER + 'SayHello');
  const other = await context.newPage();
  await other.goto(origin() + GREETER + 'SayHelloBidiStream');
  await other.waitForFunction(() => document.title === 'SayHelloBidiStream · greeter console');
  await other.close();
});

test('cancelling ends the call of the server', async () => {
  const before = await server.calls('Watch', 'CANCELLED');
  await show('#/grpc.health.v1.Health/Watch');
  await page.click('#send');
  await page.waitForSelector('#messages li');
  await page.waitForSelector('.busy');
  const open = await server.calls('Watch', 'CANCELLED');
  await page.keyboard.press('Escape');
  assert.equal(await ended(), 'CANCELLED');
  await until(async () => await server.calls('Watch', 'CANCELLED') === open + 1);
  assert.ok(open >= before);
});

test('a deadline ends the call', async () => {
  await show('#/grpc.health.v1.Health/Watch');
  await openOptions();
  await page.fill('#deadline', '0.5');
  assert.equal(await called(), 'DEADLINE_EXCEEDED');
  await page.fill('#deadline', '');
});

test('metadata that cannot be sent is refused with the reason', async () => {
  await show(GREETER + 'SayHello');
  await openOptions();
  await page.click('#add');
  await page.keyboard.type('two words');
  await page.keyboard.press('Tab');
  await page.keyboard.type('value');
  assert.equal(await called(), 'NOT SENT');
  assert.match(await page.textContent('#error'), /invalid/i);
  await page.fill('#metadata > div:last-child input:last-child', '');
});

test('greetings from right to left run so', async () => {
  await show(GREETER + 'SayHello');
  await fill([{ name: 'سلمى' }]);
  await language('ar');
  assert.equal(await called(), 'OK');
  assert.equal(await page.$eval('#messages bdi', text => getComputedStyle(text).direction), 'rtl');
  await language('');
});

test('calls are repeated from the history', async () => {
  await show(GREETER + 'SayHello');
  await fill([{ name: 'Grace' }]);
  await language('fr');
  await called();
  await language('');
  await show(GREETER + 'SayHelloStreamReply');
  await page.$eval('#past', history => { history.open = true; });
  await page.click('#history li:first-child button');
  await page.waitForFunction(() => document.getElementById('messages').textContent.includes('Bonjour, Grace'));
  assert.equal(await page.textContent('#title'), 'SayHello');
  await language('');
});

test('request and response go to the clipboard and to files', async () => {
  await show(GREETER + 'SayHello');
  await fill('{"name": "Ada"}');
  await called();
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await page.click('#copy-request');
  assert.equal(await clipboard(), '{"name": "Ada"}');
  await page.click('#copy-response');
  assert.deepEqual(JSON.parse(await clipboard()), { message: 'Hello, Ada!' });
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save-response')]);
  assert.equal(download.suggestedFilename(), 'SayHello-response.json');
  assert.deepEqual(JSON.parse(readFileSync(await download.path(), 'utf8')), { message: 'Hello, Ada!' });
});

const CALLS = [
  [GREETER + 'SayHello', [{ name: "Ada O'Neill" }], /Hallo, Ada O('|\\u0027)Neill!/],
  [GREETER + 'SayHelloStreamReply', [{ name: 'Ada' }], /Hallo, Ada![^]*Ciao, Ada!/],
  [GREETER + 'SayHelloStreamRequest', [{ name: 'Ada' }, { name: '李' }], /Hallo, Ada, 李!/],
  [GREETER + 'SayHelloBidiStream', [{ name: 'Ada' }, { name: 'Bob' }], /Hallo, Ada![^]*Hallo, Bob!/],
  [USERS + 'ListUsers', [{ pageSize: 5 }], /ada@example\.com/],
];

for (const [tool, available] of Object.entries({
  grpcurl: 'command -v grpcurl',
  'buf curl': 'command -v buf',
  curl: 'command -v curl',
  Python: '"$PYTHON" -c "import grpc"',
})) {
  const shell = command => run('bash', ['-c', command], { env: { ...process.env, TOKEN: server.token }, timeout: 60_000 });
  test(`the command of ${tool} does what it says`, async t => {
    const skipped = !await shell(available).catch(() => false);
    await language('de');
    await openOptions();
    await page.fill('#deadline', '20');
    await page.click(`#tools >> text="${tool}"`);
    for (const [method, request, expected] of CALLS) {
      await show(method);
      await fill(request);
      await page.click('#copy-command');
      const command = await page.evaluate(() => navigator.clipboard.readText());
      if (!skipped) {
        const { stdout } = await (tool === 'Python' ? run(process.env.PYTHON, ['-c', command], { env: { ...process.env, TOKEN: server.token } }) : shell(command));
        assert.match(stdout, expected, command);
      } else if (tool !== 'Python') {
        // What the shell makes of it, at least.
        const { stdout } = await shell(`${tool.split(' ')[0]}() { printf '[%s]' "$@"; }\n${command}`);
        assert.ok(stdout.includes(`[${request.map(one => JSON.stringify(one)).join('\n')}]`), stdout);
      }
    }
    await page.fill('#deadline', '');
    await language('');
    skipped && t.skip(`${tool} is not installed: its command is not run`);
  });
}

test('the keyboard alone is enough', async () => {
  const keys = await opened();
  const focused = () => keys.evaluate(() => document.activeElement.id || document.activeElement.closest('a, button, summary, input')?.textContent || '');
  const tabTo = async wanted => {
    for (let i = 0; i < 60 && !(await focused()).includes(wanted); i++) {
      await keys.keyboard.press('Tab');
    }
    assert.ok((await focused()).includes(wanted), wanted);
    assert.notEqual(await keys.evaluate(() => getComputedStyle(document.activeElement.id === 'editor' ? document.getElementById('editing') : document.activeElement)
      [document.activeElement.id === 'editor' ? 'boxShadow' : 'outlineStyle']), 'none');
  };
  await keys.keyboard.press('/');
  await keys.keyboard.type('sayhello');
  await tabTo('SayHelloStreamRequest');
  await keys.keyboard.press('Enter');
  await keys.waitForSelector('#method:not([hidden])');
  assert.equal(await focused(), 'main');
  await tabTo('editor');
  await keys.keyboard.press('Control+A');
  await keys.keyboard.type('{"name": "Ada"} {"name": "Eve"}');
  await keys.keyboard.press('Control+Enter');
  assert.equal(await ended(keys), 'OK');
  assert.deepEqual(await messages(keys), [{ message: 'Hello, Ada, Eve!' }]);
  await tabTo('send');
  await keys.keyboard.press('Enter');
  assert.equal(await ended(keys), 'OK');
  await tabTo('messages');
  await tabTo('Python');
  await keys.keyboard.press('Space');
  assert.match(await keys.textContent('#command'), /^# pip install/);
  await context.close();
});

test('a stream of 100,000 messages is shown in bounded memory, and the page stays responsive', { timeout: 300_000 }, async () => {
  await importUsers(MANY);
  const long = await opened();
  await show(USERS + 'ExportUsers', long);
  await openOptions(long);
  await long.fill('#token', server.token);
  await long.evaluate(() => {
    window.longest = 0;
    let last = performance.now();
    const frame = () => {
      const now = performance.now();
      window.longest = Math.max(window.longest, now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await long.click('#send');
  await long.waitForFunction(() => document.querySelectorAll('#messages li').length >= 50);
  await picture('stream', long);
  await long.waitForFunction(() => !document.getElementById('send').hidden, null, { timeout: 200_000 });
  assert.equal(await long.textContent('#status b'), 'OK');
  assert.match(await long.textContent('#dropped'), /^100,\d{3} messages received; the last 500 are kept\.$/);
  assert.equal(await long.$$eval('#messages li', rows => rows.length), 500);
  assert.ok(await long.evaluate(() => window.longest) < 2000, `a frame took ${await long.evaluate(() => window.longest)} ms`);
  const devtools = await context.newCDPSession(long);
  await devtools.send('HeapProfiler.collectGarbage');
  const { metrics } = await devtools.send('Performance.enable').then(() => devtools.send('Performance.getMetrics'));
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize').value;
  assert.ok(heap < 20_000_000, `${heap} bytes are used`);
  await context.close();
});

/** Creates users by one call of Connect. */
async function importUsers(number) {
  const parts = [];
  for (let i = 0; i < number; i++) {
    const message = Buffer.from(JSON.stringify({ user: { name: `User ${i}`, email: `user${i}@example.com` } }));
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    parts.push(prefix, message);
  }
  const response = await fetch(origin() + 'users.v1.UserService/ImportUsers', {
    method: 'POST', body: Buffer.concat(parts), headers: { 'content-type': 'application/connect+json', authorization: 'Bearer ' + server.token },
  });
  assert.match(await response.text(), new RegExp(`"createdCount":"${number}"`));
}

for (const [name, options] of Object.entries({
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 },
})) {
  test(`the page is accessible: ${name}`, async () => {
    const view = await opened(options);
    await accessible(view, name + ', start');
    await show(GREETER + 'SayHelloStreamReply', view);
    await called(view);
    await view.waitForSelector('#health.SERVING');
    await picture(name, view);
    await view.$$eval('details', all => all.forEach(details => { details.open = true; }));
    await accessible(view, name + ', a stream');
    await fill('{"name": " "}', view);
    await called(view);
    await view.waitForSelector('mark');
    await accessible(view, name + ', an error');
    const wide = await view.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the page is ${wide} pixels too wide`);
    await context.close();
  });
}

async function accessible(view, state) {
  await view.evaluate(axe);
  const { violations } = await view.evaluate(() => window.axe.run(document));
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  assert.deepEqual(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`), [], state);
}

async function picture(name, on = page) {
  await on.mouse.move(0, 0);
  await on.evaluate(() => scrollTo(0, 0));
  await on.screenshot({ path: join(PICTURES, `console-${name}.png`) });
}

test('where the browser can, a stream of requests is sent while it is composed', { timeout: 240_000 }, async () => {
  const secure = await start(JAR, join(WORK, 'secure'), '--grpc.server.security.enabled=true',
    `--grpc.server.security.certificate-chain=file:${TLS}/server.crt`, `--grpc.server.security.private-key=file:${TLS}/server.key`);
  try {
    const live = await opened({ ignoreHTTPSErrors: true }, `https://127.0.0.1:${secure.port}/`);
    await show(GREETER + 'SayHelloBidiStream', live);
    assert.match(await live.textContent('#hint'), /They are sent while the call is open/);
    await fill([{ name: 'Ada' }], live);
    await live.click('#send');
    await until(async () => await secure.received('SayHelloBidiStream') === 1);
    await fill([{ name: 'Bob' }, { name: 'Eve' }], live);
    await live.click('#more');
    await until(async () => await secure.received('SayHelloBidiStream') === 3);
    await live.click('#finish');
    assert.equal(await ended(live), 'OK');
    assert.deepEqual(await messages(live), ['Ada', 'Bob', 'Eve'].map(name => ({ message: `Hello, ${name}!` })));

    await live.click('#send');
    await until(async () => await secure.received('SayHelloBidiStream') === 5);
    await live.click('#cancel');
    assert.equal(await ended(live), 'CANCELLED');
    // Chromium ends the request before it resets the stream.
    await until(async () => await secure.calls('SayHelloBidiStream', 'CANCELLED') + await secure.calls('SayHelloBidiStream', 'OK') === 2);
    await live.waitForFunction(() => document.querySelectorAll('.dot.SERVING').length === document.querySelectorAll('.dot').length);
  } finally {
    await context.close();
    await secure.stop();
  }
});

test('a script that is not the console\'s own is not run', async () => {
  const other = await browser.newPage();
  await other.goto(origin());
  const blocked = await other.evaluate(() => new Promise(done => {
    addEventListener('securitypolicyviolation', ({ effectiveDirective }) => done(effectiveDirective));
    const script = document.createElement('script');
    script.append('window.intruded = true');
    document.body.append(script);
    setTimeout(done, 3000, 'nothing');
  }));
  assert.match(blocked, /script-src|require-trusted-types-for/);
  assert.equal(await other.evaluate(() => window.intruded), undefined);
  await other.close();
});

test('the page asks no other host, and does nothing that its policy refuses', () => {
  assert.deepEqual(strangers, []);
  assert.deepEqual(refusals, []);
});

test('the page shows that the server drains, and that it has gone', { timeout: 60_000 }, async () => {
  await page.bringToFront();
  await page.waitForSelector('#health.SERVING');
  server.terminate();
  await page.waitForSelector('#health.NOT_SERVING');
  assert.match(await page.textContent('#health'), /draining/);
  await page.waitForSelector('.unreachable', { timeout: 30_000 });
});

async function until(condition) {
  for (const end = Date.now() + 20_000; !await condition();) {
    assert.ok(Date.now() < end, `not within 20 seconds: ${condition}`);
    await new Promise(done => { setTimeout(done, 100); });
  }
}
