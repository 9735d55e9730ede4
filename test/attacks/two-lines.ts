import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DieboldSimulator } from '../../drivers/tse-diebold/simulator.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { patientClock } from '../patient-clock.ts'

const PINS = { a: ['11111', '11112'], b: ['22221', '22222'] } as const
/** Each unit of a shop with two, by its own name. */
type Name = keyof typeof PINS

const timeouts = { replyMs: 500, longMs: 20_000 }

/** Two TSEs with PINs of their own, each on a line that the configuration names by a path, as a boot may exchange them. */
export class TwoLines {
  readonly folder: string
  readonly #units = new Map<Name, DieboldSimulator>()

  private constructor(folder: string) {
    this.folder = folder
  }

  static async open(): Promise<TwoLines> {
    const lines = new TwoLines(await mkdtemp(join(tmpdir(), 'l-')))
    for (const name of ['a', 'b'] as const) await lines.#openUnit(name)
    await lines.plug({ 1: 'a', 2: 'b' })
    return lines
  }

  async #openUnit(name: Name): Promise<void> {
    const [admin, timeAdmin] = PINS[name]
    const directory = join(this.folder, name)
    await mkdir(directory)
    await writeFile(join(this.folder, `${name}-admin`), admin, { mode: 0o600 })
    await writeFile(join(this.folder, `${name}-time`), timeAdmin, { mode: 0o600 })
    const unit = new DieboldSimulator({ directory, clock: patientClock, pins: { admin, timeAdmin } })
    await unit.servePty(join(this.folder, `tty-${name}`))
    this.#units.set(name, unit)
  }

  /** Makes the lines lead to these units, as the kernel numbers adapters; a line without a unit is gone. */
  async plug(units: Readonly<Partial<Record<1 | 2 | 3, Name>>>): Promise<void> {
    for (const line of [1, 2, 3] as const) {
      const path = this.path(line)
      await rm(path, { force: true })
      const unit = units[line]
      if (unit === undefined) continue
      await symlink(join(this.folder, `tty-${unit}`), `${path}.new`)
      await rename(`${path}.new`, path)
    }
  }

  path(line: 1 | 2 | 3): string {
    return join(this.folder, `line-${line}`)
  }

  /** An entry of `devices` with the PINs of that unit, at that line. */
  entry(id: string, name: Name, line: 1 | 2 | 3) {
    const pins = {
      adminPinFile: join(this.folder, `${name}-admin`),
      timeAdminPinFile: join(this.folder, `${name}-time`),
    }
    return { id, driver: 'tse-diebold', serial: { path: this.path(line), baudRate: 115_200 }, ...pins, timeouts }
  }

  /** Tries that are left of the PIN of its administrator, and of the one for its time. */
  async triesLeft(name: Name): Promise<number[]> {
    const users = JSON.parse(await readFile(join(this.folder, name, 'credentials.json'), 'utf8')) as Record<
      string,
      { pinTriesLeft: number }
    >
    return ['1', '2'].map((user) => users[user]?.pinTriesLeft ?? 0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const unit of this.#units.values()) await unit.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}

export type TwoTses = { bench: Bench; lines: TwoLines; registers: readonly Register[]; serials: readonly string[] }

/** A shop with a register at each of two TSEs, which sell. */
export async function withTwoTses(use: (shop: TwoTses) => Promise<void>): Promise<void> {
  await using lines = await TwoLines.open()
  const devices = [lines.entry('tse-1', 'a', 1), lines.entry('tse-2', 'b', 2)]
  await using bench = await Bench.open({ config: { devices, deadlineMs: 20_000 } })
  for (const { id } of devices) await bench.agent.administration.deviceAct(id, 'init')
  const { locationId } = await bench.shop()
  const registers: Register[] = []
  for (const { id } of devices) registers.push(await registerAt(bench, locationId, id))
  for (const register of registers) await sell(register)
  const serials = reported(bench).map(({ serial }) => String(serial))
  await use({ bench, lines, registers, serials })
}

export async function registerAt(bench: Bench, location_id: string, fiscal_device: string): Promise<Register> {
  const newRegister = await bench.office.post('/v1/registers', { location_id, name: fiscal_device, fiscal_device })
  const id = String(newRegister['id'])
  const done = await bench.office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
  const key = String(done['register_api_key'])
  const { client_id: clientId } = done['fiscalization'] as { client_id: string }
  const till = bench.client({ 'X-Register-Api-Key': key })
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  return { id, clientId, key, till }
}

/** The state of the signature of a sale of 1.00. */
export async function sell({ id, till }: Register): Promise<string> {
  const open = await till.create(goods('sale', id, [['1.00', '0.07']]))
  return (await till.complete(open, [pay('cash', '1.00')])).fiscal.state
}

type Reported = {
  id: string
  state: string
  serial: string | null
  warnings: readonly { code: string; message: string }[]
}

export function reported(bench: Bench): Reported[] {
  return bench.agent.administration.devices() as unknown as Reported[]
}

export async function untilStates(bench: Bench, ...states: string[]): Promise<void> {
  await bench.until(() => reported(bench).every(({ state }, at) => state === states[at]))
}
