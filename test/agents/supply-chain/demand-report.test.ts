import test, { type ExecutionContext } from 'ava';
import { nodeBackend } from '../../../agent-core/adapters/node-crypto.ts';
import { createVerifiedRoots } from '../../../agent-core/message/evidence.ts';
import { createAuditor } from '../../../agent-core/message/open.ts';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { DemandReport } from '../../../agents/supply-chain/demand-report.ts';
import {
  buyReport,
  FEE,
  floor,
  FUNDS,
  honest,
  ordered,
  takeFee,
  TOLD,
  type Floor,
  type Teller,
} from './report-floor.ts';

const SILENT: Teller = { fee: null, accept() {} };

async function run(all: Floor): Promise<Floor> {
  await all.place.run();
  return all;
}

/** Money is where the books say that it is. */
function claimBooked(t: ExecutionContext, { place, maker }: Floor): void {
  t.is(place.ledger.balance(maker.did).available, FUNDS + maker.state.profit);
  t.is(place.ledger.balance(maker.did).reserved, 0n);
  t.is(place.ledger.supply(), FUNDS * BigInt(place.agents.length - 2));
}

function fees({ maker }: Floor): bigint {
  return [...maker.state.book.values()].reduce(
    (sum, { what, amount }) => sum + (what === 'forecast' ? amount : 0n),
    0n,
  );
}

/** What the maker orders that is told nothing: of its rule alone. */
async function orderedAlone(): Promise<readonly number[]> {
  return ordered(await run(floor({ tellers: [SILENT], changes: { reports: null } })));
}

test('a supplier pays its customer once for each report, and orders by what it is told', async (t) => {
  const all = await run(floor({ tellers: [honest()] }));
  t.is(fees(all), -2n * FEE);
  t.is(all.place.ledger.balance(all.tellers[0]?.did ?? all.maker.did).available, FUNDS + 2n * FEE);
  t.notDeepEqual(ordered(all), await orderedAlone());
  claimBooked(t, all);
  const emptier = await run(floor({ tellers: [honest({ position: TOLD.position - 3 })] }));
  t.true(Math.abs((ordered(emptier)[0] ?? 0) - (ordered(all)[0] ?? 0) - 3) < 1e-9, 'what is missing below is ordered');
});

test('a customer that keeps its numbers to itself is not paid, and its supplier counts on what was asked of it', async (t) => {
  const all = await run(floor({ tellers: [SILENT] }));
  t.is(fees(all), 0n);
  t.deepEqual(ordered(all), await orderedAlone());
  t.deepEqual(all.tellers[0]?.state.heard, ['inquire', 'inquire']);
});

test('a firm that trades no reports asks for none', async (t) => {
  for (const reports of [null, { fee: 0.2, feeMost: null, forecasts: false }]) {
    const all = await run(floor({ tellers: [honest()], changes: { reports } }));
    t.deepEqual(all.tellers[0]?.state.heard, []);
    t.deepEqual(ordered(all), await orderedAlone());
  }
});

test('a report that is dearer than the supplier would pay, or than it can, is not bought', async (t) => {
  for (const [changes, reason] of [
    [{ fee: 1_000_001n }, 'reject: too dear'],
    [{ fee: 1_000_000n }, 'reject: no funds'],
  ] as const) {
    const all = await run(floor({ tellers: [{ ...honest(), ...changes }], funds: 999_999n }));
    t.deepEqual(all.tellers[0]?.state.heard, ['inquire', reason, 'inquire', reason]);
    t.is(fees(all), 0n);
    t.deepEqual(ordered(all), await orderedAlone());
  }
});

test('a report for nothing needs no escrow', async (t) => {
  const escrows: (string | null)[] = [];
  const free: Teller = {
    fee: 0n,
    accept(_, m, period) {
      escrows.push(m.body.escrow);
      m.reply('report', { ...TOLD, period });
    },
  };
  const all = await run(floor({ tellers: [free] }));
  t.deepEqual(escrows, [null, null]);
  t.deepEqual(ordered(all), ordered(await run(floor({ tellers: [honest()] }))));
});

