import type { Clock } from '../../drivers/ports/clock.ts'
import type { Tse } from '../../drivers/ports/tse.ts'
import type { Seeded } from '../crash/seeded.ts'

const TRANSIT_MS = 3

/**
 * The cable between one life of the agent and its device: each way takes a moment of virtual time, drawn by lot. When
 * the agent dies its clock stops, so that nothing is sent any more and no answer arrives, while the device goes on.
 */
export function deviceLine(tse: Tse, clock: Clock, random: Seeded): Tse {
  const transit = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve))
  const through = async <T>(call: () => Promise<T>): Promise<T> => {
    const [thereMs, backMs] = [random.next() * TRANSIT_MS, random.next() * TRANSIT_MS]
    await transit(thereMs)
    const answer = await call().then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error
      },
    )
    await transit(backMs)
    return answer()
  }
  return {
    kind: 'tse',
    open: () => through(() => tse.open()),
    close: () => Promise.resolve(),
    identity: () => through(() => tse.identity()),
    health: () => through(() => tse.health()),
    start: (client) => through(() => tse.start(client)),
    finish: (transaction, client, type, data) => through(() => tse.finish(transaction, client, type, data)),
    openTransactions: (client) => through(() => tse.openTransactions(client)),
    recall: (transaction) => through(() => tse.recall(transaction)),
    registerClient: (client) => through(() => tse.registerClient(client)),
    deregisterClient: (client) => through(() => tse.deregisterClient(client)),
    clients: () => through(() => tse.clients()),
    initialise: () => through(() => tse.initialise()),
    selfTest: () => through(() => tse.selfTest()),
    setTime: () => through(() => tse.setTime()),
    exportLogs: (filter, signal) => tse.exportLogs(filter, signal),
    archiveAndDelete: (keep, signal) => tse.archiveAndDelete(keep, signal),
  }
}
