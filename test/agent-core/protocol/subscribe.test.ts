import test from 'ava';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { createCancellation } from '../../../agent-core/protocol/cancellation.ts';
import { defineAgent } from '../../../agent-core/agent/agent.ts';
import { world } from '../../../simulator/world.ts';
import { nothingLeft } from '../../fixtures/under-fire.ts';
import { Prices } from '../../fixtures/library.ts';
import { meet, type Serve } from '../../fixtures/meeting.ts';

type Policy = NonNullable<Parameters<typeof Prices.publisher<void, undefined>>[1]>;
type Notice = { readonly price: number };

const within = '60 s' as const;
const tea = { topic: { good: 'tea' }, within } as const;

/** Publishes the prices 1, 2, 3 … of tea, one each 10 s, and the price of salt in between; ends after `last`. */
function market(policy: Policy = {}, last = 100): Serve {
  return (agent, ended) => {
    const publisher = Prices.publisher(agent, { ...policy, ended });
    let price = 0;
    agent.every('10 s', (ctx) => {
      price += 1;
      if (price <= last) {
        publisher.publish({ price: -1 }, ({ good }) => good === 'salt');
        publisher.publish({ price }, ({ good }) => good === 'tea');
      } else publisher.end('closed');
      if (ctx.now() > 120_000_000) ctx.stop();
    });
  };
}

async function follow(
  t: Parameters<typeof meet>[0],
  serve: Serve | undefined,
  change: (notice: Notice) => 'enough' | undefined = () => undefined,
) {
  const heard: [number: number, price: number][] = [];
  const met = await meet(t, {
    program: Prices.initiator,
    input: (to: Did) => ({
      ...tea,
      to,
      answerWithin: 5_000_000,
      onInform: ({ notice, number }: { readonly notice: Notice; readonly number: number }) => {
        heard.push([number, notice.price]);
        return change(notice);
      },
    }),
    serve: serve === undefined ? [] : [serve],
  });
  return { ...met, heard };
}

test('a subscriber hears every notice of its topic, numbered, until the time of the subscription is over', async (t) => {
  const { result, ends, heard } = await follow(t, market());
  t.deepEqual(result, { type: 'ended', by: 'deadline', reason: '', informs: 5 });
  t.deepEqual(heard, [
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
    [5, 5],
  ]);
  t.deepEqual(ends, ['expired active']);
});

test('a subscriber that has enough ends it on both sides', async (t) => {
  const { result, ends } = await follow(t, market(), ({ price }) => (price >= 2 ? 'enough' : undefined));
  t.deepEqual(result, { type: 'ended', by: 'initiator', reason: 'enough', informs: 2 });
  t.deepEqual(ends, ['done cancelled']);
});

test('a publisher ends its subscriptions with a reason', async (t) => {
  const { result, ends } = await follow(t, market({}, 3));
  t.deepEqual(result, { type: 'ended', by: 'participant', reason: 'closed', informs: 3 });
  t.deepEqual(ends, ['done ended']);
});

test('a publisher may refuse a subscriber', async (t) => {
  const { result, ends } = await follow(t, market({ decide: () => ({ type: 'refuse', reason: 'members only' }) }));
  t.deepEqual(result, { type: 'refused', reason: 'members only' });
  t.deepEqual(ends, ['done refused']);
});

test('a publisher tells a new subscriber what it must know first', async (t) => {
  const { heard } = await follow(t, (agent, ended) => {
    const publisher = Prices.publisher(agent, {
      ended,
      subscribed: (_, subscriber) => t.true(publisher.inform(subscriber, { price: 7 })),
    });
  });
  t.deepEqual(heard, [[1, 7]]);
});

test('who does not answer in time is late; who does not exist is named at once', async (t) => {
  const late = await follow(t, (agent, ended) =>
    agent.play(Prices, 'participant', { subscribe: () => undefined, cancel: () => undefined }, { ended }),
  );
  t.deepEqual(late.result, { type: 'failed', code: 'late', informs: 0 });
  t.deepEqual(late.ends, ['done cancelled']);
  const nobody = await follow(t, undefined);
  t.deepEqual(nobody.result, { type: 'failed', code: 'no-such-agent', informs: 0 });
});

test('a publisher that throws while it publishes leaves its subscriptions as they are', async (t) => {
  const { result, ends, heard } = await follow(t, (agent, ended) => {
    const publisher = Prices.publisher(agent, { ended });
    agent.start(async (ctx) => {
      await ctx.sleep('1 s');
      publisher.publish({ price: 1 });
      t.throws(() => publisher.publish({ price: NaN }), { code: 'invalid-body' });
      await ctx.sleep('1 s');
      publisher.publish({ price: 2 });
      publisher.end('done');
      t.is(publisher.publish({ price: 3 }), 0, 'nobody is left');
    });
  });
  t.deepEqual(heard, [
    [1, 1],
    [2, 2],
  ]);
  t.is(result?.type === 'ended' && result.by, 'participant');
  t.deepEqual(ends, ['done ended']);
});

test('a subscription is cancelled from outside', async (t) => {
  const cancellation = createCancellation();
  const { result } = await meet(t, {
    program: Prices.initiator,
    input: (to) => ({ ...tea, to, cancellation, onInform: () => cancellation.cancel('no more tea') }),
    serve: [market()],
  });
  t.deepEqual(result, { type: 'ended', by: 'initiator', reason: 'no more tea', informs: 1 });
});

const bounds: Readonly<Record<string, readonly [Policy, reason: string]>> = {
  'a publisher takes no more subscribers than it may': [{ subscribersMax: 2 }, 'subscribers as there may be'],
  'no peer has more subscriptions than it may': [{ ofPeerMax: 2 }, 'as many subscriptions as it may have'],
};

for (const [claim, [policy, reason]] of Object.entries(bounds)) {
  test(claim, async (t) => {
    const place = world({ seed: 1 });
    const publishing = defineAgent({ name: 'publisher', setup: (agent) => void Prices.publisher(agent, policy) });
    const { did } = place.spawn(publishing());
    const subscriber = defineAgent({
      name: 'subscriber',
      state: () => ({ reasons: [] as string[] }),
      setup: (agent) =>
        agent.start(async (ctx) => {
          const input = { ...tea, to: did, onInform: () => undefined } as const;
          const running = [1, 2, 3].map(() => ctx.run(Prices.initiator, input));
          for (const result of running) {
            const ended = await result;
            ctx.state.reasons.push(ended.type === 'refused' ? ended.reason : ended.type);
          }
          // A place that is free again can be taken.
          const again = await ctx.run(Prices.initiator, input);
          ctx.state.reasons.push(again.type);
        }),
    });
    const { state } = place.spawn(subscriber());
    await place.run();
    const [first, second, third, fourth] = state.reasons;
    t.deepEqual([first, second, fourth], ['ended', 'ended', 'ended']);
    t.true(third?.includes(reason), third);
    nothingLeft(t, place);
  });
}

test('refuses a bound of subscribers that is no count', (t) => {
  for (const policy of [{ subscribersMax: 0 }, { subscribersMax: 1e9 }, { ofPeerMax: 1.5 }]) {
    const publishing = defineAgent({ name: 'publisher', setup: (agent) => void Prices.publisher(agent, policy) });
    t.throws(() => world({ seed: 1 }).spawn(publishing()), { code: 'bad-publisher' });
  }
});
