import { Command } from 'commander'
import { expect, test } from 'vitest'
import { rangeOptions } from '../../agent/cli/arguments/range.ts'

function rangeOf(...args: readonly string[]) {
  const command = rangeOptions(new Command())
    .action(() => undefined)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
  return command.parse(args, { from: 'user' }).opts()
}

test.each([
  ['2026-03-01', '2026-03-31', '2026-02-28T23:00:00.000Z', '2026-03-31T21:59:59.999Z'],
  ['2026-03-29', '2026-03-29', '2026-03-28T23:00:00.000Z', '2026-03-29T21:59:59.999Z'],
  ['2026-10-25', '2026-10-25', '2026-10-24T22:00:00.000Z', '2026-10-25T22:59:59.999Z'],
  ['2026-01-01', '2026-12-31', '2025-12-31T23:00:00.000Z', '2026-12-31T22:59:59.999Z'],
  ['0000-01-01', '9999-12-31', '0000-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'],
])('from %s to %s is whole days by the clocks of the shop', (first, last, from, to) => {
  expect(rangeOf('--from', first, '--to', last)).toEqual({ from, to })
})

test('a moment is taken as given, and everything if none was given', () => {
  const [from, to] = ['2026-03-01T00:00:00Z', '2026-03-01T12:00:00+01:00']
  expect(rangeOf('--from', from, '--to', to)).toEqual({ from, to })
  expect(rangeOf()).toEqual({ from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' })
})

test('an invalid calendar date is refused', () => {
  for (const text of ['2026-02-29', '01.03.2026', 'yesterday', '2026-03-01T00:00:00'])
    expect(() => rangeOf('--from', text)).toThrow('A date or an RFC 3339 time is wanted.')
})

test('a backward range is refused, a range of one moment is not', () => {
  const day = '2026-03-01T00:00:00Z'
  expect(() => rangeOf('--from', '2026-03-02', '--to', '2026-03-01')).toThrow('is before')
  expect(rangeOf('--from', day, '--to', day)).toEqual({ from: day, to: day })
})
