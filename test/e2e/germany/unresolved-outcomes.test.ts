// @module-tag heavy
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Warning } from '../../../agent/watch/warnings.ts'
import type { VendorTse } from '../../contracts/vendor-tses.ts'
import { vendorTses } from '../../contracts/vendor-tses.ts'
import { TurningClock } from '../../turning-clock.ts'
import { verifyArchive } from '../../verified-archive.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Operation } from '../client.ts'
import { completion } from '../client.ts'
import { goods, pay } from '../goods.ts'

const SETTLED_MS = 90_000
const CODE = 'device_outcome_unresolved'
/** The simulators have no fast clock. A card is read again and again by threads, for which a busy machine leaves less time. */
function paceOf(driver: string) {
  return driver === 'tse-cryptovision' ? { speed: 5, replyMs: 15_000 } : { speed: 12, replyMs: 6_000 }
}

type Shop = AsyncDisposable & { bench: Bench; vendor: VendorTse; register: Register; clock: TurningClock }

/** A TSE of that maker, set up, and a register with a session. */
async function shopWith(driver: string): Promise<Shop> {
  const folder = await mkdtemp(join(tmpdir(), 'u-'))
  const vendor = await vendorTses[driver]?.open(folder, 0)
  if (vendor === undefined) throw new Error(driver)
  const { speed, replyMs } = paceOf(driver)
  const clock = new TurningClock(speed)
  const devices = [{ ...vendor.device, timeouts: { replyMs, longMs: 240_000 } }]
  const bench = await Bench.open({ clock, config: { devices, deadlineMs: 20_000 } })
  const close = async (): Promise<void> => {
    await bench[Symbol.asyncDispose]()
    await vendor.close()
    await rm(folder, { recursive: true })
  }
  await bench.agent.administration.deviceAct('tse-1', 'init')
  await bench.untilDevice('ready').catch((error: unknown) => {
    throw new Error(JSON.stringify(bench.agent.application.devices()), { cause: error })
  })
  return { bench, vendor, register: await bench.till('0.00'), clock, [Symbol.asyncDispose]: close }
}

function warningsOf(bench: Bench): readonly Warning[] {
  return (bench.agent.application.readiness().warnings as unknown as readonly Warning[]).filter(
    ({ code }) => code === CODE,
  )
}

/** The finish of a sale, with what strikes the unit from then on. */
async function sold({ vendor, register }: Shop, faults: readonly string[]): Promise<Operation> {
  const open = await register.till.create(goods('sale', register.id, [['1.00', '0.07']]))
  for (const fault of faults) vendor.unit.inject(fault)
  const done = await register.till.call(completion(open, [pay('cash', '1.00')]))
  expect(done.status).toBe(200)
  return register.till.read(open.id)
}

/** Reconciled, or reported as a warning: within 90 s of the shop, never silently. */
async function settledOrTold({ bench, register, clock }: Shop, { id }: Operation): Promise<'told' | string> {
  const since = clock.mono()
  return bench.until(async () => {
    const { state } = (await register.till.read(id)).fiscal
    if (state !== 'pending') return state
    if (warningsOf(bench).length > 0) return 'told'
    if (Number(clock.mono() - since) / 1e6 > SETTLED_MS) throw new Error('pending for 90 s, and no warning')
    return false
  })
}

function settled({ bench, register }: Shop, { id }: Operation): Promise<string> {
  return bench.until(async () => {
    const { state } = (await register.till.read(id)).fiscal
    return state !== 'pending' && state
  })
}

/** How often the unit signed the sale. */
async function signaturesIn(bench: Bench): Promise<number> {
  const archive = await bench.exported('tse_tar')
  expect((await verifyArchive(archive)).findings).toEqual([])
  return (
    Buffer.from(archive)
      .toString('latin1')
      .match(/Beleg\^0\.00_1\.00/g) ?? []
  ).length
}

describe.each(Object.keys(vendorTses))('%s', { concurrent: true }, (driver) => {
  describe('that refuses the question', { concurrent: false }, () => {
    test('a lost finish is reconciled though the usual question is refused: signed once, and the till gets it', async () => {
      await using shop = await shopWith(driver)
      const sale = await sold(shop, ['lost-answer@finish', ...(vendorTses[driver]?.refusedQuestions ?? [])])
      // On a slow line the ladder takes longer than a minute.
      await settledOrTold(shop, sale)
      expect(await settled(shop, sale)).toBe('succeeded')
      shop.vendor.unit.clearFaults()
      expect(await signaturesIn(shop.bench)).toBe(1)
    })

    test('a question that is always refused stays a warning, over a restart, until it is answered', async () => {
      await using shop = await shopWith(driver)
      const { bench, vendor } = shop
      const refused = (vendorTses[driver]?.questions ?? []).map((act) => `error@${act}#*`)
      const sale = await sold(shop, ['error-done@finish', ...refused])
      expect(await settledOrTold(shop, sale)).toBe('told')
      const [warning] = warningsOf(bench)
      expect(warning).toMatchObject({ code: CODE, severity: 'alarm', device: 'tse-1' })
      expect(warning?.detail).toContain(sale.id)
      const told = await bench.until(() => bench.lines.find(({ message }) => message.startsWith(`${CODE} began`)))
      expect(told).toMatchObject({ level: 'warn', fields: { device_id: 'tse-1', act: 'finish' } })
      await bench.restart()
      await bench.until(() => warningsOf(bench).length === 1)
      vendor.unit.clearFaults()
      expect(await settled(shop, sale)).toBe('succeeded')
      await bench.until(() => warningsOf(bench).length === 0)
      expect(await signaturesIn(bench)).toBe(1)
    })

    test('an unknown code, at any act or question, once or always: reconciled or reported, and the memory agrees', async () => {
      await using shop = await shopWith(driver)
      const { bench, vendor, register } = shop
      let signed = 0
      for (const [index, fault] of drawn(driver, 3).entries()) {
        const open = await register.till.create(goods('sale', register.id, [['1.00', '0.07']]))
        for (const one of fault) vendor.unit.inject(one)
        await register.till.call(completion(open, [pay('cash', '1.00')]))
        await settledOrTold(shop, open)
        vendor.unit.clearFaults()
        if ((await settled(shop, open)) === 'succeeded') signed += 1
        expect(await signaturesIn(bench), `${index}: ${fault.join(' ')}`).toBe(signed)
      }
    })
  })
})

/** The faults of three sales, by a seed that is the same at every run. */
function drawn(driver: string, count: number): readonly (readonly string[])[] {
  let state = 20_261_125
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % limit
  }
  const commands = vendorTses[driver]?.commands ?? []
  return Array.from({ length: count }, () => [
    ['lost-answer@finish', 'error-done@finish', 'error@finish'][below(3)] ?? '',
    `error@${commands[below(commands.length)]}${['', '#*', '#1-3'][below(3)]}`,
  ])
}
