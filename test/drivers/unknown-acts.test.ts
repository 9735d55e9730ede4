import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { SIMULATORS } from '../../drivers/simulators.ts'
import { fastFolder } from '../fast-folder.ts'

async function opened(driver: string) {
  const directory = await mkdtemp(join(fastFolder(), 'simulator-'))
  const simulator = await SIMULATORS.get(driver)?.open({
    ...{ directory, clock: systemClock, link: undefined, port: 0, latencyMs: 0, show: () => undefined },
  })
  if (simulator === undefined) throw new Error(`there is no simulator of ${driver}`)
  onTestFinished(async () => {
    await simulator.close()
    await rm(directory, { recursive: true })
  })
  return simulator
}

test.each([
  ['finanzonline', ['registrierung', 'status_see#2', '*'], 'registration', 'login, logout, status_kasse, status_see, '],
  ['tse-diebold', ['finish', '205', '*'], 'finnish', 'start, finish, export, delete, piece, 001, '],
  ['tse-epson', ['finish', 'GetStorageInfo', '*'], 'finished', 'start, finish, export, delete, SetUp, '],
  ['rt-epson', ['printerFiscalReceipt', '*'], 'printFiscalReceipt', 'printerFiscalReceipt printXReport '],
  ['rt-custom', ['7114R', '33', '*'], '3302', '2002 2003 '],
  ['rt-rch', ['=C10', '=R#2', '<</?i/*4', '*'], '=Q', '=% =V '],
] as const)(
  'a fault of %s is accepted at %j and refused at %s with the list of acts',
  async (driver, acts, wrong, list) => {
    const simulator = await opened(driver)
    for (const act of acts) simulator.inject(`lost-answer@${act}`)
    expect(() => simulator.inject(`lost-answer@${wrong}`)).toThrow(`begins with ${wrong}; there are ${list}`)
  },
)
