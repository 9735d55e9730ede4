import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TseSimulator } from '../../drivers/tse-simulator/driver.ts'
import { AnswerLog } from '../crash/answer-log.ts'
import { brokenInvariants } from '../crash/invariants.ts'
import { seeded } from '../crash/seeded.ts'
import { openShop, paymentsOf, saleBody, Till } from '../crash/till.ts'
import { today } from '../today.ts'
import { call } from './calls.ts'
import type { DiskFault } from './faulty-disk.ts'
import { FaultyDisk } from './faulty-disk.ts'
import { DEVICE, germanConfig, tseAt } from './german-site.ts'
import { Lives } from './lives.ts'
import { quiet, VirtualClock } from './virtual-clock.ts'

/** A disk that fails permanently is replaced after so many failed starts or requests. */
const VAIN_TRIES = 2
const CALLS_MAX = 500

/** A shop whose disk fails at one call: the till sells on until all is answered. */
class Scene {
  readonly failures: string[] = []
  readonly log = new AnswerLog()
  readonly disk = FaultyDisk.load()
  readonly lives: Lives
  readonly till: Till
  readonly #tse: TseSimulator
  readonly #clock = new VirtualClock(Date.parse('2026-08-01T10:00:00Z'))
  #tries = 0

  constructor(folder: string, name: string) {
    this.#tse = new TseSimulator({ directory: join(folder, 'devices', DEVICE), clock: this.#clock })
    this.disk.watch(folder)
    this.lives = new Lives({
      machine: {
        ...{ directory: folder, clock: this.#clock, random: seeded(1), sealed: new Map(), keySeed: 'scene' },
        site: { config: germanConfig(folder), connect: (clock, random) => [tseAt(this.#tse, clock, random)] },
      },
      chaos: { strikes: () => false, downtimeMs: () => this.#nextTryMs(), cutPowerSometimes: () => undefined },
      disk: this.disk,
      note: () => undefined,
      fail: (text) => this.failures.push(text),
    })
    const line = {
      send: async (asked: Parameters<typeof call>[1]) => {
        const life = this.lives.current
        return life?.serving === true ? call(life.application, asked) : undefined
      },
      wait: () => this.#clock.sleep(this.#nextTryMs()),
      think: async () => undefined,
      today: () => today(this.#clock),
    }
    this.till = new Till(name, { random: seeded(2), log: this.log, line, over: () => false })
  }

  /** Advances time until the promise is settled. */
  async through<T>(promise: Promise<T>): Promise<T> {
    let done = false
    const settled = promise.finally(() => {
      done = true
    })
    while (!done && (await this.#clock.step()));
    return settled
  }

  async sell(register: string): Promise<void> {
    const sale = await this.through(this.till.act('/v1/operations', saleBody(register, 1_000)))
    const path = `/v1/operations/${String(sale['id'])}/complete`
    await this.through(this.till.act(path, { payments: paymentsOf('10.00', true) }, Number(sale['resource_version'])))
  }

  async serving(): Promise<void> {
    while (this.lives.current?.serving !== true) await this.#clock.step()
  }

  async close(): Promise<void> {
    this.lives.endAll()
    await this.#tse.close()
    await quiet()
  }

  #nextTryMs(): number {
    this.#tries += 1
    if (this.#tries > VAIN_TRIES) this.disk.heal()
    return 100
  }
}

/** A register with an open session, copied for each run. */
async function preparedShop(folder: string): Promise<string> {
  const scene = new Scene(folder, 'office')
  await scene.lives.begin()
  await scene.serving()
  const [register = ''] = await scene.through(openShop(scene.till, 1))
  const open = { type: 'session_open', register_id: register, currency: 'EUR', opening_balance_amount: '0.00' }
  await scene.through(scene.till.act('/v1/operations', open))
  await scene.close()
  return register
}

/** The broken rules after the fault; undefined when the run had fewer calls than it takes to meet it. */
async function faultyRun(folder: string, register: string, fault: DiskFault): Promise<string[] | undefined> {
  const scene = new Scene(folder, 'till')
  scene.disk.arm(fault)
  await scene.lives.begin()
  await scene.serving()
  await scene.sell(register)
  scene.lives.restart()
  await scene.serving()
  const hit = scene.disk.hits > 0
  scene.disk.heal()
  await scene.close()
  const options = { state: folder, device: DEVICE, answers: scene.log, settled: true, thorough: true }
  const broken = [...scene.failures, ...(await brokenInvariants(options))]
  return hit ? broken : undefined
}

/**
 * Fails the disk at every single call of a life, from the start over a sale to the stop; returns the broken rules in
 * words.
 */
export async function failEveryCall(mode: Omit<DiskFault, 'at'>): Promise<{ calls: number; broken: string[] }> {
  const root = mkdtempSync(join(tmpdir(), 'disk-calls-'))
  const broken: string[] = []
  try {
    const shop = join(root, 'shop')
    mkdirSync(shop)
    const register = await preparedShop(shop)
    for (let at = 1; at <= CALLS_MAX; at++) {
      const folder = join(root, 'run')
      cpSync(shop, folder, { recursive: true })
      const problems = await faultyRun(folder, register, { ...mode, at })
      rmSync(folder, { recursive: true })
      if (problems === undefined) return { calls: at - 1, broken }
      broken.push(...problems.map((text) => `call ${at}: ${text}`))
    }
    return { calls: CALLS_MAX, broken: [...broken, `there are more than ${CALLS_MAX} calls`] }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
