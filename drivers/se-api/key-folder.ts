import type { KeyObject } from 'node:crypto'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { syncNow } from '../../base/durable-file.ts'
import { errorCode } from '../errors.ts'
import type { CurveName } from '../tr03151/algorithms.ts'
import { curveByName } from '../tr03151/algorithms.ts'
import { makeCertificateChain } from '../tr03151/certificate.ts'
import { pointOfSpki } from '../tr03151/ecdsa.ts'

/** `certificates`: DER, those of signing, issuer and root. */
export type KeyFolder = { key: KeyObject; certificates: readonly Uint8Array[] }

const KEY_FILE = 'key.pem'

function certificateFile(level: number): string {
  return `certificate-${level}.cer`
}
const levels = [0, 1, 2]

/**
 * A simulator's key and certificates, created on that curve if missing; only then is the time read. The key is stored
 * unencrypted (0600).
 */
export async function openKeyFolder(directory: string, curve: CurveName, nowMs: () => number): Promise<KeyFolder> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const pem = (await readIfThere(join(directory, KEY_FILE))) ?? (await makeKey(directory, curve, nowMs()))
  const certificates = await Promise.all(levels.map((level) => readFile(join(directory, certificateFile(level)))))
  return { key: createPrivateKey(pem), certificates }
}

/** Certificates first, the key last: if the key exists, everything does. */
async function makeKey(directory: string, curve: CurveName, nowMs: number): Promise<string> {
  const { namedCurve } = curveByName(curve)
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  const { point, curve: curveOfKey } = pointOfSpki(publicKey.export({ type: 'spki', format: 'der' }))
  const certificates = makeCertificateChain(point, curveOfKey, nowMs)
  const written = certificates.map((der, level) =>
    writeFile(join(directory, certificateFile(level)), der, { flush: true }),
  )
  await Promise.all(written)
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const path = join(directory, KEY_FILE)
  await writeFile(`${path}.new`, pem, { mode: 0o600, flush: true })
  await rename(`${path}.new`, path)
  syncNow(directory)
  return pem
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
