import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../agent/clock.ts'
import { CustomSimulator } from '../../drivers/rt-custom/simulator.ts'
import { Bench } from './bench.ts'
import { pay } from './goods.ts'
import { italianTill, movement, receiptOf, sell } from './italy.ts'

const TIMEOUTS = { ackMs: 150, replyMs: 300, printMs: 500, longMs: 800 }
const PROFILE = { busyPauseMs: 20, pollMs: 20, nackQuietMs: 20 }

test('a return that a power blink made a sale of: annulled, printed again, and people are told until they have seen it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rt-custom-'))
  const simulator = new CustomSimulator({ directory, clock: systemClock })
  simulator.open()
  const tcp = { host: '127.0.0.1', port: await simulator.serveTcp(0) }
  const device = { id: 'rt-1', driver: 'rt-custom', tcp, timeouts: TIMEOUTS, profile: PROFILE }
  try {
    await using bench = await Bench.open({ config: { devices: [device] } })
    const register = await italianTill(bench)
    const sold = await sell(register, '20.00')
    const line = { title: 'Caffè', amount: '-5.00' }
    const open = await register.till.create(movement('return', register, [line], { related_operation_id: sold.id }))
    simulator.inject('power-blink@7114R')
    const done = receiptOf(await register.till.complete(open, [pay('cash', '-5.00')]))
    expect(done).toMatchObject({ document_type: 'return', document_number: '0142-0004' })
    expect(simulator.documents().map(({ kind }) => kind)).toEqual(['sale', 'sale', 'void', 'return'])
    expect(JSON.stringify(bench.journal())).toMatch(/\$annulled[^a-z]*0142-0002/)
    const told = async () => ({ ...(await bench.office.get('/v1/devices')) }) as { data: [{ warnings: object[] }] }
    expect((await told()).data[0].warnings).toMatchObject([{ code: 'sale_annulled' }])
    const [task] = bench.agent.administration.listTasks() as readonly { id: string; title: string }[]
    expect(task?.title).toContain('0142-0002')
    await bench.restart()
    await bench.agent.administration.confirmTask(String(task?.id))
    expect((await told()).data[0].warnings).toEqual([])
    expect(bench.agent.administration.listTasks()).toEqual([])
  } finally {
    await simulator.close()
    await rm(directory, { recursive: true })
  }
}, 60_000)
