import { expect, test } from 'vitest'
import { Bench } from './bench.ts'

test('a journal that begins anew is told in the log, once: a shop that has sold has its disk elsewhere', async () => {
  await using bench = await Bench.open()
  const told = () => bench.lines.filter(({ message }) => message.includes('a new journal begins'))
  expect(told()).toMatchObject([{ level: 'info', fields: { path: bench.config.state } }])
  await bench.restart()
  expect(told()).toHaveLength(1)
})
