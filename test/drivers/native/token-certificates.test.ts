import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeChain, storeChain } from '../../../drivers/native/token-certificates.ts'
import { curveByName } from '../../../drivers/tr03151/algorithms.ts'

test('a token gets the certificate of the key last: if it exists, its chain is complete', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-65)
  const key = { id: '01', curve: curveByName('P-256'), point }
  const labels: string[] = []
  const token = {
    storeCertificate: async ({ label }: { label: string }) => {
      labels.push(label)
    },
  }
  await storeChain(token, key, makeChain(key, Date.now()))
  expect(labels.indexOf('fiskal-edge leaf')).toBe(labels.length - 1)
  expect(labels).toHaveLength(3)
})
