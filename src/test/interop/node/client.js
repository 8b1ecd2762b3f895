// The tutorial's client in JavaScript, then what else a Greeter promises its callers.
'use strict';

const assert = require('node:assert');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const address = process.argv[2] ?? 'localhost:50051';
const includeDirs = process.argv.slice(3);

const definition = protoLoader.loadSync(
  [
    'helloworld.proto',
    'health/v1/health.proto',
    'reflection/v1/reflection.proto',
    'reflection/v1alpha/reflection.proto',
    'rpc/status.proto',
    'rpc/error_details.proto',
  ],
  { includeDirs, keepCase: true, enums: String, defaults: true, oneofs: true },
);
const protos = grpc.loadPackageDefinition(definition);
const credentials = grpc.credentials.createInsecure();

const checks = {
  async 'say hello'() {
    const client = new protos.helloworld.Greeter(address, credentials);
    const message = await new Promise((resolve, reject) => {
      client.sayHello({ name: 'you' }, (error, response) => (error ? reject(error) : resolve(response.message)));
    });
    client.close();
    console.log('Greeter client received:', message);
    assert.strictEqual(message, 'Hello, you!');
  },

  async 'server streaming'() {
    const { replies, error } = await received(greeter.sayHelloStreamReply({ name: 'you' }, soon()));
    assert.ifError(error);
    assert.strictEqual(replies[0], 'Hello, you!');
    assert.ok(replies.includes('Hallo, you!') && new Set(replies).size >= 12, replies.join());
  },

  async 'client streaming'() {
    const { reply, error } = await unary((done) => {
      const call = greeter.sayHelloStreamRequest(soon(), done);
      call.write({ name: 'Ada' });
      call.write({ name: 'Zoë 李' });
      call.end();
      return call;
    });
    assert.ifError(error);
    assert.strictEqual(reply.message, 'Hello, Ada, Zoë 李!');
  },

  async 'bidirectional streaming'() {
    const call = greeter.sayHelloBidiStream(soon());
    call.write({ name: 'Ada' });
    call.write({ name: 'Zoë 李' });
    call.end();
    const { replies, error } = await received(call);
    assert.ifError(error);
    assert.deepStrictEqual(replies, ['Hello, Ada!', 'Hello, Zoë 李!']);
  },

  async deadline() {
    const call = greeter.sayHelloBidiStream({ deadline: Date.now() + 500 });
    call.write({ name: 'you' });
    const { replies, error } = await received(call);
    assert.deepStrictEqual(replies, ['Hello, you!']);
    assert.strictEqual(error?.code, grpc.status.DEADLINE_EXCEEDED);
  },

  async language() {
    const { reply, metadata } = await unary((done) => greeter.sayHello({ name: 'you' }, german(), soon(), done));
    assert.strictEqual(reply?.message, 'Hallo, you!');
    assert.deepStrictEqual(metadata.get('content-language'), ['de']);
  },

  async 'error details'() {
    const { error } = await unary((done) => greeter.sayHello({ name: ' ' }, german(), soon(), done));
    assert.strictEqual(error?.code, grpc.status.INVALID_ARGUMENT);
    const status = decode('google.rpc.Status', error.metadata.get('grpc-status-details-bin')[0]);
    assert.deepStrictEqual([status.code, status.message], [error.code, error.details]);
    const [info, request, localized] = status.details.map((any) => decode(any.type_url.split('/')[1], any.value));
    assert.deepStrictEqual([info.reason, info.domain], ['NAME_BLANK', 'greeter.dev']);
    assert.deepStrictEqual(request.field_violations.map((violation) => violation.field), ['name']);
    assert.strictEqual(localized.locale, 'de');
  },

  async 'error within a stream'() {
    const call = greeter.sayHelloBidiStream(soon());
    call.write({ name: 'Ada' });
    call.write({ name: '' });
    const { replies, error } = await received(call);
    assert.deepStrictEqual(replies, ['Hello, Ada!']);
    assert.strictEqual(error?.code, grpc.status.INVALID_ARGUMENT);
  },

  async health() {
    const client = new protos.grpc.health.v1.Health(address, credentials);
    const check = (service) => unary((done) => client.check({ service }, soon(), done));
    for (const service of ['', 'helloworld.Greeter']) {
      assert.strictEqual((await check(service)).reply?.status, 'SERVING');
    }
    assert.strictEqual((await check('unknown')).error?.code, grpc.status.NOT_FOUND);
    client.close();
  },

  async 'reflection v1'() {
    await listed(protos.grpc.reflection.v1.ServerReflection);
  },

  async 'reflection v1alpha'() {
    await listed(protos.grpc.reflection.v1alpha.ServerReflection);
  },

  async gzip() {
    const client = new protos.helloworld.Greeter(address, credentials, {
      'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip,
    });
    const name = 'a'.repeat(250);
    const { reply, error } = await unary((done) => client.sayHello({ name }, soon(), done));
    assert.ifError(error);
    assert.strictEqual(reply.message, `Hello, ${name}!`);
    client.close();
  },
};

const greeter = new protos.helloworld.Greeter(address, credentials);

function soon() {
  return { deadline: Date.now() + 10_000 };
}

function german() {
  const metadata = new grpc.Metadata();
  metadata.set('accept-language', 'de-AT, de;q=0.9, en;q=0.5');
  return metadata;
}

function unary(start) {
  return new Promise((resolve) => {
    let metadata;
    const call = start((error, reply) => resolve({ error, reply, metadata }));
    call.on('metadata', (headers) => (metadata = headers));
  });
}

function received(call) {
  return new Promise((resolve) => {
    const replies = [];
    call.on('data', (reply) => replies.push(reply.message));
    call.on('error', (error) => resolve({ replies, error }));
    call.on('end', () => resolve({ replies }));
  });
}

function listed(Reflection) {
  const client = new Reflection(address, credentials);
  return new Promise((resolve, reject) => {
    const call = client.serverReflectionInfo(soon());
    call.on('error', reject);
    call.on('data', (reply) => resolve(reply.list_services_response.service.map((service) => service.name)));
    call.write({ list_services: '*' });
    call.end();
  }).then((names) => {
    client.close();
    assert.ok(names.includes('helloworld.Greeter') && names.includes('grpc.health.v1.Health'), names.join());
  });
}

function decode(type, bytes) {
  return definition[type].deserialize(bytes);
}

async function main() {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      console.log(`ok   ${name}`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`FAIL ${name}: ${error.message.replaceAll('\n', ' ')}`);
    }
  }
  greeter.close();
}

main();
