import type { TestSpecification } from 'vitest/node'
import { BaseSequencer } from 'vitest/node'

/** Files that take more than 10 s, ordered so that a file that computes runs while another one waits. */
const LONGEST = [
  'crash/boundaries',
  'e2e/germany/vendor-tse',
  'drivers/tse-diebold/contract',
  'drivers/tse-faults',
  'crash/kill-loop',
  'systemd/renewed-files',
  'systemd/receiver',
  'systemd/unit-waits',
  'drivers/tse-cryptovision/contract',
  'e2e/germany/tse-memory',
  'package/evening',
  'drivers/tse-swissbit/contract',
  'laws/germany/dsfinvk/random-days',
  'backup/tail',
  'crash/austrian-kills',
  'e2e/italy/outage',
  'cli/demo',
  'backup/kill',
  'cli/remedies',
  'crash/lifecycle',
  'simulation/simulation',
  'crash/italian-kills',
  'crash/replayed-kills',
  'crash/adoption-kills',
  'cli/commands',
  'crash/large-documents',
  'drivers/rt-rch/page/page',
  'e2e/austria/kill',
  'e2e/germany/unknown-outcome',
  'simulation/disk-calls',
  'repository/readme',
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
