import { fileStore } from '../../../../clients/typescript/src/file-store.ts'
import type { TillOptions } from '../../../../clients/typescript/src/options.ts'
import { memoryStore } from '../../../../clients/typescript/src/store.ts'
import * as lines from './breaking-fetch.ts'
import type { Habits } from './shift.ts'
import { opened, workShift } from './shift.ts'

type Broken = { readonly habits?: Partial<Habits>; readonly options?: Partial<TillOptions> }

/** By the rule that each breaks. */
const TILLS: Readonly<Record<string, Broken>> = {
  'T-1': { options: { fetch: lines.fetchBy(lines.withoutKey) } },
  'T-2': { options: { fetch: lines.fetchBy(lines.readInsteadOfAgain) } },
  'T-3': { options: { fetch: lines.fetchBy(lines.hopeful) } },
  'T-4': { options: { answerWithinMs: 5000 } },
  'T-5': { options: { fetch: lines.fetchBy(lines.withoutRetryAfter) } },
  'T-6': { options: { fetch: lines.fetchBy(lines.threeTimes) } },
  'T-7': { options: { fetch: lines.fetchBy(lines.versionOfTheRefusal) } },
  'T-8': { habits: { readsNothingAgain: true } },
  'T-9': { habits: { printsByItself: true } },
  'T-10': { habits: { givesUp: true }, options: { timeoutMs: 1000 } },
  'T-11': { habits: { leavesWhatItFinds: true } },
  'T-12': { habits: { leavesABasketOpen: true } },
  'T-13': { habits: { sellsBeforeItOpens: true } },
  'T-14': { options: { fetch: lines.fetchBy(lines.moneyAsNumber) } },
  'T-15': { options: { fetch: lines.fetchBy(lines.keyInTheAddress) } },
  'T-16': { options: { fetch: lines.fetchBy(lines.voidAfterUnavailable) } },
  'T-17': { options: { fetch: lines.fetchBy(lines.strictAboutMembers) } },
  'T-18': { options: { fetch: lines.fetchBy(lines.oneConnection) } },
}

// node broken-till.ts RULE FOLDER SALES RATE: the client, and one habit that breaks one rule.
const [, , rule = '', folder = '', sales = '', rate = ''] = process.argv
const { habits = {}, options = {} } = TILLS[rule] ?? {}
const store = rule === 'T-11' ? fileStore(folder) : memoryStore(() => undefined)
const till = await opened({ store, ...options })
await workShift(till, { sales: Number(sales), rate, ...habits })
