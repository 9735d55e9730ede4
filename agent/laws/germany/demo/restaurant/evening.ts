import type { Entry } from '../../../demo-menu.ts'
import { euros, grossOf } from '../../../demo-menu.ts'
import type { Answer, ShiftStep, ShiftTechnician, ShiftTill } from '../../../demo-shift.ts'
import { at, DemoError, mustBe } from '../../../demo-shift.ts'
import { workCounter } from './counter.ts'
import { BOTTLE, CHEESE, MENU, NOODLES, PILS, SALAD, SCHNITZEL, SOUP, SPRITZER, SUNDAE, WATER, WINE } from './menu.ts'
import { Service } from './service.ts'
import type { Waiter } from './shop.ts'
import { ANNA, BEN, CEM } from './shop.ts'

const TSE = 'tse-1'
const FLOAT_CENTS = 20_000
/** Keyed in at the first count. */
const MISTYPED_CENTS = 9_999
/** The TSE signs for longer than the agent lives. */
const SLOW_MS = 5_000
const KILLED_AFTER_MS = 1_000
const BACK_TRIES = 60
const BACK_WAIT_MS = 500

/** The first order of each table, and its waiter. */
const ORDERS: readonly (readonly [Waiter, string, readonly Entry[]])[] = [
  [
    ANNA,
    'Tisch 1',
    [
      [3, PILS],
      [1, SCHNITZEL],
      [1, NOODLES],
    ],
  ],
  [
    BEN,
    'Tisch 2',
    [
      [1, CHEESE],
      [2, WINE],
    ],
  ],
  [
    CEM,
    'Tisch 3',
    [
      [2, WATER],
      [2, SCHNITZEL],
    ],
  ],
  [
    ANNA,
    'Tisch 4',
    [
      [2, SOUP],
      [2, SPRITZER],
    ],
  ],
  [
    BEN,
    'Tisch 5',
    [
      [1, SCHNITZEL],
      [1, WINE],
    ],
  ],
  [
    CEM,
    'Tisch 6',
    [
      [4, PILS],
      [2, SUNDAE],
    ],
  ],
  [ANNA, 'Tisch 7', [...MENU.map((article): Entry => [1, article]), [1, PILS]]],
  [
    BEN,
    'Tisch 8',
    [
      [1, SALAD],
      [1, WATER],
    ],
  ],
  [
    CEM,
    'Tisch 9',
    [
      [2, SCHNITZEL],
      [2, WINE],
    ],
  ],
  [
    ANNA,
    'Tisch 10',
    [
      [1, SOUP],
      [2, PILS],
    ],
  ],
]

/** An evening with ten tables and three waiters. Each step is checked against the drawer. */
export async function* workEvening(till: ShiftTill, technician: ShiftTechnician): AsyncGenerator<ShiftStep> {
  const service = new Service(till)
  yield await service.opens(FLOAT_CENTS)
  yield* orders(till, service)
  yield* movedTables(service)
  yield* splitBills(till, service)
  yield* handedOver(service)
  yield* withoutPayment(service)
  yield* outage(service, technician)
  yield* killed(service, technician)
  yield* takeAway(service)
  yield* workCounter(till, service)
  yield await service.openTables()
  yield* service.ends(FLOAT_CENTS, MISTYPED_CENTS)
  yield await service.opens(FLOAT_CENTS)
  yield await service.bill(
    BEN,
    'Tisch 10',
    [
      [1, SOUP],
      [2, PILS],
    ],
    'cash',
  )
  yield await service.openTables()
  yield* service.ends(FLOAT_CENTS)
}

async function* orders(till: ShiftTill, service: Service): AsyncGenerator<ShiftStep> {
  for (const [index, [waiter, table, entries]] of ORDERS.entries()) {
    const step = await service.order(waiter, table, entries)
    yield index === 0 ? { ...step, slip: await till.receipt(step.operation) } : step
  }
  yield await service.order(ANNA, 'Tisch 1', [[-1, PILS]])
  yield await service.openTables()
}

async function* movedTables(service: Service): AsyncGenerator<ShiftStep> {
  yield await service.move(ANNA, 'Tisch 4', 'Tisch 5')
  yield await service.bill(
    BEN,
    'Tisch 5',
    [
      [2, SOUP],
      [2, SPRITZER],
      [1, SCHNITZEL],
      [1, WINE],
    ],
    'card',
  )
  yield await service.move(CEM, 'Tisch 6', 'Bar', [[2, PILS]])
  yield await service.bill(BEN, 'Bar', [[2, PILS]], 'cash')
}

