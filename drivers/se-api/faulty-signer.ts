import { DeviceError } from '../errors.ts'
import type { SeSigner } from './store.ts'

/** Faults inside the element. */
type SignerFault = 'certificate-expired' | 'wrong-signature' | 'power-cut' | 'blip-in'

/** The key with the faults of the running act: an expired certificate, a wrong signature, a power cut after signing. */
export class FaultySigner implements SeSigner {
  readonly #signer: SeSigner
  #struck: ReadonlySet<string> = new Set()

  constructor(signer: SeSigner) {
    this.#signer = signer
  }

  strike(struck: ReadonlySet<string>): void {
    this.#struck = struck
  }

  get publicKey(): Uint8Array {
    return this.#signer.publicKey
  }

  get algorithm(): string {
    return this.#signer.algorithm
  }

  get certificates(): readonly Uint8Array[] {
    return this.#signer.certificates
  }

  get certificateExpiresAtMs(): number {
    return this.#has('certificate-expired') ? 0 : this.#signer.certificateExpiresAtMs
  }

  async sign(message: Uint8Array): Promise<Uint8Array> {
    const signature = await this.#signer.sign(message)
    if (this.#has('power-cut') || this.#has('blip-in'))
      throw new DeviceError('unavailable', 'unknown', 'the power was cut between signing and storing')
    if (!this.#has('wrong-signature')) return signature
    return Uint8Array.from(signature, (byte, index) => (index === 0 ? byte ^ 1 : byte))
  }

  #has(fault: SignerFault): boolean {
    return this.#struck.has(fault)
  }
}
