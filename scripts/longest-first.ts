import type { TestSpecification } from 'vitest/node'
import { BaseSequencer } from 'vitest/node'

/** Files that take more than 10 s, ordered so that a file that computes runs while another one waits. */
const LONGEST = [
  'systemd/renewed-files',
  'systemd/receiver',
  'crash/boundaries',
  'package/arm64',
  'e2e/germany/vendor-tse',
  'systemd/unit-waits',
  'crash/till-life-kills',
  'e2e/germany/emptied-while-open',
  'e2e/germany/vendor-blip',
  'simulation/simulation',
  'package/step-back',
  'crash/kill-loop',
  'crash/checkpointed-kills',
  'systemd/notice',
  'attacks/package-incomplete',
  'cli/audit-notes',
  'e2e/germany/read-back',
  'cli/commands',
  'drivers/tse-diebold/contract',
  'e2e/italy/outage',
  'crash/adoption-kills',
  'e2e/germany/books-clock',
  'backup/numbers-after-restore',
  'crash/restore-kills',
  'drivers/tse-swissbit/contract',
  'systemd/unit-journal',
  'cli/audit',
  'e2e/italy/blip-acts',
  'package/evening',
  'drivers/tse-faults',
  'simulation/disk-calls',
  'systemd/unit-clock',
  'cli/demo',
  'crash/italian-kills',
  'e2e/germany/blip',
  'cli/remedies',
  'systemd/unit-devices',
  'attacks/austrian-dep-edited',
  'attacks/honest-austria',
  'laws/germany/dsfinvk/journal',
  'e2e/sync/witnesses',
  'cli/other-users',
  'e2e/austria/kill',
  'e2e/germany/tse-memory',
  'backup/tail',
  'e2e/austria/year',
  'crash/lifecycle',
  'crash/austrian-kills',
  'cli/daemon',
  'e2e/germany/unresolved-outcomes',
  'cli/audit-former-tses',
  'e2e/plug',
  'backup/kill',
  'e2e/overview',
  'crash/large-documents',
  'receipts/drawing',
  'e2e/germany/unknown-outcome',
  'crash/reading-kills',
  'crash/replayed-kills',
  'attacks/archive-gone',
  'attacks/cut-out-sale',
  'cli/audit-outages',
  'backup/daily',
  'attacks/lost-tse',
  'attacks/read-back',
  'cli/looks-of-root',
  'backup/rolled-back',
  'drivers/tse-cryptovision/contract',
  'drivers/rt-rch/contract',
  'drivers/rt-custom/contract',
  'drivers/rt-rch/page/page',
  'drivers/rt-rch/slow-print',
  'clients/generators',
]

/** The longest files begin first, so that the run does not finish with one long file; a fresh clone has no timings. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
      return index < 0 ? LONGEST.length : index
    }
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }
}
