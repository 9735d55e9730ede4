import { X509Certificate } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readPlainFile } from './plain-file.ts'

/**
 * Folder of the authority with the certificates of the terminals, without the keys, so that the agent can warn before
 * they expire.
 */
export const ISSUED_FOLDER = 'issued'

/** The certificate of the terminal of a register. */
export type Issued = { readonly register: string; readonly file: string; readonly certificate: X509Certificate }

const CRT = '.crt'
const TERMINALS_MAX = 1000

/** Certificates of this authority and of those before it; omits unreadable files. */
export function issuedTo(authorityFolder: string): Issued[] {
  const folder = join(authorityFolder, ISSUED_FOLDER)
  return namesIn(folder).flatMap((name) => {
    const file = join(folder, name)
    const certificate = certificateIn(file)
    return certificate === undefined ? [] : [{ register: name.slice(0, -CRT.length), file, certificate }]
  })
}

/** Undefined if the file has no certificate. */
export function certificateIn(file: string): X509Certificate | undefined {
  try {
    return new X509Certificate(readPlainFile(file))
  } catch {
    return undefined
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(CRT))
      .sort()
      .slice(0, TERMINALS_MAX)
  } catch {
    return []
  }
}
