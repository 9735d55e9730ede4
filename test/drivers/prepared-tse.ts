import { rm } from 'node:fs/promises'
import { onTestFinished } from 'vitest'
import type { Tse } from '../../drivers/ports/tse.ts'

/** Sets a virgin unit up with the client `till-1`; unit, driver and folder end with the test. */
export async function prepare(tse: Tse, simulator: { close(): Promise<void> }, directory: string): Promise<void> {
  onTestFinished(async () => {
    await tse.close()
    await simulator.close()
    await rm(directory, { recursive: true })
  })
  await tse.open()
  await tse.initialise()
  await tse.registerClient('till-1')
}
