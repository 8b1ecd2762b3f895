// The built jar as a process, with what it tells of itself.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const START = 180_000;

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise(listening => server.on('listening', listening));
  const { port } = server.address();
  await new Promise(closed => server.close(closed));
  return port;
}

/** Starts the jar in an empty folder and waits until its web port is open. */
export async function start(jar, folder, ...options) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const management = await freePort();
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';
  const child = spawn(java, ['-XX:TieredStopAtLevel=1', '-jar', jar, '--grpc.server.port=0', '--service.web.port=0', '--service.web.address=127.0.0.1',
    '--server.port=' + management, '--greeter.client.enabled=false', ...options], { cwd: folder });
  let log = '';
  const ended = new Promise(done => child.on('exit', done));
  const port = await new Promise((opened, failed) => {
    const late = setTimeout(() => failed(new Error('The server did not start:\n' + log)), START);
    ended.then(() => failed(new Error('The server ended:\n' + log)));
    const read = part => {
      log += part;
      const web = /Web port open.* port: (\d+)/.exec(log);
      if (web && /Started \w+ in/.test(log)) {
        clearTimeout(late);
        opened(web[1]);
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
  });
  return {
    port,
    token: /\b(ey[\w-]+\.[\w-]+\.[\w-]+)/.exec(log)?.[1],
    terminate: () => child.kill('SIGTERM'),
    stop: () => { child.kill('SIGTERM'); return ended; },
    /** Returns the number of calls of a method that ended with a status. */
    calls: (method, status) => sum('grpc_server_processing_duration_seconds_count{', method, `statusCode="${status}"`),
    /** Returns the number of messages that a method has received. */
    received: method => sum('grpc_server_requests_received_messages_total{', method, ''),
  };

  async function sum(name, method, tag) {
    const metrics = await (await fetch(`http://127.0.0.1:${management}/actuator/prometheus`)).text();
    return metrics.split('\n').filter(line => line.startsWith(name) && line.includes(`method="${method}"`) && line.includes(tag))
      .reduce((total, line) => total + Number(line.split(' ').pop()), 0);
  }
}
