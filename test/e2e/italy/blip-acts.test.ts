// @module-tag heavy
import { describe, expect, test } from 'vitest'
import { deviceStateIn } from '../../device-state.ts'
import type { Bench, Register } from '../bench.ts'
import type { Call, Members } from '../client.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import type { FamilyName, PrinterBeside } from './printer-beside.ts'
import { printerOf } from './printer-beside.ts'
import type { SimulatedPrinter } from './printer-families.ts'
import { italianTill, movement, sell } from './shop.ts'

const FAMILIES: readonly FamilyName[] = ['rch', 'custom', 'epson']
const SHORT = [400, 1000, 1900]

type Shop = { bench: Bench; register: Register; printer: PrinterBeside<SimulatedPrinter> }
/** The request to the till once the printer is unplugged, and how often the printer has executed it. */
type Act = { call: Call; made(): number }

function made({ printer }: Shop, isOurs: (record: { type: string; kind?: string }) => boolean): number {
  return printer.simulator.records().filter(isOurs).length
}

async function refund(shop: Shop): Promise<Act> {
  const { register } = shop
  const { id } = await sell(register, '2.00')
  const line = [{ title: 'Caffè', amount: '-2.00' }]
  const open = await register.till.create(movement('return', register, line, { related_operation_id: id }))
  return { call: completion(open, [pay('cash', '-2.00')]), made: () => made(shop, ({ kind }) => kind === 'return') }
}

async function annulment(shop: Shop): Promise<Act> {
  const { register } = shop
  const { id } = await sell(register, '2.00')
  const body = event('void', register.id, { related_operation_id: id })
  return { call: { path: '/v1/operations', body, key: id }, made: () => made(shop, ({ kind }) => kind === 'void') }
}

async function slip(shop: Shop): Promise<Act> {
  const body = event('session_cash_adjustment', shop.register.id, { cash_amount: '7.00' })
  const key = `slip-${made(shop, () => true)}`
  return { call: { path: '/v1/operations', body, key }, made: () => made(shop, ({ type }) => type === 'slip') }
}

async function closing(shop: Shop): Promise<Act> {
  await sell(shop.register, '2.00')
  const path = `/v1/registers/${shop.register.id}/closings`
  const key = `closing-${made(shop, () => true)}`
  return { call: { path, body: {}, key }, made: () => made(shop, ({ type }) => type === 'closure') }
}

const ACTS = { refund, annulment, slip, closing }
type ActName = keyof typeof ACTS

function outages({ bench }: Shop): number {
  return bench.journal().filter((event) => deviceStateIn(event) === 'down').length
}

/** Before the first byte, between two commands, and in one whose answer is lost. */
function faultsOf(ms: number): string[] {
  return [`unplugged-before=${ms}@*`, `unplugged-before=${ms}@*#4`, `unplugged=${ms}@*#2`, `unplugged=${ms}@*#5`]
}

async function withShop(family: FamilyName, use: (shop: Shop) => Promise<void>): Promise<void> {
  await using printer = await printerOf(family)
  await using bench = await printer.agent()
  await use({ bench, printer, register: await italianTill(bench) })
}

const CASES = FAMILIES.flatMap((family) =>
  (Object.keys(ACTS) as ActName[])
    // An Epson printer tells of no slip: after a lost answer one may come out twice, which is not fiscal.
    .filter((act) => family !== 'epson' || act !== 'slip')
    .flatMap((act) => SHORT.map((ms) => [family, act, ms] as const)),
)

describe.concurrent('a printer that is unplugged for a moment', () => {
  test.each(CASES)(
    '%s: a %s costs no answer when it is unplugged for %i ms, and is made once',
    async (family, act, ms) => {
      await withShop(family, async (shop) => {
        for (const fault of faultsOf(ms)) {
          const { call, made: count } = await ACTS[act](shop)
          const before = count()
          shop.printer.simulator.inject(fault)
          const answer = await shop.register.till.call(call)
          shop.printer.simulator.clearFaults()
          expect([fault, answer.status < 300, answer.text]).toEqual([fault, true, answer.text])
          expect([fault, count() - before]).toEqual([fault, 1])
        }
        expect(outages(shop)).toBe(0)
      })
    },
  )

  test.each(FAMILIES)(
    '%s: unplugged for longer it is an outage, and the same request makes it once it is back',
    async (family) => {
      await withShop(family, async (shop) => {
        for (const [told, act] of [refund, annulment, closing].entries()) {
          const { call, made: count } = await act(shop)
          const before = count()
          shop.printer.simulator.inject('unplugged-before=3600000@*')
          const refused = await shop.register.till.call(call)
          expect(refused.json as Members).toMatchObject({ code: 'fiscal_device_unavailable', fiscal_effect: 'none' })
          expect(outages(shop)).toBe(told + 1)
          shop.printer.simulator.clearFaults()
          await shop.bench.untilDevice('ready')
          expect((await shop.register.till.call(call)).status).toBeLessThan(300)
          expect(count() - before).toBe(1)
        }
      })
    },
  )
})
