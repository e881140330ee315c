import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';

/** What each example prints. A change here is a change of what readers of the documentation see. */
const OUTPUT: Readonly<Record<string, string>> = {
  '01-hello-agent': 'one day: 138.74 kWh in 46 messages, fingerprint 30a267734ef212bb\n',
  '02-typed-protocol': [
    'illegal-message: saying "repaired" as garage: repair does not allow it in state "called"',
    '0.001 s  owner-1 → garage-1  d1  repair/cfp                       { fault: "brakes" }',
    '0.002 s  garage-1 → owner-1  d1  repair/quote (propose)           { price: 120.5, days: 2 }',
    '0.003 s  owner-1 → garage-1  d1  repair/accept (accept-proposal)  {}',
    '0.004 s  garage-1 → owner-1  d1  repair/repaired (inform)         {}',
    '',
  ].join('\n'),
  '03-contract-net': [
    'done { price: 180n }',
    'shipper-1: 820',
    'carrier-1: 0',
    'carrier-2: 180',
    'carrier-3: 0',
    '',
  ].join('\n'),
  '04-market': [
    'builder: bought 1 at 90.00',
    'builder: bought 1 at 90.00',
    'builder: bought 1 at 90.00',
    'builder: filled, 3 for 270.00',
    'prices: 77.33, 63.61, 90.00, 90.00, 90.00, 109.44',
    'exchange-1: 0.00, 0 steel',
    'builder-1: 30.00, 3 steel',
    'buyer-120: 190.56, 1 steel',
    'buyer-100: 222.67, 1 steel',
    'buyer-80: 236.39, 1 steel',
    'seller-30: 167.33, 0 steel',
    'seller-50: 153.61, 0 steel',
    'seller-70: 199.44, 0 steel',
    'in circulation: 1200.00 and 6 steel',
    'faults in the books: 0',
    '',
  ].join('\n'),
  '05-bargaining': ["agreed { delivery: 'today', price: 100 }", "Nash point: { price: 75, delivery: 'week' }", ''].join(
    '\n',
  ),
  '07-training': [
    'wrong with the environment: []',
    'an episode brings 3812, and brought 3216',
    'where 50 are usual, kiosk orders 59',
    'as a rule: -1 + 1.20 times what is usual, which brings 3812',
    '',
  ].join('\n'),
  '06-discovery': ["found [ 'carrier-1', 'carrier-3' ]", 'done { price: 180n }', ''].join('\n'),
};

const folder = new URL('../examples/', import.meta.url);
const examples = readdirSync(folder).filter((name) => name.endsWith('.js'));

/** The text of an example, from the folder of the sources. */
function sourceOf(name: string): string {
  return readFileSync(new URL(`../../examples/${name}.ts`, folder), 'utf8');
}

test('every example has its output written down here', (t) => {
  t.deepEqual(examples.map((name) => name.slice(0, -'.js'.length)).toSorted(), Object.keys(OUTPUT).toSorted());
});

test('every example has fewer than 60 lines', (t) => {
  for (const name of examples) {
    const source = sourceOf(name.slice(0, -'.js'.length));
    t.true(source.trimEnd().split('\n').length < 60, name);
  }
});

test('both sides of a contract net take at most 30 lines', (t) => {
  const source = sourceOf('03-contract-net');
  const sides = source.slice(source.indexOf('const shipper'), source.indexOf('const w ='));
  t.true(sides.split('\n').filter((line) => line.trim() !== '').length <= 30);
});

for (const [name, output] of Object.entries(OUTPUT)) {
  test(`example ${name} prints what the documentation says`, (t) => {
    t.is(execFileSync(process.execPath, [new URL(`${name}.js`, folder).pathname], { encoding: 'utf8' }), output);
  });
}
