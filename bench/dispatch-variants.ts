/**
 * A campaign of grids that nobody tuned anything for, through the real agents: `node dist/bench/dispatch-variants.js
 * [seed]`. Prints every fault by the demanded accuracy, every variant that misses the aim, and a summary.
 */
import { createRandomRoot } from '../agent-core/random.ts';
import type { Grid } from '../scenarios/energy/grid.ts';
import { AIMED, DEMANDED, judge, negotiate, type Negotiation, type NegotiationOptions } from './dispatch-agents.ts';
import { generatedCases, pglibCases } from './dispatch-cases.ts';
import { doubleStar, meshed, scaledLimits } from './grid-variants.ts';
import { changesOf, gluings, infeasible, optimumOrNull, smallest } from './variant-list.ts';

interface Tally {
  run: number;
  infeasible: number;
  faults: number;
  missed: number;
  readonly rounds: number[];
  gapPercent: number;
  violation: number;
  priceError: number;
  largestMessageBytes: number;
  cpuSeconds: number;
}

function note(tally: Tally, grid: Grid, text: string): void {
  console.log(`${grid.name} (${grid.buses.length} buses, ${grid.branches.length} lines): ${text}`);
  tally.faults += 1;
}

/** Runs one variant against its optimum. */
async function run(tally: Tally, grid: Grid, options: NegotiationOptions): Promise<Negotiation | null> {
  const optimum = await optimumOrNull(grid).catch((error: unknown) => String(error));
  if (typeof optimum === 'string') {
    console.log(`${grid.name}: ${optimum}`);
    return null;
  }
  if (optimum === null) {
    tally.infeasible += 1;
    return null;
  }
  const negotiation = await negotiate(grid, options).catch((error: unknown) => String(error));
  tally.run += 1;
  if (typeof negotiation === 'string') {
    note(tally, grid, `FAULT ${negotiation}`);
    return null;
  }
  const verdict = judge(grid, { negotiation, optimum }, DEMANDED);
  tally.rounds.push(negotiation.rounds);
  tally.cpuSeconds += negotiation.cpuSeconds;
  tally.largestMessageBytes = Math.max(tally.largestMessageBytes, negotiation.largestMessageBytes);
  if (verdict.faults.length > 0) {
    note(tally, grid, `FAULT ${verdict.faults.join(', ')}, ${negotiation.rounds} rounds`);
    return negotiation;
  }
  tally.gapPercent = Math.max(tally.gapPercent, Math.abs(verdict.gapPercent));
  tally.violation = Math.max(tally.violation, verdict.violation);
  tally.priceError = Math.max(tally.priceError, verdict.score?.priceOptimalityErrorPerMwh ?? 0);
  const missed = judge(grid, { negotiation, optimum }, AIMED).faults;
  if (missed.length > 0) {
    tally.missed += 1;
    console.log(`${grid.name}: below the aim: ${missed.join(', ')}, ${negotiation.rounds} rounds`);
  }
  return negotiation;
}

function summarise(what: string, tally: Tally): void {
  const rounds = tally.rounds.toSorted((a, b) => a - b);
  const middle = rounds[Math.floor(rounds.length / 2)] ?? 0;
  console.log(
    `${what}: ${tally.run} run, ${tally.infeasible} infeasible left out, ${tally.faults} faults, ${tally.missed} below the aim; ` +
      `rounds ${middle} (median), ${rounds.at(-1) ?? 0} (most); worst gap ${tally.gapPercent.toExponential(1)} %, ` +
      `violation ${tally.violation.toExponential(1)} p.u., price optimality error ${tally.priceError.toExponential(1)} $/MWh; ` +
      `largest message ${tally.largestMessageBytes} bytes; ${tally.cpuSeconds.toFixed(1)} CPU s`,
  );
}

function emptyTally(): Tally {
  return {
    run: 0,
    infeasible: 0,
    faults: 0,
    missed: 0,
    rounds: [],
    gapPercent: 0,
    violation: 0,
    priceError: 0,
    largestMessageBytes: 0,
    cpuSeconds: 0,
  };
}

async function runAll(what: string, grids: readonly Grid[], options: NegotiationOptions): Promise<void> {
  const counted = emptyTally();
  for (const grid of grids) await run(counted, grid, options);
  summarise(what, counted);
}

/** Negotiations that must fail, and say so. */
async function runInfeasible(grids: readonly Grid[], seed: number): Promise<void> {
  let faults = 0;
  for (const grid of grids) {
    const negotiation = await negotiate(grid, { seed }).catch((error: unknown) => String(error));
    const outcome = typeof negotiation === 'string' ? `FAULT ${negotiation}` : negotiation.reason;
    if (typeof negotiation === 'string' || negotiation.agreement !== null) faults += 1;
    if ((await optimumOrNull(grid)) !== null) console.log(`${grid.name} is feasible after all`);
    console.log(`${grid.name}: ${outcome}`);
  }
  console.log(`infeasible: ${grids.length} run, ${faults} faults`);
}

/** Signing must not change what happens, and random latencies must not change how good it is. */
async function runModes(grids: readonly Grid[], seed: number): Promise<void> {
  const modes = ['off', 'batch', 'each'] as const;
  for (const grid of grids) {
    const fingerprints = new Set<string>();
    for (const sign of modes) fingerprints.add((await negotiate(grid, { seed, sign })).fingerprint);
    console.log(
      `${grid.name}: ${fingerprints.size === 1 ? 'one fingerprint' : 'FAULT: different fingerprints'} in three modes`,
    );
  }
}

async function main(): Promise<void> {
  const seed = Number(process.argv[2] ?? 1);
  const chance = createRandomRoot(seed).stream('variants');
  const bases = [...pglibCases(), ...generatedCases([30, 100], [seed, seed + 1])].map(({ grid }) => grid);
  const changed: Grid[] = [];
  for (const grid of bases) {
    const optimum = await optimumOrNull(grid);
    if (optimum !== null) changed.push(...changesOf(grid, optimum, chance));
  }
  await runAll('smallest', smallest(), { seed });
  await runAll('changed', changed, { seed });
  await runAll('glued', gluings(bases, 24, chance), { seed });
  const dense = generatedCases([100, 150], [seed, seed + 1]).map(({ grid }) =>
    meshed(scaledLimits(grid, 20), 3 * grid.buses.length, chance),
  );
  dense.push(doubleStar(100, chance), doubleStar(200, chance));
  await runAll('dense', dense, { seed });
  const latency = ['1 ms', '20 ms'] as const;
  await runAll('latency 1 to 20 ms', [...bases, ...smallest()], { seed, latency });
  await runModes(bases.slice(0, 6), seed);
  await runInfeasible(
    bases.slice(0, 12).flatMap((grid) => infeasible(grid, chance)),
    seed,
  );
}

await main();
