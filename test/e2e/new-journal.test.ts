import { expect, test } from 'vitest'
import { Bench } from './bench.ts'

test('a new journal is reported in the log, once: a shop that has sold has its disk elsewhere', async () => {
  await using bench = await Bench.open()
  const told = () => bench.lines.filter(({ message }) => message.includes('a new journal begins'))
  expect(told()).toMatchObject([{ level: 'info', fields: { path: bench.config.state } }])
  await bench.restart()
  expect(told()).toHaveLength(1)
})

test('a journal without a shop is a warning: tills are refused if its disk is not mounted', async () => {
  await using bench = await Bench.open()
  const codes = async () => {
    const { state, warnings } = await bench.office.get('/readyz')
    return { state, codes: (warnings as { code: string }[]).map(({ code }) => code) }
  }
  expect(await codes()).toEqual({ state: 'ready', codes: ['merchant_missing'] })
  await bench.shop()
  expect(await codes()).toEqual({ state: 'ready', codes: [] })
})