async function* splitBills(till: ShiftTill, service: Service): AsyncGenerator<ShiftStep> {
  const first = await service.bill(
    ANNA,
    'Tisch 1',
    [
      [1, PILS],
      [1, SCHNITZEL],
    ],
    'cash',
  )
  yield { ...first, slip: await till.receipt(first.operation) }
  yield await service.bill(
    ANNA,
    'Tisch 1',
    [
      [1, PILS],
      [1, NOODLES],
    ],
    'card',
  )
  yield await service.bill(
    BEN,
    'Tisch 2',
    [
      [0.5, CHEESE],
      [1, WINE],
    ],
    'cash',
  )
  yield await service.bill(
    BEN,
    'Tisch 2',
    [
      [0.5, CHEESE],
      [1, WINE],
    ],
    'card',
  )
  const menu: readonly Entry[] = [...MENU.map((article): Entry => [1, article]), [1, PILS]]
  const wrong = await service.bill(ANNA, 'Tisch 7', menu, 'cash')
  yield wrong
  yield await service.reverse(ANNA, 'Tisch 7', wrong, menu)
  yield await service.bill(ANNA, 'Tisch 7', menu, 'card')
}

/** A bill that is begun with nothing, parked, handed to another waiter and completed with its last goods. */
async function* handedOver(service: Service): AsyncGenerator<ShiftStep> {
  const begun = await service.begin(CEM, 'Tisch 6', [])
  const parked = await service.amend(begun, [
    [2, PILS],
    [2, SUNDAE],
  ])
  const goods: readonly Entry[] = [
    [2, PILS],
    [1, SUNDAE],
  ]
  const operation = await service.completeWith(parked, goods, 'cash')
  mustBe('cancelled_line_items', String((operation['cancelled_line_items'] as readonly object[]).length), '1')
  const notes = ['begun with nothing, amended, completed without one Eisbecher']
  yield { title: 'Tisch 6, a bill that was parked', amount: euros(grossOf(goods)), operation, notes }
  yield await service.bill(BEN, 'Tisch 6', [[1, SUNDAE]], 'cash')
}

/** A hotel bills it, or it is a benefit of the staff. */
async function* withoutPayment(service: Service): AsyncGenerator<ShiftStep> {
  const folio = { description: 'Hotel am Kanal, Zimmer', external_operation_id: '214' }
  const guest = { ...CEM, allocation_group: 'Tisch 3', external_related_operation: folio }
  yield await service.unpaid(
    'Tisch 3, to the room of a hotel guest',
    'transfer',
    [
      [2, WATER],
      [2, SCHNITZEL],
    ],
    guest,
  )
  for (const name of ['Dora Koch', 'Emil Spüler'])
    yield await service.unpaid(`Staff meal of ${name}`, 'employee_benefit', [[1, NOODLES]], {
      ...ANNA,
      customer: { name },
    })
}

async function* outage(service: Service, technician: ShiftTechnician): AsyncGenerator<ShiftStep> {
  await technician.fault(TSE, 'unplugged@*')
  yield unsigned(await service.order(BEN, 'Tisch 8', [[1, SUNDAE]]))
  const goods: readonly Entry[] = [
    [1, SALAD],
    [1, WATER],
    [1, SUNDAE],
  ]
  yield unsigned(await service.bill(BEN, 'Tisch 8', goods, 'cash'))
  await technician.fault(TSE, 'clear')
  await technician.ready()
}

/** The receipt says why it has no signature. Throws DemoError for one that has. */
function unsigned(step: ShiftStep): ShiftStep {
  mustBe('fiscal.state', at(step.operation, 'fiscal', 'state'), 'failed')
  return { ...step, notes: [...step.notes, at(step.operation, 'fiscal', 'receipt_text')] }
}

/** The power fails while the TSE signs a bill; the till sends its request again when the agent is back. */
async function* killed(service: Service, technician: ShiftTechnician): AsyncGenerator<ShiftStep> {
  const goods: readonly Entry[] = [
    [2, SCHNITZEL],
    [2, WINE],
  ]
  const open = await service.begin(CEM, 'Tisch 9', goods)
  await technician.fault(TSE, `slow=${SLOW_MS}@finish`)
  const complete = service.completion(open, goods)
  const cutOff = complete().catch(() => undefined)
  await technician.pause(KILLED_AFTER_MS)
  await technician.crash()
  await cutOff
  const operation = await untilSettled(complete, technician)
  mustBe('status', at(operation, 'status'), 'completed')
  const notes = ['kill -9 while the TSE signed; the same request again gets the one bill']
  yield { title: 'Tisch 9, the power fails', amount: euros(grossOf(goods)), operation, notes }
}

/** While the TSE is asked what it did, the agent answers that the request should come again. */
async function untilSettled(ask: () => Promise<Answer>, { pause }: ShiftTechnician): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      const operation = await ask()
      if (at(operation, 'fiscal', 'state') !== 'pending' || tries === BACK_TRIES) return operation
    } catch (error) {
      if (!(error instanceof DemoError) || tries === BACK_TRIES) throw error
    }
    await pause(BACK_WAIT_MS)
  }
}

/** A guest takes bottles along and brings others back. */
async function* takeAway(service: Service): AsyncGenerator<ShiftStep> {
  const goods: readonly Entry[] = [
    [4, SPRITZER],
    [4, BOTTLE],
    [-12, BOTTLE],
  ]
  yield await service.sell('To take away, with 12 empties', goods, BEN)
}
