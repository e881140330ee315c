import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { MAIN } from '../cli/haggle.ts';
import { execForm, settingsOf, stagesOf, textsOf, type Stage } from './dockerfile.ts';
import { deployText, run } from './files.ts';

const TEXT = deployText('Dockerfile');
const [head, ...stages] = stagesOf(TEXT);
const last = stages.at(-1) ?? { base: '', instructions: [] };
const env = settingsOf(last);

test('every stage starts from one base that is named by its short name and a tag', (t) => {
  t.is(stages.length, 3);
  const base = settingsOf(head ?? last).get('NODE_IMAGE') ?? '';
  t.regex(base, /^node:\d+-[a-z]+-slim$/);
  for (const stage of stages) t.regex(stage.base, /^\$\{NODE_IMAGE\}( AS [a-z]+)?$/);
});

test('packages come from the lock file and none of them runs at install time', (t) => {
  const installs = stages
    .flatMap((stage) => textsOf(stage, 'RUN'))
    .flatMap((text) => text.match(/npm (ci|install|i|uninstall|pack)\b[^&]*/g) ?? []);
  t.true(installs.length >= 3);
  for (const line of installs) t.true(line.includes('--ignore-scripts'), line);
  t.false(installs.some((line) => /^npm (install|i)\b/.test(line)));
  t.regex(stages[1] === undefined ? '' : textsOf(stages[1], 'RUN').join(), /npm ci --ignore-scripts --omit=dev/);
});

test('the image runs as 10001, in exec form, with its journal in a volume and nothing else of its own to write', (t) => {
  t.deepEqual(textsOf(last, 'USER'), ['10001:10001']);
  t.deepEqual(execForm(textsOf(last, 'ENTRYPOINT')[0] ?? ''), ['haggle']);
  t.deepEqual(textsOf(last, 'VOLUME'), ['/data']);
  t.deepEqual(
    [...TEXT.matchAll(/chown (.*)$/gm)].map(([, what]) => what?.replace(/ \\$/, '')),
    ['10001:10001 /data'],
  );
  t.false(TEXT.includes('--chown'));
});

test('only the published package and its packages reach the image', (t) => {
  t.deepEqual(textsOf(last, 'COPY'), [
    '--from=packages /app/node_modules /app/node_modules',
    '--from=build /haggle /app/node_modules/haggle',
  ]);
});

test('what is not named never reaches the build: no key, no journal, no history', (t) => {
  const rules = deployText('Dockerfile.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  t.is(rules[0], '*');
  t.true(rules.includes('**/*.key'));
  t.false(rules.some((rule) => rule.startsWith('!') && /git|data|test|node_modules/.test(rule)));
});

test('Haggle works with the options that the image sets for Node', async (t) => {
  t.is(env.get('NODE_OPTIONS'), '--disable-proto=throw');
  const args = [MAIN, 'simulate', 'energy', '--generate', 'buses=4', '--json'];
  const options = { env: { ...process.env, NODE_OPTIONS: env.get('NODE_OPTIONS') } };
  const { code, err } = await run(process.execPath, args, options);
  t.is(code, 0, err);
});

test('the health check is good for an agent that lives and bad for one that does not', async (t) => {
  for (const [status, code] of [
    [200, 0],
    [503, 1],
  ] as const) {
    const server = await serving(t, status);
    t.is(await healthCheck(last, server), code, `/livez answers ${status}`);
  }
  const gone = await serving(t, 200);
  const { port } = gone;
  gone.server.close();
  t.is(await healthCheck(last, { port }), 1, 'nobody answers');
});

test('the health check asks the address that the image tells the agent to serve', (t) => {
  t.is(env.get('HAGGLE_HEALTH'), '0.0.0.0:8080');
  t.deepEqual(textsOf(last, 'EXPOSE'), ['8080']);
  t.is(env.get('HAGGLE_DATA_DIR'), textsOf(last, 'VOLUME')[0]);
});

async function healthCheck(stage: Stage, { port }: { readonly port: number }): Promise<number> {
  const [program, ...args] = execForm(textsOf(stage, 'HEALTHCHECK')[0] ?? '');
  const options = { env: { ...process.env, HAGGLE_HEALTH: `0.0.0.0:${port}` } };
  return (await run(program === 'node' ? process.execPath : '', args, options)).code;
}

function serving(t: ExecutionContext, status: number): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/livez' ? status : 404).end();
  });
  t.teardown(() => server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ server, port: (server.address() as AddressInfo).port }));
  });
}
