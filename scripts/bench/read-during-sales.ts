import type { Till } from './load.ts'
import type { startLoad } from './processes.ts'
import { distributionOf } from './statistics.ts'

const FOR_MS = 15_000
const SALES_A_SECOND = 50

/** p50 of a sale of one till alone, and while `read` runs until its signal is aborted; both after a warm-up. */
export async function readDuringSales<T>(
  load: ReturnType<typeof startLoad>,
  { url, till }: { url: string; till: Till },
  read: (signal: AbortSignal) => Promise<T>,
): Promise<{ alone: number; disturbed: number; read: T }> {
  const sell = async (): Promise<number> =>
    distributionOf((await load.run({ url, tills: [till], forMs: FOR_MS, perSecond: SALES_A_SECOND })).wholeSales).p50
  await sell()
  const alone = await sell()
  const reading = new AbortController()
  const result = read(reading.signal)
  const disturbed = await sell()
  reading.abort()
  return { alone, disturbed, read: await result }
}
