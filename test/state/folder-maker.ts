import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { makeFolder } from '../../agent/state/state-directory.ts'
import { messageOf } from '../../base/thrown.ts'

const { above, turns } = workerData as { above: string; turns: SharedArrayBuffer }
const TURNS = 100
const arrived = new Int32Array(turns)
const failures: string[] = []

/** Both begin each turn together: the first one looks until the other one has arrived. */
for (let turn = 1; turn <= TURNS; turn += 1) {
  Atomics.add(arrived, 0, 1)
  while (Atomics.load(arrived, 0) < 2 * turn);
  try {
    makeFolder(join(above, String(turn), 'in', 'it'))
  } catch (error) {
    failures.push(messageOf(error))
  }
}
parentPort?.postMessage(failures)
