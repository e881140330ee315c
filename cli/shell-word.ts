const PLAIN = /^[\w./=,:+@%-]+$/;
/** Control and format characters, and what is no character: policy files take none of them. */
const INVISIBLE = /\p{C}/gu;

/** A value as one word of a command line that bash or zsh reads back, with nothing invisible in it. */
export function shellWord(value: string): string {
  if (PLAIN.test(value)) return value;
  const escaped = value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll(INVISIBLE, hex);
  const isSimple = escaped === value;
  return isSimple ? `'${value}'` : `$'${escaped}'`;
}

function hex(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  if (code.length <= 2 && character < '\u0080') return `\\x${code.padStart(2, '0')}`;
  return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\U${code.padStart(8, '0')}`;
}
