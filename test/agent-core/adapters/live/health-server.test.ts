import { request } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { watchEventLoop } from '../../../../agent-core/adapters/live/event-loop.ts';
import { startHealthServer, type HealthServer } from '../../../../agent-core/adapters/live/health-server.ts';

interface State {
  notLive: string[];
  notReady: string[];
}

async function served(t: ExecutionContext): Promise<HealthServer & { readonly state: State }> {
  const state: State = { notLive: [], notReady: [] };
  const server = await startHealthServer(
    {
      notLive: () => state.notLive,
      notReady: () => state.notReady,
      metrics: () => '# metrics\n',
      status: () => ({ name: 'shop' }),
    },
    { port: 0 },
  );
  t.teardown(() => server.close());
  return { ...server, state };
}

function ask(url: string, method = 'GET'): Promise<{ status: number; type: string; body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { method }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => void (body += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', body }),
      );
    });
    asking.on('error', reject);
    asking.end();
  });
}

test('probes say ok, or 503 with a reason a line, and each knows only its own reasons', async (t) => {
  const { url, state } = await served(t);
  t.like(await ask(`${url}/livez`), { status: 200, body: 'ok\n' });
  t.like(await ask(`${url}/readyz?verbose`), { status: 200, body: 'ok\n' });
  state.notReady = ['broker', 'draining'];
  t.like(await ask(`${url}/readyz`), { status: 503, body: 'broker\ndraining\n' });
  t.is((await ask(`${url}/livez`)).status, 200);
  state.notLive = ['event-loop'];
  t.like(await ask(`${url}/livez`), { status: 503, body: 'event-loop\n' });
});

test('metrics and status have their content types', async (t) => {
  const { url } = await served(t);
  t.deepEqual(await ask(`${url}/metrics`), {
    status: 200,
    type: 'text/plain; version=0.0.4; charset=utf-8',
    body: '# metrics\n',
  });
  t.deepEqual(await ask(`${url}/status`), { status: 200, type: 'application/json', body: '{"name":"shop"}\n' });
});

test('refuses other paths and methods', async (t) => {
  const { url } = await served(t);
  t.is((await ask(`${url}/`)).status, 404);
  t.is((await ask(`${url}/livez/metrics`)).status, 404);
  t.is((await ask(`${url}/livez`, 'POST')).status, 405);
  t.like(await ask(`${url}/livez`, 'HEAD'), { status: 200, body: '' });
});

test('listens on loopback if nothing is said, and says which address is taken', async (t) => {
  const { host, port, url } = await served(t);
  t.is(host, '127.0.0.1');
  t.is(url, `http://127.0.0.1:${port}`);
  const report = { notLive: () => [], notReady: () => [], metrics: () => '', status: () => ({}) };
  await t.throwsAsync(startHealthServer(report, { port }), {
    code: 'cannot-listen',
    message: `cannot serve health on 127.0.0.1:${port}: it is taken`,
  });
});

test('the event loop is as late as its newest beat, or as the one that does not come', (t) => {
  let now = 0;
  let beat: () => void = () => undefined;
  let stopped = false;
  const watch = watchEventLoop({
    now: () => now,
    every: (_, call) => {
      beat = call;
      return { stop: () => void (stopped = true) };
    },
  });
  now = 500;
  beat();
  t.is(watch.lagSeconds(), 0);
  now = 7_000;
  t.is(watch.lagSeconds(), 6);
  beat();
  t.is(watch.lagSeconds(), 6);
  now = 7_500;
  beat();
  t.is(watch.lagSeconds(), 0);
  watch.stop();
  t.true(stopped);
});
