import test from 'ava';
import { haggle } from '../cli/haggle.ts';
import { agentCommands, documentedSettings, flagsOf, settingOf, variablesNamed } from './commands.ts';

const section = documentedSettings();

test('each file that starts an agent says `haggle agent run MODULE` with a key, a token and a journal', (t) => {
  t.is(agentCommands.length, 4);
  for (const command of agentCommands) {
    t.deepEqual(command.words.slice(0, 2), ['agent', 'run'], command.file);
    t.false(command.words[2]?.startsWith('-'), command.file);
    t.deepEqual(
      command.words.slice(3).filter((word) => !/^--[a-z-]+=\S+$/.test(word)),
      [],
      `${command.file}: only flags with a value`,
    );
    for (const name of ['key', 'jwt', 'data']) t.truthy(settingOf(command, name), `${command.file}: ${name}`);
  }
});

test('every flag in them is one that `haggle agent run` takes', async (t) => {
  const { code, out, err } = await haggle('agent', 'run', '--help');
  t.is(code, 0, err);
  const known = new Set(out.match(/(?<=^ {2})--[a-z-]+/gm));
  for (const command of agentCommands) {
    for (const flag of flagsOf(command)) t.true(known.has(flag), `${command.file}: ${flag}`);
  }
});

test('every flag in them is a flag that docs/running-agents.md documents', (t) => {
  for (const command of agentCommands) {
    for (const flag of flagsOf(command)) t.regex(section, new RegExp(`\`${flag}\\b`), `${command.file}: ${flag}`);
  }
});

test('every variable in them is a variable that docs/running-agents.md documents', (t) => {
  for (const name of variablesNamed()) t.true(section.includes(`\`${name}\``), name);
});
