import { DAY_MS, rfc3339 } from '../../../base/clock.ts'
import { codeOf, messageOf } from '../../../base/thrown.ts'
import type { Config } from '../../agent-config.ts'
import type { HeldCertificate } from '../../tls/expiry.ts'
import { authorityFile, heldCertificates, targetCertificates, urgencyOf } from '../../tls/expiry.ts'
import { certificateIn } from '../../tls/issued.ts'
import type { TlsSettings } from '../../tls/material.ts'
import { demandAuthorities, demandServable } from '../../tls/material.ts'
import { hasConstraints, isPermitted } from '../../tls/names.ts'
import { readPlainFile } from '../../tls/plain-file.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'

/** Terminals that still need the new authority after this time will soon be refused. */
const AUTHORITY_LAST_MS = 30 * DAY_MS
const NEW_AUTHORITY =
  'fiskal-edge tls init --new --out FILE, let each terminal trust it, then fiskal-edge tls issue for each'

/**
 * Reports the expiry of the certificate that tills see, of the authority and the terminals, and of client certificates
 * for sync targets.
 */
export function checkTls(config: Config, nowMs: number): Finding[] {
  const shown = targetCertificates(config.sync.targets, (file) => file)
  return [...checkServed(config, nowMs), ...shown.map((certificate) => findingOf(certificate, true, nowMs))]
}

function checkServed({ tls, state }: Config, nowMs: number): Finding[] {
  if (tls === undefined) return []
  // Valid terminals get no line: it would hide the others.
  const held = heldCertificates(state, tls).filter(
    (certificate) => certificate.use !== 'terminal' || urgencyOf(certificate, nowMs) !== 'none',
  )
  const findings = held.map((certificate) => findingOf(certificate, tls.certFile !== undefined, nowMs))
  if (held.some(({ use }) => use === 'server'))
    return [...findings, ...checkNames(state, tls), ...checkPair(tls), ...checkAuthorities(tls)]
  const file = tls.certFile
  if (file === undefined) return [ok('tls', 'none yet: made at the next start'), ...findings]
  const remedy = 'is "certFile" of "tls" right? Else renew it where it comes from'
  return [failure('tls', `${file} cannot be read as a certificate`, remedy), ...findings]
}

/** The configured names that the shop's authority may not sign; the agent serves only the others. */
function checkNames(state: string, { names, certFile }: TlsSettings): Finding[] {
  const authority = certFile === undefined ? certificateIn(authorityFile(state)) : undefined
  if (authority === undefined) return []
  if (!hasConstraints(authority))
    return [
      caution('tls names', "the shop's authority is of an earlier version and may sign every name", NEW_AUTHORITY),
    ]
  const refused = names.filter((name) => !isPermitted(authority, name))
  if (refused.length === 0) return []
  return [
    failure(
      'tls names',
      `the shop's authority does not permit ${refused.join(', ')}: no till can call there`,
      NEW_AUTHORITY,
    ),
  ]
}

/** Checks the files that the next start will load: a renewed certificate may not be in use yet. */
function checkPair({ certFile, keyFile }: TlsSettings): Finding[] {
  if (certFile === undefined || keyFile === undefined) return []
  return demanded(
    () => demandServable({ cert: readPlainFile(certFile).toString(), key: readPlainFile(keyFile).toString() }),
    'put certificate and key that belong together there',
  )
}

function checkAuthorities({ clientCaFile, clientCertificates }: TlsSettings): Finding[] {
  if (clientCaFile === undefined || clientCertificates === 'off') return []
  return demanded(
    () => demandAuthorities(readPlainFile(clientCaFile).toString(), clientCaFile),
    'put the certificates of those who issue to the terminals there, each whole',
  )
}

function demanded(demand: () => void, remedy: string): Finding[] {
  try {
    demand()
    return []
  } catch (error) {
    const code = codeOf(error)
    // systemd passes the file on to the service; this user may not read it.
    if (code === 'EACCES' || code === 'EPERM') return []
    return [
      failure(
        'tls files',
        messageOf(error),
        `${remedy}: else the next start ends; a running agent takes them within a minute`,
      ),
    ]
  }
}

function findingOf(certificate: HeldCertificate, bought: boolean, nowMs: number): Finding {
  const { use, holder, file, beginsAtMs, expiresAtMs } = certificate
  const check = use === 'server' ? 'tls' : `tls ${use}`
  const days = Math.floor((expiresAtMs - nowMs) / DAY_MS)
  const remedy = remedyOf(certificate, bought)
  switch (urgencyOf(certificate, nowMs)) {
    case 'expired':
      return failure(check, `${holder || file} has expired`, remedy)
    case 'early':
      return failure(check, `${holder || file} begins ${rfc3339(beginsAtMs)}: is the clock right? If so`, remedy)
    case 'soon': {
      const isLate = use === 'authority' && expiresAtMs - nowMs < AUTHORITY_LAST_MS
      return (isLate ? failure : caution)(check, `${holder || file}, ${days} days left`, remedy)
    }
    case 'none':
      return ok(check, `${holder || file}, ${days} days left`)
  }
}

function remedyOf({ use, holder, file }: HeldCertificate, bought: boolean): string {
  if (use === 'terminal')
    return `fiskal-edge tls issue ${holder} --out FOLDER, and take it to that terminal; if that terminal no longer exists: rm ${file}`
  if (use === 'target') return `replace ${file} and its key: no restart is needed`
  if (bought) return 'renew it where it comes from'
  if (use === 'server') return 'fiskal-edge tls renew'
  return NEW_AUTHORITY
}
