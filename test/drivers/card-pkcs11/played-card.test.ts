import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { PKCS11_DIALECT } from '../../../drivers/card-pkcs11/dialect.ts'
import { Pkcs11Card } from '../../../drivers/card-pkcs11/driver.ts'
import { lookCard } from '../../../drivers/recording/look-card.ts'
import type { Recorder } from '../../../drivers/recording/recorder.ts'
import { signCard } from '../../../drivers/recording/sign-card.ts'
import type { TokenBench } from '../native/soft-token.ts'
import { tokenBench } from '../native/soft-token.ts'
import type { Tape } from '../recording/tape.ts'
import { playing, recording } from '../recording/tape.ts'

const PIN = '123456'
let bench: TokenBench

beforeAll(async () => {
  bench = await tokenBench()
  await bench.makeToken('card', PIN)
  await used(async (card) => card.initialise())
})

afterAll(() => bench.remove())

async function used<T>(act: (card: Pkcs11Card) => Promise<T>, recorder?: Recorder, pin = PIN): Promise<T> {
  const directory = await mkdtemp(join(bench.folder, 'state-'))
  const settings = { id: 'card-1', module: bench.faulty, token: 'card', directory, vda: 'AT1', clock: systemClock }
  const card = new Pkcs11Card({ ...settings, pin: async () => pin, recorder })
  try {
    return await act(card)
  } finally {
    await card.close()
  }
}

async function saying<T>(act: (say: (words: string) => void) => Promise<T>): Promise<{ result: T; said: string[] }> {
  const said: string[] = []
  return { result: await act((words) => said.push(words)), said }
}

test('a card is looked at without a login or a logout, and played', { tags: ['heavy'] }, async () => {
  const before = (await bench.calls()).length
  const tape: Tape = []
  const look = (card: Pkcs11Card) =>
    saying(async (say) => (await lookCard(card, say)).map((certificate) => Buffer.from(certificate).toString('hex')))
  const seen = await used(look, recording(tape, PKCS11_DIALECT, true))
  const calls = (await bench.calls()).slice(before).map(({ name }) => name)
  expect(calls).toContain('C_OpenSession,RO')
  expect(calls).not.toContain('C_OpenSession,RW')
  expect(calls).not.toContain('C_Login')
  expect(calls).not.toContain('C_Logout')
  expect(seen.result).toHaveLength(3)
  expect(tape.map(({ mark }) => mark).join('')).toBe('=><><><')
  expect(JSON.stringify(tape)).not.toContain(bench.folder)
  expect(await used(look, playing(tape, PKCS11_DIALECT))).toEqual(seen)
})

test('a look holds a login back', { tags: ['heavy'] }, async () => {
  const tape: Tape = []
  const refused = { code: 'refused', effect: 'none' }
  await expect(used((card) => card.open(), recording(tape, PKCS11_DIALECT, true))).rejects.toMatchObject(refused)
  expect(tape.filter(({ mark }) => mark === '!')).toEqual([
    { mark: '!', text: '{"method":"login","args":{"pin":"000000"}}' },
  ])
})

test('a test card signs five texts, recorded without its PIN, and is played', { tags: ['heavy'] }, async () => {
  const tape: Tape = []
  const sign = (card: Pkcs11Card) =>
    saying(async (say) =>
      (await signCard(card, say)).signed.map(({ signature }) => Buffer.from(signature).toString('hex')),
    )
  const signed = await used(sign, recording(tape, PKCS11_DIALECT, false))
  expect(signed.result).toHaveLength(5)
  expect(JSON.stringify(tape)).not.toContain(PIN)
  expect(await used(sign, playing(tape, PKCS11_DIALECT), '000000')).toEqual(signed)
})
