import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { authenticatorOf } from '../../agent-core/adapters/keys/authenticator.ts';
import { startLiveAgent } from '../../agent-core/adapters/live/start-live-agent.ts';
import { connectNats } from '../../agent-core/adapters/nats.ts';
import { nodeBackend } from '../../agent-core/adapters/node-crypto.ts';
import type { DialogueEnd } from '../../agent-core/agent/dialogue.ts';
import { inboxPrefixOf } from '../../agent-core/bus/permissions.ts';
import { HaggleError } from '../../agent-core/errors.ts';
import { didOf, isDid, type Did } from '../../agent-core/identity/did-key.ts';
import { publicKeyOfNkey } from '../../agent-core/identity/nkey.ts';
import type { Signer } from '../../agent-core/identity/signer.ts';
import type { AnyProtocol } from '../../agent-core/protocol/conversation-types.ts';
import { loadProtocol } from '../agent-module.ts';
import { tokenIn } from '../broker-token.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { brokerAddresses, spanOf } from '../flag-values.ts';
import { openKeyFile } from '../key.ts';
import { handAgent, openerOf, type HandEvents } from '../live/hand-agent.ts';
import { bodyText, spokenBody } from '../live/spoken-body.ts';
import { catalogueEntry } from '../protocol-catalogue.ts';
import { runFolderOf } from '../up/haggle-file.ts';
import { painter, printable } from '../up/log-view.ts';
import { readRecord, runPaths, type RunRecord } from '../up/run-folder.ts';

/** Flags of `haggle send`. */
export interface SendFlags {
  readonly protocol: string | undefined;
  readonly from: string | undefined;
  readonly type: string;
  readonly body: string;
  readonly within: string;
  readonly key: string | undefined;
  readonly passphraseFile: string | undefined;
  readonly jwt: string | undefined;
  readonly nats: string | undefined;
  readonly realm: string | undefined;
  /** The file that is up, whose broker, realm and names are used. */
  readonly file: string;
}

/** `haggle send <did|name>`: opens a dialogue by hand, shows what comes, says what is written. 0 where it ends as its protocol says. */
export async function sendCommand(peer: string, flags: SendFlags): Promise<ExitCode> {
  const folder = runFolderOf(flags.file);
  const record = readRecord(folder);
  const to = addressOf(peer, record);
  const protocol = await protocolOf(flags);
  openerOf(protocol, flags.type);
  const body = spokenBody(protocol, { type: flags.type, text: flags.body, now: Date.now() * 1_000 });
  const within = spanOf(flags.within, '--within');
  const servers = brokerAddresses(
    flags.nats ?? process.env['HAGGLE_NATS'] ?? record?.nats ?? 'nats://127.0.0.1:4222',
    '--nats',
  );
  const realm = flags.realm ?? process.env['HAGGLE_REALM'] ?? record?.realm ?? 'main';
  const { signer, jwt } = await loginOf(flags, record === null ? null : folder);
  const link = await connectNats({
    servers,
    name: 'haggle send',
    authenticator: authenticatorOf(signer, jwt === undefined ? {} : { jwt }),
    inboxPrefix: inboxPrefixOf('tool', signer.nkey),
  });
  const { events, ending } = conversation();
  const agent = handAgent({ protocol, to, type: flags.type, body, within, read: writtenLines(), events });
  const live = await startLiveAgent(agent, { signer, realm, name: 'console', link, dataDir: null });
  const end = await live.ended;
  await link.bus.drain();
  process.stdin.destroy();
  if (end.type === 'failed') throw end.error;
  return ending()?.outcome === 'done' ? EXIT.ok : EXIT.negative;
}

/** An agent by its address, its NKEY or its name in what is up. */
function addressOf(text: string, record: RunRecord | null): Did {
  if (isDid(text)) return text;
  const key = publicKeyOfNkey(text);
  if (key !== null) return didOf(key);
  const named = record?.agents.find(({ name }) => name === text);
  if (named !== undefined && isDid(named.did)) return named.did;
  const names = record?.agents.map(({ name }) => name).join(', ');
  const there = names === undefined ? 'no haggle up runs here that could know a name' : `there is: ${names}`;
  throw new HaggleError(
    'bad-flag',
    `"${text}" is neither an address (did:key:…), an NKEY, nor the name of an agent: ${there}`,
  );
}

async function protocolOf({ protocol, from }: SendFlags): Promise<AnyProtocol> {
  const [name, version] = protocol?.split('/') ?? [];
  if (from === undefined && name === undefined) {
    throw new HaggleError(
      'bad-flag',
      'say which protocol: --protocol NAME of the library, or --from FILE that exports one',
    );
  }
  const found = from === undefined ? catalogueEntry(name ?? '').protocol : await loadProtocol(from, name);
  if (version === undefined || version === found.version) return found;
  throw new HaggleError('bad-flag', `${found.name} is there in version ${found.version}, not ${version}`);
}

interface Login {
  readonly signer: Signer;
  readonly jwt: string | undefined;
}

/** The key that was named, that of the console of what is up, or one for this dialogue only. */
async function loginOf({ key, passphraseFile, jwt }: SendFlags, folder: string | null): Promise<Login> {
  const token = jwt === undefined ? undefined : tokenIn(jwt);
  if (key !== undefined) return { signer: (await openKeyFile(key, { passphraseFile })).signer, jwt: token };
  if (folder !== null && existsSync(runPaths.consoleToken(folder))) {
    const { signer } = await openKeyFile(runPaths.consoleKey(folder));
    return { signer, jwt: token ?? tokenIn(runPaths.consoleToken(folder)) };
  }
  return { signer: nodeBackend.signer(randomBytes(32)), jwt: token };
}

/** Shows a dialogue as it goes. */
function conversation(): { readonly events: HandEvents; readonly ending: () => DialogueEnd | null } {
  const paint = painter(process.stdout);
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  const note = (line: string): void => void process.stderr.write(`${line}\n`);
  let ending: DialogueEnd | null = null;
  return {
    ending: () => ending,
    events: {
      said: (type, body) => write(`${paint('dim', '→')} ${paint('cyan', type)} ${printable(bodyText(body))}`),
      heard: (type, body) => write(`${paint('dim', '←')} ${paint('green', type)} ${printable(bodyText(body))}`),
      turn: (types) => note(`  your turn: ${types.join(', ')}   (type {json})`),
      refused: (why) => note(`  not said: ${why}`),
      ended(end) {
        ending = end;
        const { outcome, state, code, reason } = end;
        if (outcome === 'done') return write(paint('bold', state));
        const why = [code, reason].filter((part) => part !== undefined && part !== '' && part !== outcome);
        // Code and reason are the peer's: nothing of it may move our cursor.
        write([paint('red', outcome), ...why.map((part) => printable(part ?? ''))].join(': '));
      },
    },
  };
}

/** The lines of standard input, as they come; null once it has ended. */
function writtenLines(): () => readonly string[] | null {
  let lines: string[] = [];
  let over = false;
  const input = createInterface({ input: process.stdin });
  input.on('line', (line) => void lines.push(line));
  input.on('close', () => {
    over = true;
  });
  return () => {
    if (over && lines.length === 0) return null;
    const read = lines;
    lines = [];
    return read;
  };
}
