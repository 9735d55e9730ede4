import { generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { Signatures } from '../../../verify/dsfinvk/signatures.ts'
import { RightSignatures } from '../../../verify/tse/right-signatures.ts'

const ALGORITHM = 'ecdsa-plain-SHA256'
const [own, other] = [pair(), pair()]

function pair() {
  return generateKeyPairSync('ec', { namedCurve: 'brainpoolP256r1' })
}

function signed(text: string) {
  const message = Buffer.from(text)
  return { message, signature: sign('sha256', message, { key: own.privateKey, dsaEncoding: 'ieee-p1363' }) }
}

function flipped(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes)
  changed[2] = (changed[2] ?? 0) ^ 1
  return changed
}

const [first, second] = [signed('first'), signed('second')]
const WRONG = [
  { what: 'a changed signature', key: own, message: first.message, signature: flipped(first.signature) },
  { what: 'a changed message', key: own, message: flipped(first.message), signature: first.signature },
  { what: 'the signature of another message', key: own, message: first.message, signature: second.signature },
  { what: 'another key', key: other, message: first.message, signature: first.signature },
]

async function knowing(): Promise<RightSignatures> {
  const known = new RightSignatures()
  for (const { message, signature } of [first, second])
    expect(await known.verifyAside(own.publicKey, ALGORITHM, message, signature)).toBe(true)
  return known
}

test.each(WRONG)('$what is wrong in an archive, though both signatures were right before', async (given) => {
  const known = await knowing()
  for (const _ of [1, 2])
    expect(await known.verifyAside(given.key.publicKey, ALGORITHM, given.message, given.signature)).toBe(false)
})

test.each(WRONG)('$what is wrong in a package, though both signatures were right before', async (given) => {
  const signatures = new Signatures(await knowing())
  let bad = 0
  for (const _ of [1, 2])
    await signatures.add(ALGORITHM, given.key.publicKey, given.message, given.signature, () => {
      bad++
    })
  await signatures.end()
  expect(bad).toBe(2)
})

test('a package makes its right signatures known, and none of its wrong ones', async () => {
  const known = new RightSignatures()
  const signatures = new Signatures(known)
  const given = [{ ...first, key: own }, ...WRONG, { ...second, key: own }]
  for (const { key, message, signature } of given)
    await signatures.add(ALGORITHM, key.publicKey, message, signature, () => undefined)
  await signatures.end()
  const isKnown = given.map(({ key, message, signature }) =>
    known.has(known.markOf(ALGORITHM, key.publicKey, message, signature)),
  )
  expect(isKnown).toEqual([true, false, false, false, false, true])
})

test('a mark is of one run: another has other marks for the same signature', async () => {
  const marks = [new RightSignatures(), new RightSignatures()].map((known) =>
    known.markOf(ALGORITHM, own.publicKey, first.message, first.signature),
  )
  expect(new Set(marks).size).toBe(2)
})

test('each of many marks is found again, and no other', () => {
  const known = new RightSignatures()
  // As spread as digests are (Knuth's multiplier).
  const marks = Array.from({ length: 10_000 }, (_, at) => BigInt.asUintN(64, BigInt(at + 1) * 0x9e37_79b9_7f4a_7c15n))
  for (const mark of marks) known.add(mark)
  expect(marks.every((mark) => known.has(mark))).toBe(true)
  expect(marks.some((mark) => known.has(mark ^ 1n))).toBe(false)
})
