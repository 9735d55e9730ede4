import type { Clock } from '../../base/clock.ts'
import type { SignatureCard } from '../../drivers/ports/signature-card.ts'
import type { Tse } from '../../drivers/ports/tse.ts'
import type { Seeded } from '../crash/seeded.ts'

const TRANSIT_MS = 3

/** A device, or one that is another after each loss of its power. */
export type Reachable<Unit> = Unit | { reached(): Promise<Unit> }
type Through<Unit> = <T>(call: (unit: Unit) => Promise<T>) => Promise<T>

/**
 * The cable between one life of the agent and its device: each way takes a moment of virtual time, drawn at random.
 * When the agent dies its clock stops, so that nothing more is sent and no answer arrives, while the device continues.
 */
function lineTo<Unit extends object>(device: Reachable<Unit>, clock: Clock, random: Seeded): Through<Unit> {
  const transit = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve))
  return async (call) => {
    const [thereMs, backMs] = [random.next() * TRANSIT_MS, random.next() * TRANSIT_MS]
    await transit(thereMs)
    const answer = await call(await reached(device)).then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error
      },
    )
    await transit(backMs)
    return answer()
  }
}

function reached<Unit extends object>(device: Reachable<Unit>): Promise<Unit> {
  return 'reached' in device ? device.reached() : Promise.resolve(device)
}

/** A TSE at the other end of its line. */
export function tseLine(device: Reachable<Tse>, clock: Clock, random: Seeded): Tse {
  const through = lineTo(device, clock, random)
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
      yield* (await reached(device)).exportLogs(filter, signal)
    },
    archiveAndDelete: async (keep, signal) => (await reached(device)).archiveAndDelete(keep, signal),
  }
}

/** A signature card at the other end of its line. */
export function cardLine(card: SignatureCard, clock: Clock, random: Seeded): SignatureCard {
  const through = lineTo(card, clock, random)
  return {
    kind: 'signature_card',
    open: () => through((unit) => unit.open()),
    close: () => Promise.resolve(),
    initialise: () => through((unit) => unit.initialise()),
    identity: () => through((unit) => unit.identity()),
    health: () => through((unit) => unit.health()),
    sign: (message, wish) => through((unit) => unit.sign(message, wish)),
  }
}