const USELESS: Readonly<Record<string, Teller>> = {
  'that comes after orders are placed': {
    fee: FEE,
    async accept(ctx, m, period) {
      await takeFee(ctx, m);
      await ctx.sleep('5 min');
      if (m.dialogue.open) m.reply('report', { ...TOLD, period });
    },
  },
  'that never comes': { fee: FEE, accept: takeFee },
  'of another period': honest({ period: 7 }),
};

for (const [what, useless] of Object.entries(USELESS)) {
  test(`a report ${what} is not used; the fee that was taken is in the supplier's book`, async (t) => {
    const all = await run(floor({ tellers: [useless] }));
    t.deepEqual(ordered(all), await orderedAlone());
    t.is(fees(all), -2n * FEE);
    claimBooked(t, all);
  });
}

test('a customer that takes no fee and says nothing has none', async (t) => {
  const all = await run(floor({ tellers: [{ fee: FEE, accept() {} }] }));
  t.is(fees(all), 0n);
  claimBooked(t, all);
});

test('a lie is the signed word of who told it, and makes nobody order more than there can be', async (t) => {
  const lie = { asked: 1e9, expected: 1e9, position: -1e12, leadTime: 1_000_000, holding: 1e6 };
  const all = await run(floor({ tellers: [honest(lie)], sign: 'each' }));
  t.true(ordered(all).every((units) => units > 1e6 && units <= 2e9));
  const auditor = createAuditor({ backend: nodeBackend, requireSignature: true, verifiedRoots: createVerifiedRoots() });
  const told = all.place.trace.filter(({ payload }) => payload.includes('"expected":1000000000'));
  t.is(told.length, 2);
  for (const record of told) {
    const opened = auditor.audit(record);
    t.true('envelope' in opened && opened.envelope.from === all.tellers[0]?.did);
  }
});

test('a firm tells the supplier that pays its part, with what its own customers have told it', async (t) => {
  const script = async (...[ctx, shop]: Parameters<typeof buyReport>): Promise<void> => {
    await ctx.sleep('36 min');
    await buyReport(ctx, shop);
    await ctx.sleep('1 h');
    await buyReport(ctx, shop, { period: 1 });
  };
  const all = await run(floor({ tellers: [honest()], script }));
  t.deepEqual(all.reader.state.heard, ['report', 'report']);
  const [first, second] = all.reader.state.reports;
  // Of two suppliers alike each has one half: of 10 in stock, of 20 below, of 7 expected.
  t.deepEqual(first, { period: 0, asked: 0, expected: 3.5, position: 15, holding: 0, leadTime: 5, forecast: null });
  t.is(second?.asked, 2.5);
  t.is(all.place.ledger.balance(all.reader.did).available, FUNDS - 2n * FEE);
  t.is(fees(all), 0n, 'it pays as much as it is paid');
  claimBooked(t, all);
});

test('a firm whose customer never answers tells in time what it knows itself', async (t) => {
  const script = async (...[ctx, shop]: Parameters<typeof buyReport>): Promise<void> => {
    await ctx.sleep('36 min');
    await buyReport(ctx, shop);
    ctx.state.heard.push(ctx.now() < 40 * 60e6 ? 'in time' : 'late');
  };
  const all = await run(floor({ tellers: [{ fee: FEE, accept() {} }], script }));
  t.deepEqual(all.reader.state.heard, ['report', 'in time']);
  t.deepEqual(all.reader.state.reports, [
    { period: 0, asked: 0, expected: 2.5, position: 5, holding: 0, leadTime: 1, forecast: null },
  ]);
});

const FORECAST = { mean: [6, 8, 10], deviation: [3, 4, 5] };

