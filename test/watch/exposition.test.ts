import { expect, test } from 'vitest'
import { Counter, exposition, gauge, Histogram } from '../../agent/watch/exposition.ts'
import { Meters } from '../../agent/watch/meters.ts'

test('a histogram counts each value in every bucket that holds it, and all of them under +Inf', () => {
  const histogram = new Histogram(['act'], [0.1, 1])
  for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe(['sign'], value)
  expect(histogram.family('x_seconds', 'Help.').lines).toEqual([
    'x_seconds_bucket{act="sign",le="0.1"} 2',
    'x_seconds_bucket{act="sign",le="1"} 3',
    'x_seconds_bucket{act="sign",le="+Inf"} 4',
    'x_seconds_sum{act="sign"} 7.65',
    'x_seconds_count{act="sign"} 4',
  ])
})

test('labels are escaped, unknown values are omitted, every family has its description', () => {
  const counter = new Counter(['name'])
  counter.add(['a "quoted" \\ word\nand a line'])
  const text = exposition([
    counter.family('c_total', 'Counted.'),
    gauge('g', 'Now.', [
      [{ device: 'a' }, undefined],
      [{ device: 'b' }, Number.NaN],
      [{ device: 'c' }, 3],
    ]),
  ])
  expect(text).toBe(
    `${[
      '# HELP c_total Counted.',
      '# TYPE c_total counter',
      'c_total{name="a \\"quoted\\" \\\\ word\\nand a line"} 1',
      '# HELP g Now.',
      '# TYPE g gauge',
      'g{device="c"} 3',
    ].join('\n')}\n`,
  )
})

test('a family keeps a bounded number of series, whatever a caller sends', () => {
  const counter = new Counter(['name'])
  for (let count = 0; count < 5000; count++) counter.add([`n${count}`])
  const { lines } = counter.family('c_total', 'Counted.')
  expect(lines.length).toBeLessThanOrEqual(1001)
  expect(lines).toContain('c_total{name="other"} 4000')
})

test('the disk is called slow by the slowest of a hundred commits of late, and not before there were enough', () => {
  const meters = new Meters()
  for (let count = 0; count < 49; count++) meters.noteCommit(0.5, 1, [])
  expect(meters.fsyncSecondsP99).toBeUndefined()
  meters.noteCommit(0.5, 1, [])
  expect(meters.fsyncSecondsP99).toBe(0.5)
  for (let count = 0; count < 512; count++) meters.noteCommit(count % 100 === 0 ? 0.03 : 0.001, 1, [])
  expect(meters.fsyncSecondsP99).toBe(0.03)
  for (let count = 0; count < 512; count++) meters.noteCommit(0.001, 1, [])
  expect(meters.fsyncSecondsP99).toBe(0.001)
})
