/** Every bound of the library, with its unit in the name and its reason. Nothing in Haggle is unbounded. */
export const LIMITS = {
  /** A message on the wire. NATS allows 1 MB by default; negotiation needs far less, and a small bound stops floods early. */
  payloadBytes: 65_536,
  /** Bytes published on one link that the broker has not confirmed to have, as much as a broker holds for a slow reader. */
  busBacklogBytes: 67_108_864,
  /** Nesting of a message. Recursive code of peers dies near 5,000; no protocol needs more than a handful. */
  jsonDepth: 16,
  /** Object members in one message. */
  jsonKeys: 1_024,
  /** A NATS subject; the server's control line is 4,096 bytes and must hold two subjects. */
  subjectChars: 1_024,
  /** Clocks of honest hosts may differ this much. */
  clockSkewMicros: 30_000_000,
  /** Longest life of a live message; bounds how long replay state must be kept. */
  messageLifeMicros: 600_000_000,
  /** Longest life of a message that may wait in a mailbox: 7 days. Its sender is remembered against replay as long. */
  mailLifeMicros: 604_800_000_000,
  /** UTF-8 bytes of a message that is to be sealed: what comes out, a third longer, is a message on the wire. */
  sealedPlainBytes: 48_000,
  /** Letters from one sender that a mailbox keeps: the newest. */
  lettersFromSender: 64,
  /** How far behind a sender's newest sequence number a message may still arrive (RFC 4303 section 3.4.3 window). */
  replayWindowMessages: 1_024,
  /** Peers of which one agent remembers sequence numbers at a time. */
  replayPeers: 65_536,
  /** Peers that one agent knows. Twice the open dialogues, so that forgetting those without one always frees half. */
  knownPeers: 131_072,
  /** Open dialogues of one agent. */
  openDialogues: 65_536,
  /** Open dialogues above which strangers may open no more: the rest is the agent's own. */
  dialoguesForOthers: 49_152,
  /** Open dialogues of one agent with one peer: no single peer can take all. */
  dialoguesWithPeer: 12_288,
  /** Longest life of a dialogue, so that a stranger cannot make an agent remember it for ever: 400 days. */
  dialogueLifeMicros: 34_560_000_000_000,
  /** Pending timers of one agent. */
  timers: 65_536,
  /** Messages of one agent whose delivery it waits to hear of. */
  trackedDeliveries: 16_384,
  /** Messages under one Merkle root: a proof is at most 10 hashes. */
  batchMessages: 1_024,
  /** Verified roots that one process remembers, so that a batch costs one signature check. */
  verifiedRoots: 16_384,
  /** Operations of one chain: a whole clearing of a market fits, and undoing one stays cheap. */
  chainOperations: 256,
  /** Text of one chain on the wire: `chainOperations` with the longest of all names fit. */
  chainBytes: 262_144,
  /** Decimal digits of an amount of money or goods: more than any supply, few enough to stay cheap. */
  amountDigits: 30,
  /** Longest life of a reservation: a day more than that of a dialogue, as what secures one outlives it by a little. */
  reservationLifeMicros: 34_646_400_000_000,
  /** Reservations of one payer that are neither posted, voided nor expired. */
  openReservations: 65_536,
  /** Operations that one ledger remembers; an id is never forgotten, or a replay would have a second effect. */
  ledgerOperations: 16_777_216,
  /** Operations of one owner that a ledger remembers: nobody can fill it alone. A Map holds at most 2^24 entries. */
  ledgerOperationsOfOwner: 4_194_304,
  /** Messages that have reached a live agent and were not handled: some seconds of work. */
  liveInboxMessages: 16_384,
  /** Text of the same, headers and subjects too. */
  liveInboxChars: 67_108_864,
  /** Messages that a live agent has said and the broker has not confirmed: an outage of minutes. */
  liveOutboxMessages: 65_536,
  /** Text of the same. */
  liveOutboxChars: 67_108_864,
  /** Inputs that a live agent handles before what it said leaves: bounds the delay of the first. */
  instantInputs: 256,
  /** Text that waits to be stored: above it a live agent handles nothing until the disk has caught up. */
  journalBacklogChars: 16_777_216,
  /** Bytes of the journal of one life above which a quiet agent begins a shorter one: to execute so much again takes a second or two. */
  journalCompactBytes: 16_777_216,
  /** Bytes of the journal of one life: above it strangers open no dialogue. */
  journalBytes: 1_073_741_824,
  /** Protocols that one agent plays, so that its record has a bound. */
  agentProtocols: 64,
  /** Tags of one agent. */
  agentTags: 16,
  /** UTF-8 bytes of one agent record with its signature: `agentProtocols` with the longest of all names fit. */
  recordBytes: 32_768,
  /** Longest life of an agent record: how long a directory may speak of an agent that is gone. One day. */
  recordLifeMicros: 86_400_000_000,
  /** Records of one agent that a directory keeps, newest first, so that it can show two that contradict each other. */
  recordsOfAgent: 8,
  /** Agents that one directory knows. */
  directoryAgents: 16_384,
  /** Agents whose fraud one directory remembers. */
  convictedAgents: 4_096,
  /** Records in one announcement: an agent tells its own and some others that it knows. */
  announcedRecords: 32,
  /** Cards in one answer of a directory. */
  foundCards: 1_024,
} as const;
