import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import test from 'ava';

/** What each example prints. A change here is a change of what readers of the documentation see. */
const OUTPUT: Readonly<Record<string, string>> = {
  '01-hello-agent': 'one day: 138.74 kWh in 46 messages, fingerprint 10acbfd853775bf9\n',
  '02-typed-protocol': [
    'illegal-message: saying "repaired" as garage: repair does not allow it in state "called"',
    '0.001 s  owner-1 → garage-1  d1  repair/cfp                       { fault: "brakes" }',
    '0.002 s  garage-1 → owner-1  d1  repair/quote (propose)           { price: 120.5, days: 2 }',
    '0.003 s  owner-1 → garage-1  d1  repair/accept (accept-proposal)  {}',
    '0.004 s  garage-1 → owner-1  d1  repair/repaired (inform)         {}',
    '',
  ].join('\n'),
};

const folder = new URL('../examples/', import.meta.url);
const examples = readdirSync(folder).filter((name) => name.endsWith('.js'));

test('every example has its output written down here', (t) => {
  t.deepEqual(examples.map((name) => name.slice(0, -'.js'.length)).toSorted(), Object.keys(OUTPUT).toSorted());
});

for (const [name, output] of Object.entries(OUTPUT)) {
  test(`example ${name} prints what the documentation says`, (t) => {
    t.is(execFileSync(process.execPath, [new URL(`${name}.js`, folder).pathname], { encoding: 'utf8' }), output);
  });
}
