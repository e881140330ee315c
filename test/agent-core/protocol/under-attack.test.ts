import test from 'ava';
import type { Did } from '../../../agent-core/identity/did-key.ts';
import { LIBRARY } from '../../fixtures/library.ts';
import { MARKETS } from '../../fixtures/markets.ts';
import { rudeScripts, underAttack } from '../../fixtures/under-fire.ts';
import type { Watch } from '../../fixtures/ways.ts';

const nobodyWatches = (): void => undefined;

for (const [name, entry] of Object.entries({ ...LIBRARY, ...MARKETS })) {
  const { protocol, results, initiator, participant, opening, polite, samples, lone = 2 } = entry;

  // No claim for a chair: it needs two parties, and one impostor cannot sit down with it.
  if (lone > 0)
    test(`an initiator of ${name} comes to a result whatever one act its participant does`, async (t) => {
      const [, role] = protocol.roles;
      const rudeness = { protocol, role, polite: polite.participant, samples, late: '50 s' } as const;
      const seen = new Set<string>();
      for (const [act, script] of rudeScripts(rudeness)) {
        const victim = (did: Did) => initiator([did], nobodyWatches);
        const { victim: state } = await underAttack(t, { protocol, role, script, victim });
        t.is(state.results.length, 1, `${act}: one result`);
        for (const { type } of state.results) {
          t.true(results.includes(type), `${act}: ${type}`);
          seen.add(type);
        }
      }
      t.true(seen.size >= lone, [...seen].join(', '));
    });

  test(`a participant of ${name} holds no dialogue longer than its deadline whatever one act its initiator does`, async (t) => {
    const [role] = protocol.roles;
    const rudeness = { protocol, role, polite: polite.initiator, samples, late: '50 s' } as const;
    const ends = new Set<string>();
    for (const [, script] of rudeScripts(rudeness)) {
      const watch: Watch = (_, { outcome, state }) => void ends.add(`${outcome} ${state}`);
      const victim = (caller: Did) => participant('honest', watch, caller);
      const { place } = await underAttack(t, { protocol, role, script, victim, opening });
      t.true(place.now() <= 110_000_000, `over at ${place.now()} us`);
    }
    t.true(ends.size >= 1, [...ends].join(', '));
  });
}
