import test from 'ava';
import { deployText, needs, secondsOf } from './files.ts';
import { OVERLAYS, ofKind, picks, reachable, rendered, type Manifest, type Pod } from './manifests.ts';

const kubectl = needs('kubectl');

for (const overlay of OVERLAYS) {
  kubectl(`${overlay} renders to a broker of three and one process for each agent`, async (t) => {
    const manifests = await rendered(overlay);
    const sets = workloads(manifests);
    t.deepEqual(
      sets.map(({ metadata, spec }) => [metadata.name, spec.replicas]),
      [
        ['buyer-agent', 1],
        ['nats', 3],
        ['seller-agent', 1],
      ],
    );
    t.deepEqual(ofKind(manifests, 'Deployment'), [], 'two processes must never share a journal');
    for (const { kind, metadata } of manifests)
      if (kind !== 'Namespace') t.is(metadata.namespace, `haggle-${overlay}`, metadata.name);
    const [namespace] = ofKind(manifests, 'Namespace');
    t.is(namespace?.metadata.labels?.['pod-security.kubernetes.io/enforce'], 'restricted');
  });

  kubectl(`${overlay}: every container is restricted and bounded, and its image is of one version`, async (t) => {
    for (const { metadata, spec } of workloads(await rendered(overlay))) {
      const pod = spec.template.spec;
      t.false(pod.automountServiceAccountToken, metadata.name);
      t.is(pod.securityContext.runAsNonRoot, true);
      t.is(pod.securityContext.runAsUser, 10_001);
      t.is(pod.securityContext.seccompProfile.type, 'RuntimeDefault');
      for (const { image, securityContext, resources } of containersOf(pod)) {
        t.regex(image, /^[a-z]+:\d+\.\d+\.\d+(-[a-z]+)?$/);
        t.false(securityContext.allowPrivilegeEscalation, metadata.name);
        t.true(securityContext.readOnlyRootFilesystem, metadata.name);
        t.deepEqual(securityContext.capabilities, { drop: ['ALL'] });
        t.not(securityContext.privileged, true);
        t.deepEqual(
          [...Object.keys(resources.requests), ...Object.keys(resources.limits)],
          ['cpu', 'memory', 'memory'],
        );
      }
    }
  });

  kubectl(
    `${overlay}: probes ask the agent about itself, and the broker's nodes about their own server only`,
    async (t) => {
      for (const { metadata, spec } of workloads(await rendered(overlay))) {
        const isBroker = metadata.name === 'nats';
        for (const { livenessProbe, readinessProbe, startupProbe, ports } of spec.template.spec.containers) {
          const paths = [livenessProbe, readinessProbe, startupProbe].map(({ httpGet }) => httpGet.path);
          const node = '/healthz?js-server-only=true';
          t.deepEqual(paths, isBroker ? [node, node, node] : ['/livez', '/readyz', '/livez'], metadata.name);
          for (const { httpGet } of [livenessProbe, readinessProbe, startupProbe])
            t.true(ports.some(({ name }) => name === httpGet.port));
        }
      }
    },
  );

  kubectl(`${overlay}: an agent keeps its journal on a claim of its own, for one pod at a time`, async (t) => {
    for (const { metadata, spec } of agentsOf(await rendered(overlay))) {
      const [claim] = spec.volumeClaimTemplates;
      t.deepEqual(claim?.spec.accessModes, ['ReadWriteOncePod'], metadata.name);
      const [container] = spec.template.spec.containers;
      const mount = container?.volumeMounts.find(({ name }) => name === claim?.metadata.name);
      t.true(container?.args.includes(`--data=${mount?.mountPath}`), metadata.name);
      t.not(mount?.readOnly, true);
    }
  });

  kubectl(`${overlay}: an agent reads its key where it trusts the cluster's file, by its group alone`, async (t) => {
    const manifests = await rendered(overlay);
    const names = agentsOf(manifests).map(({ metadata, spec }) => {
      const { containers, volumes, securityContext } = spec.template.spec;
      const volume = volumes.find(({ secret }) => secret !== undefined);
      const folder = containers[0]?.volumeMounts.find(({ name }) => name === volume?.name)?.mountPath;
      t.true(containers[0]?.args.includes(`--key=${folder}/key`), metadata.name);
      t.true(containers[0]?.args.includes(`--jwt=${folder}/jwt`), metadata.name);
      t.is(containers[0]?.env.find(({ name }) => name === 'CREDENTIALS_DIRECTORY')?.value, folder);
      t.is(volume?.secret?.defaultMode, 0o440);
      t.is(securityContext.fsGroup, 10_001);
      return volume?.secret?.secretName;
    });
    t.is(new Set(names).size, 2, 'each its own');
    const secrets = ofKind(manifests, 'Secret').map(({ metadata }) => metadata.name);
    for (const name of names) t.true(secrets.includes(name ?? ''));
  });

  kubectl(`${overlay}: selectors pick their own pods and no others`, async (t) => {
    const manifests = await rendered(overlay);
    const sets = workloads(manifests);
    const picked = (selector: Manifest['spec']['selector']): readonly string[] =>
      sets.filter(({ spec }) => picks(selector, spec.template.metadata.labels)).map(({ metadata }) => metadata.name);
    for (const { metadata, spec } of sets) t.deepEqual(picked(spec.selector), [metadata.name]);
    for (const { metadata, spec } of ofKind(manifests, 'PodDisruptionBudget')) {
      t.deepEqual(picked(spec.selector), [metadata.name]);
      t.is(spec.maxUnavailable, 1);
    }
    for (const { metadata, spec } of ofKind(manifests, 'Service')) {
      // A service has its labels without `matchLabels` around them.
      const labels = spec.selector as unknown as Readonly<Record<string, string>>;
      t.deepEqual(picked({ matchLabels: labels }), [metadata.name.replace('-routes', '')]);
    }
    for (const { spec } of sets)
      t.true(ofKind(manifests, 'Service').some(({ metadata }) => metadata.name === spec.serviceName));
  });

  kubectl(
    `${overlay}: agents reach the broker's client port, nodes their routes, and nobody anything else`,
    async (t) => {
      const manifests = await rendered(overlay);
      const sets = workloads(manifests);
      for (const from of sets) {
        for (const to of sets) {
          const isBroker = to.metadata.name === 'nats';
          const ports = !isBroker ? [] : from === to ? [6222] : [4222];
          t.deepEqual(reachable(manifests, from, to), ports, `${from.metadata.name} to ${to.metadata.name}`);
        }
      }
      const forAll = ofKind(manifests, 'NetworkPolicy').filter(({ spec }) => picks(spec.podSelector, {}));
      t.deepEqual(
        forAll.map(({ spec }) => [spec.policyTypes, spec.ingress, spec.egress]),
        [[['Ingress', 'Egress'], undefined, undefined]],
      );
    },
  );

  kubectl(
    `${overlay}: the broker reads the configuration that compose.yaml runs, and agents are told where it is`,
    async (t) => {
      const manifests = await rendered(overlay);
      const maps = ofKind(manifests, 'ConfigMap');
      const node = maps.find(({ metadata }) => metadata.name.startsWith('nats-'));
      t.is(node?.data?.['cluster.conf'], deployText('nats/cluster.conf'));
      for (const { spec } of agentsOf(manifests)) {
        const [container] = spec.template.spec.containers;
        const given = Object.assign(
          {},
          ...(container?.envFrom ?? []).map(
            ({ configMapRef }) => maps.find(({ metadata }) => metadata.name === configMapRef.name)?.data,
          ),
        ) as Readonly<Record<string, string>>;
        t.is(given['HAGGLE_NATS'], 'nats://nats:4222');
        t.is(given['HAGGLE_REALM'], overlay);
        t.is(given['HAGGLE_MODULE'], `/app/agents/${given['HAGGLE_NAME']}.js`);
      }
    },
  );
}

test('both copies of the configuration of a node are the same', (t) => {
  t.is(deployText('kustomize/base/broker/cluster.conf'), deployText('nats/cluster.conf'));
});

test('no file of the manifests holds a secret', (t) => {
  for (const name of ['seller', 'buyer']) {
    t.true(
      deployText(`kustomize/agents/${name}/kustomization.yaml`).includes('literals: [key=replace-me, jwt=replace-me]'),
    );
  }
});

test('a duration is read as the tools here write it', (t) => {
  t.deepEqual(
    ['40s', 30, '2m', '30'].map((text) => secondsOf(text)),
    [40, 30, 120, 30],
  );
  t.throws(() => secondsOf('soon'));
});

function workloads(manifests: readonly Manifest[]): readonly Manifest[] {
  return ['StatefulSet', 'Deployment', 'DaemonSet', 'Job']
    .flatMap((kind) => ofKind(manifests, kind))
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

function agentsOf(manifests: readonly Manifest[]): readonly Manifest[] {
  return workloads(manifests).filter(({ metadata }) => metadata.name.endsWith('-agent'));
}

function containersOf({ containers, initContainers = [] }: Pod): Pod['containers'] {
  return [...containers, ...initContainers];
}
