import { randomBytes } from 'node:crypto'
import { Session } from 'node:inspector/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checkConfig } from '../../agent/agent-config.ts'
import { compose } from '../../agent/compose.ts'
import { systemClock } from '../../base/clock.ts'
import { randomStore } from '../../base/ids.ts'
import { openLog } from '../../base/log.ts'
import type { Till } from './load.ts'
import { completionOf, saleOf } from './requests.ts'
import { openShop, post } from './shop.ts'
import { makeTempFolder } from './temp-folder.ts'

/**
 * `node scripts/bench/calls.ts [--list] [--json]`: counts the work of one create and one complete after twenty warm
 * sales: the product's own files that run, their named functions, and the calls of these, without those of the
 * simulated unit. Two runs of the same code agree. `--list` names the functions, by calls.
 */
const { values } = parseArgs({ options: { list: { type: 'boolean' }, json: { type: 'boolean' } } })

const WARM_SALES = 20
/** Functions that run in each of them are the request's own. */
const MEASURED_SALES = 5
/** Work that follows an answer: the log line, the journal's upkeep. On a busy machine each pause takes longer. */
const AFTERMATH_PAUSES = 20
const PAUSE_MS = 5
const ROOT = new URL('../../', import.meta.url)
const PRODUCT = /^(?:agent|base|drivers|sync)\//
/** No shop has them: its unit does their work. */
const SIMULATED = /^drivers\/(?:se-api\/|tse-simulator\/|(?:absence|delay|faults)\.ts$)/

/** The calls of each named function, `FILE NAME @OFFSET`. */
type Calls = ReadonlyMap<string, number>

const session = new Session()
session.connect()

/** While it counts, timers of the agent wait: on a busy machine each request takes long enough for some of them. */
let isCounting = false
const waiting: (() => void)[] = []

function after(delayMs: number, act: () => void): () => void {
  let isCancelled = false
  const run = (): void => {
    if (isCounting) waiting.push(run)
    else if (!isCancelled) act()
  }
  const cancel = systemClock.after(delayMs, run)
  return () => {
    isCancelled = true
    cancel()
  }
}

async function counted<T>(request: () => Promise<T>): Promise<{ answer: T; calls: Calls }> {
  isCounting = true
  // It resets the counters.
  await session.post('Profiler.takePreciseCoverage')
  const answer = await request()
  for (let pauses = 0; pauses < AFTERMATH_PAUSES; pauses++) await pause(PAUSE_MS)
  const { result } = await session.post('Profiler.takePreciseCoverage')
  isCounting = false
  for (const run of waiting.splice(0)) run()
  const calls = new Map<string, number>()
  for (const { url, functions } of result) {
    const file = url.startsWith(ROOT.href) ? fileURLToPath(url).slice(fileURLToPath(ROOT).length) : ''
    if (!PRODUCT.test(file) || SIMULATED.test(file)) continue
    for (const { functionName, ranges } of functions) {
      const [whole] = ranges
      if (functionName === '' || whole === undefined || whole.count === 0) continue
      const name = `${file} ${functionName} @${whole.startOffset}`
      calls.set(name, (calls.get(name) ?? 0) + whole.count)
    }
  }
  return { answer, calls }
}

function create(url: string, { register, headers }: Till): Promise<string> {
  return post(url, headers, '/v1/operations', saleOf(register)).then(({ id }) => String(id))
}

function complete(url: string, { headers }: Till, id: string): Promise<object> {
  return post(url, { ...headers, 'if-match': '"1"' }, `/v1/operations/${id}/complete`, completionOf(id))
}

function common(requests: readonly Calls[]) {
  const [first = new Map<string, number>(), ...others] = requests
  const least = [...first].map(([name, calls]): [string, number] => [
    name,
    Math.min(calls, ...others.map((other) => other.get(name) ?? 0)),
  ])
  const list = least.filter(([, calls]) => calls > 0).sort(([, one], [, other]) => other - one)
  const files = new Set(list.map(([name]) => name.split(' ', 1)[0]))
  return { files: files.size, functions: list.length, calls: list.reduce((all, [, calls]) => all + calls, 0), list }
}

function print(name: string, { files, functions, calls, list }: ReturnType<typeof common>): void {
  console.log(`${name}: ${files} files, ${functions} named functions, ${calls} calls`)
  if (values.list === true) for (const [what, count] of list) console.log(`  ${String(count).padStart(5)}  ${what}`)
}

const folder = await makeTempFolder()
try {
  const place = await folder.make('calls')
  const devices = [{ id: 'tse-1', driver: 'tse-simulator', latencyMs: 0 }]
  const config = checkConfig('calls', { version: 1, state: 'state', listen: { port: 0 }, devices }, place)
  const log = openLog('info', { write: () => undefined })
  const agent = await compose(config, { clock: { ...systemClock, after }, random: randomStore(randomBytes), log })
  try {
    const { url } = await agent.listen()
    const [till] = await openShop(url, place, 1)
    if (till === undefined) throw new Error('the shop has no till')
    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true })
    for (let sale = 0; sale < WARM_SALES; sale++) await complete(url, till, await create(url, till))
    const [creates, completes]: [Calls[], Calls[]] = [[], []]
    for (let sale = 0; sale < MEASURED_SALES; sale++) {
      const created = await counted(() => create(url, till))
      creates.push(created.calls)
      completes.push((await counted(() => complete(url, till, created.answer))).calls)
    }
    const counts = { create: common(creates), complete: common(completes) }
    if (values.json === true) console.log(JSON.stringify(counts, undefined, 2))
    else for (const [name, count] of Object.entries(counts)) print(name, count)
  } finally {
    await agent.stop()
  }
} finally {
  session.disconnect()
  await folder.remove()
}
