/** A fenced block of code in a Markdown page. */
export interface Block {
  /** First word after the fence: `sh`, `ts`, `text`. */
  readonly language: string;
  /** The words after it, as `key=value`. */
  readonly marks: ReadonlyMap<string, string>;
  readonly text: string;
  /** Number of its first line, for messages. */
  readonly line: number;
}

/** The fenced blocks of a page in order. */
export function blocksOf(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```(\w+)([^\n]*)\n([^]*?)^```$/gm)].map((match) => {
    const [, language = '', words = '', text = ''] = match;
    const marks = words
      .trim()
      .split(/\s+/)
      .filter((word) => word.includes('='))
      .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] as const);
    const line = markdown.slice(0, match.index).split('\n').length + 1;
    return { language, marks: new Map(marks), text, line };
  });
}
