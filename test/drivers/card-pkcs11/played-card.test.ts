import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { PKCS11_DIALECT } from '../../../drivers/card-pkcs11/dialect.ts'
import { Pkcs11Card } from '../../../drivers/card-pkcs11/driver.ts'
import { lookCard } from '../../../drivers/recording/look-card.ts'
import type { Recorder } from '../../../drivers/recording/recorder.ts'
import type { CardProof } from '../../../drivers/recording/sign-card.ts'
import { signCard } from '../../../drivers/recording/sign-card.ts'
import { readCertificate } from '../../../drivers/tr03151/certificate.ts'
import { isProven } from '../../recorded/proven.ts'
import type { TokenBench } from '../native/soft-token.ts'
import { tokenBench } from '../native/soft-token.ts'
import { Tape } from '../recording/tape.ts'

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
  const tape = new Tape(PKCS11_DIALECT, 'look')
  const look = (card: Pkcs11Card) =>
    saying(async (say) =>
      (await lookCard(card, say))?.certificates.map((certificate) => Buffer.from(certificate).toString('hex')),
    )
  const seen = await used(look, tape.recorder)
  const calls = (await bench.calls()).slice(before).map(({ name }) => name)
  expect(calls).toContain('C_OpenSession,RO')
  expect(calls).not.toContain('C_OpenSession,RW')
  expect(calls).not.toContain('C_Login')
  expect(calls).not.toContain('C_Logout')
  expect(seen.result).toHaveLength(3)
  expect(tape.signs).toBe('=><><><')
  expect(JSON.stringify(tape.lines)).not.toContain(bench.folder)
  expect(await used(look, tape.player())).toEqual(seen)
})

test('a look holds a login back', { tags: ['heavy'] }, async () => {
  const tape = new Tape(PKCS11_DIALECT, 'look')
  const refused = { code: 'refused', effect: 'none' }
  await expect(used((card) => card.open(), tape.recorder)).rejects.toMatchObject(refused)
  expect(tape.lines.filter(({ sign }) => sign === '!')).toEqual([
    { sign: '!', text: '{"method":"login","args":{"pin":"000000"}}' },
  ])
})

test('a test card signs five texts, recorded without its PIN, and is played', { tags: ['heavy'] }, async () => {
  const tape = new Tape(PKCS11_DIALECT, 'test unit')
  const proofs: CardProof[] = []
  const sign = (card: Pkcs11Card) =>
    saying(async (say) => {
      const proof = await signCard(card, say)
      proofs.push(proof)
      return proof.signed.map(({ signature }) => Buffer.from(signature).toString('hex'))
    })
  const signed = await used(sign, tape.recorder)
  expect(signed.result).toHaveLength(5)
  expect(JSON.stringify(tape.lines)).not.toContain(PIN)
  expect(await used(sign, tape.player(), '000000')).toEqual(signed)
  for (const proof of proofs) {
    const [own, , root] = proof.identity.certificates.map(readCertificate)
    if (own === undefined || root === undefined) throw new Error('no chain')
    expect(await isProven(proof, [root])).toBe(true)
    expect(await isProven(proof, [own])).toBe(false)
    const changed = proof.signed.map((text) => ({ ...text, message: Buffer.from('another text') }))
    expect(await isProven({ ...proof, signed: changed }, [root])).toBe(false)
  }
})
