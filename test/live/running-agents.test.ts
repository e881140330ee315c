import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { freePort } from '../../agent-core/adapters/nats-server/free-port.ts';
import { scratch } from '../cli/haggle.ts';
import { runIn } from '../cli/linked-project.ts';
import { blocksOf, type Block } from '../docs-blocks.ts';
import { programs } from '../docs-programs.ts';
import { brokers, live } from './broker.ts';
import { terminal, type Terminal } from './terminal.ts';

const PAGE = fileURLToPath(new URL('../../../docs/running-agents.md', import.meta.url));

/** Ports of the page, which others may use on this machine: the test takes free ones. */
const PORTS = ['4222', '4223', '9464'];

/** What the page leaves open with `…`: times, addresses, ids. */
function matches(line: string, pattern: string): boolean {
  const parts = pattern.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(line);
}

live('Running agents can be followed as it stands, in as many terminals as it says', async (t) => {
  const path = scratch(t);
  const ports = new Map(await Promise.all(PORTS.map(async (port) => [port, String(await freePort())] as const)));
  const bin = programs(path('bin'), new Map([['nats-server', brokers[0]?.path ?? '']]));
  mkdirSync(path('home'));
  const reader = new Reader(t, { home: path('home'), place: path('folder'), bin });
  for (const block of blocksOf(readFileSync(PAGE, 'utf8'))) {
    // All at once: a free port may hold the digits of one that is replaced.
    const text = block.text.replaceAll(new RegExp(PORTS.join('|'), 'g'), (port) => ports.get(port) ?? port);
    await reader.follow({ ...block, text });
  }
  t.deepEqual([...reader.open.keys()], [], 'every terminal is closed at the end');
});

/** Somebody who does what the page says, block by block, and checks what it claims to see. */
class Reader {
  readonly open = new Map<string, Terminal>();
  readonly #t: ExecutionContext;
  readonly #place: string;
  readonly #bin: string;
  #folder: string;
  #printed = '';

  constructor(t: ExecutionContext, where: { readonly home: string; readonly place: string; readonly bin: string }) {
    this.#t = t;
    this.#folder = where.home;
    this.#place = where.place;
    this.#bin = where.bin;
  }

  async follow(block: Block): Promise<void> {
    const { language, marks, text, line } = block;
    const file = marks.get('file');
    if (file !== undefined) return writeFileSync(join(this.#folder, file), text);
    for (const name of marks.get('stop')?.split(',') ?? []) await this.#close(name);
    const own = marks.get('terminal');
    if (own !== undefined) return this.#inTerminal(own, block);
    if (language === 'sh') return this.#run(block);
    const wanted = text.trimEnd().split('\n');
    const printed = this.#printed.trimEnd().split('\n');
    for (const [index, pattern] of wanted.entries()) {
      this.#t.true(matches(printed[index] ?? '', pattern), `line ${line + index}: ${pattern}\n${this.#printed}`);
    }
    this.#t.is(printed.length, wanted.length, this.#printed);
  }

  async #run({ text, line }: Block): Promise<void> {
    const { code, out, err } = await runIn(this.#folder, `PATH="${this.#bin}:$PATH"\n${text}\npwd > "${this.#place}"`);
    this.#t.is(code, 0, `line ${line}: ${out}\n${err}`);
    this.#printed = out;
    this.#folder = readFileSync(this.#place, 'utf8').trimEnd();
  }

  async #inTerminal(name: string, { text, marks, line }: Block): Promise<void> {
    const PATH = `${this.#bin}:${join(this.#folder, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`;
    const env = { PATH, HOME: process.env['HOME'] ?? '' };
    const opened = terminal(this.#t, { command: '/bin/sh', args: ['-ec', `exec ${text}`], cwd: this.#folder, env });
    this.open.set(name, opened);
    this.#t.truthy(await opened.until(marks.get('shows') ?? ''), `line ${line}`);
  }

  /** ^C. */
  async #close(name: string): Promise<void> {
    const ended = await this.open.get(name)?.end('SIGINT');
    // Versions of nats-server differ in the code of a good end.
    if (name !== 'broker') this.#t.is(ended, 0, `${name}: ${this.open.get(name)?.shown ?? 'was never opened'}`);
    this.open.delete(name);
  }
}
