import type { PolicyChoice, SimulationResult } from '../../scenarios/simulate.ts';
import { el, type Child, type Markup } from './markup.ts';

/** What the run came to, in words: a headline and what follows from it. */
export interface Verdict {
  readonly good: boolean;
  readonly headline: string;
  readonly sentences: readonly string[];
  /** Stands over it; left out where it is that agents agreed on what is feasible, or not. */
  readonly stamp?: string;
}

/** A report as a page: what it is called, how it looks, and what may run in it. */
export interface Page {
  readonly title: string;
  readonly style: Markup;
  /** Source of a script that is part of the program, as its policy names it: `'sha256-…'`; left out where nothing runs. */
  readonly scriptSource?: string;
}

/** One self-contained HTML page. Nothing is loaded, and no script runs but the one named, whatever a file had in it. */
export function pageText({ title, style, scriptSource }: Page, ...sections: readonly Child[]): string {
  const scripts = scriptSource === undefined ? '' : `; script-src ${scriptSource}`;
  const policy = `default-src 'none'; style-src 'unsafe-inline'${scripts}`;
  const page = el(
    'html',
    { lang: 'en' },
    el(
      'head',
      {},
      el('meta', { charset: 'utf-8' }),
      el('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
      el('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      el('title', {}, title),
      el('style', {}, style),
    ),
    el('body', {}, el('main', {}, ...sections)),
  );
  return `<!doctype html>\n${page.markup}\n`;
}

const SIGNING: Readonly<Record<SimulationResult['mode']['sign'], string>> = {
  each: 'every message',
  batch: 'in batches',
  off: 'off',
};

const POLICIES: Readonly<Record<Exclude<PolicyChoice, 'scripted'>, string>> = {
  learned: 'learned',
  file: 'from files',
};

/** The head of a report: its title, the run that it is about, and the verdict. */
export function heading(title: string, result: SimulationResult, verdict: Verdict): Markup {
  const { sign, policy } = result.mode;
  const run: readonly (readonly [string, string])[] = [
    ['Scenario', `${result.scenario}, ${result.variant}`],
    ['Seed', String(result.seed)],
    ['Signing', SIGNING[sign]],
    ...(policy === 'scripted' ? [] : [['Policies', POLICIES[policy]] as const]),
    ['Fingerprint', result.fingerprint],
  ];
  return headed(title, run, verdict);
}

/** The head of a page: its title, facts by name, and the verdict. */
export function headed(title: string, facts: readonly (readonly [string, string])[], verdict: Verdict): Markup {
  const { good, headline, sentences } = verdict;
  const { stamp = good ? 'Agreed and feasible' : 'Agreed, but not feasible' } = verdict;
  return el(
    'header',
    {},
    el('h1', {}, title),
    el(
      'ul',
      { class: 'run' },
      facts.map(([name, value]) => el('li', {}, `${name} `, el('b', {}, value))),
    ),
    el(
      'div',
      { class: good ? 'verdict' : 'verdict bad' },
      el('strong', {}, `${good ? '✓' : '✗'} ${stamp}`),
      [headline, ...sentences].map((sentence) => el('p', {}, sentence)),
    ),
  );
}

/** What a fingerprint tells, for the end of every report. */
export const FINGERPRINT_NOTE =
  'The fingerprint is a hash over every message delivered: the same instance, seed and version give the same one, whatever the signing. CPU time is the only number here that differs from run to run.';
