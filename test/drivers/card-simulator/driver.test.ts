import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CardSimulator } from '../../../drivers/card-simulator/driver.ts'
import { ManualClock } from '../../manual-clock.ts'

const message = Buffer.from('a receipt')
let directory: string
let clock: ManualClock
let card: CardSimulator

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'card-simulator-'))
  clock = new ManualClock()
  card = new CardSimulator({ directory, clock, replyMs: 1000 })
})
afterEach(async () => {
  await card.close()
  await rm(directory, { recursive: true })
})

test('keeps its key readable only for its owner and reports that it is not certified', async () => {
  await card.open()
  expect((await stat(join(directory, 'key.pem'))).mode & 0o777).toBe(0o600)
  expect((await card.health()).description).toContain('NOT CERTIFIED')
})

test.each([
  ['busy@sign', 'busy', 'none'],
  ['pin-wrong@sign', 'pin_wrong', 'none'],
  ['pin-locked@sign', 'pin_locked', 'none'],
  ['error@sign', 'refused', 'unknown'],
  ['error-done=6A80@sign', 'refused', 'unknown'],
  ['wrong-signature@sign', 'garbled', 'none'],
  ['garbled@sign', 'garbled', 'unknown'],
  ['power-cut@sign', 'unavailable', 'unknown'],
])('%s is the error %s, and the next message is signed', async (fault, code, effect) => {
  card.inject(fault)
  await expect(card.sign(message)).rejects.toMatchObject({ code, effect })
  expect(await card.sign(message)).toHaveLength(64)
})

test.each(['lost-answer@sign', 'lost-request@sign', 'slow=1500@sign'])(
  '%s is answered for at the deadline, and the next message is signed',
  async (fault) => {
    await card.open()
    card.inject(fault)
    const silent = card.sign(message).catch((error: unknown) => error)
    await clock.advance(1000)
    expect(await silent).toMatchObject({ code: 'timeout', effect: 'unknown' })
    await clock.advance(500)
    expect(await card.sign(message)).toHaveLength(64)
  },
)

test('an expired certificate is reported and still signs', async () => {
  card.inject('certificate-expired@health')
  expect((await card.health()).certificateExpiresAtMs).toBe(0)
  expect(await card.sign(message)).toHaveLength(64)
})

test('a fault that the card does not have is refused', () => {
  expect(() => card.inject('memory-full@sign')).toThrowError(/was expected/)
})

test('closing waits for no slow signature', async () => {
  await card.open()
  card.inject('slow=600000@sign')
  const waiting = card.sign(message).catch((error: unknown) => error)
  await card.close()
  expect(await waiting).toMatchObject({ code: 'aborted' })
})
