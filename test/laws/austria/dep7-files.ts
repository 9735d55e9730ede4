import type { Dep7Certificates } from '../../../agent/laws/austria/dep7.ts'
import { writeDep7 } from '../../../agent/laws/austria/dep7.ts'
import type { Dep7Report, VerifyDep7Options } from '../../../verify/rksv/verify-dep7.ts'
import { verifyDep7 } from '../../../verify/rksv/verify-dep7.ts'
import { aesKey, certificate, issuer } from './vectors.ts'

/** A file in pieces of that many bytes. */
export async function* pieces(text: string, size = 1000): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text, 'utf8')
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export function verified(text: string, options: VerifyDep7Options = { aesKey }): Promise<Dep7Report> {
  return verifyDep7(pieces(text), options)
}

export function goldenCertificates(): Dep7Certificates {
  return { certificate, issuers: [issuer] }
}

export async function written(
  receipts: Iterable<string>,
  certificates: (serial: string) => Dep7Certificates = goldenCertificates,
): Promise<string> {
  let text = ''
  for await (const chunk of writeDep7(receipts, certificates)) text += Buffer.from(chunk).toString('utf8')
  return text
}
