// @module-tag heavy
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { curveByName } from '../../../drivers/tr03151/algorithms.ts'
import {
  chainFlaw,
  isUncertified,
  makeCertificateChain,
  pointOfCertificate,
  readCertificate,
} from '../../../drivers/tr03151/certificate.ts'
import { pointOfSpki, serialOfPoint } from '../../../drivers/tr03151/ecdsa.ts'
import { chainIn } from '../../../drivers/tr03151/recall.ts'
import { tarEnd, tarEntry } from '../../../drivers/tr03151/tar.ts'
import { certified } from '../../certified-unit.ts'
import { execFileSync } from '../../waits.ts'

const nowMs = Date.now()

test.each(['P-256', 'P-384', 'P-521', 'brainpoolP256r1', 'brainpoolP384r1', 'brainpoolP512r1'] as const)(
  'a chain on %s satisfies OpenSSL: leaf named by its serial, eight years, no authority',
  async (name) => {
    const curve = curveByName(name)
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: curve.namedCurve })
    const { point } = pointOfSpki(publicKey.export({ type: 'spki', format: 'der' }))
    const all = makeCertificateChain(point, curve, nowMs).map(readCertificate)
    const [leaf, sub, root] = all
    if (!leaf || !sub || !root) throw new Error('three certificates were expected')
    expect(leaf.subject).toContain(`CN=${serialOfPoint(point).toString('hex')}`)
    expect(Buffer.from(pointOfCertificate(leaf).point).equals(Buffer.from(point))).toBe(true)
    expect(leaf.ca).toBe(false)
    expect(chainFlaw(leaf, all)).toBeUndefined()
    expect(chainFlaw(leaf, [leaf, sub])).toContain('no certificate in the archive has issued')
    expect((leaf.validToDate.getTime() - nowMs) / (365.25 * 86_400_000)).toBeCloseTo(8, 2)

    const directory = await mkdtemp(join(tmpdir(), 'chain-'))
    try {
      const paths = await Promise.all(
        all.map(async (certificate, level) => {
          const path = join(directory, `${level}.pem`)
          await writeFile(path, certificate.toString())
          return path
        }),
      )
      const [leafPath = '', subPath = '', rootPath = ''] = paths
      const output = execFileSync('openssl', [
        'verify',
        '-x509_strict',
        '-CAfile',
        rootPath,
        '-untrusted',
        subPath,
        leafPath,
      ])
      expect(output.toString()).toContain('OK')
    } finally {
      await rm(directory, { recursive: true })
    }
  },
)

test.each<[string, (chain: readonly Uint8Array[]) => readonly Uint8Array[]]>([
  ['leaf first', (chain) => chain],
  ['the root first', (chain) => chain.toReversed()],
  ['as PEM, the root first', (chain) => chain.toReversed().map((der) => Buffer.from(readCertificate(der).toString()))],
  ['by the names of an archive', ([leaf, sub, root]) => archived([sub, root, leaf])],
])('the certificates that a device gives %s are listed leaf first, up to the root', async (_order, given) => {
  const [own, other] = [newChain(), newChain()]
  const bytes = Buffer.concat(given(own.chain))
  expect((await chainIn(bytes, own.point)).map(hexOf)).toEqual(own.chain.map(hexOf))
  expect(await chainIn(bytes, other.point)).toEqual([])
})

function newChain(): { point: Uint8Array; chain: readonly Uint8Array[] } {
  const curve = curveByName('P-256')
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: curve.namedCurve })
  const { point } = pointOfSpki(publicKey.export({ type: 'spki', format: 'der' }))
  return { point, chain: makeCertificateChain(point, curve, nowMs) }
}

function archived(certificates: readonly (Uint8Array | undefined)[]): readonly Uint8Array[] {
  const entries = certificates.flatMap((der, index) =>
    der === undefined ? [] : [tarEntry(`${String(index).repeat(64)}_X509.cer`, der, 0)],
  )
  return [...entries, tarEnd]
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

test('a certificate of our own shows that its unit is not certified, one of a maker is not taken for it', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const { point, curve } = pointOfSpki(publicKey.export({ type: 'spki', format: 'der' }))
  for (const der of makeCertificateChain(point, curve, nowMs)) expect(isUncertified(der)).toBe(true)
  const directory = await mkdtemp(join(tmpdir(), 'maker-'))
  try {
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    for (const der of await certified(pem, directory)) expect(isUncertified(der)).toBe(false)
    // Words of a shop or a maker are not the name that ours have.
    for (const der of await certified(pem, directory, '0x0b', '/O=Shop, NOT CERTIFIED/CN=NOT CERTIFIED'))
      expect(isUncertified(der)).toBe(false)
  } finally {
    await rm(directory, { recursive: true })
  }
})
