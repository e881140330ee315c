import test from 'ava';
import { brokerAddress, isLoopback } from '../../../agent-core/adapters/nats-address.ts';
import { HaggleError } from '../../../agent-core/errors.ts';

const GOOD: readonly (readonly [string, string, string, number])[] = [
  ['nats://example.org:4333', 'nats://example.org:4333', 'example.org', 4333],
  ['nats://example.org', 'nats://example.org:4222', 'example.org', 4222],
  ['nats://example.org/', 'nats://example.org:4222', 'example.org', 4222],
  ['example.org:80', 'nats://example.org:80', 'example.org', 80],
  ['localhost', 'nats://localhost:4222', 'localhost', 4222],
  ['tls://10.0.0.1:443', 'tls://10.0.0.1:443', '10.0.0.1', 443],
  ['TLS://a.b:1', 'tls://a.b:1', 'a.b', 1],
  [' nats://[::1]:4222 ', 'nats://[::1]:4222', '::1', 4222],
];

for (const [text, shown, host, port] of GOOD) {
  test(`reads ${JSON.stringify(text)}`, (t) => {
    const address = brokerAddress(text);
    t.is(address.text, shown);
    t.is(address.host, host);
    t.is(address.port, port);
    t.is(address.tls, shown.startsWith('tls'));
    t.is(address.login, null);
  });
}

test('takes a login out of an address, so that no message can show it', (t) => {
  t.deepEqual(brokerAddress('nats://ann:s%40crat@h:1').login, { user: 'ann', password: 's@crat' });
  t.deepEqual(brokerAddress('nats://token@h:1').login, { user: 'token', password: null });
  t.is(brokerAddress('nats://ann:s%40crat@h:1').text, 'nats://h:1');
});

for (const text of [
  '',
  'nats://',
  'http://example.org',
  'ws://example.org:80',
  'nats://example.org:70000',
  'nats://example.org:0',
  'nats://example.org:42x',
  'nats://example.org/path',
  'nats://example.org?x=1',
  'nats://exa mple.org',
  'nats://ann:hidden@:4222',
  'quic://ann:hidden@example.org',
]) {
  test(`refuses ${JSON.stringify(text)}`, (t) => {
    const error = t.throws(() => brokerAddress(text), { instanceOf: HaggleError });
    t.is(error.code, 'bad-broker-address');
    t.false(error.message.includes('hidden'));
  });
}

test('knows what stays on this machine', (t) => {
  for (const host of ['localhost', '127.0.0.1', '127.9.9.9', '::1']) t.true(isLoopback(host), host);
  for (const host of ['10.0.0.1', 'example.org', '::2', '127.example.org']) t.false(isLoopback(host), host);
});
