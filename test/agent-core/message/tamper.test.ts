import test from 'ava';
import { PROOF_HEADER, SIGNATURE_HEADER } from '../../../agent-core/message/evidence.ts';
import { encodeEnvelope } from '../../../agent-core/message/envelope.ts';
import type { RecordedMessage } from '../../../agent-core/message/open.ts';
import { codeOf, envelope, receiver, send } from './fixtures.ts';

/** Envelopes recorded for each of the two signing modes. */
const RECORDED = 500;
const FLUSH = 50;

/** Byte changes are drawn from a fixed sequence (Park and Miller 1988), so a failure names the same change again. */
function createDraw(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

function recorded(mode: 'each' | 'batch'): readonly RecordedMessage[] {
  const messages: RecordedMessage[] = [];
  for (let at = 0; at < RECORDED; at += FLUSH) {
    const payloads = Array.from({ length: FLUSH }, (_, i) =>
      encodeEnvelope(
        envelope({ seq: at + i + 1, id: `m-${at + i}`, body: { price: `${(at + i) * 977}`, unit: 'kWh', note: 'ä€' } }),
      ),
    );
    messages.push(...send(payloads, mode));
  }
  return messages;
}

/** Every ASCII byte becomes another one, every other byte another above it, so that the text still reaches the opener. */
function changed(text: string, at: number, draw: (below: number) => number): string {
  const code = text.charCodeAt(at);
  const other = code < 0x80 ? code ^ (1 + draw(127)) : code ^ (1 + draw(31));
  return text.slice(0, at) + String.fromCharCode(other) + text.slice(at + 1);
}

for (const mode of ['each', 'batch'] as const) {
  test(`refuses every change of any one character of ${RECORDED} payloads signed ${mode}`, (t) => {
    const draw = createDraw(1_122);
    const opener = receiver();
    const codes = new Map<string, number>();
    let changes = 0;
    for (const message of recorded(mode)) {
      for (let at = 0; at < message.payload.length; at++) {
        const code = codeOf(opener.open({ ...message, payload: changed(message.payload, at, draw) }));
        codes.set(code, (codes.get(code) ?? 0) + 1);
        changes += 1;
      }
      // The original is accepted after all that, so the refusals were about the change.
      if (codeOf(opener.open(message)) !== 'opened') t.fail('the unchanged message is refused');
    }
    t.deepEqual([...codes], [['bad-signature', changes]]);
    t.log(`${changes} changes`);
  });

  test(`refuses every change of any one character of the headers of messages signed ${mode}`, (t) => {
    const draw = createDraw(2_211);
    const opener = receiver();
    const expected = new Set(['bad-signature', 'malformed-signature']);
    for (const message of recorded(mode).slice(0, FLUSH)) {
      // With the root known, so that a remembered root excuses nothing.
      if (codeOf(opener.open(message)) !== 'opened') t.fail('the unchanged message is refused');
      for (const name of [SIGNATURE_HEADER, PROOF_HEADER]) {
        const value = message.headers[name] ?? '';
        for (let at = 0; at < value.length; at++) {
          const headers = { ...message.headers, [name]: changed(value, at, draw) };
          const code = codeOf(opener.open({ ...message, headers }));
          if (!expected.has(code)) t.fail(`${name} changed at ${at}: ${code}`);
        }
      }
      for (const name of Object.keys(message.headers)) {
        const { [name]: _removed, ...headers } = message.headers;
        const code = codeOf(opener.open({ ...message, headers }));
        if (code === 'opened' || code === 'replayed') t.fail(`${name} removed: ${code}`);
      }
    }
    t.pass();
  });
}
