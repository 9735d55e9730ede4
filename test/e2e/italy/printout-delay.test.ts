import type { Server } from 'node:net'
import { createConnection, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { once } from '../../waits.ts'
import { Bench } from '../bench.ts'
import { completion } from '../client.ts'
import { pay } from '../goods.ts'
import { printerOf } from './printer-beside.ts'
import { italianTill, movement, sell } from './shop.ts'

/** Begins each frame. */
const STX = 2

/** A line to a printer on which each command is counted. */
async function countedLine(printerPort: number): Promise<{ server: Server; port: number; sent: () => number }> {
  let frames = 0
  const server = createServer((host) => {
    const printer = createConnection({ host: '127.0.0.1', port: printerPort })
    host.on('data', (bytes) => {
      frames += bytes.filter((byte) => byte === STX).length
      printer.write(bytes)
    })
    printer.on('data', (bytes) => host.write(bytes))
    for (const [end, other] of [
      [host, printer],
      [printer, host],
    ] as const)
      end.on('error', () => undefined).on('close', () => other.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { server, port: typeof address === 'object' && address ? address.port : 0, sent: () => frames }
}

test('a sale that comes with a printout waits for its commands, and for no others', { tags: ['heavy'] }, async () => {
  await using printer = await printerOf('rch')
  const line = await countedLine(printer.port)
  await using bench = await Bench.open({
    config: { devices: [{ ...printer.device(), tcp: { host: '127.0.0.1', port: line.port } }] },
  })
  const register = await italianTill(bench)
  await sell(register, '1.00')
  const report = () =>
    register.till.call({ path: `/v1/registers/${register.id}/printouts`, body: { type: 'x_report' } })
  const begun = async () => {
    const open = await register.till.create(movement('sale', register, [{ title: 'Caffè', amount: '1.00' }]))
    return completion(open, [pay('cash', '1.00')])
  }
  const framesOf = async (act: () => Promise<unknown>): Promise<number> => {
    const before = line.sent()
    await act()
    return line.sent() - before
  }
  const alone = await framesOf(report)
  const sale = await begun()
  const sold = await framesOf(() => register.till.call(sale))
  const other = await begun()
  expect(await framesOf(() => Promise.all([report(), register.till.call(other)]))).toBe(alone + sold)
  line.server.close()
})
