import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LoadResult, Till } from './load.ts'
import { startAgent, startLoad, untilAlone } from './processes.ts'
import type { Pair, Row } from './report.ts'
import { saleRows } from './report.ts'
import { madeJournal } from './start.ts'
import { distributionOf, median } from './statistics.ts'
import type { TempFolder } from './temp-folder.ts'

const OPERATIONS = 20_000
const ROUND_SALES = 300
const WARM_UP_SALES = 300

type Round = { p50: number; p99: number; events: number; seconds: number }

/** Sales while a backlog is sent as fast as possible, compared with the same agent without sync. */
export async function duringSyncSection(folder: TempFolder, rounds: number): Promise<Row[]> {
  const still = await folder.make('sync-none')
  const { tills } = await madeJournal(still, OPERATIONS)
  const busy = await folder.make('sync-busy')
  cpSync(join(still, 'state'), join(busy, 'state'), { recursive: true })
  const receiver = await Receiver.start()
  writeFileSync(join(busy, 'cloud.token'), 'token', { mode: 0o600 })
  const targets = [{ id: 'cloud', kind: 'https', url: receiver.url, tokenFile: 'cloud.token' }]
  const agents = [await startAgent(still), await startAgent(busy, { sync: { targets } })] as const
  const load = startLoad()
  const sell = (url: string, sales: number): Promise<LoadResult> =>
    load.run({ url, tills: tills.slice(0, 1) as Till[], sales })
  try {
    await Promise.all(agents.map(({ pid }) => untilAlone(pid)))
    for (const { url } of agents) await sell(url, WARM_UP_SALES)
    const pairs: Pair<Round>[] = []
    for (let round = 0; round < rounds; round++) {
      const floor = roundOf(await sell(agents[0].url, ROUND_SALES), 0)
      const before = await receiver.say('go')
      const result = await sell(agents[1].url, ROUND_SALES)
      const events = (await receiver.say('hold')) - before
      pairs.push({ measured: roundOf(result, events), floor })
    }
    return rowsOf(pairs)
  } finally {
    await Promise.all([load.stop(), ...agents.map((agent) => agent.stop())])
    receiver.stop()
  }
}

function roundOf({ wholeSales, wallMs }: LoadResult, events: number): Round {
  const { p50, p99 } = distributionOf(wholeSales)
  return { p50, p99, events, seconds: wallMs / 1000 }
}

function rowsOf(pairs: readonly Pair<Round>[]): Row[] {
  const section = 'Sale while a backlog is sent, 1 client (floor column: nothing to send)'
  const rate = median(pairs.map(({ measured: { events, seconds } }) => events / seconds))
  return [
    ...saleRows(section, pairs, { p99: 1.5 }),
    { section, what: 'events sent in that time', unit: '/s', measured: rate },
  ]
}

/** The other end, in a process that takes the rest of the cores. */
class Receiver {
  readonly url: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
  }

  static async start(): Promise<Receiver> {
    const child = fork(fileURLToPath(new URL('discarding-receiver.ts', import.meta.url)))
    const [port] = (await once(child, 'message')) as [number]
    setPriority(child.pid ?? 0, constants.priority.PRIORITY_LOW)
    return new Receiver(child, `http://127.0.0.1:${port}`)
  }

  /** Returns the number of its events by then. */
  async say(word: 'go' | 'hold'): Promise<number> {
    const answer = once(this.#child, 'message')
    this.#child.send(word)
    return ((await answer) as [number])[0]
  }

  stop(): void {
    this.#child.disconnect()
  }
}
