import { generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { Signatures } from '../../../verify/dsfinvk/signatures.ts'
import { heavy } from '../../tags.ts'

test.each([3, 1500])('of %i signatures of two keys the bad ones are found, and no other', heavy(), async (count) => {
  const keys = ['prime256v1', 'brainpoolP256r1'].map((namedCurve) => generateKeyPairSync('ec', { namedCurve }))
  const bad = new Set([1, count - 1])
  const signatures = new Signatures()
  const counters: number[] = []
  for (let index = 0; index < count; index++) {
    const pair = keys[index < count / 2 ? 0 : 1]
    if (pair === undefined) throw new Error('no key')
    const message = Buffer.from(`message ${index}`)
    const signed = bad.has(index) ? Buffer.from('another') : message
    const signature = sign('sha256', signed, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' })
    await signatures.add('ecdsa-plain-SHA256', pair.publicKey, message, signature, () => counters.push(index))
  }
  await signatures.end()
  expect(new Set(counters)).toEqual(bad)
  expect(counters).toHaveLength(bad.size)
})

test('signatures of a wrong length are bad, and end nothing', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const signatures = new Signatures()
  let bad = 0
  for (const length of [0, 1, 63, 65, 1000])
    await signatures.add('ecdsa-plain-SHA256', publicKey, Buffer.from('m'), Buffer.alloc(length, 1), () => {
      bad += 1
    })
  await signatures.end()
  expect(bad).toBe(5)
})
