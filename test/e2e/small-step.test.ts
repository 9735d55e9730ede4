import { expect, test } from 'vitest'
import { austrianTill, ONE_CARD, receiptOf } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import { CalendarClock } from './calendar-clock.ts'
import type { Members, Operation } from './client.ts'
import { goods, pay } from './goods.ts'
import { italianTill, ONE_PRINTER } from './italy/shop.ts'

const LAWS: readonly [string, Members, string, (bench: Bench) => Promise<Register>][] = [
  ['Germany', {}, '0.07', (bench) => bench.till()],
  ['Austria', ONE_CARD, '0.20', (bench) => austrianTill(bench)],
  ['Italy', ONE_PRINTER, '0.22', (bench) => italianTill(bench)],
]

test.for(LAWS)(
  '%s: a step back of up to 60 s dates no event and no document before the newest event',
  async ([law, config, rate, tillOf]) => {
    const clock = new CalendarClock('2026-11-20T10:00:00Z')
    await using bench = await Bench.open({ clock, config })
    const { id, till } = await tillOf(bench)
    const openSale = (): Promise<Operation> => till.create(goods('sale', id, [['1.00', rate]]))
    const ended = (open: Operation): Promise<Operation> => till.complete(open, [pay('cash', '1.00')])
    clock.jump('2026-11-20T10:05:00Z')
    const first = await ended(await openSale())
    clock.jump('2026-11-20T10:04:10Z')
    const open = await openSale()
    // The simulated printer shares the clock of the machine, and refuses a document before its last one.
    const second = law === 'Italy' ? open : await ended(open)
    const times = [first.created_at, first.completed_at, open.created_at, second.updated_at].map(String)
    expect(times).toEqual(times.toSorted())
    expect(times.at(-1)).toMatch(/^2026-11-20T10:05:/)
    const events = bench.journal() as unknown as readonly { at: string }[]
    const recorded = events.map(({ at }) => at)
    expect(recorded).toEqual(recorded.toSorted())
    if (law === 'Austria') expect(receiptOf(second).qr_data.split('_')[4]).toMatch(/^2026-11-20T11:05:/)
    // Beyond a minute the time is suspect, and stays as it is.
    clock.jump('2026-11-20T10:03:30Z')
    expect((await openSale()).created_at).toMatch(/^2026-11-20T10:03:3/)
  },
)
