import { expect, test } from 'vitest'
import type { Bench } from '../e2e/bench.ts'
import type { Members, Operation } from '../e2e/client.ts'
import { event } from '../e2e/goods.ts'
import { PrinterBeside, printerOf } from '../e2e/italy/printer-beside.ts'
import type { movement } from '../e2e/italy/shop.ts'
import { closed, italianTill, traded } from '../e2e/italy/shop.ts'
import { heavy } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import { openShop } from './italian-insider.ts'

// Honest shops whose rates, natura and vouchers look alike. A false alarm is a failure.

type Lines = Parameters<typeof movement>[2]

const VOUCHER = { type: 'gift_card', gift_card_id: 'GC-1' }

async function judged({ config: { state } }: Bench): Promise<unknown[]> {
  const { codes } = await verifyJournal(state)
  return codes.map((finding) => ('facts' in finding ? [finding.code, finding.facts] : finding.code))
}

test('a voucher keeps its natura next to goods whose title ends with its own', heavy(), () =>
  openShop(async ({ bench, register }) => {
    const voucher = { title: 'Buono', amount: '25.00', rate: '0', more: VOUCHER }
    await traded(register, 'sale', [voucher, { title: 'Porta Buono', amount: '12.20' }])
    await traded(register, 'sale', [
      { title: 'Buono', amount: '12.20' },
      voucher,
      { title: 'Buono', amount: '12.20', rate: '0.1' },
    ])
    const { totals } = await closed(register)
    expect(totals).toMatchObject({
      vat: [{ amount: '12.20' }, { amount: '24.40' }, { name: 'N2', amount: '50.00' }],
    })
    expect(await judged(bench)).toEqual([])
  }),
)

test('a voucher without a printable title keeps its natura when the configuration changes', async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent({ rt: { giftCardDepartment: 'N2' } })
  const register = await italianTill(bench, '0.00')
  await traded(register, 'sale', [{ title: '★', amount: '25.00', rate: '0', more: VOUCHER }])
  Object.assign((bench.config as unknown as { rt: Members }).rt, { giftCardDepartment: 'N4' })
  await bench.restart()
  await closed(register)
  expect(await judged(bench)).toEqual([])
})

test('subclasses of one natura that come to nothing together have their amounts in the chiusura', () =>
  openShop(async ({ bench, register }) => {
    const sold = await traded(register, 'sale', [{ title: 'Biglietto', amount: '6.00', code: 'N2.2' }])
    await closed(register)
    await traded(register, 'return', [{ title: 'Biglietto', amount: '-6.00', code: 'N2.2' }], {
      related_operation_id: sold.id,
    })
    await traded(register, 'sale', [{ title: 'Sigarette', amount: '6.00', code: 'N2.1' }])
    await closed(register)
    expect(await judged(bench)).toEqual([])
  }))

test('a shop that prints its vouchers at a rate', async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent({ rt: { giftCardDepartment: '0.22', tipDepartment: '0.10' } })
  const register = await italianTill(bench, '0.00')
  const voucher = { title: 'Buono', amount: '25.00', rate: '0', more: VOUCHER }
  await traded(register, 'sale', [voucher, { title: 'Porta', amount: '12.20' }], { tip_amount: '1.00' })
  await closed(register)
  expect(await judged(bench)).toEqual([])
})

const RATES = ['0.22', '0.10', '0.1', '0.05', '0.04', 'N1', 'N2', 'N2.1', 'N2.2', 'N4', 'N6.1'] as const

function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}

function line(next: (below: number) => number, sign = ''): Lines[number] {
  const vat = RATES[next(RATES.length)] ?? '0.22'
  const amount = `${sign}${(1 + next(4000)) / 100}`
  const fixed = Number(amount).toFixed(2)
  return { title: `Art ${next(9)}`, amount: fixed, ...(vat.startsWith('N') ? { code: vat } : { rate: vat }) }
}

test.each([
  ['rch', 1],
  ['custom', 2],
  ['epson', 3],
] as const)('days of mixed sales, returns, exchanges and annulli on %s', heavy(), async (family, seed) => {
  await using printer = await printerOf(family)
  await using bench = await printer.agent()
  const register = await italianTill(bench, '900.00')
  const next = numbers(seed)
  const sold: { op: Operation; lines: Lines }[] = []
  for (let step = 0; step < 60; step++) {
    const what = next(12)
    const lines = Array.from({ length: 1 + next(4) }, () => line(next))
    const tip = next(3) === 0 ? { tip_amount: '1.11' } : {}
    const old = what < 5 ? sold.splice(next(sold.length), 1)[0] : undefined
    if (old === undefined) sold.push({ op: await traded(register, 'sale', lines, tip), lines })
    else if (what < 2) {
      const back = old.lines.map((each) => ({ ...each, amount: `-${each.amount}` }))
      await traded(register, 'return', back.slice(0, 1 + next(back.length)), { related_operation_id: old.op.id })
    } else if (what < 4) {
      const back = old.lines.map((each) => ({ ...each, amount: `-${each.amount}` }))
      await traded(register, 'exchange', [...back, ...lines], { related_operation_id: old.op.id })
    } else {
      const fresh = await traded(register, 'sale', lines, tip)
      await register.till.create(event('void', register.id, { related_operation_id: fresh.id }))
    }
    const extra = next(14)
    if (extra === 0) await closed(register)
    if (extra === 1) printer.simulator.closeByItself()
    if (extra === 2) printer.simulator.keyInSale(1 + next(999))
  }
  await closed(register)
  const { valid, books } = await verifyJournal(bench.config.state)
  expect({ valid, books }).toEqual({ valid: true, books: 'consistent' })
})
