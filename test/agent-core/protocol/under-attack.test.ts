import test from 'ava';
import { LIBRARY } from '../../fixtures/library.ts';
import { rudeScripts, underAttack } from '../../fixtures/under-fire.ts';

const nobodyWatches = (): void => undefined;

for (const [name, { protocol, results, initiator, participant, opening, polite, samples }] of Object.entries(LIBRARY)) {
  test(`an initiator of ${name} comes to a result whatever one act its participant does`, async (t) => {
    const rudeness = { protocol, role: 'participant', polite: polite.participant, samples, late: '50 s' } as const;
    const seen = new Set<string>();
    for (const [act, script] of rudeScripts(rudeness)) {
      const victim = (did: Parameters<typeof initiator>[0][number]) => initiator([did], nobodyWatches);
      const { victim: state } = await underAttack(t, { protocol, role: 'participant', script, victim });
      t.is(state.results.length, 1, `${act}: one result`);
      for (const { type } of state.results) {
        t.true(results.includes(type), `${act}: ${type}`);
        seen.add(type);
      }
    }
    t.true(seen.size >= 2, [...seen].join(', '));
  });

  test(`a participant of ${name} holds no dialogue longer than its deadline whatever one act its initiator does`, async (t) => {
    const rudeness = { protocol, role: 'initiator', polite: polite.initiator, samples, late: '50 s' } as const;
    const ends = new Set<string>();
    for (const [, script] of rudeScripts(rudeness)) {
      const victim = () => participant('honest', (_, { outcome, state }) => ends.add(`${outcome} ${state}`));
      const { place } = await underAttack(t, { protocol, role: 'initiator', script, victim, opening });
      t.true(place.now() <= 110_000_000, `over at ${place.now()} us`);
    }
    t.true(ends.size >= 1, [...ends].join(', '));
  });
}
