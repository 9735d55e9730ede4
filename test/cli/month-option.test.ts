import { Command } from 'commander'
import { expect, test } from 'vitest'
import { monthOption } from '../../agent/cli/arguments/range.ts'

function monthOf(text: string): unknown {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined })
  return monthOption(command).parse(['--month', text], { from: 'user' }).opts()['month']
}

test.each([
  ['2026-03', '2026-02-28T23:00:00.000Z', '2026-03-31T21:59:59.999Z'],
  ['2026-02', '2026-01-31T23:00:00.000Z', '2026-02-28T22:59:59.999Z'],
  ['2026-12', '2026-11-30T23:00:00.000Z', '2026-12-31T22:59:59.999Z'],
])('the month %s begins at %s and ends at %s, by the clocks of the shop', (month, from, to) => {
  expect(monthOf(month)).toEqual({ from, to })
})

test.each(['2026-13', '2026-3', '2026-03-01', 'March', ''])('%j is refused as a month', (text) => {
  expect(() => monthOf(text)).toThrow(/A month such as 2026-03 is wanted/)
})
