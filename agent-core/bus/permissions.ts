/**
 * Who may say and hear what on a broker: one table, from which the broker's configuration, the tests against real brokers and
 * docs/keys.md are made. Everything follows from the realm and the key that logs in; no agent needs a line of its own anywhere.
 */
import { subjects } from './subjects.ts';

/** What a login is for. */
export const BROKER_ROLES = ['agent', 'tool', 'observer', 'worker'] as const;

/** One of {@link BROKER_ROLES}: an agent; a person's tools (`haggle send`, `haggle ps`); who only looks on; a process of a simulation. */
export type BrokerRole = (typeof BROKER_ROLES)[number];

/** Stands for the NKEY of whoever logs in, in the templates of scoped signing keys (nats-server 2.9 and later). */
export const TEMPLATE_NKEY = '{{subject()}}';

/** First token of the subjects of simulations over a broker: a realm of their own, away from every live one. */
export const SIMULATION_ROOT = 'haggle-sim';

/** The realm and the key to which a rule is applied. */
export interface Holder {
  readonly realm: string;
  /** The NKEY of whoever logs in, or {@link TEMPLATE_NKEY}. */
  readonly nkey: string;
}

/** One class of subjects. */
export interface SubjectClass {
  readonly name: string;
  /** What it is for, in a few words. */
  readonly purpose: string;
  readonly roles: readonly BrokerRole[];
  /** Patterns on which the roles may publish. */
  readonly publish?: (holder: Holder) => readonly string[];
  /** Patterns to which the roles may subscribe. */
  readonly subscribe?: (holder: Holder) => readonly string[];
}

/** Names of what JetStream keeps for a realm. */
export interface StreamNames {
  /** Key-value bucket of agent records, one key for each agent: its NKEY. */
  readonly agents: string;
  /** The stream below that bucket. */
  readonly agentStream: string;
  /** Stream of sealed mail for agents that are away; each reads it through a consumer that bears its NKEY. */
  readonly mailStream: string;
}

/** {@link StreamNames} of a realm. */
export function streamsOf(realm: string): StreamNames {
  return {
    agents: `haggle-${realm}-agents`,
    agentStream: `KV_haggle-${realm}-agents`,
    mailStream: `haggle-${realm}-mail`,
  };
}

/**
 * Start of the subjects on which a login is answered by JetStream, requests and services (`inboxPrefix` of NATS clients).
 * Tools have a place of their own: agents answer `$SRV` questions there and nowhere else.
 */
export function inboxPrefixOf(role: BrokerRole, nkey: string): string {
  return role === 'tool' ? `${TOOL_INBOX}.${nkey}` : `_INBOX.${nkey}`;
}

const TOOL_INBOX = '_INBOX.tool';
const SPEAKERS: readonly BrokerRole[] = ['agent', 'tool'];
const API = '$JS.API';

