/** For tests: one agent under test, conversations as text, and conformance suites for whoever implements a port. */
export { testAgent } from './bench.ts';
export type { PeerCard } from './bench-directory.ts';
export type { LoggedEntry, PeerAddresses, TestBench, TestOptions } from './bench.ts';
export type { Peer, RawWords } from './peer.ts';
export type { PeerLedger } from './peer-ledger.ts';
export type { EndingWords, HeardBody, HeardMessage, PeerDialogue } from './peer-dialogue.ts';
export type { Said, SaidAs, SaidReader, SpokenRecord } from './spoken.ts';
export { sequenceDiagram, transcript } from './transcript.ts';
export type { TranscriptOptions } from './transcript.ts';
export { busCases } from './bus-conformance.ts';
export type { BusCase, BusHarness, Stall } from './bus-conformance.ts';
export { cartPole } from './tasks/cart-pole.ts';
export { gridWorths, muddyGrid } from './tasks/muddy-grid.ts';
export { bestOrder, meanProfit, newsvendor } from './tasks/newsvendor.ts';
