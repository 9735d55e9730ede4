// @module-tag heavy
import { expect, test } from 'vitest'
import { brokenBy, FAULTS, KILLS, OPERATIONS, UNREADABLE } from './duty-faults.ts'

test.each(FAULTS)('with the fault %s at each operation each duty is done once, or says why it waits', async (name) => {
  const broken: string[] = []
  // The script has the others: `scripts/authority-fault-matrix.ts`.
  const few = OPERATIONS.filter((operation) => /^(login|registrierung_se|belegpruefung)$/.test(operation))
  for (const operation of UNREADABLE.includes(name) ? few : OPERATIONS) {
    const fault = `${name}@${operation}`
    broken.push(...(await brokenBy({ fault })).map((words) => `${fault}: ${words}`))
  }
  expect(broken).toEqual([])
})

test('a process that ends at each step of each duty does each of them once', async () => {
  const broken: string[] = []
  for (const kill of KILLS) {
    const words = await brokenBy({ kill })
    broken.push(...words.map((one) => `${kill.point} ${kill.hits}: ${one}`))
  }
  expect(broken).toEqual([])
})
