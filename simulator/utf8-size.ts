/** Anything but ASCII. Most payloads have none, and a regular expression finds that out twice as fast as a loop. */
const WIDE = /[^\0-\x7f]/;

/** Bytes of a text in UTF-8; an unpaired surrogate counts 3, as its replacement character does. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  if (!WIDE.test(text)) return bytes;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    if (code < 0x800) bytes += 1;
    else bytes += isPair(code, text.charCodeAt(i + 1)) ? 1 : 2;
    if (isPair(code, text.charCodeAt(i + 1))) {
      bytes += 1;
      i++;
    }
  }
  return bytes;
}

function isPair(high: number, low: number): boolean {
  return high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000;
}