test('forecasts of customers add up, and a part of them is told on', async (t) => {
  const script = async (...[ctx, shop]: Parameters<typeof buyReport>): Promise<void> => {
    await ctx.sleep('36 min');
    await buyReport(ctx, shop);
  };
  const told = honest({ forecast: FORECAST, leadTime: 0 });
  const all = await run(floor({ tellers: [told, told], script }));
  // Of two suppliers alike each has one half; deviations of two customers are taken for independent.
  const deviation = [3, 4, 5].map((one) => Math.sqrt(2 * one ** 2) / 2);
  t.deepEqual(all.reader.state.reports[0]?.forecast, { mean: [6, 8, 10], deviation });
  const more = await run(
    floor({ tellers: [told, honest({ forecast: { ...FORECAST, mean: [60, 80, 100] }, leadTime: 0 })] }),
  );
  t.true((ordered(more)[0] ?? 0) > (ordered(all)[0] ?? 0), 'who is told of more orders more');
});

test('what not all customers foretell is not counted on', async (t) => {
  const [some, none] = await Promise.all(
    [FORECAST, null].map((forecast) => run(floor({ tellers: [honest({ forecast }), honest()] }))),
  );
  t.deepEqual(some === undefined ? [] : ordered(some), none === undefined ? [] : ordered(none));
});

const UNPAID: Readonly<Record<string, (...args: Parameters<typeof buyReport>) => Promise<string | null>>> = {
  'nothing set aside': () => Promise.resolve(null),
  'a reservation that is not there': () => Promise.resolve('nothing'),
  'too little set aside': async (ctx, shop) => {
    await ctx.ledger.reserve({ id: 'less', to: shop, amount: FEE - 1n, release: 'payee', within: '1 h' });
    return 'less';
  },
  'money set aside for another': async (ctx) => {
    await ctx.ledger.reserve({ id: 'own', to: ctx.self, amount: FEE, release: 'payee', within: '1 h' });
    return 'own';
  },
  'money that only the supplier can release': async (ctx, shop) => {
    await ctx.ledger.reserve({ id: 'held', to: shop, amount: FEE, release: 'payer', within: '1 h' });
    return 'held';
  },
};

for (const [what, escrow] of Object.entries(UNPAID)) {
  test(`no fee, no report: with ${what} nothing is told`, async (t) => {
    const all = await run(
      floor({
        script: async (ctx, shop) => {
          await ctx.sleep('36 min');
          await buyReport(ctx, shop, { escrow: () => escrow(ctx, shop) });
        },
      }),
    );
    t.deepEqual(all.reader.state.heard, ['not secured']);
    claimBooked(t, all);
  });
}

test('reports are of this period, to be asked for and paid in it', async (t) => {
  const all = await run(
    floor({
      script: async (ctx, shop) => {
        await ctx.sleep('36 min');
        await buyReport(ctx, shop, { period: 1 });
        const late = async (): Promise<null> => {
          await ctx.sleep('30 min');
          return null;
        };
        await buyReport(ctx, shop, { escrow: late });
        await buyReport(ctx, shop, { period: 0 });
      },
    }),
  );
  t.deepEqual(all.reader.state.heard, ['another period', 'too late', 'another period']);
});

test('a firm that sells no reports says so', async (t) => {
  for (const reports of [null, { fee: null, feeMost: 1, forecasts: false }]) {
    const all = await run(floor({ script: (ctx, shop) => buyReport(ctx, shop), changes: { reports } }));
    t.deepEqual(all.reader.state.heard, ['not for sale']);
  }
});

test('a stranger gets nothing, whatever it would pay', async (t) => {
  const all = floor({});
  const heard: string[] = [];
  const stranger = defineAgent({
    name: 'stranger',
    setup(agent) {
      agent.play(DemandReport, 'supplier', { offer() {}, report() {}, decline() {} });
      agent.start(async (ctx) => {
        const { did } = all.maker;
        const answer = await ctx.ask(DemandReport, 'supplier', did, 'inquire', { period: 0 }, { within: '1 min' });
        heard.push(answer.type === 'decline' ? answer.body.reason : answer.type);
      });
    },
  });
  all.place.spawn(stranger(), { name: 'stranger' });
  await run(all);
  t.deepEqual(heard, ['no supplier']);
});
