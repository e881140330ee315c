/**
 * What workers and coordinator of a split run say to each other: JSON documents in frames (frames.ts). The prose is in
 * docs/virtual-time.md; a worker in another language needs nothing else.
 */
import { decodeState, encodeState } from '../../agent-core/agent/state-codec.ts';
import type { Headers } from '../../agent-core/bus/bus.ts';
import type { Micros } from '../../agent-core/clock.ts';
import { AssertionError, HaggleError, type ErrorFields } from '../../agent-core/errors.ts';
import type { JsonValue } from '../../agent-core/message/canonical.ts';
import type { RunFailure } from '../drive.ts';
import type { OrderKey } from '../event-slots.ts';
import type { Notice } from '../notices.ts';
import type { TraceRecord } from '../trace.ts';
import {
  badWire,
  countIn,
  countsIn,
  listIn,
  objectIn,
  quantityIn,
  textIn,
  timeIn,
  timeOut,
  tokenIn,
  type JsonObject,
} from './checks.ts';
import { named } from './named.ts';
import type { Cargo, Parcel } from './parcel.ts';

/** Version of the wire format. */
export const WIRE_VERSION = 1;
/** Workers of one run, at most. */
const MAX_WORKERS = 1_024;

/** Subjects of a run. */
export const runSubjects = {
  coordinator: (run: string): string => `haggle-sim.${run}.coordinator`,
  /** Where the bus says that a worker is gone; the last token is the worker's. */
  gone: (run: string, token: string): string => `haggle-sim.${run}.gone.${token}`,
  worker: (run: string, token: string): string => `haggle-sim.${run}.worker.${token}`,
  packets: (run: string, worker: number): string => `haggle-sim.${run}.packets.${worker}`,
} as const;

/** A worker to the coordinator. */
export type FromWorker =
  | { readonly type: 'hello'; readonly token: string }
  | {
      readonly type: 'ready';
      readonly plan: string;
      readonly lookahead: Micros;
      readonly next: Micros;
      /** What the agents here listen to, and what else all are to know from the start. */
      readonly notices: readonly Notice[];
    }
  | {
      readonly type: 'report';
      readonly epoch: number;
      /** First event pending here. */
      readonly next: Micros;
      /** Messages sent to each worker since the start of the run. */
      readonly sent: readonly number[];
      /** First time of what was sent in this window. */
      readonly earliest: Micros;
      /** Time of the last event here. */
      readonly last: Micros;
      readonly notices: readonly Notice[];
      readonly records: readonly TraceRecord[];
      /** How far the agents here were, one after the other, where it changed. */
      readonly progress: readonly JsonValue[];
      readonly failure: RunFailure | null;
    }
  | { readonly type: 'final'; readonly report: JsonValue; readonly cpuSeconds: number }
  | { readonly type: 'pong'; readonly number: number; readonly epoch: number; readonly state: WorkerState }
  | { readonly type: 'trouble'; readonly error: HaggleError };

/** What a worker is at. */
export type WorkerState = 'idle' | 'waiting' | 'running';

/** The coordinator to a worker. */
export type ToWorker =
  | {
      readonly type: 'welcome';
      readonly worker: number;
      readonly workers: number;
      readonly trace: boolean;
      /** What is simulated, in the words of whoever started the run. */
      readonly about: JsonValue;
    }
  | {
      readonly type: 'grant';
      readonly epoch: number;
      readonly end: Micros;
      /** Messages that each worker has sent to this one in earlier epochs. */
      readonly expect: readonly number[];
      readonly notices: readonly Notice[];
    }
  | { readonly type: 'finish'; readonly now: Micros }
  | { readonly type: 'ping'; readonly number: number }
  | { readonly type: 'stop'; readonly error: HaggleError };

/** One worker to another: what it sent in one window, or a part of it. */
export interface Packet {
  readonly epoch: number;
  readonly source: number;
  /** Number of the first message, counted from 1 over all that the source sends to this worker. */
  readonly first: number;
  readonly parcels: readonly Parcel[];
}

/** A worker's words as JSON. */
export function encodeFromWorker(said: FromWorker): JsonValue {
  switch (said.type) {
    case 'hello':
      return { ...said, v: WIRE_VERSION };
    case 'ready':
      return { ...said, next: timeOut(said.next), notices: said.notices.map(encodeNotice) };
    case 'report': {
      const { next, earliest, failure, notices, records } = said;
      return {
        ...said,
        next: timeOut(next),
        earliest: timeOut(earliest),
        notices: notices.map(encodeNotice),
        records: records.map(({ headers, ...record }) => ({ ...record, headers: { ...headers } })),
        failure: failure === null ? null : { key: { ...failure.key }, error: encodeError(failure.error) },
      };
    }
    case 'final':
    case 'pong':
      return said;
    case 'trouble':
      return { type: said.type, error: encodeError(said.error) };
  }
  throw new AssertionError('a worker says one of six things');
}

