// @module-tag heavy
import { expect, test } from 'vitest'
import { deviceFindings } from '../../agent/cli/checks/devices.ts'
import { auditedBy } from '../cli/audited.ts'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import { italianTill, ONE_PRINTER } from './italy/shop.ts'
import { closeExpected } from './shift.ts'

const ONE_TSE = { devices: [{ id: 'tse-1', driver: 'tse-simulator' }] }

/** What the doctor says of the only device, with the device list of the agent. */
async function found(bench: Bench): Promise<unknown> {
  const technician = {
    devices: async () => bench.office.list('/v1/devices'),
    deviceAct: async () => undefined,
    installation: () => bench.agent.administration.installation(),
  }
  return deviceFindings(technician as unknown as Parameters<typeof deviceFindings>[0], bench.config)
}

async function receiptOf({ till }: Register, id: unknown, language: string): Promise<string> {
  return (
    await till.call({ path: `/v1/closings/${id}/receipt?language=${language}`, headers: { Accept: 'text/plain' } })
  ).text
}

for (const [country, config, opened, band] of [
  ['Germany', ONE_TSE, (bench: Bench) => bench.till(), /^TESTBETRIEB, NICHT ZERTIFIZIERT/m],
  ['Austria', ONE_CARD, (bench: Bench) => austrianTill(bench), /^TESTBETRIEB, NICHT ZERTIFIZIERT/m],
  ['Italy', ONE_PRINTER, (bench: Bench) => italianTill(bench), /^MODALITÀ DI PROVA, NON CERTIFICATO/m],
] as const) {
  test(`in ${country} a device that is not certified is a trial in answers, doctor, Z and report`, async () => {
    await using bench = await Bench.open({ config: { ...config } })
    const register = await opened(bench)
    await bench.untilDevice('ready')
    expect(await bench.office.get('/readyz')).toMatchObject({ state: 'ready', certified: false, warnings: [] })
    expect(await bench.office.get('/v1/overview')).toMatchObject({ certified: false, devices: [{ certified: false }] })
    expect(await found(bench)).toMatchObject([
      { state: 'warning', message: expect.stringContaining('; TEST MODE, NOT CERTIFIED') },
    ])
    await closeExpected(register)
    const { id } = await register.till.post(`/v1/registers/${register.id}/closings`, { type: 'daily' })
    for (const [language, words] of [
      ['de', 'TESTBETRIEB'],
      ['it', 'MODALITÀ DI PROVA'],
      ['en', 'TEST MODE'],
    ] as const)
      expect(await receiptOf(register, id, language)).toContain(`*** ${words} ***`)
    expect((await auditedBy(bench, config)).report).toMatch(band)
  })
}
