import type { Clock } from '../../drivers/ports/clock.ts'
import type { Tse } from '../../drivers/ports/tse.ts'
import type { Seeded } from '../crash/seeded.ts'

const TRANSIT_MS = 3

/** A TSE, or one that is another after each loss of its power. */
export type Device = Tse | { reached(): Promise<Tse> }

/**
 * The cable between one life of the agent and its device: each way takes a moment of virtual time, drawn by lot. When
 * the agent dies its clock stops, so that nothing is sent any more and no answer arrives, while the device goes on.
 */
export function deviceLine(device: Device, clock: Clock, random: Seeded): Tse {
  const reached = (): Promise<Tse> => ('reached' in device ? device.reached() : Promise.resolve(device))
  const transit = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve))
  const through = async <T>(call: (tse: Tse) => Promise<T>): Promise<T> => {
    const [thereMs, backMs] = [random.next() * TRANSIT_MS, random.next() * TRANSIT_MS]
    await transit(thereMs)
    const answer = await call(await reached()).then(
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
    open: () => through((tse) => tse.open()),
    close: () => Promise.resolve(),
    identity: () => through((tse) => tse.identity()),
    health: () => through((tse) => tse.health()),
    start: (client) => through((tse) => tse.start(client)),
    finish: (transaction, client, type, data) => through((tse) => tse.finish(transaction, client, type, data)),
    openTransactions: (client) => through((tse) => tse.openTransactions(client)),
    recall: (transaction) => through((tse) => tse.recall(transaction)),
    registerClient: (client) => through((tse) => tse.registerClient(client)),
    deregisterClient: (client) => through((tse) => tse.deregisterClient(client)),
    clients: () => through((tse) => tse.clients()),
    initialise: () => through((tse) => tse.initialise()),
    selfTest: () => through((tse) => tse.selfTest()),
    setTime: () => through((tse) => tse.setTime()),
    async *exportLogs(filter, signal) {
      yield* (await reached()).exportLogs(filter, signal)
    },
    archiveAndDelete: async (keep, signal) => (await reached()).archiveAndDelete(keep, signal),
  }
}