/** @throws HaggleError `bad-wire` */
export function decodeFromWorker(json: JsonValue): FromWorker {
  const said = objectIn(json, 'a message');
  const type = textIn(said['type'], 'type');
  switch (type) {
    case 'hello':
      checkVersion(said);
      return { type: 'hello', token: tokenIn(said['token'], 'token') };
    case 'ready':
      return {
        type: 'ready',
        plan: textIn(said['plan'], 'plan'),
        lookahead: countIn(said['lookahead'], 'lookahead'),
        next: timeIn(said['next'], 'next'),
        notices: listIn(said['notices'], 'notices').map(decodeNotice),
      };
    case 'report':
      return decodeReport(said);
    case 'final':
      return {
        type: 'final',
        report: said['report'] ?? null,
        cpuSeconds: quantityIn(said['cpuSeconds'], 'cpuSeconds'),
      };
    case 'pong':
      return {
        type: 'pong',
        number: countIn(said['number'], 'number'),
        epoch: countIn(said['epoch'], 'epoch'),
        state: decodeWorkerState(said['state']),
      };
    case 'trouble':
      return { type: 'trouble', error: decodeError(said['error']) };
    default:
      throw badWire(`a worker says ${JSON.stringify(type)}`);
  }
}

function decodeWorkerState(value: JsonValue | undefined): WorkerState {
  if (value === 'idle' || value === 'waiting' || value === 'running') return value;
  throw badWire('a worker is idle, waiting or running');
}

function decodeReport(said: JsonObject): FromWorker {
  const failure = said['failure'] ?? null;
  return {
    type: 'report',
    epoch: countIn(said['epoch'], 'epoch'),
    next: timeIn(said['next'], 'next'),
    sent: countsIn(said['sent'], 'sent'),
    earliest: timeIn(said['earliest'], 'earliest'),
    last: countIn(said['last'], 'last'),
    notices: listIn(said['notices'], 'notices').map(decodeNotice),
    records: listIn(said['records'], 'records').map(decodeRecord),
    progress: listIn(said['progress'], 'progress'),
    failure: failure === null ? null : decodeFailure(objectIn(failure, 'failure')),
  };
}

function decodeFailure({ key, error }: JsonObject): RunFailure {
  return { key: decodeKey(objectIn(key, 'key')), error: decodeError(error) };
}

/** The coordinator's words as JSON. */
export function encodeToWorker(said: ToWorker): JsonValue {
  switch (said.type) {
    case 'welcome':
      return { ...said, v: WIRE_VERSION };
    case 'grant':
      return { ...said, notices: said.notices.map(encodeNotice) };
    case 'finish':
    case 'ping':
      return said;
    case 'stop':
      return { type: said.type, error: encodeError(said.error) };
  }
  throw new AssertionError('a coordinator says one of five things');
}

/** @throws HaggleError `bad-wire` */
export function decodeToWorker(json: JsonValue): ToWorker {
  const said = objectIn(json, 'a message');
  const type = textIn(said['type'], 'type');
  switch (type) {
    case 'welcome':
      checkVersion(said);
      return {
        type: 'welcome',
        ...decodeShare(said),
        trace: said['trace'] === true,
        about: said['about'] ?? null,
      };
    case 'grant':
      return {
        type: 'grant',
        epoch: countIn(said['epoch'], 'epoch'),
        end: countIn(said['end'], 'end'),
        expect: countsIn(said['expect'], 'expect'),
        notices: listIn(said['notices'], 'notices').map(decodeNotice),
      };
    case 'finish':
      return { type: 'finish', now: countIn(said['now'], 'now') };
    case 'ping':
      return { type: 'ping', number: countIn(said['number'], 'number') };
    case 'stop':
      return { type: 'stop', error: decodeError(said['error']) };
    default:
      throw badWire(`a coordinator says ${JSON.stringify(type)}`);
  }
}

function decodeShare(said: JsonObject): { readonly worker: number; readonly workers: number } {
  const worker = countIn(said['worker'], 'worker');
  const workers = countIn(said['workers'], 'workers');
  if (worker < workers && workers <= MAX_WORKERS) return { worker, workers };
  throw badWire(`worker ${worker} of ${workers}; there may be ${MAX_WORKERS}`);
}

function checkVersion(said: JsonObject): void {
  if (said['v'] !== WIRE_VERSION)
    throw badWire(`version ${JSON.stringify(said['v'])}; this is version ${WIRE_VERSION}`);
}

/** A packet as JSON: parcels are lists, as there are many. */
export function encodePacket({ epoch, source, first, parcels }: Packet): JsonValue {
  return { type: 'packet', epoch, source, first, parcels: parcels.map(encodeParcel) };
}

