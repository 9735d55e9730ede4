// @module-tag heavy
import { mkdtemp, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CryptovisionTse } from '../../../drivers/tse-cryptovision/driver.ts'
import { CryptovisionSimulator } from '../../../drivers/tse-cryptovision/simulator.ts'
import { patientClock } from '../../patient-clock.ts'

async function digits(name: string): Promise<string> {
  return name.endsWith('Puk') ? '0123456789' : '22222222'
}

test('a request whose answer is lost is executed once, however often the kernel reports a change of the file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cv-'))
  const mount = join(directory, 'mount')
  const clock = patientClock
  const card = new CryptovisionSimulator({ directory: join(directory, 'card'), mount, clock })
  await card.plugIn()
  const secrets = { read: digits, provide: digits }
  const tse = new CryptovisionTse({ id: 'tse-1', path: mount, secrets, clock, timeouts: { replyMs: 1000 } })
  await tse.open()
  await tse.initialise()
  await tse.registerClient('till-1')
  card.inject('lost-answer@start')
  let waits = true
  const lost = expect(tse.start('till-1')).rejects.toMatchObject({ code: 'timeout', effect: 'unknown' })
  const touching = (async () => {
    for (let second = 1; waits; second++) await utimes(card.path, second, second)
  })()
  await lost
  waits = false
  await touching
  expect(await tse.openTransactions()).toEqual([1])
  await tse.close()
  await card.pullOut()
  await rm(directory, { recursive: true })
})
