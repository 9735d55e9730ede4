import { readFileSync } from 'node:fs'
import { verifyTar } from '../../verify/tse/verify-tar.ts'
import { memoryOf } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow } from './report.ts'
import type { Device } from './tse-device.ts'
import { withDevice } from './tse-device.ts'

/**
 * `node … tse-archive.ts DRIVER FOLDER BYTES`: measures an export of that size and prints rows of JSON. A separate
 * process with the heap of the agent, so that its memory is what the agent's would be.
 */
const [driver = '', state = '', bytes = ''] = process.argv.slice(2)

/** Bytes that are exported until the memory has found its size. */
const WARM_BYTES = 1e8
const SAMPLE_BYTES = 4e6
/** Start and finish of the largest sale of a simulator's history, as entries of an archive: 1 KB, and 9 or 33.5 KB. */
const PAIR_BYTES: Readonly<Record<string, number>> = { 'tse-cryptovision': 1024 + 9216 }
const PAIR_BYTES_ELSE = 1024 + 33_792

const wantedBytes = Number(bytes)
const HISTORY = 2 * Math.ceil(wantedBytes / (PAIR_BYTES[driver] ?? PAIR_BYTES_ELSE))
console.log(
  JSON.stringify(await withDevice(driver, state, { latencyMs: 0, history: HISTORY }, exported(driver, wantedBytes))),
)

/** Verifies every signature of the archive while it arrives, as the agent does. */
function exported(driver: string, exportBytes: number) {
  return async ({ tse, simulatorPid }: Device): Promise<Row[]> => {
    const residentMb = (): number => memoryOf(process.pid).rss + childrenMb(simulatorPid)
    const [before, startedAt] = [residentMb(), performance.now()]
    let [bytes, warm, most] = [0, 0, 0]
    const counted = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        const step = Math.floor(bytes / SAMPLE_BYTES)
        bytes += chunk.length
        if (Math.floor(bytes / SAMPLE_BYTES) > step) {
          const now = residentMb()
          if (bytes < Math.min(WARM_BYTES, exportBytes / 10)) warm = Math.max(warm, now)
          most = Math.max(most, now)
        }
        yield chunk
      }
    }
    const { valid, findings, logs } = await verifyTar(counted(tse.exportLogs({})))
    const seconds = (performance.now() - startedAt) / 1000
    if (!valid) throw new Error(`the archive of ${driver} does not verify: ${JSON.stringify(findings)}`)
    const section = `${driver}: an archive of ${(bytes / 1e6).toFixed(0)} MB, ${logs} logs, verified on the way`
    const growth = 'memory growth by the export'
    return [
      limitRow({ section, what: growth, unit: 'MB', measured: most - Math.max(before, warm) }, 32, 'at most'),
      { section, what: 'memory of driver and check before it', unit: 'MB', measured: before },
      { section, what: 'took', unit: 's', measured: seconds },
    ]
  }
}

/** The process that runs a vendor's library. */
function childrenMb(exceptPid: number): number {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ')
  const pids = children.map(Number).filter((pid) => pid > 0 && pid !== exceptPid)
  return pids.reduce((sum, pid) => sum + memoryOf(pid).rss, 0)
}