/** @throws HaggleError `bad-wire` */
export function decodePacket(json: JsonValue): Packet {
  const said = objectIn(json, 'a packet');
  if (said['type'] !== 'packet') throw badWire('between workers go packets');
  return {
    epoch: countIn(said['epoch'], 'epoch'),
    source: countIn(said['source'], 'source'),
    first: countIn(said['first'], 'first'),
    parcels: listIn(said['parcels'], 'parcels').map(decodeParcel),
  };
}

function encodeParcel({ key, cargo }: Parcel): JsonValue {
  const { time, priority, sourceKey, sourceCounter } = key;
  const order = [time, priority, sourceKey, sourceCounter];
  switch (cargo.type) {
    case 'message': {
      const { from, to, subscription, subject, payload, headers, reply } = cargo;
      return ['message', ...order, from, to, subscription, subject, payload, headers, reply ?? null];
    }
    case 'ask':
      return ['ask', ...order, cargo.agent, cargo.id, cargo.request];
    case 'answer':
      return ['answer', ...order, cargo.agent, cargo.id, cargo.answer];
  }
  throw new AssertionError('there are three kinds of cargo');
}

function decodeParcel(json: JsonValue): Parcel {
  const [type, time, priority, sourceKey, sourceCounter, ...rest] = listIn(json, 'a parcel');
  const key: OrderKey = {
    time: countIn(time, 'time'),
    priority: priorityIn(priority),
    sourceKey: countIn(sourceKey, 'source key'),
    sourceCounter: countIn(sourceCounter, 'source counter'),
  };
  return { key, cargo: decodeCargo(textIn(type, 'kind'), rest) };
}

function decodeCargo(type: string, rest: readonly JsonValue[]): Cargo {
  const [first, second, third, subject, payload, headers, reply] = rest;
  switch (type) {
    case 'message':
      return {
        type,
        from: textIn(first, 'from'),
        to: textIn(second, 'to'),
        subscription: countIn(third, 'subscription'),
        subject: textIn(subject, 'subject'),
        payload: textIn(payload, 'payload'),
        headers: headersIn(headers),
        reply: reply === null ? undefined : textIn(reply, 'reply'),
      };
    case 'ask':
      return { type, agent: textIn(first, 'agent'), id: countIn(second, 'id'), request: third ?? null };
    case 'answer':
      return { type, agent: textIn(first, 'agent'), id: countIn(second, 'id'), answer: third ?? null };
    default:
      throw badWire(`a parcel of ${JSON.stringify(type)}`);
  }
}

function priorityIn(value: JsonValue | undefined): number {
  if (typeof value !== 'number' || (value | 0) !== value) throw badWire('a priority is a 32-bit integer');
  return value;
}

function headersIn(value: JsonValue | undefined): Headers {
  const headers = objectIn(value, 'headers');
  const texts = Object.entries(headers).map(([name, text]) => [name, textIn(text, `header ${name}`)] as const);
  return Object.fromEntries(texts);
}

function decodeKey(json: JsonObject): OrderKey {
  return {
    time: countIn(json['time'], 'time'),
    priority: priorityIn(json['priority']),
    sourceKey: countIn(json['sourceKey'], 'source key'),
    sourceCounter: countIn(json['sourceCounter'], 'source counter'),
  };
}

function decodeRecord(json: JsonValue): TraceRecord {
  const record = objectIn(json, 'a record');
  return {
    ...decodeKey(record),
    from: textIn(record['from'], 'from'),
    to: textIn(record['to'], 'to'),
    subject: textIn(record['subject'], 'subject'),
    payload: textIn(record['payload'], 'payload'),
    headers: headersIn(record['headers']),
  };
}

function encodeNotice(notice: Notice): JsonValue {
  return { ...notice };
}

function decodeNotice(json: JsonValue): Notice {
  const notice = objectIn(json, 'a notice');
  return {
    kind: textIn(notice['kind'], 'kind'),
    author: textIn(notice['author'], 'author'),
    number: countIn(notice['number'], 'number'),
    due: countIn(notice['due'], 'due'),
    body: notice['body'] ?? null,
  };
}

function encodeError(error: unknown): JsonValue {
  const { code, message, fields } = named(error);
  return { code, message, fields: encodeState({ ...fields }) };
}

function decodeError(json: JsonValue | undefined): HaggleError {
  const { code, message, fields = {} } = objectIn(json, 'an error');
  const plain = objectIn(fields, 'fields');
  return new HaggleError(textIn(code, 'code'), textIn(message, 'message'), { fields: errorFields(decodeState(plain)) });
}

function errorFields(value: unknown): ErrorFields {
  const fields: Record<string, ErrorFields[string]> = {};
  if (typeof value !== 'object' || value === null) return fields;
  for (const [name, field] of Object.entries(value)) fields[name] = isField(field) ? field : String(field);
  return fields;
}

function isField(value: unknown): value is ErrorFields[string] {
  return value === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
}
