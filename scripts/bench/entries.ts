import { until } from '../../agent/cli/demo/until.ts'
import type { Till } from './load.ts'
import { probeDuring } from './probe.ts'
import { startAgent, startLoad } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow } from './report.ts'
import { post } from './shop.ts'
import type { Distribution } from './statistics.ts'
import { distributionOf } from './statistics.ts'
import { technicianOf } from './technician.ts'

const ENTRIES = 1000
/** The first ones, and as many of the last ones. */
const COMPARED = 200
/** Longest time for which the sums of a day may hold the loop. */
const HOLD_MS = 20

/** Sales without a printer, and the sums of their day: their time, and the longest wait of other requests. */
export type Entered = {
  readonly all: Distribution
  readonly first: Distribution
  readonly last: Distribution
  readonly sheet: Read
  readonly closing: Read
}
type Read = { readonly ms: number; readonly longestMs: number }

/** Opens the emergency register of a printer that has died, and sells. */
export async function entered(folder: string, devices: readonly object[], till: Till): Promise<Entered> {
  const load = startLoad()
  const agent = await startAgent(folder, devices)
  try {
    await opened(folder)
    const { completes } = await load.run({ url: agent.url, tills: [till], sales: ENTRIES, law: 'rt' })
    return { ...distributions(completes), ...(await sums(agent.url, folder, till)) }
  } finally {
    await Promise.all([load.stop(), agent.stop()])
  }
}

function distributions(completes: readonly number[]): Pick<Entered, 'all' | 'first' | 'last'> {
  return {
    all: distributionOf(completes),
    first: distributionOf(completes.slice(0, COMPARED)),
    last: distributionOf(completes.slice(-COMPARED)),
  }
}

async function sums(url: string, folder: string, till: Till): Promise<Pick<Entered, 'sheet' | 'closing'>> {
  const technician = await technicianOf(folder)
  const read = async (work: () => Promise<unknown>): Promise<Read> => {
    const began = performance.now()
    const { answers } = await probeDuring([`${url}/healthz`], work)
    return { ms: performance.now() - began, longestMs: Math.max(...answers.map(({ longest }) => longest)) }
  }
  const sheet = await read(() => technician.deviceAct('rt-1', { act: 'emergency-sheet' }))
  const closing = await read(() => post(url, till.headers, `/v1/registers/${till.register}/closings`, {}))
  return { sheet, closing }
}

async function opened(folder: string): Promise<void> {
  const technician = await technicianOf(folder)
  const act = { act: 'emergency-open', reason: 'benchmark' } as const
  const open = () => technician.deviceAct('rt-1', act).catch(() => undefined)
  await until(open, 'the emergency register does not open')
}

export function entryRows({ all, first, last, sheet, closing }: Entered, printedP99: number): Row[] {
  const section = `Sales in the emergency register, ${ENTRIES} entries of a day`
  const ms = (what: string, measured: number): Row => ({ section, what, unit: 'ms', measured })
  const held = ({ longestMs }: Read, what: string): Row =>
    limitRow(ms(`${what}: longest wait of another request`, longestMs), HOLD_MS, 'at most')
  return [
    ms('entry p50', all.p50),
    limitRow(ms('entry p99, at most that of a printed sale', all.p99), printedP99, 'at most'),
    { ...ms(`p50 of the last ${COMPARED} (floor: of the first)`, last.p50), floor: first.p50 },
    ms('sheet of the day', sheet.ms),
    held(sheet, 'sheet'),
    ms('closing of the day', closing.ms),
    held(closing, 'closing'),
  ]
}
