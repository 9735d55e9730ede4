import type { X509Certificate } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { syncNow } from '../../base/durable-file.ts'
import { DeviceError } from '../errors.ts'
import type { Pkcs11Token } from '../native/pkcs11-token.ts'
import type { CertifiableKey, CertificateFile } from '../native/token-certificates.ts'
import {
  certificatesIn,
  certificatesOfFile,
  makeChain,
  parseCertificates,
  storeChain,
} from '../native/token-certificates.ts'

const FILE_NAME = 'certificates.pem'
/** Answers of tokens that store no certificates. */
const WILL_NOT_STORE: ReadonlySet<string> = new Set(['refused', 'memory_full', 'not_authorised'])

/** All available certificates: from the configured file, the token and our own folder. */
export async function gatherCertificates(
  token: Pkcs11Token,
  directory: string,
  file: CertificateFile,
): Promise<X509Certificate[]> {
  const inToken = await certificatesIn(token)
  const configured = await certificatesOfFile(file)
  return [...configured, ...inToken, ...(await readOwnFile(join(directory, FILE_NAME)))]
}

/** Stores our own chain in the token, so that it moves with the key, or in `directory` if the token stores none. */
export async function keepOwnChain(
  token: Pkcs11Token,
  key: CertifiableKey,
  directory: string,
  nowMs: number,
): Promise<X509Certificate[]> {
  const chain = makeChain(key, nowMs)
  try {
    await storeChain(token, key, chain)
  } catch (error) {
    if (!(error instanceof DeviceError) || !WILL_NOT_STORE.has(error.code)) throw error
    await writeOwnFile(directory, chain.map((certificate) => certificate.toString()).join(''))
  }
  return chain
}

async function readOwnFile(path: string): Promise<X509Certificate[]> {
  try {
    return parseCertificates(await readFile(path))
  } catch {
    return []
  }
}

async function writeOwnFile(directory: string, pem: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, FILE_NAME)
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(pem)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
  syncNow(directory)
}
