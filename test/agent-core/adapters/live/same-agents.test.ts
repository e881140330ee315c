import test from 'ava';
import { conceder, linear } from '../../../../agent-core/negotiation/plain-strategies.ts';
import { world } from '../../../../simulator/world.ts';
import { joiner, opener, saleSide, seated } from '../../../fixtures/bargaining.ts';
import { mortal, noNumberTwice, place, signerOf } from './place.ts';
import { EPOCH } from './still-world.ts';

const negotiators = {
  buyer: () => seated(linear, saleSide('buyer', 0.5), 'buyer'),
  seller: () => seated(conceder, saleSide('seller', 0.5), 'seller'),
};

/** What the simulation agrees upon. */
async function simulated(): Promise<unknown> {
  const simulation = world({ seed: 1 });
  const seller = simulation.spawn(joiner(negotiators.seller));
  const buyer = simulation.spawn(opener({ to: seller.did, rounds: 20, negotiator: negotiators.buyer }));
  await simulation.run();
  return buyer.state.results.map((result) => ('outcome' in result ? result.outcome : result.type));
}

test('agents of a simulation bargain live to the same end, not one line changed, though one is killed at every write', async (t) => {
  const expected = JSON.stringify(await simulated());
  t.regex(expected, /price|\[\[/);
  let cuts = 0;
  for (let cutAt = 3; ; cutAt += 1) {
    const where = place();
    const ends: unknown[] = [];
    const seller = await mortal(where, { n: 1, agent: joiner(negotiators.seller) });
    const buying = opener({ to: signerOf(1).did, rounds: 20, negotiator: negotiators.buyer });
    const watched = { ...buying, initialState: () => watch(buying.initialState(), ends) };
    const buyer = await mortal(where, { n: 2, agent: watched, cutAt });
    for (let slice = 0; slice < 30 && buyer.files.calls < cutAt; slice++) await where.timing.pass(100_000);
    const isCut = buyer.files.calls >= cutAt;
    if (isCut) await buyer.rise(Infinity);
    await where.timing.pass(10_000_000);
    const last = ends.at(-1) as { outcome?: unknown } | undefined;
    // What had arrived and was not written when it was killed is lost, as on a network: then the deadline ends it.
    if (last !== undefined) t.is(JSON.stringify([last.outcome]), expected, `cut at ${cutAt}`);
    else t.true(isCut && buyer.live.counters.dialoguesOpen === 1, `cut at ${cutAt}`);
    noNumberTwice(t, where.broker);
    t.true(where.timing.wall() > EPOCH);
    buyer.kill();
    seller.kill();
    if (!isCut) break;
    cuts += 1;
  }
  t.true(cuts >= 10, `${cuts} cuts`);
});

/** Lets the test see what is pushed onto the results of a state. */
function watch<State extends { readonly results: unknown[] }>(state: State, ends: unknown[]): State {
  const push = state.results.push.bind(state.results);
  state.results.push = (...items) => {
    ends.push(...items);
    return push(...items);
  };
  return state;
}
