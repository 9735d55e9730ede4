import type { Clock } from '../../../base/clock.ts'
import { DAY_MS, rfc3339 } from '../../../base/clock.ts'
import type { Log } from '../../../base/log.ts'
import type { ReceiverTls } from '../../../receiver/open-receiver.ts'
import { certificateHeld, urgencyOf } from '../../tls/expiry.ts'
import type { TlsMaterial, TlsSettings } from '../../tls/material.ts'
import { TlsSource } from '../../tls/material.ts'
import { readSecret } from './store.ts'

export type ReceiverTlsFiles = { certFile: string; keyFile: string; clientCaFile?: string | undefined }

/**
 * Key and certificate of a receiver: a renewed certificate is used within a minute, and one that expires soon is
 * reported daily.
 */
export class ReceiverCertificates {
  readonly #files: ReceiverTlsFiles
  readonly #source: TlsSource
  readonly #clock: Clock
  readonly #log: Log
  #cancel: (() => void) | undefined

  constructor(files: ReceiverTlsFiles, clock: Clock, log: Log) {
    const clientCertificates = files.clientCaFile === undefined ? 'off' : 'required'
    const settings: TlsSettings = { ...files, names: [], clientCertificates }
    this.#files = files
    this.#source = new TlsSource({ settings, stateDirectory: '', readSecret, clock, log })
    this.#clock = clock
    this.#log = log
  }

  /** Throws TlsFilesError. `onChange` is called with each later certificate. */
  async open(onChange: (tls: ReceiverTls) => void): Promise<ReceiverTls> {
    const material = await this.#source.open((renewed) => onChange(tlsOf(renewed)))
    this.#tell()
    return tlsOf(material)
  }

  close(): void {
    this.#source.close()
    this.#cancel?.()
  }

  #tell(): void {
    const { certFile, clientCaFile } = this.#files
    const authority = clientCaFile === undefined ? [] : certificateHeld('authority', '', clientCaFile)
    for (const certificate of [...certificateHeld('server', '', certFile), ...authority]) {
      const urgency = urgencyOf(certificate, this.#clock.now())
      if (urgency === 'none') continue
      const { file, beginsAtMs, expiresAtMs } = certificate
      const [from, until] = [beginsAtMs, expiresAtMs].map((ms) => rfc3339(ms).slice(0, 10))
      const message = {
        early: `TLS: a certificate is valid from ${from} on only: no shop takes it before; look at the clock of this machine`,
        soon: `TLS: a certificate ends on ${until}: replace it, no restart is needed`,
        expired: `TLS: a certificate ended on ${until}, and no shop accepts it any longer: replace it`,
      }[urgency]
      this.#log.warn({ code: `certificate-${urgency}`, file }, message)
    }
    this.#cancel = this.#clock.after(DAY_MS, () => this.#tell())
  }
}

function tlsOf({ key, cert, ca }: TlsMaterial): ReceiverTls {
  return { key, cert, ...(ca !== undefined && { clientCa: ca }) }
}
