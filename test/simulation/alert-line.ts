import type { DeviceSupervisor } from '../../agent/devices/supervisor.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import type { UnresolvedOutcomes } from '../../agent/till/recording/unresolved-outcomes.ts'
import { StandingWarnings } from '../../agent/watch/standing-warnings.ts'
import { UnsignedReceipts } from '../../agent/watch/unsigned-receipts.ts'
import type { Warning } from '../../agent/watch/warnings.ts'
import type { Alerting } from '../../agent/wiring/alerts.ts'
import { makeAlerts } from '../../agent/wiring/alerts.ts'
import { deviceWarnings } from '../../agent/wiring/device-warnings.ts'
import type { Channel, Message, Receipt } from '../../alerts/message.ts'
import { DeliveryError } from '../../alerts/message.ts'
import type { Clock } from '../../base/clock.ts'
import { idMaker } from '../../base/ids.ts'
import type { Seeded } from '../crash/seeded.ts'
import { silentLog } from '../silent-log.ts'
import type { Site } from './site.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** Each await between a warning and the record of its delivery. */
export const ALERT_POINTS = [
  ...['alert.before-record', 'alert.recorded', 'alert.before-send', 'alert.sent', 'alert.delivery-recorded'],
]
/** A kill is an error here, and the code after these points catches it. */
const CAUGHT: readonly string[] = ['alert.before-send', 'alert.sent']
const FAULTS = ['none', 'slow', 'refusing', 'busy', 'redirecting', 'dying', 'hanging'] as const
const LIMIT_MS = 10_000
const PAUSE_MS = 20_000

/** A receiver of alerts that outlives the agent's processes, with faults drawn from the seed. */
export class AlertLine {
  /** Message id → how often it came, and the alerts in it. */
  readonly received = new Map<string, { times: number; message: Message }>()
  readonly random: Seeded
  readonly #clock: VirtualClock
  #fault: (typeof FAULTS)[number] = 'none'
  #isActive = true

  constructor(clock: VirtualClock, random: Seeded) {
    this.#clock = clock
    this.random = random
  }

  begin(): void {
    this.#next()
  }

  /** From now on it takes everything. */
  heal(): void {
    this.#isActive = false
    this.#fault = 'none'
  }

  get channel(): Channel {
    return {
      ...{ id: 'office', kind: 'webhook', address: 'office.example', groupMs: 0 },
      takes: (type) => type !== 'agent.alive',
      send: (message) => this.#send(message),
      probe: async () => 'ok',
    }
  }

  #next(): void {
    this.#clock.after(this.random.next() * PAUSE_MS, () => {
      if (!this.#isActive) return
      this.#fault = this.random.pick(FAULTS)
      this.#next()
    })
  }

  async #send(message: Message): Promise<Receipt> {
    switch (this.#fault) {
      case 'slow':
        await this.#clock.sleep(this.random.next() * LIMIT_MS)
        break
      case 'refusing':
        throw new DeliveryError('http_500', 'The server answered 500.')
      case 'busy':
        throw new DeliveryError('http_429', 'The server answered 429.', this.random.below(120_000))
      case 'redirecting':
        throw new DeliveryError('http_302', 'The server answered 302.')
      case 'dying':
        this.#take(message)
        throw new DeliveryError('no_answer', 'The server closed the connection without an answer.')
      case 'hanging':
        await this.#clock.sleep(LIMIT_MS)
        throw new DeliveryError('timeout', 'The server did not answer within 10 s.')
      case 'none':
    }
    this.#take(message)
    return { words: '' }
  }

  #take(message: Message): void {
    this.received.set(message.id, { times: (this.received.get(message.id)?.times ?? 0) + 1, message })
  }
}

type LifeParts = {
  journal: Journal
  clock: Clock
  config: Site['config']
  devices: ReadonlyMap<string, DeviceSupervisor>
  unresolved: UnresolvedOutcomes
  fault: (point: string) => void
}

/** `waiting`: how many messages the channel has not taken. */
export type LifeAlerts = Alerting & { waiting(): number }

/** The alerts of one process. */
export function lifeAlerts(line: AlertLine, parts: LifeParts): LifeAlerts {
  const { journal, clock, config, devices, unresolved, fault } = parts
  const unsigned = new UnsignedReceipts(clock)
  let seen: readonly Warning[] = []
  const look = (): readonly Warning[] => {
    try {
      const options = { journal, devices, clock, unresolved, unsigned }
      seen = [...devices.values()].flatMap((device) => deviceWarnings(options, device))
    } catch {
      // A journal that cannot be read: what was seen stays.
    }
    return seen
  }
  const standing = new StandingWarnings({ look, clock, log: silentLog })
  const random = line.random.fork()
  const own = {
    alerts: { ...config.alerts, digest: false as const, rules: { devices: { afterSeconds: 0 } } },
    ...{ webhooks: [], listen: config.listen, state: config.state },
  }
  const strike = (point: string): void => {
    try {
      fault(point)
    } catch (error) {
      if (CAUGHT.includes(point)) throw error
    }
  }
  const alerting = makeAlerts(
    own,
    { clock, log: silentLog, fault: strike },
    {
      ...{ journal, devices, unsigned, channels: [line.channel], laws: [], unitsOf: (device) => [device] },
      standing: () => standing.list(),
      space: { state: () => ({ freeBytes: 1e9 }) },
      newId: idMaker(
        () => clock.now(),
        (length) => random.bytes(length),
      ),
      pageUrl: () => '',
      tasks: () => [],
      dutyList: { read: async () => [] },
      sync: () => [],
      accounts: () => [],
      backupTrouble: () => undefined,
      makesBackups: false,
      integrity: { verdict: undefined },
    },
  )
  const waiting = (): number => {
    const { channels } = alerting.view() as { channels: readonly { waiting: number }[] }
    return channels[0]?.waiting ?? 1
  }
  return { ...alerting, waiting }
}
