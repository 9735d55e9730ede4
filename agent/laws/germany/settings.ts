import { z } from 'zod'
import type { LawSettings } from '../../../base/settings/law-settings.ts'
import { strict } from '../../../base/settings/strict.ts'
import { words } from '../../../base/settings/values.ts'
import { hasOurColumns, TAXONOMIES } from '../../register/taxonomy.ts'
import { vatEffects, vatProblems, vatSettings, vatWarnings } from './vat-settings.ts'

const percent = z.int().min(1).max(100)
/** Thresholds for the memory of each TSE. Nothing is deleted automatically unless a threshold is configured. */
const tseMemory = strict({
  warnAtPercent: percent.default(80),
  archiveAtPercent: percent.default(80),
  deleteAtPercent: percent.optional(),
}).prefault({})

const dsfinvk = strict({
  taxonomyVersion: z
    .string()
    .regex(/^\d\.\d$/, 'a version such as "2.4"')
    .refine(hasOurColumns, `${TAXONOMIES.first} or later: before it the columns were others`)
    .default('2.4'),
  exportDrawerOpenings: z.boolean().default(false),
  defaultOperator: words.default('POS'),
}).prefault({})

/** A DSFinV-K version that this program does not write. */
function taxonomyWarnings({ taxonomyVersion: version }: z.output<typeof dsfinvk>): string[] {
  if (version <= TAXONOMIES.last) return []
  return [
    `dsfinvk.taxonomyVersion: ${version} is later than this program, which writes the columns of ${TAXONOMIES.last}`,
  ]
}

export const SETTINGS = {
  word: 'kassensichv',
  keys: {
    tseMemory: { schema: () => tseMemory },
    dsfinvk: { schema: () => dsfinvk, warnings: taxonomyWarnings },
    kassensichv: {
      schema: () => vatSettings,
      contradictions: vatProblems,
      warnings: vatWarnings,
      effects: vatEffects,
      namesLines: true,
    },
  },
  example: `
  // How full the memory of a TSE is, in percent. "deleteAtPercent", off unless set: the agent empties it.
  "tseMemory": { "warnAtPercent": 80, "archiveAtPercent": 80 },

  // "exportDrawerOpenings": each unattended opening of the drawer is signed and exported.
  "dsfinvk": { "taxonomyVersion": "2.4", "exportDrawerOpenings": false, "defaultOperator": "POS" },

  // Rates of VAT that begin after this program was made, and codes of your own. Read at start.
  "kassensichv": {
    // "key": 1 general, 2 reduced, 3 and 4 the average rates of § 24 UStG. "from": the first day.
    "vatRates": [
      // { "key": 3, "rate": "0.08", "from": "2027-01-01" },
    ],
    // "key": UST_SCHLUESSEL of the books, 5, 6, 8 or 1000 to 9999. A "rate" above 0 needs a "bucket", 1 to 5.
    "vatKeys": [
      // { "code": "tour_margin", "key": 1100, "description": "Reiseleistung § 25 UStG", "receiptText": "Sonderregelung" },
      // { "code": "stamps", "key": 1101, "rate": "0.07", "bucket": 2, "description": "Briefmarken zu 7 %" },
    ],
  },
`,
} as const satisfies LawSettings
