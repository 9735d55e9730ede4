import { generateKeyPairSync } from 'node:crypto'
import { curveByName } from '../../../drivers/tr03151/algorithms.ts'
import { makeCertificateChain } from '../../../drivers/tr03151/certificate.ts'
import { pointOfSpki } from '../../../drivers/tr03151/ecdsa.ts'

const MADE_MS = Date.parse('2015-11-29T12:00:00Z')

/** The certificate of a unit by that issuer (15 letters) and of another maker. It has ended. */
export function endedUnder(issuer: string): Buffer {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { point } = pointOfSpki(publicKey.export({ type: 'spki', format: 'der' }))
  const [leaf = new Uint8Array()] = makeCertificateChain(point, curveByName('P-256'), MADE_MS)
  const text = Buffer.from(leaf).toString('latin1')
  const ofMaker = text.replaceAll('fiskal-edge, NOT CERTIFIED', 'Maker of Units and Devices')
  return Buffer.from(ofMaker.replaceAll('fiskal-edge sub', issuer), 'latin1')
}
