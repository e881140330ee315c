import { readFileSync } from 'node:fs';
import test from 'ava';
import {
  inboxPrefixOf,
  permissionsOf,
  permissionTemplate,
  BROKER_ROLES,
  streamsOf,
  SUBJECT_CLASSES,
  TEMPLATE_NKEY,
} from '../../../agent-core/bus/permissions.ts';
import { checkSubject, subjects } from '../../../agent-core/bus/subjects.ts';
import { permissionTable } from '../../permission-table.ts';

const holder = { realm: 'bazaar', nkey: 'UME' };

test('every pattern is one that a bus takes', (t) => {
  for (const role of BROKER_ROLES) {
    const { publish, subscribe } = permissionsOf(role, holder);
    for (const pattern of [...publish, ...subscribe]) t.notThrows(() => checkSubject(pattern, 'pattern'), pattern);
  }
});

test('the template is the table with the place for the key left open', (t) => {
  for (const role of BROKER_ROLES) {
    const filled = JSON.stringify(permissionTemplate(role, 'bazaar')).replaceAll(TEMPLATE_NKEY, 'UME');
    t.is(filled, JSON.stringify(permissionsOf(role, holder)));
  }
});

test('an agent speaks under its own name only, and hears its own inbox only', (t) => {
  const { publish, subscribe } = permissionsOf('agent', holder);
  const inbox = `haggle.bazaar.in.`;
  t.deepEqual(
    publish.filter((pattern) => pattern.startsWith(inbox)),
    [subjects.inbox('bazaar', '*', 'UME')],
  );
  t.deepEqual(
    subscribe.filter((pattern) => pattern.startsWith(inbox)),
    [subjects.inboxOf('bazaar', 'UME')],
  );
});

test('only the processes of a simulation reach its subjects, and they reach no realm', (t) => {
  for (const role of BROKER_ROLES) {
    const { publish, subscribe } = permissionsOf(role, holder);
    const all = [...publish, ...subscribe];
    t.is(
      all.some((pattern) => pattern.startsWith('haggle-sim.')),
      role === 'worker',
    );
    if (role === 'worker') t.false(all.some((pattern) => pattern.startsWith('haggle.') || pattern.startsWith('$')));
  }
});

test('no pattern is as wide as a first token, but for services and simulations', (t) => {
  for (const role of BROKER_ROLES) {
    const { publish, subscribe } = permissionsOf(role, holder);
    for (const pattern of [...publish, ...subscribe]) {
      t.false(['>', '*', 'haggle.>', '$JS.>', '$JS.API.>', '$KV.>', '$SYS.>', '_INBOX.>'].includes(pattern), pattern);
    }
  }
});

test('replies of a tool have a place of their own, where agents answer', (t) => {
  t.is(inboxPrefixOf('agent', 'UME'), '_INBOX.UME');
  t.is(inboxPrefixOf('tool', 'UME'), '_INBOX.tool.UME');
  t.true(permissionsOf('agent', holder).publish.includes('_INBOX.tool.>'));
});

test('names of streams are ones that JetStream takes', (t) => {
  for (const name of Object.values(streamsOf('a-b_C9'))) t.regex(name, /^[A-Za-z0-9_-]+$/);
});

test('docs/keys.md has the table as it is', (t) => {
  const page = readFileSync(new URL('../../../../docs/keys.md', import.meta.url), 'utf8');
  t.true(page.includes(permissionTable()), `docs/keys.md should hold:\n\n${permissionTable()}`);
  t.true(SUBJECT_CLASSES.every(({ name }) => page.includes(name)));
});