/** Every class of subjects that anybody may use. What is in none of them is refused to all. */
export const SUBJECT_CLASSES: readonly SubjectClass[] = [
  {
    name: 'messages, own',
    purpose: 'speak to any agent, under the own name only',
    roles: SPEAKERS,
    publish: ({ realm, nkey }) => [subjects.inbox(realm, '*', nkey)],
  },
  {
    name: 'inbox, own',
    purpose: 'hear what is said to oneself',
    roles: SPEAKERS,
    subscribe: ({ realm, nkey }) => [subjects.inboxOf(realm, nkey)],
  },
  {
    name: 'announcements, own',
    purpose: 'tell all: a record, a farewell',
    roles: SPEAKERS,
    publish: ({ realm, nkey }) => [subjects.event(realm, nkey, '*')],
  },
  {
    name: 'announcements, all',
    purpose: 'hear what is told to all',
    roles: ['agent', 'tool', 'observer'],
    subscribe: ({ realm }) => [subjects.event(realm, '*', '*')],
  },
  {
    name: 'mail, own, out',
    purpose: 'leave sealed mail for an agent that is away',
    roles: SPEAKERS,
    publish: ({ realm, nkey }) => [mail(realm, '*', nkey)],
  },
  {
    name: 'mail, own, in',
    purpose: 'read the own mail, and no other',
    roles: SPEAKERS,
    publish: ({ realm, nkey }) => ownMail(realm, nkey),
  },
  {
    name: 'record, own',
    purpose: 'keep the own record in the directory',
    roles: SPEAKERS,
    publish: ({ realm, nkey }) => [`$KV.${streamsOf(realm).agents}.${nkey}`],
  },
  {
    name: 'records, all',
    purpose: 'read and watch the directory',
    roles: ['agent', 'tool', 'observer'],
    publish: ({ realm }) => directoryReads(streamsOf(realm).agentStream),
  },
  {
    name: 'replies, own',
    purpose: 'be answered by the broker',
    roles: ['agent', 'observer', 'worker'],
    subscribe: ({ nkey }) => [`${inboxPrefixOf('agent', nkey)}.>`],
  },
  {
    name: 'replies to a tool, own',
    purpose: 'be answered by the broker and by agents',
    roles: ['tool'],
    subscribe: ({ nkey }) => [`${inboxPrefixOf('tool', nkey)}.>`],
  },
  {
    name: 'service, questions',
    purpose: 'ask who runs (`$SRV.PING`, `INFO`, `STATS`)',
    roles: ['tool'],
    publish: () => ['$SRV.>'],
  },
  {
    name: 'service, answers',
    purpose: 'be seen as a service of NATS, by tools only',
    roles: ['agent'],
    publish: () => [`${TOOL_INBOX}.>`],
    subscribe: () => ['$SRV.>'],
  },
  {
    name: 'streams of the realm',
    purpose: 'make the directory and the mailbox, once',
    roles: ['tool'],
    publish: ({ realm }) => streamUpkeep(streamsOf(realm)),
  },
  {
    name: 'simulation',
    purpose: 'run one simulation over many processes',
    roles: ['worker'],
    publish: () => [`${SIMULATION_ROOT}.>`],
    subscribe: () => [`${SIMULATION_ROOT}.>`],
  },
];

/** What a role may do. */
export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** What a role may publish and subscribe to; patterns, in the order of {@link SUBJECT_CLASSES}. All else is refused. */
export function permissionsOf(role: BrokerRole, holder: Holder): Permissions {
  const classes = SUBJECT_CLASSES.filter(({ roles }) => roles.includes(role));
  return {
    publish: classes.flatMap(({ publish }) => publish?.(holder) ?? []),
    subscribe: classes.flatMap(({ subscribe }) => subscribe?.(holder) ?? []),
  };
}

/** {@link permissionsOf} for the template of a scoped signing key: the broker puts in the key that logs in. */
export function permissionTemplate(role: BrokerRole, realm: string): Permissions {
  return permissionsOf(role, { realm, nkey: TEMPLATE_NKEY });
}

function mail(realm: string, to: string, from: string): string {
  return `haggle.${realm}.mail.${to}.${from}`;
}

/**
 * The one consumer of an agent bears its NKEY. Its filter is part of the subject on which it is made, so the broker checks it
 * against the permission; the older way of making consumers hides the filter in the body and is not allowed.
 */
function ownMail(realm: string, nkey: string): readonly string[] {
  const stream = streamsOf(realm).mailStream;
  const consumer = `${stream}.${nkey}`;
  return [
    `${API}.CONSUMER.CREATE.${consumer}.${mail(realm, nkey, '*')}`,
    `${API}.CONSUMER.INFO.${consumer}`,
    `${API}.CONSUMER.MSG.NEXT.${consumer}`,
    `$JS.ACK.${consumer}.>`,
  ];
}

/** No deletion of consumers: their owners cannot be told apart, and the broker drops one that nobody listens to. */
function directoryReads(stream: string): readonly string[] {
  return [
    `${API}.INFO`,
    `${API}.STREAM.INFO.${stream}`,
    `${API}.STREAM.MSG.GET.${stream}`,
    `${API}.DIRECT.GET.${stream}`,
    `${API}.DIRECT.GET.${stream}.>`,
    `${API}.CONSUMER.CREATE.${stream}`,
    `${API}.CONSUMER.CREATE.${stream}.>`,
    `$JS.FC.${stream}.>`,
  ];
}

/** Nothing that throws away: neither deletion nor purge. */
function streamUpkeep({ agentStream, mailStream }: StreamNames): readonly string[] {
  return [agentStream, mailStream].flatMap((stream) =>
    ['CREATE', 'UPDATE', 'INFO'].map((action) => `${API}.STREAM.${action}.${stream}`),
  );
}
