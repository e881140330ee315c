import { compareVersions } from '../../agent-core/adapters/nats-server/find.ts';
import { reporter, type Finding } from './finding.ts';

const { ok, note, warning } = reporter('broker');

/** The newest release of each line that is not yet free of the holes known at the time of writing. */
const FIXED: ReadonlyMap<string, string> = new Map([
  ['2.11', '2.11.16'],
  ['2.12', '2.12.7'],
]);
/** Lines from here on were never without the fixes. */
const CLEAN_SINCE = '2.14.0';
/** Compare-and-set and `sync_interval` work from here on. */
const SYNC_SINCE = '2.10.0';

/** What the version of a broker means. Sources: advisories.nats.io 2026-16 and -18, GHSA-9983-vrx2-fg9c; release notes of 2.10. */
export function versionFindings(version: string): readonly Finding[] {
  if (!/^\d+\.\d+\.\d+/.test(version)) return [note(`nats-server tells a version that is none: "${version}"`)];
  const findings: Finding[] = [];
  if (isFixed(version)) findings.push(ok(`nats-server ${version}`));
  else {
    findings.push(
      warning(`nats-server ${version} has known security holes`, 'run 2.12.7, 2.11.16, 2.14.0 or newer of these lines'),
    );
  }
  if (compareVersions(version, SYNC_SINCE) < 0) {
    findings.push(
      warning(
        `JetStream of ${version} acknowledges what no disk has, and its compare-and-set can have two winners in a cluster`,
        'safety of Haggle does not rest on either; for a ledger or a mailbox under load run 2.12.7 or newer',
      ),
    );
  }
  return findings;
}

function isFixed(version: string): boolean {
  if (compareVersions(version, CLEAN_SINCE) >= 0) return true;
  const fixed = FIXED.get(version.split('.').slice(0, 2).join('.'));
  return fixed !== undefined && compareVersions(version, fixed) >= 0;
}
