// @module-tag heavy
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { SerialLink } from '../../../drivers/links/serial.ts'
import { TcpLink } from '../../../drivers/links/tcp.ts'
import type { DeviceSecrets } from '../../../drivers/ports/secrets.ts'
import { DieboldBox } from '../../../drivers/tse-diebold/box.ts'
import { DieboldTse } from '../../../drivers/tse-diebold/driver.ts'
import { DieboldSimulator } from '../../../drivers/tse-diebold/simulator.ts'
import { describeTse } from '../../contracts/tse.ts'
import { sell } from '../../contracts/tse-checks.ts'
import { patientClock } from '../../patient-clock.ts'

const MAX_OPEN_TRANSACTIONS = 12
const REPLY_MS = 500
/** Bytes of a pseudo-terminal come through threads and another process, which a busy machine delays. */
const PTY_REPLY_MS = 1000
const secrets: DeviceSecrets = {
  read: async (name) => (name === 'adminPin' ? '12345' : '54321'),
  provide: async () => '',
}

function unitIn(directory: string, slots: number) {
  return new DieboldSimulator({
    directory: join(directory, 'unit'),
    clock: patientClock,
    slots,
    limits: { openTransactions: MAX_OPEN_TRANSACTIONS },
    latencyMs: slots > 1 ? 5 : 0,
    talks: true,
  })
}

function driverOf(box: DieboldBox, slot: number, replyMs = REPLY_MS) {
  return new DieboldTse({
    id: `tse-${slot}`,
    box,
    slot,
    secrets,
    clock: patientClock,
    timeouts: { replyMs, longMs: 3000 },
  })
}

describeTse(
  'a Diebold Nixdorf SingleTSE',
  { faults: true, replyMs: PTY_REPLY_MS, refusesWhenBusy: false },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tse-diebold-'))
    const simulator = unitIn(directory, 1)
    const path = join(directory, 'tty')
    await simulator.servePty(path)
    const make = () =>
      driverOf(
        new DieboldBox(new SerialLink({ path, baudRate: 115_200, clock: patientClock }), patientClock),
        1,
        PTY_REPLY_MS,
      )
    const tse = make()
    return {
      tse,
      reopen: async () => make(),
      inject: (fault) => simulator.inject(fault),
      clearFaults: () => simulator.clearFaults(),
      unplug: () => simulator.pullOut(),
      plugIn: () => simulator.plugIn(),
      maxOpenTransactions: MAX_OPEN_TRANSACTIONS,
      destroy: async () => {
        await tse.close()
        await simulator.close()
        await rm(directory, { recursive: true })
      },
    }
  },
)

/** Sells without a pause until it is ended; every sale succeeds. */
async function sellBeside(tse: DieboldTse): Promise<{ end(): Promise<void> }> {
  await tse.open()
  await tse.initialise()
  await tse.registerClient('till-beside')
  let isOver = false
  const selling = (async () => {
    while (!isOver) await sell(tse, 1, 'till-beside')
  })()
  // The error is reported at the end of the test.
  selling.catch(() => undefined)
  return {
    end: async () => {
      isOver = true
      await selling
      expect(await tse.openTransactions()).toEqual([])
      await tse.close()
    },
  }
}

describeTse(
  'slot 2 of a ConnectBox whose slot 1 sells',
  { faults: true, replyMs: REPLY_MS, refusesWhenBusy: false, blips: false },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tse-diebold-'))
    const simulator = unitIn(directory, 2)
    const port = await simulator.serveTcp(0)
    const box = new DieboldBox(new TcpLink({ host: '127.0.0.1', port, clock: patientClock }), patientClock)
    const beside = await sellBeside(driverOf(box, 1))
    const tse = driverOf(box, 2)
    return {
      tse,
      reopen: async () => driverOf(box, 2),
      inject: (fault) => simulator.inject(`2:${fault}`),
      clearFaults: () => simulator.clearFaults(),
      unplug: () => simulator.pullCard(2),
      plugIn: () => simulator.plugIn(),
      maxOpenTransactions: MAX_OPEN_TRANSACTIONS,
      destroy: async () => {
        await tse.close()
        await beside.end()
        await simulator.close()
        await rm(directory, { recursive: true })
      },
    }
  },
)
