import { writeFileSync } from 'node:fs';
import test from 'ava';
import * as fc from 'fast-check';
import { z } from 'zod';
import { HaggleError } from '../../agent-core/errors.ts';
import { pathText, readConfig } from '../../cli/yaml-file.ts';
import { readHaggleFile } from '../../cli/up/haggle-file.ts';
import { scratch } from './haggle.ts';

const SCHEMA = z.strictObject({ list: z.array(z.strictObject({ port: z.int() })), name: z.string().optional() });

test('a fault deep inside is told with its own line and column, in YAML and in JSON', (t) => {
  const path = scratch(t);
  writeFileSync(path('a.yaml'), 'list:\n  - port: 1\n  - port: x\n');
  t.throws(() => readConfig(path('a.yaml'), SCHEMA), { code: 'bad-config', message: /a\.yaml:3:5: list\[1\]\.port: / });
  writeFileSync(path('a.json'), '{\n  "list": [\n    { "port": 1, "prot": 2 }\n  ]\n}\n');
  t.throws(() => readConfig(path('a.json'), SCHEMA), {
    message: /a\.json:3:18: list\[0\]\.prot: there is no such setting$/,
  });
  t.is(pathText(['a', 0, 'b', 1, 2]), 'a[0].b[1][2]');
});

test('the errors of whoever reads on have a place too, also where the path leads nowhere', (t) => {
  const path = scratch(t);
  writeFileSync(path('a.yaml'), 'name: x\nlist:\n  - { port: 1 }\n');
  const { value, fault } = readConfig(path('a.yaml'), SCHEMA);
  t.deepEqual(value, { list: [{ port: 1 }], name: 'x' });
  t.is(fault(['list', 0, 'port'], 'taken').message, `${path('a.yaml')}:3:7: taken`);
  t.is(fault(['list', 7, 'port'], 'taken').message, `${path('a.yaml')}:2:1: taken`);
  t.is(fault(['none'], 'taken').message, `${path('a.yaml')}:1:1: taken`);
});

test('a file that is too large, or no text of keys, is refused', (t) => {
  const path = scratch(t);
  writeFileSync(path('large.yaml'), `# ${'x'.repeat(1_000_000)}\n`);
  t.throws(() => readConfig(path('large.yaml'), SCHEMA), { code: 'bad-config', message: /at most 1000000 characters/ });
  writeFileSync(path('keys.yaml'), '? [a]\n: 1\n');
  t.throws(() => readConfig(path('keys.yaml'), SCHEMA), { code: 'bad-config', message: /keys\.yaml:1:\d+: / });
  writeFileSync(path('empty.yaml'), '');
  t.throws(() => readConfig(path('empty.yaml'), SCHEMA), { code: 'bad-config', message: /empty\.yaml:1:1: / });
});

const WHOLE = `realm: market
broker: { port: 0, jetstream: true }
keys: auto
agents:
  shop: { file: a.js, params: { unitPrice: 3, peers: ['@bank', &x did] }, replicas: 2 }
  bank: { file: b.ts, export: bank, key: k, params: { more: *x } }
`;

test('whatever a file holds, it is read or refused with its place, never anything else', (t) => {
  const path = scratch(t);
  const junk = fc.string({
    unit: fc.constantFrom(...'{}[]:,-&*!|>?@#%\'" \n\tab0.~\u0000\ud800😀'.split('')),
    maxLength: 12,
  });
  const change = fc.record({ at: fc.nat(WHOLE.length), cut: fc.nat(10), put: junk });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
      const text = changes.reduce((now, { at, cut, put }) => now.slice(0, at) + put + now.slice(at + cut), WHOLE);
      writeFileSync(path('haggle.yaml'), text);
      try {
        readHaggleFile(path('haggle.yaml'));
      } catch (error) {
        if (!(error instanceof HaggleError) || error.code !== 'bad-config') throw error;
        return /haggle\.yaml:\d+:\d+: [^\n]/.test(error.message);
      }
      return true;
    }),
    { numRuns: 1_000, seed: 4 },
  );
  t.pass();
});
