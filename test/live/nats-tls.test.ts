import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { connectNats } from '../../agent-core/adapters/nats.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { PATIENCE, broker, live } from './broker.ts';

// A certificate of this test run: one in the repository would expire, and its key would be public.
const OPENSSL = spawnSync('openssl', ['version']).status === 0;
const liveTls = OPENSSL ? live : test.skip;

interface Files {
  readonly cert: string;
  readonly key: string;
}

function certificate(t: ExecutionContext): Files {
  const folder = mkdtempSync(join(tmpdir(), 'haggle-tls-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const request = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', ...request, ...names, '-keyout', files.key, '-out', files.cert], { stdio: 'ignore' });
  return files;
}

liveTls('speaks TLS with a broker whose certificate it can check, and with no other', async (t) => {
  const { cert, key } = certificate(t);
  const { port } = await broker(t, { config: `tls { cert_file: "${cert}", key_file: "${key}" }\n` });
  const servers = `tls://127.0.0.1:${port}`;
  const link = await connectNats({ servers, tls: { caFile: cert }, connectWithin: PATIENCE });
  t.true(link.connection.info?.tls_required);
  await link.bus.flush();
  await link.bus.drain();
  const error = await t.throwsAsync(connectNats({ servers }), { instanceOf: HaggleError });
  t.is(error.code, 'broker-unreachable');
  t.regex(error.message, /self.signed certificate/);
});

live('tls:// goes to no broker without TLS', async (t) => {
  const { port } = await broker(t);
  const error = await t.throwsAsync(connectNats({ servers: `tls://127.0.0.1:${port}` }), { instanceOf: HaggleError });
  t.is(error.code, 'broker-unreachable');
  t.is(error.message, `cannot reach a broker at tls://127.0.0.1:${port}: it offers no TLS`);
});
