/** One instruction of a Dockerfile, its continued lines joined. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** One stage: what stands behind its FROM, and the instructions after it. */
export interface Stage {
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile in order; what stands before the first FROM is a stage without a base. */
export function stagesOf(text: string): readonly Stage[] {
  const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('#'));
  const joined = lines.join('\n').replaceAll(/\s*\\\n\s*/g, ' ');
  const stages: { base: string; instructions: Instruction[] }[] = [{ base: '', instructions: [] }];
  for (const line of joined.split('\n')) {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (name === '') continue;
    if (name === 'FROM') stages.push({ base: rest, instructions: [] });
    else stages.at(-1)?.instructions.push({ name, text: rest });
  }
  return stages;
}

/** Texts of all instructions of that name. */
export function textsOf({ instructions }: Stage, name: string): readonly string[] {
  return instructions.filter((each) => each.name === name).map(({ text }) => text);
}

/** `K=v` of all ENV and ARG instructions with a value. */
export function settingsOf(stage: Stage): ReadonlyMap<string, string> {
  const words = [...textsOf(stage, 'ENV'), ...textsOf(stage, 'ARG')].flatMap((text) => text.split(/\s+/));
  return new Map(words.filter((word) => word.includes('=')).map((word) => split(word)));
}

function split(word: string): readonly [string, string] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
}

/** The list of an exec-form instruction; throws where it is not in that form. */
export function execForm(text: string): readonly string[] {
  return JSON.parse(text.slice(text.indexOf('['))) as readonly string[];
}
