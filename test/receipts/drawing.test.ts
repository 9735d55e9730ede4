// @module-tag heavy
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Drawing } from '../../agent/receipts/drawing.ts'
import { ReceiptRenderer } from '../../agent/receipts/renderer.ts'
import { ManualClock } from '../manual-clock.ts'
import { completed, line, modelOf, pay } from './shop.ts'

function sale(lines = 1) {
  const sold = Array.from({ length: lines }, (_, index) => line(`Artikel ${index}`, '1.00', '0.07'))
  const total = `${lines}.00`
  return modelOf(completed('sale', { total_amount: total, line_items: sold }, [pay('card', total)]))
}

/** A drawing process on a clock that only tests move; ended with the test. */
function drawing() {
  const clock = new ManualClock()
  const made = new Drawing(clock)
  return { clock, draw: made.draw, close: () => made.close(), [Symbol.dispose]: () => made.close() }
}

test('a drawing of another process is the same to the byte, and text is made at once', async () => {
  using process = drawing()
  const here = new ReceiptRenderer()
  const model = sale()
  for (const form of ['pdf', 'png'] as const)
    expect(await process.draw(model, form, {}, 'key')).toEqual(here.render(model, form, {}))
  for (const form of ['text', 'html', 'escpos'] as const)
    expect(process.draw(model, form, {}, 'key')).toEqual(here.render(model, form, {}))
})

test('a refusal of the form comes back as it is', async () => {
  using process = drawing()
  await expect(process.draw(sale(400), 'png', {}, 'key')).rejects.toMatchObject({ code: 'invalid_request' })
})

test('a receipt of a thousand lines that are long, each of other words, is drawn in the memory that the process has', async () => {
  using process = drawing()
  let seed = 1
  const letters = Array.from({ length: 500_000 }, () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return String.fromCharCode(32 + ((seed >>> 16) % 95))
  }).join('')
  const sold = Array.from({ length: 1000 }, (_, at) => line(letters.slice(at * 500, at * 500 + 500), '1.00', '0.07'))
  const model = modelOf(completed('sale', { total_amount: '1000.00', line_items: sold }, [pay('card', '1000.00')]))
  expect((await process.draw(model, 'pdf', {}, 'key')).mediaType).toBe('application/pdf')
})

test('as is one whose words change their direction and font with every letter', async () => {
  using process = drawing()
  const sold = Array.from({ length: 1000 }, () => line('אa'.repeat(250), '1.00', '0.07'))
  const model = modelOf(completed('sale', { total_amount: '1000.00', line_items: sold }, [pay('card', '1000.00')]))
  expect((await process.draw(model, 'pdf', {}, 'key')).mediaType).toBe('application/pdf')
})

test('an idle process is ended, and the next receipt has one again; more than 64 do not wait', async () => {
  using process = drawing()
  await process.draw(sale(), 'pdf', {}, 'key')
  await process.clock.advance(120_000)
  const many = Array.from({ length: 64 }, () => process.draw(sale(), 'pdf', {}, 'key'))
  expect(() => process.draw(sale(), 'pdf', {}, 'key')).toThrow(expect.objectContaining({ code: 'rate_limit_exceeded' }))
  expect(await Promise.all(many)).toHaveLength(64)
})

test('a process that hangs is killed, its client is notified, and the next receipt is drawn', async () => {
  using process = drawing()
  const waiting = process.draw(sale(), 'pdf', {}, 'key')
  const told = expect(waiting).rejects.toThrow('ended')
  await process.clock.advance(20_000)
  await told
  expect((await process.draw(sale(), 'pdf', {}, 'key')).mediaType).toBe('application/pdf')
})

test('a receipt that waits is drawn after the one before it was cancelled: neither fails with the other', async () => {
  using process = drawing()
  const hanging = expect(process.draw(sale(), 'pdf', {}, 'key')).rejects.toThrow('ended')
  await process.clock.advance(10_000)
  const behind = process.draw(sale(), 'pdf', {}, 'key')
  await process.clock.advance(10_000)
  await hanging
  expect((await behind).mediaType).toBe('application/pdf')
})

test('receipts of thousands of lines wait in small number, for each is held until it was drawn', async () => {
  using process = drawing()
  const many = Array.from({ length: 4 }, () => process.draw(sale(999), 'pdf', {}, 'key'))
  expect(() => process.draw(sale(999), 'pdf', {}, 'key')).toThrow(
    expect.objectContaining({ code: 'rate_limit_exceeded' }),
  )
  const small = process.draw(sale(), 'pdf', {}, 'key')
  process.close()
  for (const one of [...many, small]) await expect(one).rejects.toMatchObject({ code: 'shutting_down' })
})

test('a key that has the most waiting leaves its last place to another, and keys are served in turn', async () => {
  using process = drawing()
  const told: string[] = []
  const asked = (key: string, lines = 1): Promise<unknown> =>
    Promise.resolve(process.draw(sale(lines), 'pdf', {}, key)).then(
      () => told.push(key),
      (error: { code: string }) => told.push(`${key} ${error.code}`),
    )
  const greedy = Array.from({ length: 64 }, () => asked('greedy'))
  const [other, third] = [asked('other'), asked('third')]
  await Promise.all([other, third])
  expect(told.filter((one) => !one.includes('rate_limit_exceeded'))).toEqual(['greedy', 'other', 'third'])
  await Promise.all(greedy)
  expect(told.filter((one) => one === 'greedy rate_limit_exceeded')).toHaveLength(2)
  const long = Array.from({ length: 4 }, () => asked('greedy', 999))
  const small = asked('other', 500)
  await small
  process.close()
  await Promise.all(long)
  expect(told.slice(-5).filter((one) => one === 'greedy rate_limit_exceeded')).toHaveLength(1)
})

test('a receipt is drawn though the whole process group gets SIGINT: the till waits for it', async () => {
  using drawer = drawing()
  await drawer.draw(sale(), 'pdf', {}, 'key')
  const [pid] = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').slice(-1).map(Number)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid ?? 0, signal)
  expect((await drawer.draw(sale(100), 'pdf', {}, 'key')).mediaType).toBe('application/pdf')
})

test('when the agent stops, the waiting clients are notified', async () => {
  using process = drawing()
  const waiting = process.draw(sale(), 'pdf', {}, 'key')
  const told = expect(waiting).rejects.toMatchObject({ code: 'shutting_down' })
  process.close()
  await told
})
