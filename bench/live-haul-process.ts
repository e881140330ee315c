/**
 * One agent as a process of its own: `live-haul-process <carrier|shipper> <seed byte> <broker> <data folder> <peer did> <rounds>`.
 * Writes a JSON line on what it counts every 50 ms, and drains on SIGTERM.
 */
import { nodeBackend } from '../agent-core/adapters/node-crypto.ts';
import { startLiveAgent } from '../agent-core/adapters/live/start-live-agent.ts';
import { connectNats } from '../agent-core/adapters/nats.ts';
import type { Agent } from '../agent-core/agent/agent.ts';
import { isDid } from '../agent-core/identity/did-key.ts';
import { carrier, shipper } from './live-haul.ts';

const [role = '', seed = '', servers = '', dataDir = '', peer = '', rounds = ''] = process.argv.slice(2);

/** Short, so that many rounds fit into a test. */
const PACE = { pauseMicros: 1_000, bidsMicros: 500_000, resultMicros: 2_000_000 };

function agentOf(): Agent {
  if (role === 'carrier') return carrier({ perTonne: 3, workMicros: 5_000 });
  return shipper({ carriers: isDid(peer) ? [peer] : [], rounds: Number(rounds), ...PACE });
}

const write = (line: unknown): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);
const link = await connectNats({ servers, name: role });
const live = await startLiveAgent(agentOf(), {
  signer: nodeBackend.signer(new Uint8Array(32).fill(Number(seed))),
  realm: 'test',
  name: role,
  link,
  dataDir,
  log: {
    debug: () => undefined,
    info: (entry) => void write({ log: entry }),
    warn: (entry) => void write({ log: entry }),
    error: (entry) => void write({ log: entry }),
  },
});
const report = setInterval(() => {
  const { dialoguesOpen, dialoguesEnded, handlerErrors } = live.counters;
  write({ open: dialoguesOpen, ended: Object.fromEntries(dialoguesEnded), handlerErrors, notReady: live.notReady });
}, 50);
process.once('SIGTERM', () => void live.drain('5 s'));
await live.ended;
clearInterval(report);
await link.bus.drain();
