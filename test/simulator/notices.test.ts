import test from 'ava';
import { createNotices, type Notice, type Notices } from '../../simulator/notices.ts';

function board(): { notices: Notices; clock: { now: number; live: boolean }; seen: string[]; posted: Notice[] } {
  const clock = { now: 0, live: true };
  const seen: string[] = [];
  const posted: Notice[] = [];
  const notices = createNotices({
    now: () => clock.now,
    live: () => clock.live,
    delay: 10,
    onPost: (notice) => void posted.push(notice),
  });
  notices.on('card', (author, body) => void seen.push(`${author} ${JSON.stringify(body)}`));
  return { notices, clock, seen, posted };
}

test('a notice takes effect one least latency after it was posted, not before', (t) => {
  const { notices, clock, seen, posted } = board();
  clock.now = 5;
  notices.post('ann', 'card', { price: 3 });
  t.is(notices.nextDue, 15);
  clock.now = 14;
  notices.settle();
  t.deepEqual(seen, []);
  clock.now = 15;
  notices.settle();
  t.deepEqual(seen, ['ann {"price":3}']);
  t.is(notices.nextDue, Infinity);
  t.deepEqual(posted, [{ kind: 'card', author: 'ann', number: 0, due: 15, body: { price: 3 } }]);
});

test('outside of a run a notice takes effect at once, and the others hear that it is in effect', (t) => {
  const { notices, clock, seen, posted } = board();
  clock.live = false;
  notices.post('ann', 'card', 1);
  t.deepEqual(seen, ['ann 1']);
  t.deepEqual(posted, [{ kind: 'card', author: 'ann', number: 0, due: 0, body: 1 }]);
});

test('notices of one time take effect by author and number, wherever and whenever they come in', (t) => {
  const orders = [
    ['ann', 'bob', 'far'],
    ['far', 'bob', 'ann'],
    ['bob', 'far', 'ann'],
  ];
  const logs = orders.map((order) => {
    const { notices, clock, seen } = board();
    for (const name of order) {
      if (name === 'far') {
        notices.accept({ kind: 'card', author: 'amy', number: 1, due: 10, body: 'second' });
        notices.accept({ kind: 'card', author: 'amy', number: 0, due: 10, body: 'first' });
      } else notices.post(name, 'card', null);
    }
    clock.now = 10;
    notices.settle();
    return seen;
  });
  for (const log of logs) t.deepEqual(log, ['amy "first"', 'amy "second"', 'ann null', 'bob null']);
});

test('refuses a notice of a kind that the world does not know', (t) => {
  const { notices } = board();
  const notice = { kind: 'rumour', author: 'ann', number: 0, due: 1, body: null };
  t.throws(() => notices.accept(notice), { code: 'bad-notice', message: /"rumour"/ });
});
