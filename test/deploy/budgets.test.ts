import test from 'ava';
import { agentCommands, settingOf } from './commands.ts';
import { agents, nodes } from './compose.ts';
import { deployText, deployYaml, secondsOf } from './files.ts';
import type { Manifest } from './manifests.ts';
import { unit, valuesOf } from './unit.ts';

/** How long open dialogues may go on after a signal. */
const DRAIN_SECONDS = 20;
/** What follows the drain: dialogues are ended, what was said leaves, the journal is synced and closed. */
const AFTERWARDS_SECONDS = 5;

const agent = (deployYaml('kustomize/base/agent/statefulset.yaml') as Manifest).spec.template.spec;
const node = (deployYaml('kustomize/base/broker/statefulset.yaml') as Manifest).spec.template.spec;

test('every file gives an agent the same time to drain', (t) => {
  for (const command of agentCommands) t.is(secondsOf(settingOf(command, 'drain') ?? ''), DRAIN_SECONDS, command.file);
});

test('whatever ends an agent waits longer than its drain takes', (t) => {
  const waits = {
    'TimeoutStopSec of the unit': valuesOf(unit, 'TimeoutStopSec')[0] ?? '',
    'terminationGracePeriodSeconds of the manifests': agent.terminationGracePeriodSeconds,
    ...Object.fromEntries(agents.map(([name, service]) => [`stop_grace_period of ${name}`, service.stop_grace_period])),
  };
  for (const [what, wait] of Object.entries(waits))
    t.true(secondsOf(wait) >= DRAIN_SECONDS + AFTERWARDS_SECONDS, `${what}: ${wait}`);
  t.is(waits['TimeoutStopSec of the unit'], '30');
  t.is(waits['terminationGracePeriodSeconds of the manifests'], 40);
  for (const [name, service] of agents) t.is(service.stop_grace_period, '40s', name);
});

test('whatever ends a node of the broker waits longer than its lame duck mode takes', (t) => {
  const [, lameDuck = ''] = /^lame_duck_duration: "(\w+)"$/m.exec(deployText('nats/cluster.conf')) ?? [];
  t.true(secondsOf(lameDuck) >= 30, 'the server takes no less');
  for (const [name, service] of nodes) {
    t.is(service.stop_signal, 'SIGUSR2', name);
    t.true(secondsOf(service.stop_grace_period) >= secondsOf(lameDuck) + AFTERWARDS_SECONDS, name);
  }
  t.true(node.terminationGracePeriodSeconds >= secondsOf(lameDuck) + AFTERWARDS_SECONDS);
});

test('a service that does not answer systemd is found dead later than an agent that stops its loop for a moment', (t) => {
  t.true(secondsOf(valuesOf(unit, 'WatchdogSec')[0] ?? '') >= 10);
});
