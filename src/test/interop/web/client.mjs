// Calls a Greeter on its web port as browsers and Node do: Connect-ES by Connect and gRPC-Web, protobuf-ts by gRPC-Web.
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// NODE_PATH, which ES modules do not know
const require = createRequire(`${process.env.NODE_PATH}/`);
const { createFileRegistry, fromBinary } = require('@bufbuild/protobuf');
const { FileDescriptorSetSchema } = require('@bufbuild/protobuf/wkt');
const { Code, ConnectError, createClient } = require('@connectrpc/connect');
const web = require('@connectrpc/connect-web');
const node = require('@connectrpc/connect-node');
const { GrpcWebFetchTransport } = require('@protobuf-ts/grpcweb-transport');
const { MessageType } = require('@protobuf-ts/runtime');
const { ServiceType, stackIntercept } = require('@protobuf-ts/runtime-rpc');

const [baseUrl, descriptors] = process.argv.slice(2);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));
const Greeter = registry.getService('helloworld.Greeter');

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

async function* names(...all) {
  for (const name of all) {
    yield { name };
  }
}

async function messages(replies) {
  const all = [];
  for await (const reply of replies) {
    all.push(reply.message);
  }
  return all;
}

async function refusal(call) {
  return ConnectError.from(await call.then(() => assert.fail('it was not refused'), (error) => error));
}

async function checkTransport(name, transport, streamsRequests) {
  const greeter = createClient(Greeter, transport);

  await check(`${name}: say hello`, async () => {
    assert.strictEqual((await greeter.sayHello({ name: 'you' })).message, 'Hello, you!');
  });

  await check(`${name}: server streaming`, async () => {
    const replies = await messages(greeter.sayHelloStreamReply({ name: 'you' }));
    assert.strictEqual(replies[0], 'Hello, you!');
    assert.ok(replies.length >= 12);
  });

  await check(`${name}: language`, async () => {
    let language;
    const reply = await greeter.sayHello(
      { name: 'you' },
      { headers: { 'accept-language': 'de-AT' }, onHeader: (headers) => (language = headers.get('content-language')) },
    );
    assert.strictEqual(reply.message, 'Hallo, you!');
    assert.strictEqual(language, 'de');
  });

  await check(`${name}: error details`, async () => {
    const error = await refusal(greeter.sayHello({ name: ' ' }));
    assert.strictEqual(error.code, Code.InvalidArgument);
    assert.ok(error.details.some((detail) => detail.type === 'google.rpc.ErrorInfo'));
  });

  await check(`${name}: error in a stream`, async () => {
    const error = await refusal(messages(greeter.sayHelloStreamReply({ name: ' ' })));
    assert.strictEqual(error.code, Code.InvalidArgument);
  });

  if (!streamsRequests) {
    return;
  }

  await check(`${name}: client streaming`, async () => {
    const reply = await greeter.sayHelloStreamRequest(names('Ada', 'Zoë 李'));
    assert.strictEqual(reply.message, 'Hello, Ada, Zoë 李!');
  });

  await check(`${name}: bidirectional streaming`, async () => {
    const replies = await messages(greeter.sayHelloBidiStream(names('Ada', 'Zoë 李')));
    assert.deepStrictEqual(replies, ['Hello, Ada!', 'Hello, Zoë 李!']);
  });

  await check(`${name}: deadline`, async () => {
    const silent = (async function* () {
      yield { name: 'you' };
      await new Promise((resolve) => setTimeout(resolve, 2000));
    })();
    const error = await refusal(messages(greeter.sayHelloBidiStream(silent, { timeoutMs: 500 })));
    assert.strictEqual(error.code, Code.DeadlineExceeded);
  });
}

for (const useBinaryFormat of [true, false]) {
  const codec = useBinaryFormat ? 'binary' : 'JSON';
  await checkTransport(`connect-web, Connect, ${codec}`, web.createConnectTransport({ baseUrl, useBinaryFormat }), false);
  await checkTransport(`connect-web, gRPC-Web, ${codec}`, web.createGrpcWebTransport({ baseUrl, useBinaryFormat }), false);
  for (const httpVersion of ['1.1', '2']) {
    const options = { baseUrl, useBinaryFormat, httpVersion };
    const where = `HTTP/${httpVersion}, ${codec}`;
    // With HTTP/1.1, Connect-ES sends a whole request before it reads.
    await checkTransport(`connect-node, Connect, ${where}`, node.createConnectTransport(options), httpVersion === '2');
    await checkTransport(`connect-node, gRPC-Web, ${where}`, node.createGrpcWebTransport(options), httpVersion === '2');
  }
}

await check('connect-web: GET', async () => {
  const methods = [];
  const transport = web.createConnectTransport({
    baseUrl,
    useHttpGet: true,
    fetch: (url, init) => {
      methods.push(init.method);
      return fetch(url, init);
    },
  });
  assert.strictEqual((await createClient(Greeter, transport).sayHello({ name: 'you' })).message, 'Hello, you!');
  assert.deepStrictEqual(methods, ['GET']);
});

const STRING = 9;
const HelloRequest = new MessageType('helloworld.HelloRequest', [{ no: 1, name: 'name', kind: 'scalar', T: STRING }]);
const HelloReply = new MessageType('helloworld.HelloReply', [{ no: 1, name: 'message', kind: 'scalar', T: STRING }]);
const tsGreeter = new ServiceType('helloworld.Greeter', [
  { name: 'SayHello', options: {}, I: HelloRequest, O: HelloReply },
  { name: 'SayHelloStreamReply', serverStreaming: true, options: {}, I: HelloRequest, O: HelloReply },
]);

for (const format of ['binary', 'text']) {
  const transport = new GrpcWebFetchTransport({ baseUrl, format });
  const call = (kind, method, name) =>
    stackIntercept(kind, transport, tsGreeter.methods[method], transport.mergeOptions({}), { name });

  await check(`protobuf-ts, ${format}: say hello`, async () => {
    assert.strictEqual((await call('unary', 0, 'you').response).message, 'Hello, you!');
  });

  await check(`protobuf-ts, ${format}: server streaming`, async () => {
    const replies = await messages(call('serverStreaming', 1, 'you').responses);
    assert.strictEqual(replies[0], 'Hello, you!');
    assert.ok(replies.length >= 12);
  });

  await check(`protobuf-ts, ${format}: error`, async () => {
    const error = await call('unary', 0, ' ').response.then(() => assert.fail('it was not refused'), (e) => e);
    assert.strictEqual(error.code, 'INVALID_ARGUMENT');
  });
}

process.exit(failed ? 1 : 0);
