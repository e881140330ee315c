/** What a journal needs of a folder. Two implementations pass one suite: the disk, and one in memory that tests break. */
export interface Files {
  /**
   * Takes the folder for this process, making it where it is missing. Returns what gives it back.
   *
   * @throws HaggleError `agent-running` where another process has it, `cannot-write`
   */
  lock(): Promise<() => Promise<void>>;
  /** Names in the folder. @throws HaggleError `cannot-read` */
  list(): Promise<readonly string[]>;
  /** @throws HaggleError `cannot-read` */
  read(name: string): Promise<Uint8Array>;
  /** A new file, readable by its owner alone; it is there for good when this resolves. @throws HaggleError `cannot-write` */
  create(name: string): Promise<AppendFile>;
  /** A file that is there, cut off at `bytes`. @throws HaggleError `cannot-write` */
  reopen(name: string, bytes: number): Promise<AppendFile>;
  /** @throws HaggleError `cannot-write` */
  remove(name: string): Promise<void>;
  /** @throws HaggleError `cannot-write` */
  rename(name: string, to: string): Promise<void>;
}

/** A file that only grows. */
export interface AppendFile {
  /** Writes all of it at the end. After an error some of it may be there: reopen the file. @throws HaggleError `cannot-write` */
  append(bytes: Uint8Array): Promise<void>;
  /** Resolves when all that was appended survives a cut of power. After an error nobody knows. @throws HaggleError `cannot-write` */
  sync(): Promise<void>;
  close(): Promise<void>;
}
