import type { Seeded } from '../crash/seeded.ts'
import type { FaultyDisk } from './faulty-disk.ts'
import { CALLS } from './faulty-disk.ts'
import type { Mishaps } from './site.ts'
import type { VirtualClock } from './virtual-clock.ts'

type ChaosOptions = {
  random: Seeded
  clock: VirtualClock
  site: Mishaps
  /** If set, it fails too, and a kill may be a power cut. */
  disk: FaultyDisk | undefined
  /** More points at which the agent may be killed. */
  points?: readonly string[]
  /** Only the devices fail. */
  onlyDevices?: boolean
  note: (text: string) => void
  kill: () => void
  restart: () => void
}

const DISK_CALLS = [CALLS.write, CALLS.write, CALLS.sync, CALLS.sync, CALLS.read, CALLS.truncate, 15] as const
const DISK_CALLS_AHEAD = 25
const DAY_MS = 86_400_000
const PAUSE_MS = 3_000
/** A clock that was set back stays wrong for so long: no TSE signs its time, and no open transaction ends. */
const WRONG_MS = 20_000

/** Draws all faults and their times at random from the seed. */
export class Chaos {
  readonly #options: ChaosOptions
  #active = false
  #armed: { point: string; hits: number } | undefined
  /** How far the clock has jumped, and how far at most. */
  #jumpedDays = 0
  #furthestDays = 0

  constructor(options: ChaosOptions) {
    this.#options = options
  }

  begin(): void {
    this.#active = true
    this.#next()
  }

  end(): void {
    this.#active = false
    this.#armed = undefined
    this.#options.site.clearFaults()
    this.#options.disk?.heal()
    this.#setClockRight()
  }

  downtimeMs(): number {
    return this.#options.random.below(this.#active ? 4_000 : 500) + 1
  }

  /** Cuts the power too, at random; the journal must be closed. */
  cutPowerSometimes(): void {
    const { random, disk, note } = this.#options
    if (disk === undefined || !random.chance(0.4)) return
    note('the power was cut')
    disk.cutPower(random.below(0xffffffff))
  }

  /** True if the process is to die at this point. */
  strikes(point: string): boolean {
    if (!this.#active || this.#armed?.point !== point) return false
    this.#armed.hits -= 1
    if (this.#armed.hits > 0) return false
    this.#armed = undefined
    return true
  }

  #next(): void {
    const { random, clock } = this.#options
    clock.after(random.next() * PAUSE_MS, () => {
      if (!this.#active) return
      this.#act()
      this.#next()
    })
  }

  #lot(): number {
    const { random, disk, onlyDevices = false } = this.#options
    const lot = disk !== undefined && random.chance(0.4) ? -1 : random.below(100)
    const isOfDevice = lot < 65 || (lot >= 90 && lot < 95)
    return onlyDevices && !isOfDevice ? 0 : lot
  }

  #act(): void {
    const { random, clock, site, note, kill, restart, points = [] } = this.#options
    const all: typeof site.points = [...site.points, ...points]
    const lot = this.#lot()
    if (lot < 0) this.#spoilDisk()
    else if (lot < 55) note(site.befall(random))
    else if (lot < 65) site.clearFaults()
    else if (lot < 73) kill()
    else if (lot < 76) restart()
    else if (lot < 90) this.#armed = { point: random.pick(all), hits: 1 + random.below(6) }
    else if (lot < 95) {
      note('the device restarts')
      site.restart()
    } else {
      const days = random.pick(site.jumps)
      this.#jump(days)
      if (days < 0) clock.after(WRONG_MS, () => this.#setClockRight())
    }
  }

  #jump(days: number): void {
    const { clock, note } = this.#options
    note(`the clock jumps by ${days} days`)
    clock.jump(days * DAY_MS)
    this.#jumpedDays += days
    this.#furthestDays = Math.max(this.#furthestDays, this.#jumpedDays)
  }

  #setClockRight(): void {
    if (this.#jumpedDays < this.#furthestDays) this.#jump(this.#furthestDays - this.#jumpedDays)
  }

  #spoilDisk(): void {
    const { random, disk, note } = this.#options
    const lot = random.below(10)
    if (lot < 6) {
      const write = random.pick(['eio', 'full', 'short'] as const)
      const fault = {
        calls: random.pick(DISK_CALLS),
        write,
        at: 1 + random.below(DISK_CALLS_AHEAD),
        on: random.chance(0.4),
      }
      note(`disk fault ${JSON.stringify(fault)}`)
      disk?.arm(fault)
    } else if (lot < 8) {
      note('the disk is read-only')
      disk?.turnReadOnly()
    } else disk?.heal()
  }
}
