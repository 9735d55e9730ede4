import { localDate, systemClock } from '../../../base/clock.ts'
import { isIdOf } from '../../../base/ids.ts'
import type { Answer, ShiftTill } from '../../laws/demo-shift.ts'
import { at, mustBe } from '../../laws/demo-shift.ts'
import type { Pos } from './pos.ts'

const CURRENCY = 'EUR'

/** The till of a register, in the time zone of its law. */
export function shiftTill(pos: Pos, register: string, timeZone: string): ShiftTill {
  const event: ShiftTill['event'] = (type, members) =>
    pos.post('/v1/operations', { type, register_id: register, currency: CURRENCY, ...members })
  const open: ShiftTill['open'] = (goods, { type = 'sale', more } = {}) =>
    event(type, { source: 'POS', tip_amount: '0.00', ...goods, ...more })
  const complete: ShiftTill['complete'] = (opened, { tenders, completion }) => {
    const id = at(opened, 'id')
    const payments = tenders.map(([method, amount, terminal], index) => {
      const common = { payment_id: `${id}-${index + 1}`, method, amount, status: 'captured', currency: CURRENCY }
      return terminal === undefined ? common : { ...common, tid: terminal }
    })
    return pos.post(
      `/v1/operations/${id}/complete`,
      { payments, ...completion },
      { version: at(opened, 'resource_version') },
    )
  }
  const closings = `/v1/registers/${register}/closings`
  return {
    register,
    event,
    open,
    complete,
    businessDate: localDate(systemClock.now(), timeZone),
    sell: async (title, goods, sale) => {
      const operation = await complete(await open(goods, sale), sale)
      mustBe('status', at(operation, 'status'), 'completed')
      return { title, amount: goods.total_amount, operation, notes: [] }
    },
    close: (body) => pos.post(closings, body),
    send: (method, path, body = {}, more = {}) => {
      switch (method) {
        case 'GET':
          return pos.get(path)
        case 'POST':
          return pos.post(path, body, more)
        case 'PATCH':
          return pos.patch(path, body, more)
      }
    },
    receipt: (document) => {
      const id = at(document, 'id')
      return pos.text(`/v1/${isIdOf('cls', id) ? 'closings' : 'operations'}/${id}/receipt`)
    },
    closings: async () => (await pos.get(closings))['data'] as readonly Answer[],
  }
}
