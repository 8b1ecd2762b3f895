// Opens a page of another origin in Chromium, which calls a Greeter on its web port; the server's metrics confirm it.
import assert from 'node:assert';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const modules = process.env.NODE_PATH;
// NODE_PATH, which ES modules do not know
const { chromium } = createRequire(`${modules}/`)('playwright-core');

const [baseUrl, management, token, origin, page] = process.argv.slice(2);
const { hostname } = new URL(origin);

let failed = false;

async function check(name, test) {
  try {
    await test();
    console.log(`ok   ${name}`);
  } catch (error) {
    failed = true;
    console.log(`FAIL ${name}: ${error.stack.replaceAll('\n', ' ')}`);
  }
}

/** Returns the import map by which a browser finds the modules of npm. */
async function imports() {
  const map = {};
  for (const name of ['@bufbuild/protobuf', '@connectrpc/connect', '@connectrpc/connect-web']) {
    const { exports } = JSON.parse(await readFile(join(modules, name, 'package.json')));
    for (const [path, file] of Object.entries(exports)) {
      map[name + path.slice(1)] = `/modules/${name}/${file.import}`;
    }
  }
  return JSON.stringify({ imports: map });
}

const html = `<!doctype html><title>page</title><link rel="icon" href="data:,">
  <script type="importmap">${await imports()}</script>`;

const types = { '.html': 'text/html', '.js': 'text/javascript' };
const server = createServer(async ({ url }, response) => {
  try {
    const file = url.startsWith('/modules/') ? join(modules, url.slice('/modules/'.length)) : `.${url}`;
    const content = url === '/' ? html : await readFile(url === '/page.js' ? page : file);
    response.setHeader('content-type', types[extname(url) || '.html'] ?? 'application/octet-stream').end(content);
  } catch {
    response.writeHead(404).end();
  }
}).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));

/** Returns how many calls of the watch have been cancelled. */
async function cancelled() {
  const metrics = await (await fetch(`${management}/actuator/prometheus`)).text();
  return metrics
    .split('\n')
    .filter((line) => line.startsWith('grpc_server_processing_duration_seconds_count{'))
    .filter((line) => line.includes('method="Watch"') && line.includes('statusCode="CANCELLED"'))
    .reduce((sum, line) => sum + Number(line.split(' ').pop()), 0);
}

async function cancelledMoreThan(before) {
  for (let i = 0; i < 100 && (await cancelled()) <= before; i++) {
    await sleep(100);
  }
  assert.ok((await cancelled()) > before, 'the call goes on in the server');
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', `--host-resolver-rules=MAP ${hostname} 127.0.0.1:${server.address().port}`],
});

async function open(from) {
  const tab = await browser.newPage();
  await tab.goto(from);
  return tab;
}

/** Runs a function of the page's script in the page. */
function run(tab, name, ...args) {
  return tab.evaluate(async ([name, args]) => (await import('/page.js'))[name](...args), [name, args]);
}

const SERVING = 1;

for (const protocol of ['Connect', 'gRPC-Web']) {
  const tab = await open(origin);

  await check(`${protocol}: call with a token`, async () => {
    assert.strictEqual(await run(tab, 'listUsers', protocol, baseUrl, token), 'a page');
  });

  await check(`${protocol}: details of an error`, async () => {
    assert.match(await run(tab, 'listUsers', protocol, baseUrl), /^Unauthenticated: .*google\.rpc\.ErrorInfo/);
  });

  await check(`${protocol}: a live stream, until the page cancels it`, async () => {
    const before = await cancelled();
    assert.strictEqual(await run(tab, 'follow', protocol, baseUrl), SERVING);
    assert.strictEqual(await cancelled(), before);
    assert.strictEqual(await run(tab, 'leave'), 'Canceled');
    await cancelledMoreThan(before);
  });

  await check(`${protocol}: a live stream, until the tab is closed`, async () => {
    const closing = await open(origin);
    const before = await cancelled();
    assert.strictEqual(await run(closing, 'follow', protocol, baseUrl), SERVING);
    await closing.close();
    await cancelledMoreThan(before);
  });
}

await check('a page of an origin that is not allowed', async () => {
  const other = await open(`http://127.0.0.1:${server.address().port}`);
  assert.match(await run(other, 'listUsers', 'Connect', baseUrl, token), /^Unknown: /);
});

await browser.close();
server.close();
process.exit(failed ? 1 : 0);
