// A call as a command to paste, which takes the token from the variable TOKEN.
const quoted = value => `'${value.replaceAll("'", "'\\''")}'`;
const lines = (...parts) => parts.flat().filter(Boolean).join(' \\\n  ');
const headers = ({ metadata, token }) => [...metadata.map(([name, value]) => '-H ' + quoted(`${name}: ${value}`)),
  token && '-H "authorization: Bearer $TOKEN"'];
const data = ({ messages }) => '-d ' + quoted(messages.join('\n'));
const grpcurl = call => lines('grpcurl' + (call.tls ? '' : ' -plaintext'), headers(call), call.seconds && `-max-time ${call.seconds}`,
  data(call), `${call.target} ${call.path}`);
const buf = call => lines('buf curl' + (call.tls ? '' : ' --http2-prior-knowledge'), headers(call), call.seconds && `--timeout ${call.seconds}s`,
  data(call), call.url);

function curl(call) {
  const options = [`-H 'content-type: application/${call.kind === 'unary' ? '' : 'connect+'}json'`, headers(call),
    call.seconds && `-H 'connect-timeout-ms: ${Math.ceil(call.seconds * 1000)}'`].flat();
  if (call.kind === 'unary') {
    return lines('curl', options, data(call), call.url);
  }
  // Each message follows a byte of flags and four of its length.
  const length = text => [24, 16, 8, 0].map(bits => new TextEncoder().encode(text).length >> bits & 255);
  const prefix = text => [0, ...length(text)].map(byte => '\\' + byte.toString(8).padStart(3, '0')).join('');
  return `printf '${call.messages.map(text => prefix(text) + '%s').join('')}' ${call.messages.map(quoted).join(' ')} |\n  `
    + lines('curl -sN', options, '--data-binary @-', call.url) + " | tr -s '\\000' '\\n'";
}

function python(call) {
  const metadata = call.metadata.map(pair => `(${pair.map(value => JSON.stringify(value)).join(', ')})`)
    .concat(call.token ? '("authorization", "Bearer " + os.environ["TOKEN"])' : []);
  const options = [call.takesMany ? 'iter(requests)' : 'requests[0]', metadata.length && `metadata=[${metadata.join(', ')}]`,
    call.seconds && `timeout=${call.seconds}`];
  return `# pip install grpcio protobuf
import os
import urllib.request

import grpc
from google.protobuf import descriptor_pb2, json_format, message_factory

contracts = urllib.request.urlopen("${call.contracts}").read()
types = message_factory.GetMessages(descriptor_pb2.FileDescriptorSet.FromString(contracts).file)
Request, Response = types["${call.request}"], types["${call.response}"]
requests = [json_format.Parse(text, Request()) for text in [
${call.messages.map(text => `    ${JSON.stringify(text)},\n`).join('')}]]

with grpc.${call.tls ? 'secure' : 'insecure'}_channel("${call.target}"${call.tls ? ', grpc.ssl_channel_credentials()' : ''}) as channel:
    rpc = channel.${[call.takesMany, call.sendsMany].map(many => many ? 'stream' : 'unary').join('_')}
    call = rpc("/${call.path}", Request.SerializeToString, Response.FromString)
    response = call(${options.filter(Boolean).join(', ')})
    for message in ${call.sendsMany ? 'response' : '[response]'}:
        print(json_format.MessageToJson(message, ensure_ascii=False))
`;
}

export const commands = { grpcurl, 'buf curl': buf, curl, Python: python };
