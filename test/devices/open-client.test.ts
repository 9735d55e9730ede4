import { expect, test } from 'vitest'
import { clientOfOpen } from '../../agent/devices/open-client.ts'

function unit(open: Readonly<Record<string, readonly number[]>>, listsByClient = true) {
  const all = Object.values(open).flat()
  return {
    recall: async (transaction: number) =>
      transaction === 1 ? { clientId: 'first', start: undefined, finish: undefined } : undefined,
    clients: async () => Object.keys(open),
    openTransactions: async (client?: string) => (listsByClient && client !== undefined ? (open[client] ?? []) : all),
  }
}

test('an open transaction without its start belongs to the only client that lists it', async () => {
  const open = { first: [1], second: [7, 9] }
  expect(await clientOfOpen(unit(open), 9)).toEqual({ client: 'second', hasStart: false })
  expect(await clientOfOpen(unit(open), 1)).toEqual({ client: 'first', hasStart: false })
  expect(await clientOfOpen(unit(open), 8)).toEqual({ client: undefined, hasStart: false })
})

test('a unit that does not list by client has an unknown client unless it has only one', async () => {
  expect(await clientOfOpen(unit({ first: [7], second: [] }, false), 7)).toMatchObject({ client: undefined })
  expect(await clientOfOpen(unit({ only: [7] }, false), 7)).toMatchObject({ client: 'only' })
})
