import { createPublicKey } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openKeyFolder } from '../drivers/se-api/key-folder.ts'
import { patientClock } from './patient-clock.ts'
import { execFileSync } from './waits.ts'

/**
 * A certificate by a separate authority, as a maker has it, for a public key in PEM; the authority's is the second.
 * DER.
 */
export async function certified(
  publicKey: string,
  folder: string,
  serial = '0x0a1b',
  name = '/O=Maker of TSEs/CN=unit',
): Promise<[Buffer, Buffer]> {
  await mkdir(folder, { recursive: true })
  const file = (name: string): string => join(folder, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
  await writeFile(file('public.pem'), publicKey)
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file('ca.pem'))
  const authority = ['-x509', '-new', '-subj', '/O=Maker of TSEs/CN=authority', '-key', file('ca.pem'), '-days', '400']
  openssl('req', ...authority, '-out', file('ca.crt'))
  openssl('x509', '-in', file('ca.crt'), '-outform', 'DER', '-out', file('ca.der'))
  openssl('req', '-new', '-subj', name, '-key', file('ca.pem'), '-out', file('unit.csr'))
  const issuer = ['-CA', file('ca.crt'), '-CAkey', file('ca.pem'), '-set_serial', serial, '-days', '300']
  const unit = ['-req', '-in', file('unit.csr'), '-force_pubkey', file('public.pem'), '-outform', 'DER']
  openssl('x509', ...unit, ...issuer, '-out', file('unit.der'))
  return [await readFile(file('unit.der')), await readFile(file('ca.der'))]
}

/** Makes the unit in a simulator's folder one of a maker: its key is certified by an authority that is not ours. */
export async function certifyFolder(directory: string): Promise<void> {
  await openKeyFolder(directory, 'P-256', () => patientClock.now())
  const publicKey = createPublicKey(await readFile(join(directory, 'key.pem'), 'utf8'))
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const [unit, authority] = await certified(pem, join(directory, 'maker'))
  const levels = [unit, authority, authority]
  for (const [level, der] of levels.entries()) await writeFile(join(directory, `certificate-${level}.cer`), der)
}
