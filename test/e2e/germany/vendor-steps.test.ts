// @module-tag heavy
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { vendorTses } from '../../contracts/vendor-tses.ts'
import { SOFTHSM, tokenBench } from '../../drivers/native/soft-token.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { signed } from '../client.ts'
import { goods, pay } from '../goods.ts'
import { SteppingMachine, skewOf, stepSizes } from '../stepping-machine.ts'

const DAY_MS = 86_400_000
const PIN = '74091358'

/** An entry of `devices` for a family, whose unit is connected until the test ends. */
async function deviceOf(family: string): Promise<Members> {
  if (family === 'tse-pkcs11') {
    const tokens = await tokenBench()
    onTestFinished(() => tokens.remove())
    await tokens.makeToken('steps', PIN)
    const pinFile = join(tokens.folder, 'pin')
    await writeFile(pinFile, PIN, { mode: 0o600 })
    return { id: 'tse-1', driver: family, module: SOFTHSM, token: 'steps', pinFile }
  }
  const folder = await mkdtemp(join(tmpdir(), 'c-'))
  const vendor = await vendorTses[family]?.open(folder, 0)
  if (vendor === undefined) throw new Error(family)
  onTestFinished(async () => {
    await vendor.close()
    await rm(folder, { recursive: true })
  })
  return vendor.device
}

async function sell({ id, till }: Register): Promise<number[]> {
  const sold = signed(
    await till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('cash', '1.00')]),
  )
  return [sold.start_event, sold.end_event].map(({ signed_at }) => Date.parse(signed_at))
}

test.each([...Object.keys(vendorTses), 'tse-pkcs11'])(
  'a %s gets the time of a clock that stepped ahead before its next act; its skew is unknown until then',
  async (family) => {
    const device = await deviceOf(family)
    const machine = new SteppingMachine(new Date(systemClock.now()).toISOString())
    await using bench = await Bench.open({
      ...{ clock: machine, boot: machine },
      config: { devices: [device], deadlineMs: 5000 },
    })
    await bench.agent.administration.deviceAct('tse-1', 'init')
    await bench.untilDevice('ready')
    const shop = await bench.till('0.00')
    await sell(shop)
    machine.step(DAY_MS)
    await bench.until(() => skewOf(bench) === null)
    const steppedMs = machine.now()
    const times = await sell(shop)
    for (const time of times) {
      // Some units count whole seconds or minutes.
      expect(time).toBeGreaterThan(steppedMs - 60_000)
      expect(time).toBeLessThanOrEqual(machine.now() + 1000)
    }
    expect(Math.abs(Number(skewOf(bench) ?? Number.NaN))).toBeLessThan(2000)
    expect(stepSizes(bench)).toEqual([DAY_MS / 1000])
  },
)
