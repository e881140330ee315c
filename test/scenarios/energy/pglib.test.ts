import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { gridDispatch } from '../../../scenarios/energy/grid-scenario.ts';
import { scoreDispatch } from '../../../scenarios/energy/score.ts';
import { simulate } from '../../../scenarios/simulate.ts';
import { PGLIB, PGLIB_PRESENT, pglibGrid } from './pglib.ts';

/** The benchmark cases, named here so that a set which is absent is reported case by case. */
const CASES = [
  'typ/pglib_opf_case3_lmbd',
  'typ/pglib_opf_case5_pjm',
  'typ/pglib_opf_case14_ieee',
  'typ/pglib_opf_case30_as',
  'typ/pglib_opf_case30_ieee',
  'typ/pglib_opf_case39_epri',
  'typ/pglib_opf_case57_ieee',
  'typ/pglib_opf_case60_c',
  'typ/pglib_opf_case89_pegase',
  'typ/pglib_opf_case118_ieee',
  'typ/pglib_opf_case200_activ',
  'api/pglib_opf_case5_pjm__api',
  'api/pglib_opf_case14_ieee__api',
  'api/pglib_opf_case30_ieee__api',
  'api/pglib_opf_case39_epri__api',
  'api/pglib_opf_case118_ieee__api',
] as const;

/** Deviation from the published DC objective, which has five digits. */
const PUBLISHED_SHARE = 1e-3;
/** Deviation from our own central optimum. */
const OPTIMUM_SHARE = 1e-4;
const VIOLATION_PU = 1e-4;

const run = PGLIB_PRESENT ? test : test.skip;

function publishedCost(name: string): number {
  const row = readFileSync(join(PGLIB, 'BASELINE.md'), 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`| ${name} |`));
  return Number(row?.split('|')[4]);
}

for (const path of CASES) {
  const name = path.slice(path.indexOf('/') + 1);
  run(`the buses of ${name} agree on the published optimum, within all limits (pglib-opf)`, async (t) => {
    const grid = pglibGrid(path);
    const { agents, optimum, result } = await simulate(gridDispatch, grid, { seed: 1, sign: 'off' });
    const cost = agents.kpis['costPerHour'] ?? Number.NaN;
    const best = optimum?.kpis['costPerHour'] ?? Number.NaN;
    const published = publishedCost(name);
    t.true(Math.abs(cost - published) <= PUBLISHED_SHARE * published, `${cost} $/h, published ${published}`);
    t.true(Math.abs(cost - best) <= OPTIMUM_SHARE * best, `${cost} $/h, optimum ${best}`);
    t.true(result.feasible);
    const score = scoreDispatch(grid, agents.solution);
    t.true(score.worstOverloadPu <= VIOLATION_PU, `overload ${score.worstOverloadPu} p.u.`);
    t.true(score.worstBalanceMismatchPu <= VIOLATION_PU, `mismatch ${score.worstBalanceMismatchPu} p.u.`);
  });
}
