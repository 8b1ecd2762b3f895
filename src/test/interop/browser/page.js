// What the page does: every call goes to another origin, by Connect-ES with fetch.
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';

const protocols = { Connect: createConnectTransport, 'gRPC-Web': createGrpcWebTransport };

async function client(protocol, service, baseUrl, token) {
  const file = service.startsWith('grpc.') ? 'health.binpb' : 'contract.binpb';
  const descriptors = new Uint8Array(await (await fetch(`/${file}`)).arrayBuffer());
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));
  const authorize = (next) => (request) => {
    request.header.set('authorization', `Bearer ${token}`);
    return next(request);
  };
  const transport = protocols[protocol]({ baseUrl, interceptors: token ? [authorize] : [] });
  return createClient(registry.getService(service), transport);
}

/** Calls a method that needs a token, and returns what came of it, an error with the types of its details. */
export async function listUsers(protocol, baseUrl, token) {
  const users = await client(protocol, 'users.v1.UserService', baseUrl, token);
  try {
    return Array.isArray((await users.listUsers({ pageSize: 1 })).users) ? 'a page' : 'no page';
  } catch (failure) {
    const error = ConnectError.from(failure);
    return `${Code[error.code]}: ${error.details.map((detail) => detail.type)}`;
  }
}

const leaving = new AbortController();
let statuses;

/** Begins to follow a stream that does not end by itself, and returns its first message. */
export async function follow(protocol, baseUrl) {
  const health = await client(protocol, 'grpc.health.v1.Health', baseUrl);
  statuses = health.watch({}, { signal: leaving.signal })[Symbol.asyncIterator]();
  return (await statuses.next()).value.status;
}

/** Cancels the stream, and returns how it ends. */
export async function leave() {
  leaving.abort();
  return statuses.next().then(() => 'a message', (error) => Code[ConnectError.from(error).code]);
}
